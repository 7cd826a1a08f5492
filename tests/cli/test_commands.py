"""What each command answers, with which exit code, on the shop example and on wrong input."""

import csv
import io
import xml.etree.ElementTree as ET
from pathlib import Path

import openpyxl
import pytest
import rdflib
from pypdf import PdfReader

SHOP = Path(__file__).resolve().parents[2] / "examples" / "shop"
GAPS = (SHOP / "common", SHOP / "with-gaps", "--as-of", "2026-11-24")
CONFORMING = (SHOP / "common", SHOP / "conforming", "--as-of", "2026-11-24")
FINDING_KEYS = {
    "requirement", "shape", "focus_node", "path", "value", "severity", "message", "remedy", "owner",
    "state", "progress", "fingerprint",
}  # fmt: skip


def test_version_is_that_of_the_package(aims) -> None:
    from aims_graph import __version__

    assert aims.run("--version").stdout == f"aims {__version__}\n"


def test_version_loads_no_heavy_module(aims) -> None:
    import subprocess
    import sys

    code = (
        "import sys; sys.argv=['aims','--version']; import aims_graph.cli as c; c.main();"
        "heavy={'numpy','rdflib','pyoxigraph','typer','rich','pyarrow'}&set(sys.modules); sys.exit(bool(heavy))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_check_says_in_json_whether_the_data_conform(aims) -> None:
    good = aims.json("check", *CONFORMING, "--format", "json")
    bad = aims.json("check", *GAPS, "--format", "json", code=1)
    assert (good["conforms"], good["findings"]) == (True, [])
    assert not bad["conforms"]
    assert all(finding.keys() >= FINDING_KEYS for finding in bad["findings"])
    assert len({finding["fingerprint"] for finding in bad["findings"]}) == len(bad["findings"])


@pytest.mark.parametrize(
    ("fail_on", "code"), [("violation", 1), ("warning", 1), ("info", 1), ("never", 0)]
)
def test_fail_on_sets_the_exit_code(aims, fail_on: str, code: int) -> None:
    aims.run("check", *GAPS, "--fail-on", fail_on, code=code)


def test_the_turtle_of_check_is_a_standard_report(aims) -> None:
    text = aims.run("check", *GAPS, "--format", "turtle", code=1).stdout
    graph = rdflib.Graph().parse(data=text, format="turtle")
    report = graph.value(predicate=rdflib.RDF.type, object=rdflib.SH.ValidationReport)
    assert graph.value(report, rdflib.SH.conforms) == rdflib.Literal(False)
    findings = aims.json("check", *GAPS, "--format", "json", code=1)["findings"]
    assert len(list(graph.objects(report, rdflib.SH.result))) == len(findings)


def test_sarif_junit_and_markdown_carry_every_violation(aims) -> None:
    findings = aims.json("check", *GAPS, "--format", "json", code=1)["findings"]
    sarif = aims.json("check", *GAPS, "--format", "sarif", code=1)
    results = sarif["runs"][0]["results"]
    assert {r["partialFingerprints"]["aimsFinding/v1"] for r in results} == {
        f["fingerprint"] for f in findings
    }
    suites = ET.fromstring(aims.run("check", *GAPS, "--format", "junit", code=1).stdout)
    failed = {
        case.get("name") for case in suites.iter("testcase") if case.find("failure") is not None
    }
    rules = {f["shape"].rpartition("#")[2] for f in findings if f["severity"] == "violation"}
    assert failed == rules
    markdown = aims.run("check", *GAPS, "--format", "markdown", code=1).stdout
    assert all(f["fingerprint"] in markdown for f in findings)


def test_with_shapes_check_is_a_plain_validator(aims) -> None:
    (aims.folder / "data.ttl").write_text("<urn:a> a <urn:C> .")
    (aims.folder / "shapes.ttl").write_text(
        "@prefix sh: <http://www.w3.org/ns/shacl#> . <urn:s> a sh:NodeShape ; sh:targetClass <urn:C> ;"
        " sh:property [ sh:path <urn:p> ; sh:minCount 1 ] ."
    )
    report = aims.json("check", "data.ttl", "--shapes", "shapes.ttl", "--format", "json", code=1)
    assert [(f["focus_node"], f["path"]) for f in report["findings"]] == [("urn:a", "urn:p")]


@pytest.mark.parametrize("engine", ["columns", "pyshacl"])
def test_engines_agree_on_a_part_of_the_example(aims, engine: str) -> None:
    shapes = SHOP.parents[1] / "shapes"
    args = [
        f"--shapes={shapes / name}" for name in ("prefixes.ttl", "conditions.ttl", "clause-10.ttl")
    ]
    found = aims.json("check", *GAPS, *args, "--engine", engine, "--format", "json", code=1)
    assert [f["shape"].rpartition("#")[2] for f in found["findings"]] == [
        "NonconformityHasCorrectiveAction"
    ]


@pytest.mark.parametrize(("by", "rows"), [("clause", 32), ("control", 38), ("system", 4)])
def test_gaps_has_a_row_for_each_with_one_of_three_states(
    aims, with_gaps, by: str, rows: int
) -> None:
    found = aims.json("gaps", "--by", by, *with_gaps, "--format", "json")
    assert len(found) == rows
    assert {row["state"] for row in found} <= {"met", "not met", "unknown"}
    assert "not met" in {row["state"] for row in found}


def test_status_of_a_system_lists_its_findings(aims, with_gaps) -> None:
    status = aims.json("status", "routing", *with_gaps, "--format", "json")
    rules = {f["shape"].rpartition("#")[2] for f in status["findings"]}
    assert {"SystemInUseIsWithinScope", "RiskAboveCriteriaHasTreatment"} <= rules
    whole = aims.json("status", *with_gaps, "--format", "json")
    assert sum(map(len, whole["requirements"].values())) == 70


def test_query_answers_in_every_format(aims, with_gaps) -> None:
    text = aims.run("query", "untreated-risks", *with_gaps, "--format", "csv").stdout
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["name"] for row in rows] == ["Minority language speakers wait longer"]
    as_json = aims.json("query", "untreated-risks", *with_gaps, "--format", "json")
    assert as_json["results"]["bindings"][0]["name"]["value"] == rows[0]["name"]
    for fmt in ("xml", "markdown", "table"):
        out = aims.run("query", "untreated-risks", *with_gaps, "--format", fmt).stdout
        assert "Minority language speakers" in out


def test_a_parameter_may_be_the_end_of_an_iri(aims, with_gaps) -> None:
    def systems(*args: str) -> set[str]:
        text = aims.run("query", "decision-log", *args, *with_gaps, "--format", "csv").stdout
        return {row["systemName"] for row in csv.DictReader(io.StringIO(text))}

    assert systems("--param", "system=fraud") == {"Fraud detection"}
    assert len(systems()) == 4


def test_a_query_of_ones_own_is_a_file(aims, with_gaps) -> None:
    (aims.folder / "mine.rq").write_text("SELECT (COUNT(*) AS ?n) WHERE { ?s a aims:AISystem }")
    assert "4" in aims.run("query", "mine.rq", *with_gaps, "--format", "csv").stdout.split()


def test_the_statement_of_applicability_has_all_38_controls(aims, with_gaps) -> None:
    aims.run("soa", *with_gaps, "--format", "xlsx", "--output", "soa.xlsx")
    sheet = openpyxl.load_workbook(aims.folder / "soa.xlsx").active
    rows = list(sheet.iter_rows(min_row=3, values_only=True))
    assert len(rows) == 38
    excluded = [row for row in rows if row[2] == "no"]
    assert [row[0] for row in excluded] == ["A.10.4"]
    html = aims.run("soa", *with_gaps, "--format", "html").stdout
    markdown = aims.run("soa", *with_gaps, "--format", "markdown").stdout
    assert html.count('<th scope="row">') == 38
    assert markdown.count("| A\\.") + markdown.count("| A.") >= 38
    aims.run("soa", *with_gaps, "--format", "pdf", "--output", "soa.pdf")
    pages = PdfReader(aims.folder / "soa.pdf").pages
    words = " ".join(page.extract_text() for page in pages).split()
    assert {row[0] for row in rows} <= set(words)


@pytest.mark.parametrize("by", ["clause", "control", "system", "rule"])
def test_gaps_are_documents_too(aims, with_gaps, by: str) -> None:
    rows = aims.json("gaps", "--by", by, *with_gaps, "--format", "json")
    aims.run("gaps", "--by", by, *with_gaps, "--format", "xlsx")
    sheet = openpyxl.load_workbook(aims.folder / "gap-report.xlsx").active
    assert sheet.max_row == len(rows) + 2
    aims.run("gaps", "--by", by, *with_gaps, "--format", "pdf", "--output", "gaps.pdf")
    first = PdfReader(aims.folder / "gaps.pdf").pages[0].extract_text()
    assert f"By {by}, as of 2026-11-24" in " ".join(first.split())
    html = aims.run("gaps", "--by", by, *with_gaps, "--format", "html").stdout
    assert html.count("<tr>") == len(rows) + 1


def test_the_gate_refuses_with_the_blocking_findings_and_else_allows(aims, with_gaps) -> None:
    refused = aims.json("gate", "fraud", *with_gaps, "--format", "json", code=1)
    assert not refused["allowed"]
    assert "TrainingDatasetHasBiasAudit" in {
        f["shape"].rpartition("#")[2] for f in refused["blocking"]
    }
    conforming = ["--data", SHOP / "common", "--data", SHOP / "conforming", "--as-of", "2026-11-24"]
    allowed = aims.json("gate", "fraud", *conforming, "--format", "json")
    assert (allowed["allowed"], allowed["blocking"]) == (True, [])


def test_rules_tell_what_is_checked_for_a_clause(aims) -> None:
    rows = aims.json("rules", "6.1.3", "--format", "json")
    assert "RiskAboveCriteriaHasTreatment" in {row["rule"] for row in rows}
    assert {row["requirement"] for row in rows} == {"6.1.3"}
    assert {"each risk", "whole AIMS"} <= {row["level"] for row in rows}
    shown = aims.run("rules").stdout
    assert "{" not in shown
    assert "WholeAIMS" not in shown
    assert "RiskAboveCriteriaHasTreatment" in aims.run("rules", "--plan").stdout


def test_a_workspace_takes_in_files_and_answers(aims) -> None:
    aims.run("init", "office")
    where = ("--workspace", "office")
    aims.run(*where, "ingest", SHOP / "common", SHOP / "with-gaps", "--source", "shop")
    again = aims.run(*where, "ingest", SHOP / "common", SHOP / "with-gaps", "--source", "shop")
    assert "Nothing changed" in again.stdout
    checked = aims.json(*where, "check", "--as-of", "2026-11-24", "--format", "json", code=1)
    direct = aims.json("check", *GAPS, "--format", "json", code=1)
    assert {f["fingerprint"] for f in checked["findings"]} == {
        f["fingerprint"] for f in direct["findings"]
    }
    aims.run(*where, "ingest", SHOP / "common", SHOP / "conforming", "--source", "shop")
    aims.run(*where, "check", "--as-of", "2026-11-24")
    assert len(aims.json(*where, "log", "--format", "json")) == 2
    exported = aims.run(*where, "export", "--format", "turtle").stdout
    assert len(rdflib.Graph().parse(data=exported, format="turtle")) > 6000


def test_trace_and_lineage_come_as_picture_page_and_data(aims, with_gaps) -> None:
    svg = aims.run("trace", "A.7.4", *with_gaps, "--format", "svg").stdout
    assert ET.fromstring(svg).get("role") == "group"
    graph = aims.json("trace", "A.7.4", *with_gaps, "--format", "json")
    assert "Fraud detection" in {node["label"] for node in graph["nodes"]}
    up = aims.json("lineage", "fraud-train", "--up", *with_gaps, "--format", "json")
    labels = {node["label"] for node in up["nodes"]}
    assert {"Orders and clicks, raw", "Device signals, raw"} <= labels
    assert "Fraud detection" not in labels
    down = aims.json("lineage", "fraud-train", "--down", *with_gaps, "--format", "json")
    assert "Fraud detection" in {node["label"] for node in down["nodes"]}


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (("check", "missing.ttl"), "missing.ttl"),
        (("check", "bad.ttl"), "bad.ttl:2:"),
        (("check", "table.csv"), "--mapping"),
        (("check",), "not a workspace"),
        (("check", "good.ttl", "--as-of", "tomorrow"), "2026-06-30"),
        (("check", "good.ttl", "--format", "pdf"), "--format takes"),
        (("check", "good.ttl", "--engine", "none"), "engine"),
        (("check", "good.ttl", "--output", "findings.txt"), "--output needs --format json"),
        (("query", "orphans", "--data", "good.ttl", "--output", "x"), "--output needs --format"),
        (("soa", "--data", "good.ttl", "--output", "x"), "--output needs --format xlsx"),
        (("trace", "x", "--data", "good.ttl", "--output", "x"), "--output needs --format svg"),
        (("matrix", "--data", "good.ttl", "--output", "x"), "--output needs --format html"),
        (("gaps", "--data", "good.ttl", "--output", "x"), "--output needs --format json, xlsx"),
        (("gaps", "--by", "moon", "--data", "good.ttl"), "--by takes"),
        (("query", "untreated-risk", "--data", "good.ttl"), "untreated-risks"),
        (("query", "decision-log", "--param", "system", "--data", "good.ttl"), "name=value"),
        (("query", "service.rq", "--data", "good.ttl"), "SERVICE"),
        (("status", "nobody", "--data", "good.ttl"), "nobody"),
        (("gate", "x", "--stage", "moon", "--data", "good.ttl"), "deployment"),
        (("rules", "99"), "99"),
        (("no-such-command",), "no-such-command"),
    ],
)
def test_wrong_input_ends_in_code_2_and_says_what_to_do(aims, args, says: str) -> None:
    (aims.folder / "good.ttl").write_text("<urn:x> a <https://w3id.org/aims-graph/ns#AISystem> .")
    (aims.folder / "bad.ttl").write_text("<urn:a> <urn:b> <urn:c> .\n<urn:a> <urn:b> .\n")
    (aims.folder / "table.csv").write_text("a,b\n1,2\n")
    (aims.folder / "service.rq").write_text(
        "SELECT * WHERE { SERVICE <http://127.0.0.1:8971/> { ?s ?p ?o } }"
    )
    done = aims.run(*args, code=2)
    assert says in " ".join((done.stdout + done.stderr).split())


def test_nothing_is_written_when_a_file_is_wrong(aims) -> None:
    aims.run("init", "office")
    (aims.folder / "bad.ttl").write_text("<urn:a> <urn:b> .\n")
    (aims.folder / "good.ttl").write_text("<urn:a> <urn:b> <urn:c> .\n")
    aims.run("--workspace", "office", "ingest", "good.ttl", "bad.ttl", "--source", "x", code=2)
    assert aims.json("--workspace", "office", "log", "--format", "json") == []


def test_the_demo_writes_what_it_says(aims) -> None:
    out = aims.run("demo", "results").stdout
    files = {path.name for path in (aims.folder / "results").iterdir()}
    assert all(name in out for name in files)
    assert {"findings.json", "statement-of-applicability.xlsx", "trace-A.7.4.svg"} <= files
    page = (aims.folder / "results" / "trace-A.7.4-interactive.html").read_text()
    assert 'src="http' not in page
    assert 'href="http' not in page


def test_the_table_of_commands_is_that_of_their_modules() -> None:
    import importlib

    import typer

    from aims_graph.cli.app import MODULES

    for module, commands in MODULES.items():
        app = typer.Typer()
        importlib.import_module(f"aims_graph.cli.{module}").register(app)
        found = {c.name or c.callback.__name__ for c in app.registered_commands}
        found |= {group.name for group in app.registered_groups}
        assert found == set(commands), module
    folder = Path(__file__).resolve().parents[2] / "aims_graph" / "cli"
    with_register = {p.stem for p in folder.glob("*.py") if "def register(" in p.read_text()}
    assert with_register - {"app"} == set(MODULES)


def test_the_readme_shows_what_check_and_gaps_print_and_how_many_rules_and_questions_there_are(
    aims, with_gaps
) -> None:
    root = SHOP.parents[1]
    text = (root / "README.md").read_text("utf-8")
    assert aims.run("check", *GAPS, code=1).stdout.splitlines()[-2] in text.splitlines()
    rows = {
        row["requirement"]: row
        for row in aims.json("gaps", "--by", "control", *with_gaps, "--format", "json")
    }
    shown = [[cell.strip() for cell in line.split("│")] for line in text.splitlines()]
    shown = [cells for cells in shown if len(cells) > 6 and cells[1] in ("A.7.3", "A.7.4")]
    assert [cells[5:7] for cells in shown] == [
        [str(rows[cells[1]]["met"]), str(rows[cells[1]]["not_met"])] for cells in shown
    ]
    assert len(shown) == 2
    assert f"{len(list((root / 'queries').glob('*.rq')))} SPARQL queries" in text
    rules = {row["rule"] for row in aims.json("rules", "--format", "json")}
    assert f"{len(rules)} SHACL shapes" in text


def test_a_check_loads_no_library_that_it_does_not_need(aims, monkeypatch):
    monkeypatch.setenv("PYTHONPROFILEIMPORTTIME", "1")
    done = aims.run("check", *CONFORMING)
    loaded = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert {"numpy", "pyoxigraph"} <= loaded
    unneeded = {
        "networkx",
        "numpy.ma",
        "openpyxl",
        "pandas",
        "pyarrow",
        "pydantic",
        "rdflib",
        "regex",
    }
    assert not loaded & unneeded
