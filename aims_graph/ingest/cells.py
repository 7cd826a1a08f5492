"""One cell, one property of a mapping: the terms it stands for, or why there are none."""

import re
from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox

from aims_graph.columns.lexical import read_value
from aims_graph.ingest.dates import DateRule, read_date
from aims_graph.ingest.iris import Term, cell_iri
from aims_graph.ingest.mapping import PropertyMapping
from aims_graph.ingest.tables import Cell
from aims_graph.ingest.transforms import CellError
from aims_graph.vocabulary import XSD

_NUMBERS: Final = frozenset(
    XSD + name
    for name in (
        "integer",
        "decimal",
        "double",
        "float",
        "int",
        "long",
        "short",
        "byte",
        "nonNegativeInteger",
        "positiveInteger",
        "unsignedInt",
        "unsignedLong",
    )
)
_THOUSANDS: Final = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_BOOLEANS: Final = {
    "true": "true", "yes": "true", "y": "true", "1": "true",
    "false": "false", "no": "false", "n": "false", "0": "false",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Value:
    """``note`` says what the term does not keep of the text."""

    term: Term
    note: str | None = None


def cell_texts(cell: Cell, prop: PropertyMapping, blanks: frozenset[str]) -> list[str]:
    """The trimmed, non-blank texts of a cell after the transforms. Raises CellError."""
    parts = [cell] if isinstance(cell, str) else list(cell)
    texts = [text for text in parts if not _is_blank(text, prop, blanks)]
    for transform in prop.transforms:
        texts = transform(texts)
    return [text.strip() for text in texts if not _is_blank(text, prop, blanks)]


def _is_blank(text: str, prop: PropertyMapping, blanks: frozenset[str]) -> bool:
    bare = text.strip()
    return bare in blanks or bare in prop.blanks


def make_value(text: str, prop: PropertyMapping) -> Value:
    """The literal or IRI for a text. Raises CellError."""
    datatype = prop.datatype
    if datatype is None:
        return Value(ox.Literal(text, language=prop.language))
    if datatype == "iri":
        iri = cell_iri(text)
        if iri is None:
            raise CellError("is no IRI (http, https, urn or mailto)")
        return Value(iri)
    if datatype in (XSD + "date", XSD + "dateTime"):
        rule = prop.date or DateRule()
        found = read_date(text, rule, with_time=datatype == XSD + "dateTime")
        if isinstance(found, str):
            raise CellError(found)
        return Value(found.literal, found.note)
    return Value(ox.Literal(_lexical(text, datatype), datatype=ox.NamedNode(datatype)))


def _lexical(text: str, datatype: str) -> str:
    if datatype == XSD + "boolean":
        found = _BOOLEANS.get(text.lower())
        if found is None:
            raise CellError("is neither true nor false")
        return found
    if datatype == XSD + "anyURI":
        if cell_iri(text) is None:
            raise CellError("is no address (http, https, urn or mailto)")
        return text
    if datatype in _NUMBERS and _THOUSANDS.fullmatch(text):
        text = text.replace(",", "")
    if read_value(datatype, text) is None:
        raise CellError(f"is no xsd:{datatype.removeprefix(XSD)}")
    return text
