"""Graphs that are made from the record: in the index when somebody asks for them, and never in the journal."""

import json
from datetime import date

import pytest
from pyoxigraph import NamedNode, Quad

from aims_graph.sparql.graphs import FINDINGS, INFERRED
from aims_graph.sparql.pool import QueryPool
from aims_graph.vocabulary import AIMS, RDF
from aims_graph.workspace import Workspace
from aims_graph.workspace.assessed import AssessedIndex
from aims_graph.workspace.index import SparqlIndex

SYSTEM = NamedNode("https://e.example/s")
TYPE = NamedNode(RDF + "type")
SAID = {"reason": "test", "source": "test"}
STATES = "SELECT ?r { GRAPH <urn:aims:findings> { ?r aims:resultFor <https://e.example/s> ; aims:conformityState aims:NotMet } }"
COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
PER_GRAPH = "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g"


def ask(folder, text: str) -> list[dict[str, str]]:
    with QueryPool(folder, workers=1) as pool, pool.query(text, "json") as result:
        rows = json.loads(result.read())["results"]["bindings"]
    return [{name: term["value"] for name, term in row.items()} for row in rows]


def counts(folder) -> dict[str, int]:
    return {row["g"]: int(row["n"]) for row in ask(folder, PER_GRAPH)}


def test_findings_and_conclusions_follow_the_record(workspace):
    workspace.commit([Quad(SYSTEM, TYPE, NamedNode(AIMS + "AISystem"))], **SAID)
    index = AssessedIndex(workspace)
    folder = index.refresh()
    assert len(ask(folder, STATES)) == 1
    found = counts(folder)
    assert found[FINDINGS.value] > 100
    assert found[INFERRED.value] > 100
    # Both say up to which entry they hold.
    marks = "SELECT ?g ?e { GRAPH ?g { ?g prov:wasDerivedFrom ?e } }"
    assert {(row["g"], row["e"]) for row in ask(folder, marks)} == {
        (FINDINGS.value, "urn:aims:entry:1"),
        (INFERRED.value, "urn:aims:entry:1"),
    }
    workspace.commit([], list(workspace.quads()), **SAID)
    assert ask(index.refresh(), STATES) == []
    assert {row["e"] for row in ask(folder, marks)} == {"urn:aims:entry:2"}


def test_nothing_is_evaluated_when_nothing_has_changed(workspace, monkeypatch):
    workspace.commit([Quad(SYSTEM, TYPE, NamedNode(AIMS + "AISystem"))], **SAID)
    AssessedIndex(workspace).refresh()
    monkeypatch.setattr("aims_graph.workspace.assessed.evaluate", None)
    AssessedIndex(Workspace(workspace.path)).refresh()
    # Another day is another evaluation.
    monkeypatch.setattr(Workspace, "day", date(2031, 1, 1))
    with pytest.raises(TypeError):
        AssessedIndex(Workspace(workspace.path)).refresh()


def test_what_is_made_is_not_in_the_record_nor_in_other_counts(workspace):
    workspace.commit([Quad(SYSTEM, TYPE, NamedNode(AIMS + "AISystem"))], **SAID)
    record = workspace.journal.file.read_bytes()
    plain = SparqlIndex(workspace).refresh()
    before = ask(plain, COUNT)
    assessed = AssessedIndex(workspace).refresh()
    assert ask(plain, COUNT) == before
    assert not {FINDINGS.value, INFERRED.value} & counts(plain).keys()
    # Findings are part of the default graph where they are, conclusions only of their own.
    found = counts(assessed)
    assert int(ask(assessed, COUNT)[0]["n"]) == int(before[0]["n"]) + found[FINDINGS.value]
    assert workspace.journal.file.read_bytes() == record


def test_a_licensed_text_that_changes_is_asked_for_at_once(workspace):
    workspace.commit([Quad(SYSTEM, TYPE, NamedNode(AIMS + "AISystem"))], **SAID)
    text = "SELECT ?r { GRAPH <urn:aims:ontology> { ?s aims:licensedText ?r } }"
    index = SparqlIndex(workspace)
    assert ask(index.refresh(), text) == []
    for words in ("first words", "other words"):
        (workspace.path / "iso-text.ttl").write_text(
            f"<https://w3id.org/aims-graph/iso42001#6.1.3> <{AIMS}licensedText> '{words}'@en ."
        )
        assert [row["r"] for row in ask(index.refresh(), text)] == [words]


def test_every_entry_is_in_the_provenance_graph(workspace):
    for number in range(3):
        workspace.commit([Quad(SYSTEM, TYPE, NamedNode(f"urn:{number}"))], **SAID)
        folder = SparqlIndex(workspace).refresh()
        activities = "SELECT ?e { GRAPH <urn:aims:provenance> { ?e a prov:Activity } }"
        assert len(ask(folder, activities)) == number + 1
    workspace.redact([NamedNode("urn:2")], reason="asked to")
    assert len(ask(SparqlIndex(workspace).refresh(), activities)) == 4


def test_own_shapes_are_in_the_catalogue_graph(workspace):
    (workspace.path / "shapes" / "own.ttl").write_text(
        "<urn:own> a <http://www.w3.org/ns/shacl#NodeShape> ."
    )
    text = "ASK { GRAPH <urn:aims:catalogue> { <urn:own> a sh:NodeShape } }"
    with QueryPool(SparqlIndex(workspace).refresh(), workers=1) as pool:
        assert json.loads(pool.query(text, "json").read())["boolean"] is True


def test_the_command_asks_for_what_is_made(aims):
    aims.ingest()
    text = aims("query", STATES, "--format", "json")
    assert len(json.loads(text)["results"]["bindings"]) == 1
    listed = aims("query", PER_GRAPH, "--format", "csv")
    assert "urn:aims:inferred" in listed
    assert "urn:aims:source:a.ttl,3" in listed
    before = aims("query", COUNT, "--format", "csv")
    aims("query", "SELECT ?f { ?f a aims:Finding }")
    assert aims("query", COUNT, "--format", "csv") == before


QUERY = """#+ title: Systems and their owners
#+ description: Every AI system with its owner.
#+ columns:
#+   - name: system
#+   - name: owner
#+ parameters:
#+   - name: owner
#+     type: iri
SELECT ?system ?owner WHERE { VALUES ?owner { UNDEF } ?system a aims:AISystem ; aims:owner ?owner }
"""


def test_own_queries_stand_beside_the_catalogue(aims, tmp_path):
    aims.ingest()
    (aims.folder / "queries").mkdir()
    (aims.folder / "queries" / "owners.rq").write_text(QUERY)
    assert "Systems and their owners" in aims("query")
    assert "e.example/jane" in aims("query", "owners", "--format", "csv")
    option = ("--param", "owner=https://e.example/nobody")
    assert "jane" not in aims("query", "owners", *option, "--format", "csv")
    aims("backup", tmp_path / "b.tar")
    aims("restore", tmp_path / "b.tar", tmp_path / "restored")
    assert (tmp_path / "restored" / "queries" / "owners.rq").read_text() == QUERY
    (aims.folder / "queries" / "untreated-risks.rq").write_text(QUERY)
    assert "has a query 'untreated-risks'" in aims("query", code=2)


def test_own_shapes_are_checked(aims):
    aims.ingest()
    (aims.folder / "shapes" / "own.ttl").write_text(
        """@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix aims: <https://w3id.org/aims-graph/ns#> .
        <urn:own:SystemHasColour> a sh:NodeShape ; sh:targetClass aims:AISystem ;
          sh:property <urn:own:SystemHasColour-p> .
        <urn:own:SystemHasColour-p> sh:path aims:colour ; sh:minCount 1 ; sh:message "Name its colour." .
        """
    )
    assert "Name its colour." in aims("check", "--format", "markdown", code=1)
