"""Every rule does what it says on the fixtures beside it: each expected result appears, and no other.

Two implementations are asked: ours, and pySHACL as a second opinion.
"""

from collections import Counter
from functools import cache

import pyoxigraph
import pyshacl
import pytest
from pyoxigraph import NamedNode, RdfFormat
from rdflib import SH, Graph, URIRef
from rule_files import (
    FIXTURES,
    ONTOLOGY,
    Fixture,
    Row,
    alone,
    evaluated_on,
    fixture,
    focus_nodes,
    local_name,
    ontology,
    row,
    row_of,
    rules,
)

from aims_graph.columns import Columns, Triple, load
from aims_graph.shacl import validate

CASES = [
    pytest.param(rule, kind, id=f"{local_name(rule)}-{kind}")
    for rule in rules()
    for kind in ("conforms", "violates")
]


@pytest.fixture(scope="module")
def known() -> Graph:
    """The ontology in a graph of its own, to which each test adds its data and takes them away again."""
    graph = Graph(bind_namespaces="none")
    graph += ontology()
    return graph


@pytest.mark.parametrize(("rule", "kind"), CASES)
def test_the_fixture_gives_the_expected_results(rule: URIRef, kind: str) -> None:
    given = fixture(rule, kind)
    assert bool(given.expected) == (kind == "violates"), f"{given.path}: '# expect:' lines"
    _compare(given, _results(rule, given))


@pytest.mark.parametrize(("rule", "kind"), CASES)
def test_pyshacl_agrees_on_the_fixture(rule: URIRef, kind: str, known: Graph) -> None:
    given = fixture(rule, kind)
    added = [triple for triple in _data(given) if triple not in known]
    try:
        known += added
        assert focus_nodes(rule, known), f"{given.path} holds nothing that the rule looks at"
        found = _pyshacl_results(rule, known)
    finally:
        known -= added
    _compare(given, found)


def _data(given: Fixture) -> Graph:
    data = Graph(bind_namespaces="none")
    data += given.data
    return data.add(evaluated_on(given.as_of))


@cache
def _ontology_columns() -> Columns:
    return load(ONTOLOGY)


def _triples(graph: Graph) -> list[Triple]:
    parsed = pyoxigraph.parse(graph.serialize(format="nt"), format=RdfFormat.N_TRIPLES)
    return [(quad.subject, quad.predicate, quad.object) for quad in parsed]


def _results(rule: URIRef, given: Fixture) -> Counter[Row]:
    data = _ontology_columns().with_change(_triples(_data(given)), ())
    report = validate(data, Columns.from_triples(_triples(alone(rule))))
    return Counter(
        row_of(
            str(result.focus),
            "-" if result.path is None else str(result.path),
            "-" if result.value is None else str(result.value),
        )
        for result in report.results
        if result.shape == NamedNode(rule)
    )


def _pyshacl_results(rule: URIRef, data: Graph) -> Counter[Row]:
    part = alone(rule)
    _, report, text = pyshacl.validate(data, shacl_graph=part, inplace=True, inference="none")
    assert isinstance(report, Graph), text
    return Counter(
        row(report, result)
        for result in report.objects(None, SH.result)
        if report.value(result, SH.sourceShape) == rule
    )


def _compare(given: Fixture, found: Counter[Row]) -> None:
    lines = [f"missing: {' '.join(row)}" for row in (given.expected - found).elements()]
    lines += [f"not expected: {' '.join(row)}" for row in (found - given.expected).elements()]
    assert not lines, "\n".join([str(given.path), *lines])


def test_every_folder_of_fixtures_belongs_to_a_rule() -> None:
    folders = {path.name for path in FIXTURES.iterdir() if path.is_dir()} - {"__pycache__"}
    assert folders - {local_name(rule) for rule in rules()} == set()
