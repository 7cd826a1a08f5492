"""Quads that a store would respell, in several graphs."""

from pyoxigraph import Literal, NamedNode, Quad

from aims_graph.sparql.graphs import ONTOLOGY

INTEGER = NamedNode("http://www.w3.org/2001/XMLSchema#integer")
EDGES = 3540


def n(name: str) -> NamedNode:
    return NamedNode(f"urn:{name}")


def integer(text: str) -> Literal:
    return Literal(text, datatype=INTEGER)


QUADS = [
    Quad(n("a"), n("p"), integer("01"), n("g")),
    Quad(n("a"), n("p"), integer("1"), n("g")),
    Quad(n("b"), n("p"), integer("+7")),
    Quad(n("c"), n("p"), n("b"), n("h")),
    Quad(n("c"), n("p"), n("b"), n("g2")),
    Quad(n("c"), n("p"), n("b"), ONTOLOGY),
]
