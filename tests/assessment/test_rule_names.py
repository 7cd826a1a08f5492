"""Shapes without IRI are called the same in every run, and their findings keep their fingerprints."""

import json
from datetime import date
from xml.etree import ElementTree as ET

import pytest
from pyoxigraph import RdfFormat, parse

from aims_graph.assessment import Assessment, evaluate
from aims_graph.columns import Columns, load
from aims_graph.report import FORMATS

PREFIXES = """
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix ex: <https://shop.example/> .
"""
DATA = "ex:a a ex:System ; ex:name 'a', 'b' ; ex:part [ ex:size 1 ] ."
SHAPES = """
ex:SystemShape a sh:NodeShape ; sh:targetClass ex:System ;
  sh:property [ sh:path ex:owner ; sh:minCount 1 ; sh:message "Name an owner" ] ;
  sh:property [ sh:path ex:name ; sh:maxCount 1 ] ;
  sh:property [ sh:path ( ex:part [ sh:inversePath ex:part ] ) ; sh:maxCount 0 ] ;
  sh:property [ sh:path ex:part ; sh:property [ sh:path ex:weight ; sh:minCount 1 ] ] .
[] a sh:NodeShape ; sh:targetClass ex:System ; sh:property [ sh:path ex:due ; sh:minCount 1 ] .
"""
NAMES = [
    "SystemShape.name",
    "SystemShape.owner",
    "SystemShape.part.^part",
    "SystemShape.part.weight",
    "System.due",
]


def read(text: str) -> Columns:
    quads = parse(PREFIXES + text, format=RdfFormat.TURTLE)
    return Columns.from_triples((quad.subject, quad.predicate, quad.object) for quad in quads)


def assess(shapes: Columns, data: str = DATA) -> Assessment:
    return evaluate(read(data), as_of=date(2026, 1, 1), ontology=read(""), shapes=shapes)


def fingerprints(assessment: Assessment) -> dict[str, str]:
    return {finding.rule.name: finding.fingerprint for finding in assessment.findings}


def test_a_shape_without_iri_is_called_by_its_owner_and_path() -> None:
    assessment = assess(read(SHAPES))
    assert sorted(finding.rule.name for finding in assessment.findings) == sorted(NAMES)


def test_another_place_in_the_file_changes_neither_name_nor_fingerprint(tmp_path) -> None:
    # As files are read, nodes are numbered in the order they are met.
    found = []
    for number, text in enumerate(
        (
            SHAPES,
            "[] a sh:NodeShape ; sh:targetClass ex:Other ; sh:property [ sh:path ex:x ; sh:minCount 1 ] ."
            + SHAPES.replace("Name an owner", "Say whose it is"),
        )
    ):
        file = tmp_path / f"{number}.ttl"
        file.write_text(PREFIXES + text)
        found.append(fingerprints(assess(load([file]))))
    assert found[0] == found[1]
    assert len(set(found[0].values())) == len(NAMES)


def test_blank_nodes_of_the_data_with_the_same_label_are_no_part_of_it(tmp_path) -> None:
    file = tmp_path / "shapes.ttl"
    file.write_text(PREFIXES + SHAPES)
    shapes = load([file])
    before = fingerprints(assess(shapes))
    labels = " ".join(f"_:g-{number} ex:note 'other' ." for number in range(1, 12))
    assert fingerprints(assess(shapes, DATA + labels)) == before


TWINS = """
ex:SystemShape a sh:NodeShape ; sh:targetClass ex:System ;
  sh:property [ sh:path ex:name ; sh:pattern "^x" ; sh:message "Begin with x" ] ;
  sh:property [ sh:path ex:name ; sh:pattern "y$" ; sh:message "End with y" ] .
"""


def test_two_shapes_with_one_path_are_told_apart_by_what_they_say() -> None:
    first = assess(read(TWINS))
    assert sorted(f.message for f in first.findings) == ["Begin with x"] * 2 + ["End with y"] * 2
    assert len({f.rule.name for f in first.findings}) == 2
    assert all(f.rule.name.startswith("SystemShape.name~") for f in first.findings)
    swapped = read(TWINS.replace('"^x"', "@").replace('"y$"', '"^x"').replace("@", '"y$"'))
    assert fingerprints(assess(swapped)) == fingerprints(first)


@pytest.mark.parametrize("name", ["json", "sarif", "junit", "markdown"])
def test_no_report_shows_the_label_of_a_shape(name: str) -> None:
    assessment = assess(read(SHAPES))
    labels = {str(f.rule.shape) for f in assessment.findings}
    text = FORMATS[name](assessment)
    if name == "json":
        findings = json.loads(text)["findings"]
        assert sorted(f["rule"] for f in findings) == sorted(NAMES)
        return
    assert not any(label in text for label in labels)
    if name == "sarif":
        run = json.loads(text)["runs"][0]
        assert sorted(rule["id"] for rule in run["tool"]["driver"]["rules"]) == sorted(NAMES)
        assert sorted(result["ruleId"] for result in run["results"]) == sorted(NAMES)
    if name == "junit":
        (suite,) = ET.fromstring(text).iter("testsuite")
        assert sorted(case.get("name", "") for case in suite) == sorted(NAMES)
        assert suite.get("failures") == str(len(NAMES))
