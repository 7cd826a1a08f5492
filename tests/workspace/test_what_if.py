"""What a change would do: the same that making it and looking at both moments says, and nothing is written."""

import json
import random
from datetime import date
from pathlib import Path

import pytest
from pyoxigraph import DefaultGraph, NamedNode, Quad

from aims_graph.assessment import load_ontology, load_shapes
from aims_graph.errors import InputError
from aims_graph.ingest import ingest
from aims_graph.workspace import Workspace
from aims_graph.workspace.history import compare
from aims_graph.workspace.what_if import everywhere, foresee

DAY = date(2026, 11, 24)
SHOP = Path(__file__).resolve().parents[2] / "examples" / "shop"
SYSTEM = """@prefix aims: <https://w3id.org/aims-graph/ns#> . @prefix : <https://e.example/> .
:s a aims:AISystem ; aims:systemStage aims:OperationAndMonitoring ; aims:owner :jane .
"""


@pytest.fixture(scope="module")
def rules():
    return {"ontology": load_ontology(), "shapes": load_shapes(), "as_of": DAY}


@pytest.fixture(scope="module")
def shop() -> list[Quad]:
    files = sorted([*(SHOP / "common").iterdir(), *(SHOP / "with-gaps").iterdir()])
    return ingest(files).quads


@pytest.mark.parametrize("seed", range(4))
def test_it_is_what_making_the_change_would_show(tmp_path, rules, shop, seed):
    rng = random.Random(seed)
    workspace = Workspace.create(tmp_path / "w")
    later = rng.sample(shop, 40)
    workspace.replace_source([q for q in shop if q not in set(later)], reason="t", source="shop")
    removed = rng.sample(sorted(workspace.quads(), key=str), 40)
    record = workspace.journal.file.read_bytes()
    foreseen = foresee(workspace, later, removed, **rules)
    assert workspace.journal.file.read_bytes() == record
    before = workspace.columns()
    workspace.commit(later, removed, reason="t", source="t")
    made = compare(before, workspace.columns(), **rules)

    def told(findings):
        return sorted(f.fingerprint for f in findings)

    assert told(foreseen.conformance.appeared) == told(made.appeared)
    assert told(foreseen.conformance.gone) == told(made.gone)
    assert foreseen.conformance.states == made.states
    assert made.appeared or made.gone
    assert len(foreseen.added) - len(foreseen.removed) == len(workspace.columns()) - len(before)


def test_what_two_graphs_or_the_ontology_say_does_not_go_with_one(workspace, rules):
    s, p, o = (NamedNode(f"urn:{name}") for name in "spo")
    workspace.commit([Quad(s, p, o, NamedNode("urn:g")), Quad(s, p, o)], reason="t", source="t")
    one = foresee(workspace, [], [Quad(s, p, o, NamedNode("urn:g"))], **rules)
    assert (one.added, one.removed) == ([], [])
    both = everywhere(workspace, [Quad(s, p, o)])
    assert {quad.graph_name for quad in both} == {NamedNode("urn:g"), DefaultGraph()}
    assert foresee(workspace, [], both, **rules).removed == [(s, p, o)]
    stated = next(rules["ontology"].triples())
    workspace.commit([Quad(*stated)], reason="t", source="t")
    assert foresee(workspace, [], [Quad(*stated)], **rules).removed == []


def test_the_command_takes_files_and_updates(aims, tmp_path):
    (aims.folder / "a.ttl").write_text(SYSTEM)
    aims("ingest", "a.ttl")
    record = (aims.folder / "journal" / "entries.jsonl").read_bytes()
    (tmp_path / "add.ttl").write_text(
        "<https://e.example/s> <https://w3id.org/aims-graph/ns#intendedUse> 'Advice' ."
    )
    (tmp_path / "gone.nt").write_text(
        "<https://e.example/s> <https://w3id.org/aims-graph/ns#owner> <https://e.example/jane> .\n"
    )
    fixed = {"--format": "json", "--as-of": "2026-11-24"}
    options = [part for pair in fixed.items() for part in pair]
    text = aims("what-if", tmp_path / "add.ttl", "--remove", tmp_path / "gone.nt", *options)
    found = json.loads(text)
    assert (found["added"], found["removed"]) == (1, 1)
    assert [f["rule"] for f in found["findings_gone"]] == ["SystemHasIntendedUse"]
    assert [f["rule"] for f in found["findings_appeared"]] == ["SystemHasOwner"]
    (tmp_path / "change.ru").write_text(
        "DELETE { ?s aims:owner ?o } INSERT { ?s aims:intendedUse 'Advice' } WHERE { ?s aims:owner ?o }"
    )
    assert json.loads(aims("what-if", tmp_path / "change.ru", *options)) == found
    table = aims("what-if", tmp_path / "change.ru", "--as-of", "2026-11-24")
    assert "1 findings would appear, 1 would go" in table
    assert "Nothing was written" in table
    assert (aims.folder / "journal" / "entries.jsonl").read_bytes() == record
    assert found["refused"] is None
    (aims.folder / "policy.yaml").write_text("block:\n  - severities: [violation]")
    refused = aims("what-if", tmp_path / "change.ru", code=0)
    assert "The change would be refused today" in refused
    assert "(as of" in refused
    assert "Nothing was written" in aims("update", tmp_path / "change.ru", "--dry-run", code=1)
    assert "say what to add or remove" in aims("what-if", code=2)
    assert "worked out on the present" in aims(
        "--at", "1", "what-if", "CLEAR GRAPH <urn:g>", code=2
    )


def test_a_change_is_foreseen_of_the_past_too(workspace, rules):
    s, p = NamedNode("urn:s"), NamedNode("urn:p")
    for number in range(2):
        workspace.commit([Quad(s, p, NamedNode(f"urn:{number}"))], reason="t", source="t")
    past = Workspace(workspace.path, at="1")
    quads = [Quad(s, p, NamedNode(f"urn:{number}")) for number in range(2)]
    assert len(foresee(past, quads, [], **rules).added) == 1
    with pytest.raises(InputError):
        past.commit(quads, reason="t", source="t")
