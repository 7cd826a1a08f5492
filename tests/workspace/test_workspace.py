"""What a workspace holds after commits, seen again by another process, at another moment, from its cache."""

import random
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad

from aims_graph.errors import InputError
from aims_graph.journal import quad_line
from aims_graph.vocabulary import XSD
from aims_graph.workspace import Workspace, source_graph
from aims_graph.workspace import dataset as dataset_module
from aims_graph.workspace import replay as replay_module
from aims_graph.workspace import workspace as workspace_module
from aims_graph.workspace.dataset import split_line
from aims_graph.workspace.lines import GraphLines, columns_of

P = NamedNode("urn:p")
SAID = {"reason": "test", "source": "test"}


def node(number: int) -> NamedNode:
    return NamedNode(f"urn:n{number}")


def quad(subject: int, value: object, graph: str | None = "urn:g") -> Quad:
    obj = value if isinstance(value, NamedNode | Literal | BlankNode) else Literal(str(value))
    return Quad(node(subject), P, obj, DefaultGraph() if graph is None else NamedNode(graph))


def test_terms_stay_exactly_as_they_were_given(workspace):
    quads = {
        quad(1, Literal("01", datatype=NamedNode(XSD + "integer"))),
        quad(1, Literal("1", datatype=NamedNode(XSD + "integer"))),
        quad(1, Literal("+1", datatype=NamedNode(XSD + "byte"))),
        quad(1, Literal('a "quoted"\n\\ line\t\u0007\u2028é', language="en-gb")),
        quad(1, Literal("plain"), None),
        quad(1, node(2), None),
        quad(1, node(2), "urn:h"),
        quad(1, Literal("see <urn:h>")),
    }
    workspace.commit(quads, **SAID)
    assert Workspace(workspace.path).quads() == quads


def test_only_what_changes_is_recorded(workspace):
    first = workspace.commit([quad(1, "a"), quad(1, "b")], **SAID)
    assert (first.added_count, first.removed_count) == (2, 0)
    second = workspace.commit([quad(1, "b"), quad(1, "c")], [quad(1, "a"), quad(9, "z")], **SAID)
    assert second.added == [quad_line(quad(1, "c"))]
    assert second.removed == [quad_line(quad(1, "a"))]
    assert workspace.commit([quad(1, "b")], **SAID) is None
    assert workspace.commit([quad(1, "b")], [quad(1, "b")], **SAID) is None
    assert workspace.sequence == 2


@pytest.mark.parametrize("name", ["unnamed", "findings", "inferred", "provenance", "ontology"])
def test_nothing_is_recorded_in_a_graph_that_the_engine_makes(workspace, name):
    quad = Quad(NamedNode("urn:s"), NamedNode("urn:p"), Literal("x"), NamedNode(f"urn:aims:{name}"))
    for act in (workspace.commit, workspace.check):
        with pytest.raises(InputError, match=f"nothing is recorded in the graph <urn:aims:{name}>"):
            act([quad], **({} if act == workspace.check else {"reason": "t", "source": "t"}))
    assert workspace.sequence == 0


def test_blank_nodes_become_names_that_later_commits_can_use(workspace):
    workspace.commit([Quad(BlankNode("x"), P, BlankNode("y"))], **SAID)
    (found,) = workspace.quads()
    assert isinstance(found.subject, NamedNode)
    workspace.commit([], [found], **SAID)
    assert workspace.quads() == set()


def test_a_triple_stays_in_the_union_while_one_graph_has_it(workspace):
    workspace.commit([quad(1, "a"), quad(1, "a", "urn:h"), quad(1, "a", None)], **SAID)
    assert len(workspace.columns()) == 1
    workspace.commit([], [quad(1, "a"), quad(1, "a", None)], **SAID)
    assert len(workspace.columns()) == 1
    workspace.commit([], [quad(1, "a", "urn:h")], **SAID)
    assert len(workspace.columns()) == 0


def test_a_source_taken_in_again_records_what_changed(workspace):
    said = {"reason": "test", "source": "a.ttl"}
    workspace.replace_source([quad(1, "a"), quad(1, "b")], **said)
    entry = workspace.replace_source([quad(1, "b"), quad(1, "c")], **said)
    assert (entry.added_count, entry.removed_count) == (1, 1)
    assert workspace.replace_source([quad(1, "c"), quad(1, "b")], **said) is None
    graphs = {q.graph_name for q in workspace.quads()}
    assert graphs == {source_graph("a.ttl")}


def test_files_are_imported_as_their_quads_would_be(workspace, tmp_path):
    file = tmp_path / "a.ttl"
    file.write_text('<urn:a> <urn:p> "1"@en , 2 , _:b . _:b <urn:p> "q\\"uote" .')
    entry = workspace.import_rdf([file], reason="test", source="a.ttl")
    assert entry.added_count == 4
    assert not any(
        isinstance(t, BlankNode) for q in workspace.quads() for t in (q.subject, q.object)
    )
    assert workspace.import_rdf([file], reason="test", source="a.ttl") is None
    assert Workspace(workspace.path).quads() == workspace.quads()


def test_a_file_that_is_wrong_leaves_nothing(workspace, tmp_path):
    file = tmp_path / "a.ttl"
    file.write_text("<urn:a> <urn:p> 1 . oops")
    with pytest.raises(InputError):
        workspace.import_rdf([file], reason="test", source="a.ttl")
    assert workspace.journal.file.read_bytes() == b""
    assert workspace.quads() == set()


@pytest.mark.parametrize("value", ["a\0b", "a\0"])
def test_what_no_other_tool_can_read_is_refused(workspace, value):
    with pytest.raises(InputError, match=r"U\+0000"):
        workspace.commit([quad(1, value)], **SAID)


def test_a_name_that_is_no_iri_is_refused_as_a_source(workspace):
    with pytest.raises(InputError, match="cannot name a source"):
        workspace.replace_source([quad(1, "a")], reason="test", source="my file.ttl>")


def test_a_change_worked_out_on_an_older_state_is_refused(workspace):
    workspace.commit([quad(1, "a")], **SAID)
    seen = workspace.sequence
    Workspace(workspace.path).commit([quad(1, "b")], **SAID)
    with pytest.raises(InputError, match="changed since entry 1"):
        workspace.commit([quad(1, "c")], expected=seen, **SAID)
    assert workspace.commit([quad(1, "c")], expected=2, **SAID).sequence == 3


def test_several_open_workspaces_see_each_others_commits(workspace):
    other = Workspace(workspace.path)
    for number in range(6):
        (workspace, other)[number % 2].commit([quad(number, "x")], **SAID)
        assert workspace.quads() == other.quads()
    assert workspace.sequence == other.sequence == 6


def test_the_past_is_as_it_was_and_cannot_be_changed(workspace):
    states = [set()]
    for number in range(5):
        workspace.commit([quad(number, "x")], [quad(number - 1, "x")], **SAID)
        states.append(workspace.quads())
    for number, state in enumerate(states):
        past = Workspace(workspace.path, at=str(number))
        assert past.quads() == state
        with pytest.raises(InputError, match="past cannot be changed"):
            past.commit([quad(9, "x")], **SAID)
    time = next(e for e in workspace.journal.entries() if e.sequence == 3).time
    assert Workspace(workspace.path, at=time).quads() in states[3:]
    assert Workspace(workspace.path, at="1999-12-31").quads() == set()
    assert Workspace(workspace.path, at="2999-12-31").quads() == states[5]


@pytest.mark.parametrize("moment", ["6", "yesterday", "2026-13-01", "-1"])
def test_a_moment_that_never_was_is_refused(workspace, moment):
    workspace.commit([quad(1, "x")], **SAID)
    with pytest.raises(InputError):
        Workspace(workspace.path, at=moment)


@pytest.fixture
def few_are_many(monkeypatch):
    """Changes of more than five quads go the way of millions."""
    monkeypatch.setattr(dataset_module, "MANY", 5)
    monkeypatch.setattr(replay_module, "MANY", 5)
    monkeypatch.setattr(workspace_module, "MANY", 5)


def random_quads(rng: random.Random, count: int) -> list[Quad]:
    values = [
        node(1),
        Literal("a"),
        Literal("a", language="en"),
        Literal('"'),
        Literal("x <urn:g>"),
    ]
    graphs = [None, "urn:g", "urn:h"]
    return [quad(rng.randrange(4), rng.choice(values), rng.choice(graphs)) for _ in range(count)]


@pytest.mark.parametrize("seed", range(8))
def test_large_and_small_changes_lead_to_the_same(tmp_path, few_are_many, seed):
    rng = random.Random(seed)
    workspace = Workspace.create(tmp_path / "w")
    expected: set[Quad] = set()
    for _ in range(25):
        added = random_quads(rng, rng.choice([1, 2, 20]))
        removed = rng.sample(sorted(expected, key=str), min(len(expected), rng.choice([0, 1, 12])))
        if rng.random() < 0.2:
            name = source_graph("s")
            workspace.replace_source(added, reason="test", source="s")
            expected = {q for q in expected if q.graph_name != name}
            expected |= {Quad(q.subject, q.predicate, q.object, name) for q in added}
        else:
            workspace.commit(added, removed, **SAID)
            expected = (expected - set(removed)) | set(added)
        if rng.random() < 0.3:
            workspace = Workspace(workspace.path)
        if rng.random() < 0.3:
            workspace.write_views()
        assert workspace.quads() == expected
        assert len(workspace.columns()) == len({q.triple for q in expected})
    assert Workspace(workspace.path, at=str(workspace.sequence)).quads() == expected
    workspace.rebuild()
    assert Workspace(workspace.path).quads() == expected


def test_a_cache_is_used_and_a_damaged_one_is_made_anew(workspace, few_are_many, monkeypatch):
    quads = {quad(n, "x") for n in range(50)}
    workspace.commit(quads, **SAID)
    workspace.columns()
    columns = workspace.path / "views" / "columns"
    assert columns.is_dir()
    later = Workspace(workspace.path)
    monkeypatch.setattr(dataset_module.Dataset, "apply", None)  # nothing needs to be replayed
    assert later.quads() == quads
    monkeypatch.undo()
    for path in sorted(columns.iterdir()):
        data = path.read_bytes()
        path.write_bytes(data[: len(data) // 2])
        assert Workspace(workspace.path).quads() == quads, path.name
        path.write_bytes(data)


def test_a_cache_of_another_history_is_not_used(workspace, few_are_many, tmp_path):
    workspace.commit([quad(n, "x") for n in range(50)], **SAID)
    workspace.columns()
    other = Workspace.create(tmp_path / "other")
    other.commit([quad(n, "y") for n in range(50)], **SAID)
    (workspace.path / "views").rename(other.path / "views")
    assert Workspace(other.path).quads() == {quad(n, "y") for n in range(50)}


TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12)
LITERALS = st.one_of(
    TEXT.map(Literal),
    TEXT.map(lambda text: Literal(text, language="de")),
    TEXT.map(lambda text: Literal(text, datatype=NamedNode("urn:type"))),
)
OBJECTS = st.one_of(LITERALS, st.sampled_from([node(1), node(2), NamedNode("urn:é")]))


@settings(max_examples=150, deadline=None)
@given(st.lists(OBJECTS, min_size=1, max_size=8), st.sampled_from([None, "urn:g", "urn:ß"]))
def test_lines_are_the_same_made_one_by_one_or_all_at_once(objects, graph):
    quads = [quad(n, value, graph or "urn:x") for n, value in enumerate(objects)]
    name = quads[0].graph_name
    columns = columns_of(quads, dataset_module.TermDictionary())
    assert sorted(GraphLines(columns, name)) == sorted(map(quad_line, set(quads)))
    for made in [*quads, *(quad(1, value, graph) for value in objects)]:
        line = quad_line(made)
        assert list(ox.parse(line, format=ox.RdfFormat.N_QUADS)) == [made]
        name = b"" if isinstance(made.graph_name, DefaultGraph) else str(made.graph_name).encode()
        terms = (str(made.subject), str(made.predicate), str(made.object))
        assert split_line(line) == (*(term.encode() for term in terms), name)


def test_a_workspace_is_told_from_other_folders(tmp_path):
    with pytest.raises(InputError, match="is not a workspace"):
        Workspace.find(tmp_path)
    Workspace.create(tmp_path)
    assert Workspace.find(tmp_path).path == tmp_path
    with pytest.raises(InputError, match="already"):
        Workspace.create(Path(tmp_path))
