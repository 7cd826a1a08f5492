"""Graphs written as Turtle."""

import sys
from pathlib import Path

import pytest
from pyoxigraph import BlankNode, NamedNode, RdfFormat, parse

from aims_graph.columns import Columns
from aims_graph.vocabulary import OWL, RDF, RDFS, XSD

sys.path.insert(0, str(Path(__file__).parent))

PREFIXES = f"""
@prefix : <urn:x#> . @prefix owl: <{OWL}> . @prefix rdf: <{RDF}> .
@prefix rdfs: <{RDFS}> . @prefix xsd: <{XSD}> .
"""


@pytest.fixture(scope="session")
def graph():
    return read


def read(turtle: str) -> Columns:
    """Blank nodes become IRIs, so that closures of two engines can be compared."""
    named = lambda t: NamedNode("urn:blank:" + t.value) if isinstance(t, BlankNode) else t  # noqa: E731
    quads = parse(PREFIXES + turtle, format=RdfFormat.TURTLE)
    return Columns.from_triples((named(q.subject), q.predicate, named(q.object)) for q in quads)


@pytest.fixture(scope="session")
def triple():
    return read_triple


def read_triple(text: str):
    """``:a :p :b`` as a triple."""
    return next(read(text + " .").triples())
