"""Quads as they are gathered, each once, in the order in which they were said."""

from collections.abc import Iterable

import pyoxigraph as ox

from aims_graph.ingest.report import IngestReport
from aims_graph.vocabulary import RDF

_TYPE = RDF + "type"


class Graph:
    def __init__(self) -> None:
        self.report = IngestReport()
        self._quads: dict[ox.Quad, None] = {}

    def __len__(self) -> int:
        return len(self._quads)

    def add(
        self, subject: ox.NamedNode, predicate: ox.NamedNode, obj: ox.NamedNode | ox.Literal
    ) -> None:
        self._quads[ox.Quad(subject, predicate, obj)] = None

    def extend(self, quads: Iterable[ox.Quad]) -> None:
        self._quads.update(dict.fromkeys(quads))

    def types(self) -> dict[str, set[str]]:
        """Classes of each node that has any."""
        found: dict[str, set[str]] = {}
        for quad in self._quads:
            subject, class_ = quad.subject, quad.object
            if (
                quad.predicate.value == _TYPE
                and isinstance(subject, ox.NamedNode)
                and isinstance(class_, ox.NamedNode)
            ):
                found.setdefault(subject.value, set()).add(class_.value)
        return found

    def finish(self) -> list[ox.Quad]:
        """The quads; completes the counts of the report."""
        counts: dict[str, int] = {}
        for quad in self._quads:
            if quad.predicate.value == _TYPE and isinstance(quad.object, ox.NamedNode):
                counts[quad.object.value] = counts.get(quad.object.value, 0) + 1
        self.report.entities = counts
        self.report.triples = len(self._quads)
        return list(self._quads)
