"""The default graph of several FROM clauses is a set, also where a triple stands in more than one graph."""

import random

import pyoxigraph as ox
import pytest
from pyoxigraph import Literal, Quad
from sparql_data import n

from aims_graph.sparql.from_clauses import DataSet
from aims_graph.sparql.merging import Merger
from aims_graph.sparql.pool import QueryPool
from aims_graph.sparql.snapshot import SnapshotStore
from aims_graph.sparql.update import evaluate_text

COUNT = "SELECT (COUNT(*) AS ?n) {0} {{ ?s ?p ?o }}"
NAMES = ["urn:g0", "urn:g1", "urn:g2", "urn:g3"]


@pytest.fixture
def overlapping(tmp_path):
    """Two triples in g and h each, of which they share one; k has one of its own."""
    store = SnapshotStore(tmp_path / "index")
    shared, mine, other, last = ((n(name), n("p"), n("o")) for name in "abcd")
    quads = [Quad(*shared, n("g")), Quad(*mine, n("g")), Quad(*shared, n("h")), Quad(*other, n("h")), Quad(*last, n("k"))]  # fmt: skip
    store.rebuild(quads, "0")
    store.close()
    return store.folder


def count(pool, text, **options):
    return int(pool.query(text, "csv", **options).read().split()[1])


@pytest.mark.parametrize(
    ("graphs", "expected"),
    [
        (["urn:g", "urn:h"], 3),
        (["urn:h", "urn:g", "urn:h"], 3),
        (["urn:g", "urn:g"], 2),
        (["urn:g", "urn:k"], 3),
        (["urn:g", "urn:h", "urn:k"], 4),
        (["urn:g", "urn:none"], 2),
        (["urn:none"], 0),
    ],
)
def test_a_triple_of_two_graphs_counts_once(overlapping, graphs, expected):
    clauses = " ".join(f"FROM <{name}>" for name in graphs)
    with QueryPool(overlapping, workers=1) as pool:
        assert count(pool, COUNT.format(clauses)) == expected
        assert count(pool, COUNT.format(""), graphs=graphs) == expected
        assert count(pool, COUNT.format(""), dataset=DataSet(tuple(graphs), ())) == expected
        assert count(pool, COUNT.format("")) == 4


def test_a_graph_keeps_its_triples_beside_a_default_graph_that_has_them(overlapping):
    text = "SELECT ?g ?s { ?s ?p ?o . GRAPH ?g { ?s ?p ?o } }"
    with QueryPool(overlapping, workers=1) as pool:
        found = pool.query(text, "tsv", graphs=["urn:g", "urn:h"]).read().decode().splitlines()[1:]
    assert sorted(found) == ["<urn:g>\t<urn:a>", "<urn:g>\t<urn:b>", "<urn:h>\t<urn:a>", "<urn:h>\t<urn:c>"]  # fmt: skip


def test_after_a_commit_the_graphs_are_compared_anew(overlapping):
    store = SnapshotStore(overlapping)
    text = COUNT.format("FROM <urn:g> FROM <urn:k>")
    with QueryPool(overlapping, workers=1) as pool:
        assert count(pool, text) == 3
        store.apply([Quad(n("a"), n("p"), n("o"), n("k"))], [], "1")
        assert count(pool, text) == 3
        store.apply([Quad(n("e"), n("p"), n("o"), n("k"))], [], "2")
        assert count(pool, text) == 4
    store.close()


def test_an_update_counts_what_using_merges_once(overlapping):
    text = (
        "INSERT { <urn:x> <urn:n> ?n } USING <urn:g> USING <urn:h> "
        "WHERE { SELECT (COUNT(*) AS ?n) { ?s ?p ?o } }"
    )
    (made,) = evaluate_text(text, overlapping).added
    assert made.object.value == "3"
    bare = text.replace("USING <urn:g> USING <urn:h> ", "")
    (made,) = evaluate_text(bare, overlapping, using=DataSet(("urn:g", "urn:h"), ())).added
    assert made.object.value == "3"


@pytest.mark.parametrize("seed", range(40))
def test_any_choice_of_graphs_answers_as_sets_of_triples_do(seed):
    """Against sets in Python, over graphs that share none, some or all of their triples."""
    chance = random.Random(seed)
    values = [(n(f"s{i}"), n("p"), Literal(str(i))) for i in range(chance.choice([3, 40]))]
    held = {
        name: set(chance.sample(values, chance.randrange(len(values) + 1))) for name in NAMES[:3]
    }
    store = ox.Store()
    store.extend(Quad(*triple, ox.NamedNode(name)) for name in held for triple in held[name])
    merger = Merger(store)
    for _ in range(6):
        default = [chance.choice(NAMES) for _ in range(chance.randrange(4))]
        named = chance.sample(NAMES, chance.randrange(4))
        target, options = merger.data_set(default, named)
        found = [(row["s"], row["p"], row["o"]) for row in target.query("SELECT * { ?s ?p ?o }", **options)]  # fmt: skip
        expected = set().union(*(held.get(name, set()) for name in default))
        assert len(found) == len(set(found))
        assert set(found) == expected
        rows = target.query("SELECT * { GRAPH ?g { ?s ?p ?o } }", **options)
        inside = [(row["g"].value, row["s"], row["p"], row["o"]) for row in rows]
        assert sorted(inside, key=str) == sorted(((name, *triple) for name in set(named) for triple in held.get(name, ())), key=str)  # fmt: skip
