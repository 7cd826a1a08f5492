"""The index follows changes exactly, although its store cannot keep spellings."""

import os
import random
from pathlib import Path

import pyoxigraph as ox
import pytest
from pyoxigraph import Quad
from sparql_data import QUADS, integer, n

from aims_graph.errors import InputError
from aims_graph.sparql import snapshot as snapshot_module
from aims_graph.sparql.errors import GoneError
from aims_graph.sparql.graphs import PROVENANCE, UNNAMED
from aims_graph.sparql.pool import QueryPool
from aims_graph.sparql.snapshot import SnapshotStore, StoredDataset, current_snapshot, hold, stored
from aims_graph.sparql.spellings import Spellings

GRAPHS = [n("g"), n("h"), UNNAMED]


def content(store):
    return {quad for name in GRAPHS for quad in store.graph(name)}


def test_random_changes_leave_exactly_the_quads_that_were_given(tmp_path):
    rng = random.Random(5)
    pool = [
        Quad(n(f"s{i % 3}"), n("p"), integer(text), *([graph] if graph else []))
        for i in range(3)
        for text in ("1", "01", "+1", "001", "2")
        for graph in (n("g"), n("h"), None)
    ]
    expected = set(rng.sample(pool, 20))
    store = SnapshotStore(tmp_path / "index")
    store.rebuild(expected, "0")
    for step in range(12):
        removed = set(rng.sample(sorted(expected, key=str), min(5, len(expected))))
        added = {quad for quad in rng.sample(pool, 8) if quad not in expected}
        expected = (expected - removed) | added
        store.apply(added, removed, str(step))
        if step % 4 == 3:  # as another process would go on
            store.close()
            store = SnapshotStore(tmp_path / "index")
        assert content(store) == set(map(stored, expected))
    with QueryPool(store.folder, workers=1) as queries:
        text = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
        (count,) = queries.query(text, "tsv").read().decode().splitlines()[1:]
    values = {(quad.subject, int(quad.object.value)) for quad in expected}
    assert int(count) == len(values)
    store.close()


def test_a_graph_outside_the_union_is_asked_by_name_only(tmp_path):
    store = SnapshotStore(tmp_path / "index")
    store.rebuild(QUADS, "0")
    store.replace_graph(PROVENANCE, [(n("e"), n("p"), n("f"))])
    with QueryPool(store.folder, workers=1) as queries:
        plain = queries.query("ASK { <urn:e> ?p ?o }").read()
        named = queries.query("ASK { GRAPH ?g { <urn:e> ?p ?o } }").read()
    assert b"false" in plain
    assert b"true" in named
    store.replace_graph(PROVENANCE, [])
    assert store.graph(PROVENANCE) == set()
    store.close()


def test_a_snapshot_goes_only_when_nobody_reads_it(small):
    store = SnapshotStore(small)
    first = current_snapshot(small)
    lock = hold(first)
    store.apply([Quad(n("x"), n("p"), n("y"))], [], "1")
    assert first.exists()
    os.close(lock)
    store.apply([], [Quad(n("x"), n("p"), n("y"))], "2")
    assert not first.exists()
    with pytest.raises(GoneError):
        hold(first)
    store.close()


def test_what_a_crashed_writer_left_is_not_used(small):
    store = SnapshotStore(small)
    store.apply([Quad(n("x"), n("p"), n("y"))], [], "1")
    (small / "state.json").write_text('{"number": 1')  # not whole
    assert store.position is None
    store.rebuild(QUADS, "2")
    assert store.position == "2"
    assert content(store) == {quad for quad in map(stored, QUADS) if quad.graph_name in GRAPHS}
    store.close()


def test_only_quads_that_a_store_respells_are_remembered():
    dataset = StoredDataset(ox.Store(), Spellings())
    dataset.load(QUADS)
    assert {quad.object for quad in dataset.spellings} == {
        integer("1"),  # stands beside "01"
        integer("01"),
        integer("+7"),
    }


def test_without_a_snapshot_there_is_nothing_to_change_or_copy(tmp_path):
    store = SnapshotStore(tmp_path / "index")
    assert store.position is None
    assert store.graph(n("g")) == set()
    for act in (
        lambda: store.apply(QUADS, [], "1"),
        lambda: store.replace_graph(n("g"), []),
        lambda: store.copy(tmp_path / "none", [], "1"),
        lambda: current_snapshot(store.folder),
    ):
        with pytest.raises(InputError, match="there is no SPARQL index"):
            act()
    assert not (tmp_path / "none").exists()


def test_a_snapshot_that_is_being_deleted_is_not_held(small):
    snapshot = current_snapshot(small)
    snapshot.rename(small / "elsewhere")
    before = sum(1 for _ in Path("/proc/self/fd").iterdir())
    with pytest.raises(GoneError):
        hold(snapshot)
    assert sum(1 for _ in Path("/proc/self/fd").iterdir()) == before


def test_a_change_is_made_of_the_position_it_was_worked_out_on_or_not_at_all(small):
    store = SnapshotStore(small)
    new = Quad(n("x"), n("p"), n("y"), n("g"))
    assert store.apply([new], [], "1", on=store.position)
    assert not store.apply([], [new], "2", on="0")
    assert (store.position, new in store.graph(n("g"))) == ("1", True)
    assert not SnapshotStore(small / "none").apply([new], [], "1", on="0")
    store.close()


def test_a_graph_that_is_replaced_by_itself_makes_no_new_snapshot(small):
    store = SnapshotStore(small)
    before = current_snapshot(small)
    triples = [(quad.subject, quad.predicate, quad.object) for quad in store.graph(n("g"))]
    store.replace_graph(n("g"), triples)
    assert current_snapshot(small) == before
    store.replace_graph(n("g"), triples[:1])
    assert current_snapshot(small) != before
    assert len(store.graph(n("g"))) == 1
    store.close()


def test_a_copy_holds_what_the_other_has_and_more(small, tmp_path):
    other = SnapshotStore(tmp_path / "copy")
    more = Quad(n("new"), n("p"), n("o"), n("h"))
    other.copy(small, [more], "1")
    mine = SnapshotStore(small)
    assert content(other) == content(mine) | {more}
    assert other.position == "1"
    other.close()
    mine.close()


def test_merging_files_changes_no_quad(small, monkeypatch):
    monkeypatch.setattr(snapshot_module, "_MANY_FILES", 0)
    store = SnapshotStore(small)
    before = content(store)
    more = {Quad(n("x"), n("p"), integer(str(i)), n("g")) for i in range(3)}
    for number, quad in enumerate(more):
        store.apply([quad], [], str(number))
    assert content(store) == before | more
    store.close()


def test_what_writers_that_are_gone_left_is_deleted(small):
    left, living = small / "live-999999999", small / "live-1"
    for folder in (left, living):
        folder.mkdir()
    store = SnapshotStore(small)
    store.apply([Quad(n("x"), n("p"), n("y"))], [], "1")
    assert (left.exists(), living.exists()) == (False, True)
    store.close()


def test_a_change_that_fails_leaves_the_snapshot_and_is_not_half_done(small):
    store = SnapshotStore(small)
    before = content(store)

    def broken():
        yield Quad(n("x"), n("p"), n("y"), n("g"))
        raise RuntimeError("broken")

    with pytest.raises(RuntimeError):
        store.apply(broken(), [], "1")
    assert store.position == "0"
    assert content(store) == before
    store.close()
