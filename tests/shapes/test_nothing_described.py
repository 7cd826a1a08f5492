"""Silence is never conformity: what is not described at all does not meet a requirement."""

from functools import cache

import pyoxigraph
import pytest
from pyoxigraph import NamedNode
from rdflib import DCTERMS, RDF, URIRef
from rule_files import AIMS, ONTOLOGY, ROOT, SHAPES, local_name, ontology, rules, shapes

from aims_graph.columns import Columns, load
from aims_graph.shacl import ValidationReport, validate

AS_OF = f'<{AIMS}evaluation> <{AIMS}asOf> "2026-06-30"^^<http://www.w3.org/2001/XMLSchema#date> .'


@cache
def _all_rules() -> Columns:
    return load(sorted((ROOT / "shapes").glob("*.ttl")))


def _report(turtle: str) -> ValidationReport:
    parsed = pyoxigraph.parse(AS_OF + turtle, format=pyoxigraph.RdfFormat.TURTLE)
    triples = [(quad.subject, quad.predicate, quad.object) for quad in parsed]
    return validate(load(ONTOLOGY).with_change(triples, ()), _all_rules())


def test_an_empty_graph_lacks_a_management_system() -> None:
    found = [(result.focus, result.shape) for result in _report("").results]
    assert found == [
        (NamedNode(AIMS + "AIManagementSystem"), NamedNode(SHAPES + "AnAimsIsDescribed"))
    ]


@pytest.mark.parametrize("kind", ["RequirementClause", "AnnexAControl"])
def test_a_management_system_without_any_content_meets_no_requirement(kind: str) -> None:
    report = _report(f"<https://example.org/shop/aims> a <{AIMS}AIManagementSystem> .")
    failing = {result.shape for result in report.results}
    requirements = set(ontology().subjects(RDF.type, URIRef(AIMS + kind)))
    met = [
        local_name(requirement)
        for requirement in requirements
        if (judged := [rule for rule in _rules_of(requirement) if report.focus_nodes.get(rule)])
        and not failing & set(judged)
    ]
    assert sorted(met) == []


def _rules_of(requirement: object) -> list[NamedNode]:
    return [
        NamedNode(str(rule)) for rule in rules() if (rule, DCTERMS.source, requirement) in shapes()
    ]
