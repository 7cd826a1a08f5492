"""Every rule does what it says on the fixtures beside it: each expected result appears, and no other."""

from collections import Counter

import pyshacl
import pytest
from rdflib import SH, XSD, Graph, Literal, URIRef
from rule_files import (
    AIMS,
    FIXTURES,
    Fixture,
    Row,
    alone,
    fixture,
    focus_nodes,
    local_name,
    ontology,
    row,
    rules,
)


@pytest.fixture(scope="module")
def known() -> Graph:
    """The ontology in a graph of its own, to which each test adds its data and takes them away again."""
    graph = Graph(bind_namespaces="none")
    graph += ontology()
    return graph


@pytest.mark.parametrize("kind", ["conforms", "violates"])
@pytest.mark.parametrize("rule", rules(), ids=local_name)
def test_the_fixture_gives_the_expected_results(rule: URIRef, kind: str, known: Graph) -> None:
    given = fixture(rule, kind)
    assert bool(given.expected) == (kind == "violates"), f"{given.path}: '# expect:' lines"
    added = [triple for triple in _data(given) if triple not in known]
    try:
        known += added
        assert focus_nodes(rule, known), f"{given.path} holds nothing that the rule looks at"
        found = _pyshacl_results(rule, known)
    finally:
        known -= added
    assert found == given.expected, _difference(given.expected, found)


def _data(given: Fixture) -> Graph:
    evaluation = (
        URIRef(AIMS + "evaluation"),
        URIRef(AIMS + "asOf"),
        Literal(given.as_of, datatype=XSD.date),
    )
    data = Graph(bind_namespaces="none")
    data += given.data
    return data.add(evaluation)


def _pyshacl_results(rule: URIRef, data: Graph) -> Counter[Row]:
    _, report, text = pyshacl.validate(
        data, shacl_graph=alone(rule), inplace=True, inference="none"
    )
    assert isinstance(report, Graph), text
    return Counter(
        row(report, result)
        for result in report.objects(None, SH.result)
        if report.value(result, SH.sourceShape) == rule
    )


def _difference(expected: Counter[Row], found: Counter[Row]) -> str:
    lines = [f"missing: {' '.join(r)}" for r in (expected - found).elements()]
    lines += [f"not expected: {' '.join(r)}" for r in (found - expected).elements()]
    return "\n".join(["", *lines])


def test_every_folder_of_fixtures_belongs_to_a_rule() -> None:
    folders = {
        path.name for path in FIXTURES.iterdir() if path.is_dir() and path.name != "__pycache__"
    }
    assert folders - {local_name(rule) for rule in rules()} == set()
