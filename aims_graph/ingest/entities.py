"""Applies a mapping to tables: rows become nodes and quads."""

from collections.abc import Callable
from typing import Final, NamedTuple

import pyoxigraph as ox

from aims_graph.ingest.cells import cell_texts, make_value
from aims_graph.ingest.graph import Graph
from aims_graph.ingest.iris import Term
from aims_graph.ingest.mapping import (
    EntityMapping,
    Mapping,
    Meaning,
    NodeMapping,
    Outcome,
    PropertyMapping,
    SourceMapping,
)
from aims_graph.ingest.report import SourceReport
from aims_graph.ingest.rows import Place, RowReader, find_columns
from aims_graph.ingest.tables import Row, Table
from aims_graph.ingest.transforms import CellError
from aims_graph.vocabulary import AIMS, RDF

_TYPE: Final = ox.NamedNode(RDF + "type")
_COMPLETENESS: Final = ox.NamedNode(AIMS + "recordCompleteness")
_NOT_REPORTED: Final = ox.NamedNode(AIMS + "notReported")

#: Rows between two words on how far the work is.
_TOLD: Final = 100


def apply_static(mapping: Mapping, graph: Graph) -> None:
    for node in mapping.static:
        for predicate, terms in node.properties:
            for term in terms:
                graph.add(node.subject, predicate, term)


class FirstRow(NamedTuple):
    """The row that an id was first met in."""

    table: Table
    row: Row


Ids = dict[str, dict[ox.NamedNode, FirstRow]]


def apply_mapping(
    mapping: Mapping,
    source: SourceMapping,
    table: Table,
    graph: Graph,
    ids: Ids,
    tell: Callable[[int, int], None],
) -> None:
    """Adds what the rows of one table say. ``ids`` holds, by entity, the ids of the tables before;
    ``tell`` hears how many passes over a row of how many are done.

    Raises InputError where the mapping says ``error``.
    """
    report = SourceReport(
        table.file.name, table.format, source.name, table.encoding, len(table.rows)
    )
    graph.report.sources.append(report)
    for note in table.notes:
        graph.report.add_note(report.file, note)
    entities = [entity for entity in mapping.entities if entity.source == source.name]
    columns = find_columns(mapping, source, entities, table, report)
    rows = RowReader(mapping, source, table, columns)
    before = len(graph)
    passes = len(entities) * len(table.rows)
    for number, entity in enumerate(entities):
        seen = ids.setdefault(entity.name, {})
        run = _EntityRun(mapping, rows, entity, graph, report, seen)
        for place, row in enumerate(table.rows, number * len(table.rows)):
            run.take(row)
            if place % _TOLD == 0:
                tell(place, passes)
    report.triples = len(graph) - before


class _EntityRun:
    """One entity mapping over all rows of a table."""

    def __init__(
        self,
        mapping: Mapping,
        rows: RowReader,
        entity: EntityMapping,
        graph: Graph,
        report: SourceReport,
        seen: dict[ox.NamedNode, FirstRow],
    ) -> None:
        self.rows = rows
        self.entity = entity
        self.note = mapping.note
        self.completeness = mapping.completeness
        self.graph = graph
        self.report = report
        #: Ids of this entity in all tables of the call, with the first row of each.
        self.seen = seen
        self.once: set[tuple[ox.NamedNode, ox.NamedNode]] = set()

    def take(self, row: Row) -> None:
        if self.rows.holds(self.entity.when, row):
            subject = self.subject(row)
            if subject is not None:
                self.describe(subject, self.entity.node, row, Place(subject))

    # --- the node of a row

    def subject(self, row: Row) -> ox.NamedNode | None:
        file = self.report.file
        subject = self.rows.iri(self.entity.subject, row, Place(None))
        if subject is None and self.entity.fallback is not None:
            subject = self.rows.iri(self.entity.fallback, row, Place(None))
            self.graph.report.add_note(
                file, f"{self.entity.name}: the id is blank, made from the row", row.number
            )
        if subject is None:
            if self.entity.blank == "error":
                raise self.rows.error(
                    f"{self.entity.name}: the id is blank",
                    row,
                    hint="Fill it in, or give the subject a 'fallback' or 'blank: skip'.",
                )
            self.graph.report.add_note(
                file, f"{self.entity.name}: the id is blank, row not read", row.number
            )
            return None
        first = self.seen.get(subject)
        if first is None:
            self.seen[subject] = FirstRow(self.rows.table, row)
            return subject
        return self.repeated(subject, first, row)

    def repeated(self, subject: ox.NamedNode, first: FirstRow, row: Row) -> ox.NamedNode | None:
        policy, file = self.entity.duplicates, self.report.file
        if policy == "merge":
            return subject
        if policy == "skip":
            self.graph.report.add_note(
                file, f"{self.entity.name}: the id is taken, row not read", row.number
            )
            return None
        if policy == "suffix":
            number = 2
            while (made := ox.NamedNode(f"{subject.value}-{number}")) in self.seen:
                number += 1
            self.seen[made] = FirstRow(self.rows.table, row)
            self.graph.report.add_note(
                file, f"{self.entity.name}: the id is taken, a number was added", row.number
            )
            return made
        table = self.rows.table
        if first.table.header == table.header and list(first.row.cells) == list(row.cells):
            self.graph.report.add_note(
                file, f"{self.entity.name}: repeats an earlier row", row.number
            )
            return None
        before = dict(zip(first.table.header, first.row.cells, strict=True))
        differing = [
            name
            for name, cell in zip(table.header, row.cells, strict=True)
            if before.get(name, "") != cell
        ]
        here = row.line or row.number
        there = first.row.line or first.row.number
        elsewhere = "" if first.table is table else f" of {first.table.file.name}"
        lines = (
            f"line {here} and line {there}{elsewhere}" if elsewhere else f"lines {there} and {here}"
        )
        raise self.rows.error(
            f"{lines} have the same id ({subject.value}) and differ in {', '.join(differing[:5])}",
            row,
            hint="Mend the ids, or set 'duplicates' of the subject to skip, suffix or merge.",
        )

    # --- what a row says about a node

    def describe(self, subject: ox.NamedNode, node: NodeMapping, row: Row, place: Place) -> None:
        for class_ in node.types:
            self.graph.add(subject, _TYPE, class_)
            if self.completeness is not None and class_.value.startswith(AIMS):
                self.graph.add(subject, _COMPLETENESS, self.completeness)
        for prop in node.properties:
            if self.rows.holds(prop.when, row):
                self.say(subject, prop, row, place)

    def say(self, subject: ox.NamedNode, prop: PropertyMapping, row: Row, place: Place) -> None:
        if prop.constant:
            self.add(subject, prop, prop.constant)
            return
        if prop.column is None:
            terms = self.made(subject, prop, row, place)
            if not terms:
                self.blank(subject, prop, row)
            self.add(subject, prop, terms)
            return
        cell = self.rows.cell(row, prop.column)
        try:
            texts = cell_texts(cell, prop, self.rows.source.blanks)
        except CellError as error:
            shown = cell if isinstance(cell, str) else repr(list(cell))
            self.unknown(subject, prop, row, shown.strip(), str(error))
            return
        if not texts:
            if prop.values is not None and "" in prop.values:
                self.conclude(subject, prop, row, prop.values[""])
            else:
                self.blank(subject, prop, row)
        for text in texts:
            self.say_text(subject, prop, row, text)

    def say_text(self, subject: ox.NamedNode, prop: PropertyMapping, row: Row, text: str) -> None:
        if prop.iri or prop.template or prop.node:
            self.add(subject, prop, self.made(subject, prop, row, Place(subject, text)))
            return
        if prop.values is not None:
            if text in prop.values:
                self.conclude(subject, prop, row, prop.values[text])
            else:
                self.unknown(subject, prop, row, text, "is not in the list of values")
            return
        try:
            value = make_value(text, prop)
        except CellError as error:
            self.unknown(subject, prop, row, text, str(error))
            return
        self.add(subject, prop, (value.term,))
        if value.note is not None:
            assert prop.column is not None
            self.graph.report.add_note(self.report.file, f"{prop.column}: {value.note}", row.number)
            self.remark(subject, f"{prop.column} given as {text!r}: {value.note}")

    def made(
        self, subject: ox.NamedNode, prop: PropertyMapping, row: Row, place: Place
    ) -> tuple[Term, ...]:
        """What iri, template or node give; nothing when a cell they need is blank."""
        place = Place(subject, place.value)
        if prop.template is not None:
            text = prop.template.render(self.rows.lookup(row, place))
            return () if text is None else (ox.Literal(text, language=prop.language),)
        if prop.iri is not None:
            iri = self.rows.iri(prop.iri, row, place)
            return () if iri is None else (iri,)
        assert prop.node is not None
        if prop.node.subject is not None:
            inner = self.rows.iri(prop.node.subject, row, place)
        else:
            local = prop.predicate.value.replace("#", "/").rstrip("/").rpartition("/")[2]
            inner = ox.NamedNode(f"{subject.value}/{local}")
        if inner is None:
            return ()
        self.describe(inner, prop.node, row, Place(subject, place.value))
        return (inner,)

    def add(self, subject: ox.NamedNode, prop: PropertyMapping, terms: tuple[Term, ...]) -> None:
        for term in terms:
            if prop.once:
                if (subject, prop.predicate) in self.once:
                    continue
                self.once.add((subject, prop.predicate))
            if prop.inverse:
                if isinstance(term, ox.NamedNode):
                    self.graph.add(term, prop.predicate, subject)
            else:
                self.graph.add(subject, prop.predicate, term)

    def conclude(
        self,
        subject: ox.NamedNode,
        prop: PropertyMapping,
        row: Row,
        outcome: Outcome,
    ) -> None:
        if isinstance(outcome, tuple):
            self.add(subject, prop, outcome)
        elif outcome is Meaning.NOT_REPORTED:
            self.graph.add(subject, _NOT_REPORTED, prop.predicate)
            self.report.not_reported[prop.column or prop.predicate.value] += 1
        elif outcome is Meaning.ERROR:
            raise self.rows.error("the value is missing or not allowed", row, prop.column)

    def blank(self, subject: ox.NamedNode, prop: PropertyMapping, row: Row) -> None:
        self.conclude(subject, prop, row, prop.blank)

    def unknown(
        self, subject: ox.NamedNode, prop: PropertyMapping, row: Row, text: str, reason: str
    ) -> None:
        assert prop.column is not None
        if prop.unknown == "error":
            raise self.rows.error(f"{text[:100]!r} {reason}", row, prop.column)
        if prop.unknown == "keep":
            self.add(subject, prop, (ox.Literal(text, language=prop.language),))
            return
        self.graph.report.add_not_understood(
            self.report.file, prop.column, text, reason, row.number
        )
        self.remark(subject, f"{prop.column} given as {text!r}: not understood")

    def remark(self, subject: ox.NamedNode, text: str) -> None:
        if self.note is not None:
            self.graph.add(subject, self.note, ox.Literal(text))
