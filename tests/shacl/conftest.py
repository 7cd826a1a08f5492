"""Graphs written as Turtle."""

import pytest
from pyoxigraph import RdfFormat, parse

from aims_graph.columns import Columns

PREFIXES = """
prefix ex: <http://example.org/>
prefix sh: <http://www.w3.org/ns/shacl#>
prefix xsd: <http://www.w3.org/2001/XMLSchema#>
prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#>
"""


def read_turtle(text):
    quads = parse(PREFIXES + text, format=RdfFormat.TURTLE)
    return Columns.from_triples((quad.subject, quad.predicate, quad.object) for quad in quads)


@pytest.fixture(scope="session")
def turtle():
    return read_turtle
