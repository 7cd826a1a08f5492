"""Graphs written as Turtle."""

from pyoxigraph import BlankNode, NamedNode, RdfFormat, parse

from aims_graph.columns import Columns
from aims_graph.vocabulary import OWL, RDF, RDFS, XSD

PREFIXES = f"""
@prefix : <urn:x#> . @prefix owl: <{OWL}> . @prefix rdf: <{RDF}> .
@prefix rdfs: <{RDFS}> . @prefix xsd: <{XSD}> .
"""


def read(turtle: str) -> Columns:
    """Blank nodes become IRIs, so that closures of two engines can be compared."""
    named = lambda t: NamedNode("urn:blank:" + t.value) if isinstance(t, BlankNode) else t  # noqa: E731
    quads = parse(PREFIXES + turtle, format=RdfFormat.TURTLE)
    return Columns.from_triples((named(q.subject), q.predicate, named(q.object)) for q in quads)


def read_triple(text: str):
    """``:a :p :b`` as a triple."""
    return next(read(text + " .").triples())
