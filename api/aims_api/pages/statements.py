"""All that is said of a thing and all that points to it, as people read it."""

from dataclasses import dataclass
from typing import Final

from pyoxigraph import Literal, NamedNode

from aims_api.evaluation import Snapshot
from aims_api.pages.links import Link, Links
from aims_graph.columns.reader import Reader, Term, local_name
from aims_graph.vocabulary import AIMS, DCT, OWL, RDF, RDFS

#: Properties that come first.
_FIRST: Final = (
    NamedNode(DCT + "description"),
    NamedNode(DCT + "identifier"),
    NamedNode(AIMS + "owner"),
)
_TYPE: Final = NamedNode(RDF + "type")
_LABEL: Final = NamedNode(RDFS + "label")
_INVERSE: Final = NamedNode(OWL + "inverseOf")
#: Values that one row shows.
MOST: Final = 100


@dataclass(frozen=True, slots=True)
class Row:
    """One property; ``more`` values are not shown."""

    name: str
    values: list[Link]
    more: int


def said(snapshot: Snapshot, links: Links, node: Term) -> list[Row]:
    """What the data say of the node, by property."""
    reader, rows = snapshot.reader, []
    for predicate in reader.predicates():
        if predicate not in (_TYPE, _LABEL):
            values = reader.objects(node, predicate)
            if values:
                row = _row(links, property_label(reader, predicate), values)
                rows.append((_place(predicate, values), row))
    return [row for _, row in sorted(rows, key=lambda pair: (pair[0], pair[1].name.casefold()))]


def _place(predicate: NamedNode, values: list[Term]) -> int:
    """What it is and who owns it comes first, then its own details, then what it leads to."""
    if predicate in _FIRST:
        return _FIRST.index(predicate)
    leads_on = any(
        not isinstance(v, Literal) and not str(v).startswith("<" + AIMS) for v in values[:MOST]
    )
    return len(_FIRST) + leads_on


def pointing(snapshot: Snapshot, links: Links, node: Term) -> list[Row]:
    """What is said of others with the node as value, each property read backwards."""
    reader, rows = snapshot.reader, []
    for predicate in reader.predicates():
        if predicate != _TYPE:
            values = reader.subjects(predicate, node)
            if values:
                rows.append(_row(links, inverse_label(reader, predicate), values))
    return sorted(rows, key=lambda row: row.name.casefold())


def _row(links: Links, name: str, values: list[Term]) -> Row:
    shown = sorted((links.to(value) for value in values[:MOST]), key=lambda link: link.text)
    return Row(name, shown, max(0, len(values) - MOST))


def property_label(reader: Reader, predicate: NamedNode) -> str:
    return reader.label(predicate) or local_name(predicate)


def inverse_label(reader: Reader, predicate: NamedNode) -> str:
    for inverse in (*reader.objects(predicate, _INVERSE), *reader.subjects(_INVERSE, predicate)):
        if isinstance(inverse, NamedNode):
            return property_label(reader, inverse)
    return f"named as “{property_label(reader, predicate)}” in"


def classes(reader: Reader, node: Term) -> list[str]:
    return sorted(
        reader.label(cls)
        for cls in reader.types(node)
        if isinstance(cls, NamedNode) and not cls.value.startswith(OWL)
    )
