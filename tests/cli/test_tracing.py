"""trace, lineage, path, impact, matrix, coverage, orphans and critical, as a user calls them."""

import json
from pathlib import Path

import pytest

SHOP = Path(__file__).resolve().parents[2] / "examples" / "shop"
THEN = """
@prefix aims: <https://w3id.org/aims-graph/ns#> . @prefix : <https://e.example/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
:price a aims:AISystem ; rdfs:label "Pricing" ; aims:usesModel :model ; aims:owner :ann .
:model a aims:AIModel ; rdfs:label "Model" ; aims:hasVersion :v1 .
:v1 a aims:ModelVersion ; rdfs:label "Version 1" ; aims:trainedOn :orders .
:orders a aims:Dataset ; rdfs:label "Orders" .
:ann a aims:Person ; rdfs:label "Ann" .
"""
NOW = THEN.replace(":trainedOn :orders", ":trainedOn :clicks").replace(
    ':orders a aims:Dataset ; rdfs:label "Orders"', ':clicks a aims:Dataset ; rdfs:label "Clicks"'
)


@pytest.fixture
def workspace(aims):
    """Two entries: a dataset is replaced by another."""
    aims.run("init", "office")
    for text in (THEN, NOW):
        (aims.folder / "data.ttl").write_text(text, encoding="utf-8")
        aims.run("--workspace", "office", "ingest", "data.ttl", "--source", "register")
    return aims


def changes(found) -> set[tuple[str, str]]:
    return {(thing["change"], thing["name"]) for thing in found["things"]}


def test_a_trace_shows_what_changed_since_an_entry(workspace) -> None:
    where = ("--workspace", "office")
    found = workspace.json(*where, "trace", "price", "--since", "1", "--format", "json")
    assert {("added", "Clicks"), ("removed", "Orders")} <= changes(found)
    assert {"change": "added", "source": "Version 1", "label": "trained on", "target": "Clicks"} in found["relations"]  # fmt: skip
    assert {"change": "removed", "source": "Version 1", "label": "trained on", "target": "Orders"} in found["relations"]  # fmt: skip
    table = workspace.run(*where, "trace", "price", "--since", "1").stdout
    assert "Changes since 1" in table
    assert "Clicks" in table
    same = workspace.json(*where, "trace", "price", "--since", "2", "--format", "json")
    assert same == {"things": [], "relations": []}


def test_a_lineage_shows_what_changed_into_a_file(workspace) -> None:
    workspace.run("--workspace", "office", "lineage", "v1", "--up", "--since", "1", "--format", "json", "-o", "x.json")  # fmt: skip
    found = json.loads((workspace.folder / "x.json").read_text("utf-8"))
    assert changes(found) == {("added", "Clicks"), ("removed", "Orders")}


def test_what_is_gone_is_found_as_it_was(workspace) -> None:
    found = workspace.json("--workspace", "office", "lineage", "orders", "--since", "1", "--format", "json")  # fmt: skip
    assert {change for change, _ in changes(found)} == {"removed"}
    assert ("removed", "Orders") in changes(found)
    new = workspace.json("--workspace", "office", "lineage", "clicks", "--since", "1", "--format", "json")  # fmt: skip
    assert ("added", "Clicks") in changes(new)


def test_a_trace_is_drawn_as_of_a_past_moment(workspace) -> None:
    past = workspace.json("--workspace", "office", "--at", "1", "trace", "price", "--format", "json")  # fmt: skip
    assert "Orders" in {node["label"] for node in past["nodes"]}
    now = workspace.json("--workspace", "office", "trace", "price", "--format", "json")
    assert "Orders" not in {node["label"] for node in now["nodes"]}
    svg = workspace.run("--workspace", "office", "at", "1", "trace", "price", "--format", "svg")
    assert "Orders" in svg.stdout


def test_two_past_moments_are_compared(workspace) -> None:
    (workspace.folder / "data.ttl").write_text(THEN, encoding="utf-8")
    workspace.run("--workspace", "office", "ingest", "data.ttl", "--source", "register")
    found = workspace.json("--workspace", "office", "--at", "2", "trace", "price", "--since", "1", "--format", "json")  # fmt: skip
    assert {("added", "Clicks"), ("removed", "Orders")} <= changes(found)


def test_since_needs_a_workspace_and_a_format_that_it_has(aims, with_gaps) -> None:
    done = aims.run("trace", "A.7.4", *with_gaps, "--since", "1", code=2)
    assert "two moments of a workspace" in done.stderr
    done = aims.run("trace", "A.7.4", *with_gaps, "--since", "1", "--format", "svg", code=2)
    assert "--format takes table, json" in done.stderr


@pytest.mark.parametrize("fmt", ["html", "interactive", "dot", "graphml", "mermaid"])
def test_a_trace_is_written_in_every_format(aims, with_gaps, fmt: str) -> None:
    aims.run("trace", "A.7.4", *with_gaps, "--format", fmt, "--output", "out")
    text = (aims.folder / "out").read_text("utf-8")
    head = {"html": "<!doctype html>", "interactive": "<html", "dot": "digraph", "graphml": "<?xml", "mermaid": "flowchart"}  # fmt: skip
    assert head[fmt] in text[:200].lower()
    assert "Fraud detection" in text or "Fraud#32;detection" in text


def test_a_path_is_told_step_by_step(aims, with_gaps) -> None:
    steps = aims.json("path", "A.7.4", "fraud-train", *with_gaps, "--format", "json")
    assert steps[0]["sourceName"] == "Quality of data for AI systems"
    assert steps[-1]["targetName"] == "Payments, training"
    assert [a["target"] for a in steps[:-1]] == [b["source"] for b in steps[1:]]
    table = aims.run("path", "A.7.4", "fraud-train", *with_gaps).stdout
    assert "trained on" in table


def test_impact_lists_requirements_findings_and_what_is_touched(aims) -> None:
    data = ("--data", SHOP / "common", "--data", SHOP / "conforming", "--as-of", "2026-11-24")
    found = aims.json("impact", "fraud-train", "--if", "biased", *data, "--format", "json")
    assert {"requirement": "A.7.4", "before": "met", "after": "not met"} in found["requirements"]
    assert any("A.7.4" in finding["requirements"] for finding in found["findings"])
    assert "Fraud detection" in {thing["name"] for thing in found["touched"]}
    assert {thing["distance"] > 0 for thing in found["touched"]} == {True}
    refused = aims.run("impact", "fraud-train", "--if", "left", *data, code=2)
    assert "is for a person" in refused.stderr


def test_coverage_has_a_row_a_requirement(aims, with_gaps) -> None:
    rows = aims.json("coverage", *with_gaps, "--format", "json")
    assert len(rows) == 70
    row = next(row for row in rows if row["requirement"] == "A.7.4")
    assert row["carriedOutBy"]
    assert row["evidence"]
    assert row["owners"]
    assert row["missing"] == []
    assert "of 70 requirements lead to" in aims.run("coverage", *with_gaps).stdout


def test_orphans_names_what_hangs_on_nothing(aims) -> None:
    (aims.folder / "data.ttl").write_text(
        THEN + ':stray a aims:Dataset ; rdfs:label "Stray" .', encoding="utf-8"
    )
    ends = aims.json("orphans", "--data", "data.ttl", "--format", "json")
    assert ("Stray", "nothing is related to it") in {(end["name"], end["problem"]) for end in ends}
    assert "Stray" in aims.run("orphans", "--data", "data.ttl").stdout


def test_critical_names_single_points_and_controls(aims, with_gaps) -> None:
    found = aims.json("critical", *with_gaps, "--format", "json")
    assert {point["role"] for point in found["singlePoints"]} == {"owner", "evidence", "supplier"}
    assert all(set(p["alone"]) <= set(p["requirements"]) for p in found["singlePoints"])
    assert any(control["risks"] and control["systems"] for control in found["controls"])
    assert "Controls that treat risks" in aims.run("critical", *with_gaps).stdout


def test_the_matrix_has_a_state_for_each_system(aims, with_gaps) -> None:
    rows = aims.json("matrix", *with_gaps, "--format", "json")
    assert len(rows) == 70
    assert {cell["name"] for cell in rows[0]["systems"]} >= {"Fraud detection", "Dynamic pricing"}
    assert {cell["state"] for row in rows for cell in row["systems"]} >= {None, "met", "not met"}
    for fmt, head in (("svg", "<svg"), ("html", "<!doctype html>")):
        aims.run("matrix", *with_gaps, "--format", fmt, "--output", f"map.{fmt}")
        assert (aims.folder / f"map.{fmt}").read_text("utf-8").lower().startswith(head)
