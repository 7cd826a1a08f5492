"""Documents as PDF, read back with pypdf: what stands in them, in which letters, with which bytes."""

import io
import os
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from pypdf import PdfReader

from aims_graph.assessment import Assessment, evaluate, read_statement
from aims_graph.ingest import read_columns
from aims_graph.report import WRITERS, Table, gap_table, statement_table, write_statement
from aims_graph.report.pdf import write_book, write_pdf

SHOP = Path(__file__).resolve().parents[2] / "examples" / "shop"
LETTERS = "Ελλάδα Жизнь Größe Հայաստան ≥"
EXTRA = f"""
@prefix aims: <https://w3id.org/aims-graph/ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
<urn:seen> a aims:Evidence ; rdfs:label "{LETTERS} \\u202egnp.exe" ;
  aims:addresses <https://w3id.org/aims-graph/iso42001#A.2.2> .
"""
FILES = [file for folder in ("common", "with-gaps") for file in sorted((SHOP / folder).iterdir())]


@pytest.fixture(scope="module")
def assessment(tmp_path_factory) -> Assessment:
    extra = tmp_path_factory.mktemp("data") / "extra.ttl"
    extra.write_text(EXTRA, encoding="utf-8")
    return evaluate(read_columns([*FILES, extra]), as_of=date(2026, 6, 30))


def read(body: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(body))


def words(body: bytes) -> list[str]:
    return [word for page in read(body).pages for word in page.extract_text().split()]


def test_the_statement_has_all_38_controls_and_their_states(assessment) -> None:
    text = " ".join(words(write_statement(assessment, "pdf")))
    rows = read_statement(assessment)
    assert len(rows) == 38
    for row in rows:
        start = text.index(f" {row.requirement.number} {row.requirement.title.split()[0]}")
        assert row.requirement.title in text[start:]
    found = read(write_statement(assessment, "pdf"))
    assert found.metadata.title.startswith("Statement of applicability")
    _, groups = found.outline
    assert [group.title.split()[0] for group in groups] == [f"A.{n}" for n in range(2, 11)]
    assert "As of 2026-06-30." in text


def test_letters_of_many_scripts_are_in_it_and_none_misleads(assessment) -> None:
    found = words(write_statement(assessment, "pdf"))
    assert set(LETTERS.split()) <= set(found)
    assert not any("\u202e" in word for word in found)
    assert any("\\u202e" in word for word in found)


@pytest.mark.parametrize("by", ["clause", "control", "system", "rule"])
def test_a_gap_report_has_each_row_in_each_format(assessment, by: str) -> None:
    table = gap_table(assessment, (by,), "s")
    assert table.rows
    text = "".join(words(write_pdf(table)))
    for row in table.rows:
        assert "".join(str(row[1]).split()) in text
    lines = WRITERS["csv"][1](table).decode().splitlines()
    assert lines[0] == ",".join(table.columns)
    assert b"Gap report" in WRITERS["html"][1](table)


def test_what_two_groupings_share_are_the_columns_of_both(assessment) -> None:
    table = gap_table(assessment, ("clause", "control"), "s")
    assert (len(table.rows), len(table.sections)) == (70, 16)
    assert table.columns[:3] == ("Requirement", "Title", "State")
    assert "Declared" not in table.columns


def test_the_same_record_makes_the_same_bytes(assessment) -> None:
    one, two = (write_pdf(statement_table(assessment, "s")) for _ in range(2))
    assert one == two
    tables = [gap_table(assessment, ("clause",), "s"), statement_table(assessment, "s")]
    assert write_book("Title", "s", tables) == write_book("Title", "s", tables)


def test_a_document_that_says_when_it_was_made_says_so(assessment) -> None:
    made = datetime(2026, 6, 30, 9, 5, tzinfo=UTC)
    table = statement_table(assessment, "s", made=made)
    assert "Made on 2026-06-30 09:05 UTC" in " ".join(words(write_pdf(table)))
    assert read(write_pdf(table)).metadata.creation_date.year > 2000
    assert "Made on" not in " ".join(words(write_pdf(Table("t", "s", ("A",), [["x"]]))))


def test_the_command_writes_the_same_bytes_in_every_process(tmp_path) -> None:
    bodies = []
    for seed in ("1", "2"):
        subprocess.run(
            [sys.executable, "-m", "aims_graph", "soa", "--data", SHOP / "common", "--data", SHOP / "with-gaps",
             "--as-of", "2026-06-30", "--format", "pdf"],
            cwd=tmp_path, env={**os.environ, "PYTHONHASHSEED": seed}, check=True, capture_output=True,
        )  # fmt: skip
        bodies.append((tmp_path / "statement-of-applicability.pdf").read_bytes())
    assert bodies[0] == bodies[1]
    assert len(read(bodies[0]).pages) > 1
