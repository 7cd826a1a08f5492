"""Small graphs written as Turtle, and the shop example, each with the ontology."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pyoxigraph as ox
import pytest

from aims_graph.assessment import load_ontology, with_ontology
from aims_graph.columns import Columns
from aims_graph.ingest import read_columns

AS_OF = date(2026, 11, 24)
SHOP = Path(__file__).resolve().parents[2] / "examples" / "shop"
PREFIXES = """
@prefix aims: <https://w3id.org/aims-graph/ns#> .
@prefix ex: <https://example.org/> .
@prefix iso42001: <https://w3id.org/aims-graph/iso42001#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""


@pytest.fixture(scope="session")
def ontology() -> Columns:
    return load_ontology()


@pytest.fixture(scope="session")
def graph(ontology: Columns) -> Callable[[str], Columns]:
    """Turtle without prefixes -> the graph with the ontology."""

    def build(turtle: str) -> Columns:
        quads = ox.parse(PREFIXES + turtle, format=ox.RdfFormat.TURTLE)
        return with_ontology(Columns.from_triples(q.triple for q in quads), ontology, AS_OF)

    return build


@pytest.fixture(scope="session")
def shop_data() -> Columns:
    """The conforming version, without the ontology."""
    folders = (SHOP / "common", SHOP / "conforming")
    return read_columns([file for folder in folders for file in sorted(folder.iterdir())])


@pytest.fixture(scope="session")
def shop(shop_data: Columns, ontology: Columns) -> Columns:
    return with_ontology(shop_data, ontology, AS_OF)


@pytest.fixture(scope="session")
def ex() -> Callable[[str], ox.NamedNode]:
    return lambda name: ox.NamedNode("https://example.org/" + name)


@pytest.fixture(scope="session")
def iso() -> Callable[[str], ox.NamedNode]:
    return lambda number: ox.NamedNode("https://w3id.org/aims-graph/iso42001#" + number)


@pytest.fixture(scope="session")
def of_shop() -> Callable[[str], ox.NamedNode]:
    return lambda name: ox.NamedNode("https://shop.example/aims#" + name)
