"""Reads RDF files as quads: no network, no DOCTYPE, nothing that the parser cannot bear."""

import hashlib
from pathlib import Path
from typing import Final
from xml.parsers import expat

import pyoxigraph as ox

from aims_graph.columns.lexical import read_value
from aims_graph.columns.parse import FORMATS
from aims_graph.errors import InputError
from aims_graph.ingest.rdf_guard import check_rdf

_KINDS: Final = {
    ".ttl": "turtle",
    ".trig": "turtle",
    ".nt": "lines",
    ".nq": "lines",
    ".jsonld": "json",
    ".json": "json",
    ".rdf": "xml",
    ".owl": "xml",
    ".xml": "xml",
}


def is_rdf(path: Path) -> bool:
    return path.suffix.lower() in _KINDS


def read_rdf(path: Path, *, base: str | None = None) -> list[ox.Quad]:
    """All quads of the file. The same content always gives the same blank node labels, and other
    content gives others, so a file can be read again without its blank nodes doubling.

    Raises InputError with line and column.
    """
    suffix = path.suffix.lower()
    kind = _KINDS.get(suffix)
    if kind is None:
        raise InputError(
            f"the ending {path.suffix!r} is no RDF format",
            file=path,
            hint=f"Known endings: {', '.join(_KINDS)}.",
        )
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", file=path) from error
    check_rdf(data, path, kind)
    quads = []
    labels = _Labels(data)
    try:
        for quad in ox.parse(data, format=FORMATS[suffix], base_iri=base or _base(path)):
            subject, obj = quad.subject, quad.object
            if isinstance(obj, ox.Triple) or (isinstance(obj, ox.Literal) and obj.direction):
                raise InputError("RDF 1.2 terms are not supported", file=path)
            quads.append(
                ox.Quad(
                    labels[subject] if isinstance(subject, ox.BlankNode) else subject,
                    quad.predicate,
                    labels[obj] if isinstance(obj, ox.BlankNode) else obj,
                    labels[quad.graph_name]
                    if isinstance(quad.graph_name, ox.BlankNode)
                    else quad.graph_name,
                )
            )
    except SyntaxError as error:
        line, column = error.lineno, error.offset
        if line is None and kind == "xml":
            line, column = _xml_place(data)
        raise InputError(_plain(error.msg), file=path, line=line, column=column) from error
    return quads


def ill_typed(quads: list[ox.Quad]) -> int:
    """How many literals have a form that their datatype does not know."""
    found = {quad.object for quad in quads if isinstance(quad.object, ox.Literal)}
    return sum(
        1
        for literal in found
        if literal.language is None and read_value(literal.datatype.value, literal.value) is None
    )


class _Labels(dict[ox.BlankNode, ox.BlankNode]):
    def __init__(self, data: bytes) -> None:
        super().__init__()
        self.stem = hashlib.sha256(data).hexdigest()[:16]

    def __missing__(self, node: ox.BlankNode) -> ox.BlankNode:
        made = self[node] = ox.BlankNode(f"b{self.stem}n{len(self)}")
        return made


def _base(path: Path) -> str:
    """Relative IRIs resolve against the file name only: where a file lies says nothing."""
    return f"file:///{path.name}" if path.name.isascii() and " " not in path.name else "file:///"


def _plain(message: str) -> str:
    """The parser's words without the place, which stands before them already."""
    _, colon, rest = message.partition(": ")
    text = rest if colon and message.startswith("Parser error") else message
    return text.rsplit(" (line ", 1)[0]


def _xml_place(data: bytes) -> tuple[int | None, int | None]:
    parser = expat.ParserCreate()
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        return error.lineno, error.offset + 1
    return None, None
