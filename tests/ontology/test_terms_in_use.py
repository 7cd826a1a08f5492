"""Every term that shapes, queries, examples, mappings, fixtures and the engine name is declared: finds typos."""

import re
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest

from aims_graph.vocabulary import AIMS, ISO42001, RDF, RDFS

FOLDERS = ("ontology", "shapes", "queries", "examples", "tests/shapes", "tests/queries", "api")
DECLARED_ELSEWHERE = re.compile(r"https://w3id\.org/aims-graph/(?:ns|iso42001)#$")
IN_TEXT = re.compile(
    r"(?:(?<![\w<:-])(?P<prefix>aims|iso42001):|https://w3id\.org/aims-graph/(?P<space>ns|iso42001)#)"
    r"(?P<name>[A-Za-z0-9](?:[\w.\\-]*\w)?)"
)
IN_ENGINE = re.compile(r"\bAIMS \+ \"(\w+)\"")
NAMESPACES = {"aims": AIMS, "ns": AIMS, "iso42001": ISO42001}


def terms_of_text(text: str) -> Iterator[str]:
    for match in IN_TEXT.finditer(text):
        name = match["name"].replace("\\", "")  # dots may be escaped
        yield NAMESPACES[match["prefix"] or match["space"]] + name


def terms_of_turtle(path: Path) -> Iterator[str]:
    for quad in ox.parse(path=path, format=ox.RdfFormat.TURTLE):
        for term in (quad.subject, quad.predicate, quad.object):
            if isinstance(term, ox.NamedNode) and term.value.startswith((AIMS, ISO42001)):
                yield term.value
            elif isinstance(term, ox.Literal):  # queries inside shapes
                yield from terms_of_text(term.value)


def terms_of(path: Path) -> Iterator[str]:
    if path.suffix == ".ttl":
        yield from terms_of_turtle(path)
    elif path.suffix == ".py":
        yield from (AIMS + name for name in IN_ENGINE.findall(path.read_text("utf-8")))
    else:
        yield from terms_of_text(path.read_text("utf-8"))


@pytest.fixture(scope="session")
def declared(every_file: list[Path]) -> set[str]:
    """What an ontology file gives a type; an instance in an example does not declare a term."""
    rdf_type = ox.NamedNode(RDF + "type")
    return {
        quad.subject.value
        for path in every_file
        for quad in ox.parse(path=path, format=ox.RdfFormat.TURTLE)
        if quad.predicate == rdf_type and isinstance(quad.subject, ox.NamedNode)
    }


def files_in_use(root: Path) -> list[Path]:
    suffixes = {".ttl", ".rq", ".ru", ".yaml", ".yml", ".trig", ".jsonld"}
    files = [
        path
        for folder in FOLDERS
        for path in sorted((root / folder).rglob("*"))
        if path.suffix in suffixes and path.is_file()
    ]
    return files + sorted((root / "aims_graph").rglob("*.py"))


def test_every_term_in_use_is_declared(root: Path, declared: set[str]) -> None:
    unknown = sorted(
        {
            f"{path.relative_to(root)}: {term}"
            for path in files_in_use(root)
            for term in terms_of(path)
            if term not in declared and not DECLARED_ELSEWHERE.match(term)
        }
    )
    assert unknown == []


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("SELECT ?x { ?x aims:hasRiks ?y }", AIMS + "hasRiks"),
        ("property: aims:hasRiks\n", AIMS + "hasRiks"),
        ("VALUES ?c { iso42001:6.1.5 }", ISO42001 + "6.1.5"),
        (r"VALUES ?c { iso42001:A.6\.2\.9 }", ISO42001 + "A.6.2.9"),
        (f"<{AIMS}hasRiks> a ?x .", AIMS + "hasRiks"),
        ("?x aims:owner/^aims:owns iso42001:4.1.", ISO42001 + "4.1"),
    ],
)
def test_terms_are_found_in_text(text: str, term: str, declared: set[str]) -> None:
    found = set(terms_of_text(text))
    assert term in found
    assert {name for name in found if name not in declared} <= {term}


def test_a_misspelt_term_in_a_query_inside_a_shape_is_found(tmp_path: Path) -> None:
    path = tmp_path / "shape.ttl"
    path.write_text(f'<urn:s> <{RDFS}comment> "SELECT $this {{ $this aims:hasRiks ?r }}" .')
    assert list(terms_of(path)) == [AIMS + "hasRiks"]
