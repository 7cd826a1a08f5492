"""Where the text of the standard that an organization licensed is shown, and where it never is."""

import io

import openpyxl
import pytest
from pypdf import PdfReader

TEXT = "Words of the | licensed copy"
TITLE = "Text of the standard (licensed to you)"


@pytest.fixture
def licensed(aims, monkeypatch) -> None:
    path = aims.folder / "licensed.ttl"
    path.write_text(
        "@prefix aims: <https://w3id.org/aims-graph/ns#> .\n"
        "@prefix iso42001: <https://w3id.org/aims-graph/iso42001#> .\n"
        f'iso42001:6.1.3 aims:licensedText "{TEXT}"@en . iso42001:A.7.4 aims:licensedText "{TEXT}"@en .\n'
    )
    monkeypatch.setenv("AIMS_ISO_TEXT", str(path))


@pytest.mark.usefixtures("licensed")
def test_the_rules_of_a_clause_come_with_its_licensed_text(aims) -> None:
    out = aims.run("rules", "6.1.3").stdout
    assert TITLE in out
    assert TEXT in out
    assert TEXT not in aims.run("rules", "6.1.2").stdout
    assert TEXT not in aims.run("rules", "6.1.3", "--format", "json").stdout
    rows = aims.json("rules", "6.1.3", "--format", "json", "--with-iso-text")
    assert {row["licensed_text"] for row in rows} == {TEXT}


@pytest.mark.usefixtures("licensed")
def test_the_statement_shows_it_to_people_and_a_workbook_only_when_asked(aims, with_gaps) -> None:
    html = aims.run("soa", *with_gaps, "--format", "html").stdout
    markdown = aims.run("soa", *with_gaps, "--format", "markdown").stdout
    for text in (html, markdown.replace("\\|", "|")):
        assert TITLE in text
        assert text.count(TEXT) == 1
    for option, wanted in (((), False), (("--with-iso-text",), True)):
        aims.run("soa", *with_gaps, "--format", "xlsx", "--output", "soa.xlsx", *option)
        book = openpyxl.load_workbook(io.BytesIO((aims.folder / "soa.xlsx").read_bytes()))
        cells = [cell for row in book.active.iter_rows(values_only=True) for cell in row]
        assert (TEXT in cells, TITLE in cells) == (wanted, wanted)
        aims.run("soa", *with_gaps, "--format", "pdf", "--output", "soa.pdf", *option)
        pages = [page.extract_text() for page in PdfReader(aims.folder / "soa.pdf").pages]
        printed = "".join("".join(pages).split())
        assert ("".join(TEXT.split()) in printed) is wanted


@pytest.mark.usefixtures("licensed")
@pytest.mark.parametrize("by", ["clause", "control"])
def test_gaps_show_it_when_asked(aims, with_gaps, by: str) -> None:
    assert TEXT not in aims.run("gaps", "--by", by, *with_gaps).stdout
    assert TEXT in aims.run("gaps", "--by", by, *with_gaps, "--with-iso-text").stdout
    assert TEXT not in aims.run("gaps", "--by", by, *with_gaps, "--format", "json").stdout
    rows = aims.json("gaps", "--by", by, *with_gaps, "--format", "json", "--with-iso-text")
    assert sum(row["licensed_text"] == TEXT for row in rows) == 1


@pytest.mark.usefixtures("licensed")
@pytest.mark.parametrize("fmt", ["json", "turtle", "sarif", "junit", "markdown"])
def test_no_report_of_findings_has_it(aims, with_gaps, fmt: str) -> None:
    files = [arg for arg in with_gaps if arg != "--data"]
    assert "licensed copy" not in aims.run("check", *files, "--format", fmt, code=1).stdout


def test_without_a_copy_no_document_speaks_of_one(aims, with_gaps) -> None:
    assert TITLE not in aims.run("soa", *with_gaps, "--format", "html", "--with-iso-text").stdout
    assert TITLE not in aims.run("rules", "6.1.3", "--with-iso-text").stdout
