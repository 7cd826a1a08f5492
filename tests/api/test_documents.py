"""Documents as PDF: what stands in them, on which page, and for whom."""

import io
import zipfile

import pytest
from pypdf import PdfReader

from aims_graph.report.pdf import write_pdf
from aims_graph.report.tables import Table

DOCUMENTS = ("statement-of-applicability", "gap-report", "risk-register", "findings")


def read(body):
    return PdfReader(io.BytesIO(body))


def outline(entries):
    return [
        name
        for entry in entries
        for name in (outline(entry) if isinstance(entry, list) else [entry.title])
    ]


def words(page):
    return " ".join(page.extract_text().split())


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_pdf_says_what_it_is_of_when_and_of_which_record(shop, document):
    answer = shop.get(f"/exports/{document}?format=pdf")
    assert answer.headers["content-type"] == "application/pdf"
    found = read(answer.content)
    head = shop.get("/journal").json()["entries"][0]["hash"]
    first = words(found.pages[0])
    assert "As of 2026-06-30, journal entry 1" in first
    assert head in first
    assert "Made on 20" in first
    for number, page in enumerate(found.pages, start=1):
        assert f"Page {number} of" in words(page)
        total = page["/Resources"]["/XObject"]["/FormXob.page-count"]
        assert page.extract_xform_text(total).strip() == str(len(found.pages))
    assert found.metadata.title in first
    assert outline(found.outline)[0] == found.metadata.title


def test_the_outline_leads_to_the_page_of_each_group_of_controls(shop):
    found = read(shop.get("/exports/statement-of-applicability?format=pdf").content)
    _, parts = found.outline
    assert len(parts) == 9
    for part in parts:
        page = words(found.pages[found.get_destination_page_number(part)])
        assert part.title in page
    assert found.get_destination_page_number(parts[-1]) == len(found.pages) - 1


def test_every_page_of_a_table_has_its_head_and_every_row_is_there():
    rows = [(f"row {number}", "text " * 40) for number in range(300)]
    found = read(write_pdf(Table("Long", "s", ("First column", "Second"), rows)))
    assert len(found.pages) > 5
    pages = [words(page) for page in found.pages]
    assert all("First column" in page for page in pages)
    assert all(any(f"row {number} " in page for page in pages) for number in range(300))


def test_letters_of_many_scripts_are_in_the_document_and_none_misleads():
    title = "Größe Ελλάδα Жизнь ≥ é <b>&amp; \u202egnp.exe"
    found = read(write_pdf(Table(title, "s", ("A",), [["<img src=x>\n<para>"], ["x" * 9000]])))
    text = " ".join(words(page) for page in found.pages)
    assert "Größe Ελλάδα Жизнь ≥ é <b>&amp;" in text
    assert "<img src=x>" in text
    assert "\u202e" not in text
    assert "\\u202e" in text
    fonts = found.pages[0]["/Resources"]["/Font"].values()
    embedded = [font.get_object() for font in fonts if "DejaVu" in font.get_object()["/BaseFont"]]
    assert embedded
    assert all("/FontFile2" in font["/FontDescriptor"] for font in embedded)


def test_the_audit_pack_is_one_pdf_with_all_documents_and_the_journal(shop):
    found = read(shop.get("/exports/audit-pack?format=pdf").content)
    titles = outline(found.outline)
    assert titles[0].startswith("Statement of applicability")
    assert "Risk register" in titles
    assert titles[-1] == "Journal"
    contents = words(found.pages[0]) + words(found.pages[1])
    assert all(title in contents for title in titles)
    pack = zipfile.ZipFile(io.BytesIO(shop.get("/exports/audit-pack").content))
    assert {f"{name}.pdf" for name in DOCUMENTS} <= set(pack.namelist())
    assert read(pack.read("gap-report.pdf")).metadata.title.startswith("Gap report")


def test_the_hash_covers_all_graphs_and_is_for_those_who_read_them(login):
    own = login("reader", read=["urn:aims:source:records"])
    every = login("reader")
    for client, shown in ((own, False), (every, True)):
        body = client.get("/exports/gap-report?format=pdf").content
        assert ("hash" in words(read(body).pages[0])) is shown
    risks = words(read(own.get("/exports/findings?format=pdf").content).pages[0])
    assert "Nightfall" not in risks
    assert "Nightfall" in words(read(every.get("/exports/findings?format=pdf").content).pages[0])
