"""The oracle judges SHACL-SPARQL by the reference evaluator, and agrees with the columns."""

from collections import Counter
from pathlib import Path

import pytest

from aims_graph.columns import load
from aims_graph.shacl import ValidationReport, validate

PREFIX = """
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix ex: <http://example.org/> .
"""
DATA = """
ex:a a ex:T ; ex:p ex:b, 1 ; ex:q ex:c .
ex:b a ex:T ; ex:p ex:b .
ex:c a ex:T .
"""
TARGET = PREFIX + "ex:S a sh:NodeShape ; sh:targetClass ex:T ; "
PROPERTY = "sh:property [ sh:path ex:p ; sh:sparql [ sh:select "
SHAPES = {
    "node": TARGET
    + 'sh:sparql [ sh:select "SELECT $this ?value { $this <http://example.org/p> ?value }" ] .',
    "no value": TARGET
    + """sh:sparql [ sh:select
        "SELECT $this { FILTER NOT EXISTS { $this <http://example.org/p> ?x } }" ] .""",
    "path": TARGET
    + """sh:sparql [ sh:select "SELECT $this ?path ?value { $this ?path ?value }" ] .""",
    "property": TARGET + PROPERTY + '"SELECT $this ?value { $this $PATH ?value }" ] ] .',
}


def results(report: ValidationReport) -> Counter[tuple[object, ...]]:
    return Counter((r.focus, r.shape, r.component, str(r.path), r.value) for r in report.results)


@pytest.mark.parametrize("name", SHAPES)
def test_the_oracle_finds_what_the_columns_find(name: str, tmp_path: Path) -> None:
    data, shapes = tmp_path / "data.ttl", tmp_path / "shapes.ttl"
    data.write_text(PREFIX + DATA)
    shapes.write_text(SHAPES[name])
    expected = results(validate(load([data]), load([shapes]), engine="scalar"))
    found = results(validate(load([data]), load([shapes])))
    assert sum(expected.values()) > 0
    assert found == expected
