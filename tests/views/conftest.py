"""A trace made by hand, with one box of every look and labels that try to be more than text."""

from datetime import date

import pyoxigraph
import pytest
from pyoxigraph import NamedNode

from aims_graph.assessment import evaluate, judge_matrix
from aims_graph.columns import Columns
from aims_graph.trace import Edge, Node, TraceGraph
from aims_graph.views import write_heat_map_page

HOSTILE = '</script><img src=x onerror=alert(1)>"\\#quot;`|]'


def node(name: str, label: str, column: int, state: str = "", **more) -> Node:
    term = NamedNode("https://example.org/" + name)
    return Node(
        term, label, more.pop("kind", "Thing"), column, more.pop("distance", column), state, **more
    )


def edge(left: Node, label: str, right: Node) -> Edge:
    return Edge(left.term, label, right.term)


@pytest.fixture
def small() -> TraceGraph:
    control = node("control", "A.7.4 Quality of data for AI systems", 0, "not met")
    risk = node("risk", "Prices differ by protected characteristics", 1, "unknown", kind="Risk")
    system = node("system", "Dynamic pricing", 2, "met", kind="AI system")
    data = node("data", "Demand, training", 3, kind="Dataset")
    person = node("person", "Tom Becker", 4, kind="Person", agent=True)
    return TraceGraph(
        control.term,
        "Traceability of A.7.4",
        (control, risk, system, data, person),
        (
            edge(control, "treats", risk),
            edge(risk, "risk of", system),
            edge(system, "uses dataset", data),
            edge(control, "protects", data),
            edge(system, "owner", person),
            edge(risk, "owner", person),
        ),
        ("Control", "Risk", "AI system", "Data", "Who answers"),
    )


@pytest.fixture
def hostile() -> TraceGraph:
    first, second = node("a", HOSTILE, 0, "met"), node("b", HOSTILE, 1, kind=HOSTILE)
    return TraceGraph(
        first.term, HOSTILE, (first, second), (edge(first, HOSTILE, second),), (HOSTILE, HOSTILE)
    )


def crowd(count: int, columns: int = 6) -> TraceGraph:
    """Each node leads to two of the next column; every fifth one is not met."""
    nodes = [
        node(f"n{i}", f"Thing number {i} with a longer name", i % columns, "not met" if i % 5 == 0 else "",
             kind=f"Kind {i % 3}")
        for i in range(count)
    ]  # fmt: skip
    edges = [
        edge(nodes[i], "leads to", nodes[j])
        for i in range(count)
        for j in ((i * 7 + 1) % count, (i * 3 + 1) % count)
        if nodes[j].column == nodes[i].column + 1
    ]
    titles = tuple(f"Column {i}" for i in range(columns))
    return TraceGraph(nodes[0].term, "Crowd", tuple(nodes), tuple(edges), titles)


@pytest.fixture
def crowded():
    return crowd


@pytest.fixture(scope="session")
def assessment():
    """Two systems, one of them without owner; one control left out; names that try to be markup."""
    turtle = """
        @prefix aims: <https://w3id.org/aims-graph/ns#> .
        @prefix ex: <https://example.org/> .
        @prefix iso42001: <https://w3id.org/aims-graph/iso42001#> .
        @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
        ex:aims a aims:AIManagementSystem ; aims:governs ex:a , ex:b .
        ex:a a aims:AISystem ; rdfs:label "Pricing </td>" ; aims:owner ex:ann .
        ex:b a aims:AISystem ; rdfs:label "Routing" .
        ex:ann a aims:Person ; rdfs:label "Ann" .
        ex:entry a aims:ApplicabilityEntry ; aims:forControl iso42001:A.10.4 ; aims:applicable false .
    """
    quads = pyoxigraph.parse(turtle, format=pyoxigraph.RdfFormat.TURTLE)
    data = Columns.from_triples(quad.triple for quad in quads)
    return evaluate(data, as_of=date(2026, 6, 30))


@pytest.fixture(scope="session")
def matrix(assessment):
    return judge_matrix(assessment)


@pytest.fixture(scope="session")
def reader(assessment):
    return assessment.data


@pytest.fixture(scope="session")
def heat_map(matrix, reader) -> str:
    return write_heat_map_page(matrix, reader, as_of="2026-06-30")
