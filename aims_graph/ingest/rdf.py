"""Reads RDF files as quads. The checks, and the errors with their places, are those of columns."""

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pyoxigraph as ox

from aims_graph.columns import Columns, load
from aims_graph.columns.lexical import read_value
from aims_graph.columns.parse import FORMATS


def is_rdf(path: Path) -> bool:
    return path.suffix.lower() in FORMATS


def read_rdf(path: Path, *, tell: Callable[[int, int], None] | None = None) -> list[ox.Quad]:
    """The quads of the file, each once. The same content always gives the same blank node labels,
    and other content gives others, so a file can be read again without its blank nodes doubling.

    Raises InputError with line and column.
    """
    columns = load([path], tell=tell)  # refuses what the parser must not see
    labels = _Labels(path.read_bytes())
    return list(dict.fromkeys(_quads(path, columns, labels)))


def ill_typed(quads: list[ox.Quad]) -> int:
    """How many literals have a form that their datatype does not know."""
    found = {quad.object for quad in quads if isinstance(quad.object, ox.Literal)}
    return sum(
        1
        for literal in found
        if literal.language is None and read_value(literal.datatype.value, literal.value) is None
    )


class _Labels(dict[ox.BlankNode, ox.BlankNode]):
    """Numbers blank nodes as they are first met, below a digest of the file."""

    def __init__(self, data: bytes) -> None:
        super().__init__()
        self.stem = hashlib.sha256(data).hexdigest()[:16]

    def __missing__(self, node: ox.BlankNode) -> ox.BlankNode:
        made = self[node] = ox.BlankNode(f"b{self.stem}n{len(self)}")
        return made


def _quads(path: Path, columns: Columns, labels: _Labels) -> Iterator[ox.Quad]:
    syntax = FORMATS[path.suffix.lower()]
    if syntax.supports_datasets:  # columns know no graph names
        found = iter(ox.parse(path.read_bytes(), format=syntax))
    else:
        found = (ox.Quad(*triple) for triple in columns.triples())  # type: ignore[arg-type]  # subjects are no literals
    for quad in found:
        subject, obj, graph = quad.subject, quad.object, quad.graph_name
        yield ox.Quad(
            labels[subject] if isinstance(subject, ox.BlankNode) else subject,
            quad.predicate,
            labels[obj] if isinstance(obj, ox.BlankNode) else obj,
            labels[graph] if isinstance(graph, ox.BlankNode) else graph,
        )
