"""The W3C SHACL test suite: conforms flag, multiset of results and the sh:resultMessage asked for.

Every file is parsed once, so that blank nodes in the expected report are those of data and shapes.
"""

from collections import Counter
from functools import cache
from pathlib import Path
from unittest import mock
from urllib.parse import unquote, urlsplit

import pytest
from pyoxigraph import NamedNode

from aims_graph.columns import Columns
from aims_graph.errors import InputError
from aims_graph.shacl import validate
from aims_graph.shacl.graph import ShapesGraph
from aims_graph.shacl.names import RDF_TYPE, TRUE, sh
from aims_graph.shacl.paths import parse_path
from aims_graph.shacl.sparql import shapes as sparql_shapes

MF = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
SHT = "http://www.w3.org/ns/shacl-test#"
FAILURE = NamedNode(SHT + "Failure")

CORE, SPARQL = 98, 22


@cache
def read(path: Path) -> ShapesGraph:
    return ShapesGraph(Columns.from_files([path], base=path.as_uri()))


def file_of(iri: NamedNode) -> Path:
    return Path(unquote(urlsplit(iri.value).path))


def find_tests(manifest: Path) -> list[tuple[Path, NamedNode]]:
    graph = read(manifest)
    found = []
    for _, entries in graph.pairs(NamedNode(MF + "entries")):
        found += [(manifest, entry) for entry in graph.members(entries)]
    for _, included in graph.pairs(NamedNode(MF + "include")):
        found += find_tests(file_of(included))
    return found


def one(graph, subject, predicate):
    (found,) = graph.objects(subject, predicate)
    return found


def optional(graph, subject, predicate):
    found = graph.objects(subject, predicate)
    return found[0] if found else None


def expected_results(graph, report):
    for node in graph.objects(report, sh("result")):
        path = optional(graph, node, sh("resultPath"))
        yield (
            one(graph, node, sh("focusNode")),
            None if path is None else str(parse_path(graph, path)),
            one(graph, node, sh("sourceConstraintComponent")),
            optional(graph, node, sh("value")),
            one(graph, node, sh("resultSeverity")),
            one(graph, node, sh("sourceShape")),
        )


def actual_results(report):
    for result in report.results:
        path = None if result.path is None else str(result.path)
        yield (result.focus, path, result.component, result.value, result.severity, result.shape)


def check(manifest: Path, test: NamedNode, engine: str) -> None:
    graph = read(manifest)
    action, expected = (one(graph, test, NamedNode(MF + name)) for name in ("action", "result"))
    data, shapes = (
        read(file_of(one(graph, action, NamedNode(SHT + name))))
        for name in ("dataGraph", "shapesGraph")
    )
    if expected == FAILURE:
        with pytest.raises(InputError):
            validate(data.columns, shapes.columns, engine=engine)
        return
    report = validate(data.columns, shapes.columns, engine=engine)
    wanted, found = Counter(expected_results(graph, expected)), Counter(actual_results(report))
    assert found == wanted
    assert report.conforms == (one(graph, expected, sh("conforms")) == TRUE)
    messages = [
        m
        for node in graph.objects(expected, sh("result"))
        for m in graph.objects(node, sh("resultMessage"))
    ]
    assert set(messages) <= {message for result in report.results for message in result.messages}
    assert_report_is_complete(report)


def assert_report_is_complete(report) -> None:
    """The RDF form holds as many results as the report, with paths that can be read back."""
    triples = [(t.subject, t.predicate, t.object) for t in report.to_triples()]
    graph = ShapesGraph(Columns.from_triples(triples))
    (top,) = (node for node, kind in graph.pairs(RDF_TYPE) if kind == sh("ValidationReport"))
    nodes = graph.objects(top, sh("result"))
    assert len(nodes) == len(report.results)
    paths = Counter(
        str(parse_path(graph, p)) for n in nodes for p in graph.objects(n, sh("resultPath"))
    )
    assert paths == Counter(str(r.path) for r in report.results if r.path is not None)


def suite(part: str) -> list:
    import os

    root = Path(__file__).resolve().parents[2]
    folder = Path(os.environ.get("AIMS_SHARED", root.parent / "shared")) / "w3c-shacl" / part
    if not folder.is_dir():
        return [
            pytest.param(
                None, None, marks=pytest.mark.skip(reason=f"W3C suite not found at {folder}")
            )
        ]
    return [
        pytest.param(manifest, test, id=f"{manifest.parent.name}/{manifest.stem}")
        for manifest, test in find_tests(folder / "manifest.ttl")
    ]


@pytest.mark.parametrize("engine", ["columns", "scalar"])
@pytest.mark.parametrize(("manifest", "test"), suite("core"))
def test_core(manifest, test, engine):
    check(manifest, test, engine)


@pytest.mark.parametrize(("manifest", "test"), suite("sparql"))
def test_sparql(manifest, test):
    check(manifest, test, "columns")


@pytest.mark.parametrize(("manifest", "test"), suite("sparql"))
def test_sparql_on_oxigraph(manifest, test):
    """The same with every query on the Oxigraph copy."""
    with mock.patch.object(sparql_shapes, "reasons", return_value=("forced",)):
        check(manifest, test, "columns")


@pytest.mark.parametrize(("part", "number"), [("core", CORE), ("sparql", SPARQL)])
def test_the_whole_suite_is_run(shared, part, number):
    assert len(find_tests(shared / "w3c-shacl" / part / "manifest.ttl")) == number
