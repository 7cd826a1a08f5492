"""The catalogue agrees with the checked list of clauses, controls, objectives and risk sources."""

from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
import yaml

from aims_graph.vocabulary import ISO42001

PREFIXES = """
PREFIX aims: <https://w3id.org/aims-graph/ns#>
PREFIX iso42001: <https://w3id.org/aims-graph/iso42001#>
PREFIX dct: <http://purl.org/dc/terms/>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
"""


def rows(store: ox.Store, query: str) -> list[tuple[str, ...]]:
    return [tuple(term.value for term in row) for row in store.query(PREFIXES + query)]


def titles(store: ox.Store, pattern: str) -> dict[str, str]:
    query = f"SELECT ?id ?title {{ {pattern} ?x dct:identifier ?id ; rdfs:label ?title }}"
    found = rows(store, query)
    assert len(found) == len(dict(found))
    return dict(found)


@pytest.mark.parametrize(
    ("count", "pattern"),
    [
        (32, "?x a aims:RequirementClause ."),
        (43, "?x a aims:Clause ."),
        (38, "?x a aims:AnnexAControl ."),
        (9, "?x a aims:ControlGroup . FILTER NOT EXISTS { ?x aims:partOf ?group }"),
        (2, "?x a aims:ControlGroup ; aims:partOf iso42001:A.6 ."),
        (10, "?x a aims:ControlObjective ."),
        (11, "?x a aims:AnnexCObjective ."),
        (7, "?x a aims:AnnexCRiskSource ."),
        (17, "?x a aims:RequiredDocument ."),
    ],
)
def test_the_catalogue_is_complete(everything: ox.Store, count: int, pattern: str) -> None:
    assert len(titles(everything, pattern)) == count


def test_six_one_has_four_requirement_clauses(everything: ox.Store) -> None:
    clauses = titles(everything, "?x a aims:RequirementClause ; aims:partOf iso42001:6.1 .")
    assert sorted(clauses) == ["6.1.1", "6.1.2", "6.1.3", "6.1.4"]


@pytest.mark.parametrize(
    ("group", "controls"),
    [
        ("A.2", 3),
        ("A.3", 2),
        ("A.4", 5),
        ("A.5", 4),
        ("A.6.1", 2),
        ("A.6.2", 7),
        ("A.7", 5),
        ("A.8", 4),
        ("A.9", 3),
        ("A.10", 3),
    ],
)
def test_each_group_has_its_controls(everything: ox.Store, group: str, controls: int) -> None:
    pattern = f"?x a aims:AnnexAControl ; aims:inGroup <{ISO42001}{group}> ."
    assert len(titles(everything, pattern)) == controls


@pytest.fixture(scope="module")
def facts(shared: Path) -> dict[str, Any]:
    return yaml.safe_load((shared / "facts/iso42001.yaml").read_text("utf-8"))


def test_clauses_agree_with_the_checked_list(everything: ox.Store, facts: dict[str, Any]) -> None:
    assert titles(everything, "?x a aims:Clause .") == {
        c["id"]: c["title"] for c in facts["clauses"]
    }
    required = {c["id"] for c in facts["clauses"] if c["kind"] == "requirement"}
    assert set(titles(everything, "?x a aims:RequirementClause .")) == required
    parents = {c["id"]: c["parent"] for c in facts["clauses"] if c["parent"]}
    query = "SELECT ?x ?y { ?a a aims:Clause ; dct:identifier ?x ; aims:partOf/dct:identifier ?y }"
    assert dict(rows(everything, query)) == parents


def test_controls_agree_with_the_checked_list(everything: ox.Store, facts: dict[str, Any]) -> None:
    annex = facts["annex_a"]
    assert titles(everything, "?x a aims:AnnexAControl .") == {
        control["id"]: control["title"] for control in annex["controls"]
    }
    assert titles(everything, "?x a aims:ControlGroup .") == {
        group["id"]: group["title"] for group in annex["groups"]
    }
    query = "SELECT ?x ?y ?z { ?a aims:inGroup/dct:identifier ?y ; dct:identifier ?x ; aims:callsForDocumentation ?z }"
    assert {(x, y, z == "true") for x, y, z in rows(everything, query)} == {
        (c["id"], c["group"], c["calls_for_documentation"]) for c in annex["controls"]
    }


def test_annex_c_agrees_with_the_checked_list(everything: ox.Store, facts: dict[str, Any]) -> None:
    for kind, key in (("AnnexCObjective", "objectives"), ("AnnexCRiskSource", "risk_sources")):
        entries = facts["annex_c"][key]
        assert titles(everything, f"?x a aims:{kind} .") == {e["id"]: e["title"] for e in entries}
        noted = titles(everything, f"?x a aims:{kind} ; skos:note ?note .")
        assert set(noted) == {e["id"] for e in entries if e["number_status"] != "stated"}


def test_counts_agree_with_the_checked_list(everything: ox.Store, facts: dict[str, Any]) -> None:
    counts = facts["counts"]
    assert len(titles(everything, "?x a aims:RequirementClause .")) == counts["requirement_clauses"]
    assert (
        len(titles(everything, "?x a aims:ControlObjective ."))
        == (counts["annex_a_objective_statements"])
    )


def test_our_sentences_are_not_the_paraphrases_of_the_list(
    everything: ox.Store, facts: dict[str, Any]
) -> None:
    ours = dict(
        rows(
            everything,
            "SELECT ?id ?text { ?x dct:identifier ?id ; skos:definition ?text . "
            "FILTER(STRSTARTS(STR(?x), STR(iso42001:))) }",
        )
    )
    assert [
        item["id"]
        for item in facts["clauses"] + facts["annex_a"]["controls"]
        if item.get("paraphrase") == ours[item["id"]]
    ] == []


LEVELS = {
    "A": "WholeAIMS",
    "S": "EachSystem",
    "R": "EachRisk",
    "D": "EachDataset",
    "P": "EachPerson",
    "E": "EachDocument",
}


def test_levels_and_evidence_agree_with_the_rule_list(everything: ox.Store, shared: Path) -> None:
    levels: dict[str, set[str]] = {}
    evidence = set()
    for line in (shared / "facts/rules.md").read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.split("|")]
        if len(cells) == 5 and cells[1][:1].isalnum() and "." in cells[1]:
            levels[cells[1]] = {LEVELS[letter] for letter in cells[2].split(", ")}
            if "evidence)" in cells[3]:
                evidence.add(cells[1])
    assert len(levels) == 70
    query = "SELECT ?id ?level { ?x dct:identifier ?id ; aims:assessedAtLevel ?level }"
    ours: dict[str, set[str]] = {}
    for number, level in rows(everything, query):
        ours.setdefault(number, set()).add(level.split("#")[1])
    assert {
        number: wanted - ours[number] for number, wanted in levels.items() if wanted - ours[number]
    } == {}
    flagged = "SELECT ?id { ?x aims:needsEvidence true ; dct:identifier ?id }"
    assert {number for (number,) in rows(everything, flagged)} == evidence


@pytest.mark.parametrize(
    ("column", "framework"),
    [("nist_ai_rmf", "NIST AI RMF 1.0"), ("eu_ai_act", "Regulation (EU) 2024/1689")],
)
def test_crosswalk_rows_agree_with_the_list(
    everything: ox.Store, shared: Path, column: str, framework: str
) -> None:
    listed = yaml.safe_load((shared / "facts/crosswalk.yaml").read_text("utf-8"))[column]["rows"]
    query = f"""SELECT ?from ?to ?source {{
      ?x aims:mapsFrom/dct:identifier ?from ; aims:mappingSource/dct:identifier ?source ; aims:mapsTo ?y .
      ?y dct:identifier ?to ; aims:framework "{framework}" }}"""
    found = rows(everything, query)
    assert len(found) == len(set(found))
    assert set(found) == {(row["iso42001"], row[column], row["source"]) for row in listed}


def test_every_number_is_in_the_catalogue_namespace(everything: ox.Store) -> None:
    query = "SELECT ?x { { ?x a aims:Clause } UNION { ?x a aims:AnnexAControl } }"
    assert all(iri.startswith(ISO42001) for (iri,) in rows(everything, query))
