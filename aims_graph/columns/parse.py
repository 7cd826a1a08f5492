"""Checked parse of RDF files."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from pyoxigraph import BlankNode, Literal, RdfFormat, Triple as QuotedTriple, parse

from aims_graph.errors import InputError

from .terms import Triple

FORMATS: Final = {
    ".ttl": RdfFormat.TURTLE,
    ".trig": RdfFormat.TRIG,
    ".nt": RdfFormat.N_TRIPLES,
    ".nq": RdfFormat.N_QUADS,
    ".jsonld": RdfFormat.JSON_LD,
    ".json": RdfFormat.JSON_LD,
    ".rdf": RdfFormat.RDF_XML,
    ".owl": RdfFormat.RDF_XML,
    ".xml": RdfFormat.RDF_XML,
}


def parse_file(path: Path, *, base: str | None = None) -> Iterator[Triple]:
    format = FORMATS.get(path.suffix.lower())
    if format is None:
        raise InputError(f"unknown RDF file extension {path.suffix!r}", file=path)
    renamed: dict[BlankNode, BlankNode] = {}
    try:
        for quad in parse(path.read_bytes(), format=format, base_iri=base):
            subject, object = quad.subject, quad.object
            if isinstance(object, QuotedTriple) or (
                isinstance(object, Literal) and object.direction is not None
            ):
                raise InputError("RDF 1.2 terms are not supported", file=path)
            if isinstance(subject, BlankNode):
                subject = renamed.setdefault(subject, BlankNode())
            if isinstance(object, BlankNode):
                object = renamed.setdefault(object, BlankNode())
            yield subject, quad.predicate, object
    except SyntaxError as error:
        raise InputError(error.msg, file=path, line=error.lineno, column=error.offset) from None
