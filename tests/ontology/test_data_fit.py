"""Examples and conforming fixtures use properties as the ontology means them, so that inference adds no false type."""

from collections import defaultdict
from pathlib import Path

import pytest
import rdflib
from rdflib import RDF, RDFS

from aims_graph.resources import ontology_files
from aims_graph.vocabulary import AIMS, XSD

SCHEMA = rdflib.Namespace("https://schema.org/")
DECIMAL = {rdflib.URIRef(XSD + "integer")}


@pytest.fixture(scope="module")
def ontology() -> rdflib.Graph:
    graph = rdflib.Graph()
    for path in ontology_files():
        graph.parse(path)
    return graph


def misfits(data: rdflib.Graph, ontology: rdflib.Graph) -> list[str]:
    """Statements whose subject or value has types, and none that the property is meant for."""

    def types(thing: rdflib.term.Node) -> set[rdflib.term.Node]:
        stated = {*data.objects(thing, RDF.type), *ontology.objects(thing, RDF.type)}
        return {
            top for kind in stated for top in ontology.transitive_objects(kind, RDFS.subClassOf)
        }

    hints: dict[tuple[rdflib.term.Node, rdflib.term.Node], set[rdflib.term.Node]] = defaultdict(set)
    for hint in (SCHEMA.domainIncludes, SCHEMA.rangeIncludes):
        for prop, kind in ontology.subject_objects(hint):
            hints[prop, hint].add(kind)
    found = []
    for subject, prop, value in data:
        domain = hints.get((prop, SCHEMA.domainIncludes))
        if domain and types(subject) and not types(subject) & domain:
            found.append(f"{subject} has {prop}")
        meant = hints.get((prop, SCHEMA.rangeIncludes))
        if not meant:
            continue
        if isinstance(value, rdflib.Literal):
            datatype = value.datatype or (RDF.langString if value.language else None)
            kind = datatype or rdflib.URIRef(XSD + "string")
            if kind not in meant and not (
                kind in DECIMAL and rdflib.URIRef(XSD + "decimal") in meant
            ):
                found.append(f"{prop} has the value {value.n3()}")
        elif types(value) and not types(value) & meant:
            found.append(f"{prop} has the value {value}")
    return found


def test_examples_and_conforming_fixtures_fit(root: Path, ontology: rdflib.Graph) -> None:
    files = [
        *sorted((root / "examples").rglob("*.ttl")),
        *sorted((root / "tests/shapes").rglob("conforms.ttl")),
    ]
    found = [
        f"{path.relative_to(root)}: {text}"
        for path in files
        for text in misfits(rdflib.Graph().parse(path), ontology)
    ]
    assert found == []


@pytest.mark.parametrize(
    "statement",
    [
        "x:a a aims:Person ; aims:hasBiasAudit x:b .",
        "x:a aims:owner x:b . x:b a aims:Dataset .",
        'x:a aims:dueDate "2026-06-30T00:00:00"^^<http://www.w3.org/2001/XMLSchema#dateTime> .',
        'x:a aims:rank "high" .',
    ],
)
def test_a_misuse_is_found(statement: str, ontology: rdflib.Graph) -> None:
    prefixes = f"@prefix aims: <{AIMS}> . @prefix x: <urn:x#> .\n"
    data = rdflib.Graph().parse(data=prefixes + statement, format="turtle")
    assert misfits(data, ontology)
