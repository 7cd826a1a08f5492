"""Graphs given as text leave the store that quads given one by one do."""

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import BlankNode, Literal, NamedNode, Quad
from sparql_data import n

from aims_graph.columns import Columns
from aims_graph.sparql import bulk
from aims_graph.sparql.graphs import CATALOGUE, UNNAMED
from aims_graph.sparql.snapshot import StoredDataset
from aims_graph.sparql.spellings import Spellings

XSD = "http://www.w3.org/2001/XMLSchema#"
NODES = [n("a"), n("b"), BlankNode("c"), NamedNode("https://e.example/%C3%A9?x=1&y='2'#é")]
VALUES = [
    *NODES,
    *(Literal(text, datatype=NamedNode(XSD + kind))
      for kind in ("integer", "decimal", "date", "boolean", "string", "duration")
      for text in ("1", "01", "+1", "1.0", "1.50", "true", "2026-01-01", "2026-01-01Z", "P1D", "no number")),
    *(Literal("x", language=tag) for tag in ("en", "en-GB", "de")),
    *(Literal(text) for text in ('"', "\\", "a\nb", "\t\r\u0001\u007f\u2028", "", "héé 🐍 \u202e")),
]  # fmt: skip
GRAPHS = [n("g"), n("h"), UNNAMED, CATALOGUE]


quads = st.sets(
    st.builds(
        Quad,
        st.sampled_from(NODES),
        st.sampled_from([n("p"), n("q")]),
        st.sampled_from(VALUES),
        st.sampled_from(GRAPHS),
    ),
    max_size=60,
)


@settings(max_examples=60, deadline=None)
@given(quads)
def test_a_store_of_pieces_is_one_of_quads(given_quads):
    by_graph = {}
    for quad in given_quads:
        by_graph.setdefault(quad.graph_name, []).append(tuple(quad)[:3])
    graphs = {name: Columns.from_triples(triples) for name, triples in by_graph.items()}
    one, other = (StoredDataset(ox.Store(), Spellings()) for _ in range(2))
    one.load(given_quads)
    other.load([], bulk.pieces_of(graphs))
    assert set(other.store) == set(one.store)
    assert set(other.spellings) == set(one.spellings)
    exact = {q for kept in other.store if not isinstance(kept.graph_name, ox.DefaultGraph)
             for q in other.spellings.exact(kept)}  # fmt: skip
    assert exact == given_quads


@pytest.mark.parametrize("large", [1, 300, 10**6])
def test_however_it_is_cut_into_pieces(monkeypatch, large):
    monkeypatch.setattr(bulk, "_LARGE", large)
    monkeypatch.setattr("aims_graph.columns.graph.BATCH", 7)
    triples = {(n(f"s{i % 5}"), n(f"p{i % 3}"), VALUES[i % len(VALUES)]) for i in range(200)}
    graphs = {
        n("g"): Columns.from_triples(triples),
        n("h"): Columns.from_triples(list(triples)[:50]),
    }
    dataset = StoredDataset(ox.Store(), Spellings())
    dataset.load([Quad(n("more"), n("p"), n("o"), n("k"))], bulk.pieces_of(graphs))
    found = {
        quad
        for kept in dataset.store
        if not isinstance(kept.graph_name, ox.DefaultGraph)
        for quad in dataset.spellings.exact(kept)
    }
    expected = {Quad(*t, name) for name, g in graphs.items() for t in g.triples()}
    assert found == expected | {Quad(n("more"), n("p"), n("o"), n("k"))}
    union = {
        Quad(*tuple(quad)[:3])
        for quad in dataset.store.quads_for_pattern(None, None, None, ox.DefaultGraph())
    }
    assert len(union) == len(
        {dataset.spellings.normaliser.quad(Quad(*tuple(q)[:3])) for q in found}
    )
