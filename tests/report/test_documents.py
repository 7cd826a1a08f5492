"""Documents of one assessment, read back by parsers that are not ours."""

import csv
import io
import json
import re
import xml.etree.ElementTree as ET
from datetime import date
from pathlib import Path

import openpyxl
import pyoxigraph as ox
import pytest
import rdflib
from hypothesis import given
from hypothesis import strategies as st

from aims_graph.assessment import Assessment, evaluate
from aims_graph.ingest import read_columns
from aims_graph.report import (
    FORMATS,
    GROUPINGS,
    gap_rows,
    safe_cell,
    write_findings,
    write_statement,
)
from aims_graph.report.results import RESULT_FORMATS, read_answer, write_result
from aims_graph.trace import trace

SHOP = Path(__file__).resolve().parents[2] / "examples" / "shop"
HOSTILE = '=HYPERLINK("http://x")|<script>*_[a](javascript:b)\x01'


@pytest.fixture(scope="module")
def assessment(tmp_path_factory) -> Assessment:
    """The shop with gaps, and one more system with a hostile name."""
    extra = tmp_path_factory.mktemp("data") / "hostile.ttl"
    label = ox.Literal(HOSTILE)
    extra.write_text(
        f"<urn:h> a <https://w3id.org/aims-graph/ns#AISystem> ;"
        f" <http://www.w3.org/2000/01/rdf-schema#label> {label} ."
    )
    files = [f for folder in ("common", "with-gaps") for f in sorted((SHOP / folder).iterdir())]
    return evaluate(read_columns([*files, extra]), as_of=date(2026, 11, 24))


@pytest.mark.parametrize("fmt", FORMATS)
def test_every_format_carries_every_rule_that_found_something(assessment, fmt: str) -> None:
    text = write_findings(assessment, fmt)
    names = {f.rule.name for f in assessment.findings if f.severity == "violation"}
    if fmt == "markdown":
        assert all(f.fingerprint in text for f in assessment.findings)
    else:
        assert all(name in text for name in names)


def test_json_findings_are_what_the_assessment_found(assessment) -> None:
    report = json.loads(write_findings(assessment, "json"))
    assert [f["fingerprint"] for f in report["findings"]] == [
        f.fingerprint for f in assessment.findings
    ]
    assert report["state"] == "not met"
    assert {f["state"] for f in report["findings"]} <= {"not met", "unknown"}


def test_sarif_has_a_rule_for_each_result(assessment) -> None:
    run = json.loads(write_findings(assessment, "sarif"))["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    assert all(rules[r["ruleIndex"]]["id"] == r["ruleId"] for r in run["results"])
    assert len(run["results"]) == len(assessment.findings)


def test_junit_counts_failures_and_unknowns_apart(assessment) -> None:
    suites = ET.fromstring(write_findings(assessment, "junit"))
    assert len(suites.findall("testsuite")) == 70
    for suite in suites:
        failures = sum(case.find("failure") is not None for case in suite)
        skipped = sum(case.find("skipped") is not None for case in suite)
        assert (suite.get("failures"), suite.get("skipped")) == (str(failures), str(skipped))


def test_turtle_is_the_standard_report(assessment) -> None:
    graph = rdflib.Graph().parse(data=write_findings(assessment, "turtle"), format="turtle")
    results = set(graph.subjects(rdflib.RDF.type, rdflib.SH.ValidationResult))
    assert len(results) == len(assessment.report.results)


def test_every_format_says_the_same_in_the_same_words(assessment) -> None:
    graph = rdflib.Graph().parse(data=write_findings(assessment, "turtle"), format="turtle")
    said = {str(message) for message in graph.objects(None, rdflib.SH.resultMessage)}
    assert said == {finding.message for finding in assessment.findings}
    assert not any("https://" in message for message in said)


def test_a_rule_says_in_words_what_its_findings_will_say_of_a_thing(assessment) -> None:
    says = {rule.name: rule.says for rule in assessment.rules.values()}
    assert says["PolicyReviewIsNotOverdue"].startswith(
        "The AI policy should have been reviewed by [date]:"
    )
    assert says["AuditorDoesNotAuditOwnWork"].startswith("The auditor [name] audits work")
    assert says["MonitoringResultIsComparedWithThreshold"].startswith(
        "This result was not compared with the threshold [value] of"
    )
    assert not any("{" in text for text in says.values())
    sarif = write_findings(assessment, "sarif")
    assert "{?" not in sarif
    assert "{$" not in sarif


def test_markdown_rows_cannot_be_broken_by_a_name(assessment) -> None:
    lines = write_findings(assessment, "markdown").splitlines()
    rows = [line for line in lines if line.startswith("| ")]
    columns = {len(row.replace("\\|", "").split("|")) for row in rows}
    assert columns == {9}
    assert not any("<script>" in row for row in rows)


def test_a_thing_without_a_label_is_called_by_its_class_and_what_it_is_for(assessment) -> None:
    entries = [
        assessment.data.label(f.focus)
        for f in assessment.findings
        if f.rule.name == "ApplicableControlHasCurrentEvidence"
    ]
    assert entries[0] == (
        "Statement of applicability entry for A.8.2 System documentation and information for users"
    )
    text = write_findings(assessment, "markdown") + write_findings(assessment, "junit")
    assert entries[0] in text
    assert "entry-A" not in text
    control = ox.NamedNode("https://w3id.org/aims-graph/iso42001#A.8.2")
    labels = [node.label for node in trace(assessment.data.columns, control).nodes]
    assert not any(label.startswith("entry-") for label in labels)


@pytest.mark.parametrize("by", GROUPINGS)
def test_gap_counts_add_up(assessment, by: str) -> None:
    rows = gap_rows(assessment, by)
    assert rows
    for row in rows:
        assert row["state"] in {"met", "not met", "unknown"}
        assert int(str(row["in_progress"])) <= int(str(row["not_met"]))


def test_the_statement_reads_back_the_same_from_three_formats(assessment) -> None:
    book = openpyxl.load_workbook(io.BytesIO(write_statement(assessment, "xlsx")))
    sheet = book.active
    numbers = [row[0] for row in sheet.iter_rows(min_row=3, values_only=True)]
    html = write_statement(assessment, "html").decode()
    markdown = write_statement(assessment, "markdown").decode()
    assert len(numbers) == 38
    assert all(f'<th scope="row">{number}</th>' in html for number in numbers)
    assert all(f"| {number} |" in markdown for number in numbers)


@given(st.text(max_size=20))
def test_no_cell_starts_like_a_formula(text: str) -> None:
    cell = safe_cell(text)
    assert isinstance(cell, str)
    number = re.fullmatch(r"[+-]\d+(\.\d+)?([eE][+-]?\d+)?", text)
    assert number or not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert cell in {text, "'" + text}


def test_cells_keep_numbers_and_say_yes_and_no() -> None:
    assert (safe_cell(3), safe_cell(2.5), safe_cell(True), safe_cell(None)) == (3, 2.5, "yes", "")


@pytest.fixture
def store() -> ox.Store:
    store = ox.Store()
    store.add(ox.Quad(ox.NamedNode("urn:a"), ox.NamedNode("urn:b"), ox.Literal("=1+1")))
    return store


@pytest.mark.parametrize("fmt", RESULT_FORMATS)
@pytest.mark.parametrize(
    "query",
    ["SELECT * { ?s ?p ?o }", "ASK { ?s ?p ?o }", "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"],
    ids=["select", "ask", "construct"],
)
def test_every_kind_of_answer_has_every_format(store, query: str, fmt: str) -> None:
    text = write_result(store.query(query), fmt)
    assert ("true" if query.startswith("ASK") else "1+1") in text.replace("\\", "")


def test_csv_of_an_answer_is_safe_to_open(store) -> None:
    rows = list(csv.reader(io.StringIO(write_result(store.query("SELECT ?o { ?s ?p ?o }"), "csv"))))
    assert rows == [["o"], ["'=1+1"]]


def test_an_unbound_variable_is_an_empty_cell(store) -> None:
    answer = read_answer(store.query("SELECT ?s ?x { ?s ?p ?o }"))
    assert answer.texts() == [("urn:a", "")]
