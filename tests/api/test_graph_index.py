"""An index outlasts the service and the changes that are made while there is none."""

import dataclasses
import random
import shutil
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad

from aims_api import create_app, graph_index, questions
from aims_api.callers import DEFAULT_GRAPH
from aims_api.core import Core
from aims_api.evaluation import Snapshot
from aims_api.graph_index import GraphIndex
from aims_graph.sparql.graphs import CATALOGUE, FINDINGS, ONTOLOGY
from aims_graph.sparql.snapshot import SnapshotStore
from aims_graph.workspace import Workspace

RECORDS, SECRET = "urn:aims:source:records", "urn:aims:source:secret"
ALL = ("*",)
NAMES = [
    RECORDS, SECRET, DEFAULT_GRAPH, "urn:aims:source:x1",
    FINDINGS.value, ONTOLOGY.value, CATALOGUE.value,
]  # fmt: skip
LIMITED = (RECORDS, "urn:aims:source:x*")
SAID = {"reason": "x", "source": "x"}
RULE = """
@prefix aims: <https://w3id.org/aims-graph/ns#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
<urn:own> a sh:NodeShape ; sh:targetClass aims:Dataset ; aims:implements <https://w3id.org/aims-graph/iso42001#A.7.2> ;
  sh:property [ sh:path aims:owner ; sh:minCount 1 ; sh:message "Own rule: no owner"@en ] .
"""


@pytest.fixture
def serve(workspace, settings):
    """A service that has just begun, of which nothing runs in the background."""
    made = []

    def begin(settings=settings) -> Core:
        made.append(Core(Workspace(workspace.path), settings))
        return made[-1]

    yield begin
    for core in made:
        core.close()


def index_of(core: Core, key) -> GraphIndex:
    """Brought to the last entry."""
    core.snapshots._renew(key)
    core.questions.folder(key, core.snapshots.of_graphs(key))
    return core.questions._indexes[key]


def content(index: GraphIndex):
    return countable(set().union(*(index.store.graph(NamedNode(name)) for name in NAMES)))


def anew(snapshot: Snapshot):
    """What an index made anew of the evaluation holds."""
    recorded = {
        Quad(*triple, NamedNode(name))
        for name, graph in snapshot.graphs.items()
        for triple in graph.triples()
    }
    return countable(recorded.union(graph_index._made(snapshot), graph_index._states(snapshot)))


def countable(quads) -> tuple[set[Quad], Counter[str]]:
    """Blank nodes of rules are other ones in each reading of them: they are only counted."""
    found = set(quads)
    blank = {q for q in found if BlankNode in (type(q.subject), type(q.object))}
    return found - blank, Counter(quad.graph_name.value for quad in blank)


@pytest.fixture
def no_rebuild(monkeypatch):
    """From when it is called, a service that makes its index anew fails."""

    def begin():
        monkeypatch.setattr(SnapshotStore, "rebuild", None)

    begin.end = monkeypatch.undo
    return begin


def test_an_index_is_taken_up_where_it_was_left(serve, no_rebuild):
    first = serve()
    before = content(index_of(first, ALL))
    first.close()
    no_rebuild()
    assert content(index_of(serve(), ALL)) == before


@pytest.mark.parametrize("key", [ALL, LIMITED], ids=["all", "some graphs"])
def test_whatever_happened_meanwhile_it_holds_what_one_made_anew_does(
    serve, workspace, no_rebuild, key
):
    draw = random.Random(3)
    values = [Literal(text, datatype=NamedNode("http://www.w3.org/2001/XMLSchema#integer"))
              for text in ("1", "01", "+1")] + [Literal("1", language="en-GB"), Literal("x\ny")]  # fmt: skip
    graphs = [NamedNode(name) for name in (RECORDS, SECRET, "urn:aims:source:x1")]
    for number in range(4):
        for _ in range(draw.randrange(4)):
            quads = sorted(workspace.quads(), key=str)
            subject, predicate = draw.choice(quads).subject, draw.choice(quads).predicate
            added = [
                Quad(subject, predicate, draw.choice([*values, draw.choice(quads).object]), graph)
                for graph in draw.sample([*graphs, DefaultGraph()], 2)
            ]
            workspace.commit(added, draw.sample(quads, 2), **SAID)
        if number:
            no_rebuild()
        core = serve()
        found = content(index_of(core, key))
        # And while the service runs, from one evaluation to the next.
        new = Quad(
            NamedNode("urn:new"), NamedNode("urn:p"), values[number % 5], draw.choice(graphs)
        )
        old = draw.choice(sorted(workspace.quads(), key=str))
        seen = core.snapshots.of_graphs(key)
        workspace.commit([new], [old], **SAID)
        then = content(index_of(core, key))
        no_rebuild.end()
        assert found == anew(seen)
        assert then == anew(core.snapshots.of_graphs(key))
        core.close()


def test_what_may_not_be_read_never_reaches_the_index(serve, workspace, tell):
    core = serve()
    index = index_of(core, LIMITED)
    core.close()
    tell("ex:spy aims:intendedUse 'to overhear' .", SECRET)
    tell("ex:pricing aims:intendedUse 'to set prices' .")
    index = index_of(serve(), LIMITED)
    assert index.store.graph(NamedNode(SECRET)) == set()
    said = {quad.object.value for quad in index.store.graph(NamedNode(RECORDS))}
    assert "to set prices" in said
    files = b"".join(f.read_bytes() for f in index.store.folder.rglob("*") if f.is_file())
    assert b"to set prices" in files  # so that the next line can fail
    assert b"to overhear" not in files
    assert b"Nightfall" not in files


def test_rules_and_day_may_have_changed(serve, workspace, settings, no_rebuild):
    core = serve()
    index_of(core, ALL)
    core.close()
    no_rebuild()
    (workspace.path / "shapes" / "own.ttl").write_text(RULE)
    later = dataclasses.replace(settings, day=settings.day + timedelta(days=400))
    core = serve(later)
    found = index_of(core, ALL)
    messages = {quad.object.value for quad in found.store.graph(FINDINGS)}
    assert any(message.startswith("Own rule") for message in messages)
    assert later.day.isoformat() in messages
    assert NamedNode("urn:own") in {quad.subject for quad in found.store.graph(CATALOGUE)}


def test_rules_may_change_while_the_service_runs(serve, workspace, monkeypatch):
    core = serve()
    index_of(core, ALL)
    (workspace.path / "shapes" / "own.ttl").write_text(RULE)
    with monkeypatch.context() as patch:
        patch.setattr(SnapshotStore, "rebuild", None)
        found = content(index_of(core, ALL))
    assert found == anew(core.snapshots.of_graphs(ALL))


def files_with(folder: Path, text: bytes) -> list[Path]:
    return [file for file in folder.rglob("*") if file.is_file() and text in file.read_bytes()]


def test_what_is_redacted_while_the_service_is_down_is_gone(serve, workspace):
    core = serve()
    index_of(core, ALL)
    views = workspace.path / "views"
    assert files_with(views, b"Zoe Hidden")
    core.close()
    assert files_with(views, b"Zoe Hidden")
    workspace.redact([Literal("Zoe Hidden")], reason="request")
    core = serve()
    index_of(core, ALL)
    assert not files_with(views, b"Zoe Hidden")


@pytest.mark.parametrize("begun_again", [True, False])
def test_an_index_that_is_finished_during_a_redaction_is_made_anew(serve, workspace, begun_again):
    core = serve()
    core.snapshots._renew(ALL)
    seen = core.snapshots.of_graphs(ALL)
    workspace.redact([Literal("Zoe Hidden")], reason="request")
    core.questions.folder(ALL, seen)  # it was on its way
    assert files_with(workspace.path / "views", b"Zoe Hidden")
    if begun_again:
        core.close()
        core = serve()
    found = content(index_of(core, ALL))
    assert found == anew(core.snapshots.of_graphs(ALL))
    core.close()
    assert not files_with(workspace.path / "views", b"Zoe Hidden")


@pytest.mark.parametrize("way", ["another version", "another journal", "many changes"])
def test_an_index_that_cannot_be_followed_is_made_anew(serve, workspace, monkeypatch, way):
    core = serve()
    index_of(core, ALL)
    core.close()
    if way == "another version":
        monkeypatch.setattr(graph_index, "__version__", "0")
    elif way == "another journal":
        for name in ("entries.jsonl", "journal.json", "acknowledged"):
            (workspace.path / "journal" / name).unlink()
        other = Workspace.create(workspace.path)
        other.commit([Quad(NamedNode("urn:a"), NamedNode("urn:p"), Literal("other"))], **SAID)
        other.commit([Quad(NamedNode("urn:b"), NamedNode("urn:p"), Literal("other"))], **SAID)
    else:
        monkeypatch.setattr("aims_graph.workspace.since.MANY", 3)
        workspace.commit(
            [Quad(NamedNode("urn:a"), NamedNode("urn:p"), Literal(str(n))) for n in range(4)],
            **SAID,
        )
    made = []
    rebuild = SnapshotStore.rebuild
    monkeypatch.setattr(SnapshotStore, "rebuild", lambda *given: made.append(1) or rebuild(*given))
    core = serve()
    found = content(index_of(core, ALL))
    assert len(made) == 1
    assert found == anew(core.snapshots.of_graphs(ALL))


def test_two_services_share_a_workspace(serve, workspace, tell):
    one, other = serve(), serve()
    last: GraphIndex | None = None
    for number in range(4):
        ahead, behind = (one, other) if number % 2 else (other, one)
        behind.snapshots._renew(ALL)
        before = behind.snapshots.of_graphs(ALL)
        tell(f"ex:n{number} a aims:Dataset .")
        if number:
            gone = [q for q in workspace.quads() if q.subject.value.endswith(f"#n{number - 1}")]
            workspace.commit([], gone, **SAID)
        index = index_of(ahead, ALL)
        assert index.shows_exactly(ahead.snapshots.of_graphs(ALL))
        if last is not None:
            assert not last.shows_exactly(before)  # though it has gone no further by itself
        last = index
        expected = anew(ahead.snapshots.of_graphs(ALL))
        assert content(index) == expected
        # The other has an older evaluation: it does not take the index back.
        behind.questions.folder(ALL, before)
        assert content(index) == expected


def test_a_service_that_is_overtaken_does_not_take_the_index_back(
    serve, workspace, tell, monkeypatch
):
    one, other = serve(), serve()
    index_of(one, ALL)
    tell("ex:a aims:owner ex:maria .")
    changes = graph_index._difference

    def overtaken(*graphs):
        monkeypatch.setattr(graph_index, "_difference", changes)
        gone = [quad for quad in workspace.quads() if quad.subject.value.endswith("#a")]
        workspace.commit([], gone, **SAID)
        index_of(other, ALL)
        return changes(*graphs)

    monkeypatch.setattr(graph_index, "_difference", overtaken)
    assert content(index_of(one, ALL)) == anew(other.snapshots.of_graphs(ALL))


def test_of_all_sets_of_graphs_the_last_ones_asked_are_kept(serve, monkeypatch):
    monkeypatch.setattr(questions, "_KEPT", 2)
    core = serve()
    snapshot = core.snapshots.of_graphs((SECRET,))
    folders = [core.questions.folder((SECRET, f"urn:{n}"), snapshot) for n in range(3)]
    core.close()
    assert [folder.exists() for folder in folders] == [False, True, True]
    core = serve()
    folders.append(core.questions.folder((SECRET, "urn:3"), snapshot))
    assert [folder.exists() for folder in folders] == [False, False, True, True]


def test_views_that_are_taken_away_meanwhile_are_made_again(serve, workspace, monkeypatch):
    core = serve()
    snapshot = core.snapshots.of_graphs(ALL)
    begin = questions.GraphIndex

    def taken_away(*given):
        made = begin(*given)
        shutil.rmtree(workspace.path / "views")
        return made

    monkeypatch.setattr(questions, "GraphIndex", taken_away)
    core.questions.folder(ALL, snapshot)
    assert content(core.questions._indexes[ALL]) == anew(snapshot)


def test_a_service_that_is_begun_again_answers_from_it(workspace, settings, tell, no_rebuild):
    text = "SELECT ?s { ?s a aims:AISystem } ORDER BY ?s"

    def systems(key=None):
        with TestClient(create_app(Workspace(workspace.path), settings=settings)) as client:
            core = client.app.state.core
            key = key or core.keys.create("r", ["reader"], read=["*"], write=[]).text
            answer = client.get(
                "/sparql", params={"query": text}, headers={"Authorization": f"Bearer {key}"}
            )
            assert answer.status_code == 200, answer.text
            rows = answer.json()["results"]["bindings"]
            return key, [row["s"]["value"].rpartition("#")[2] for row in rows]

    key, found = systems()
    assert found == ["pricing", "spy"]
    tell("ex:assistant a aims:AISystem .")
    no_rebuild()
    assert systems(key)[1] == ["assistant", "pricing", "spy"]
