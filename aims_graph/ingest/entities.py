"""Applies a mapping to tables: rows become nodes and quads."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox

from aims_graph.errors import InputError
from aims_graph.ingest.cells import cell_texts, make_value
from aims_graph.ingest.fields import suggest
from aims_graph.ingest.graph import Graph
from aims_graph.ingest.iris import Term
from aims_graph.ingest.mapping import (
    Combination,
    Condition,
    EntityMapping,
    Mapping,
    Meaning,
    NodeMapping,
    PropertyMapping,
    SourceMapping,
    entity_columns,
)
from aims_graph.ingest.report import SourceReport
from aims_graph.ingest.tables import Cell, Row, Table
from aims_graph.ingest.templates import Template
from aims_graph.ingest.transforms import CellError
from aims_graph.vocabulary import AIMS, RDF

_TYPE: Final = ox.NamedNode(RDF + "type")
_NOT_REPORTED: Final = ox.NamedNode(AIMS + "notReported")


def apply_static(mapping: Mapping, graph: Graph) -> None:
    for node in mapping.static:
        for predicate, terms in node.properties:
            for term in terms:
                graph.add(node.subject, predicate, term)


def apply_mapping(mapping: Mapping, source: SourceMapping, table: Table, graph: Graph) -> None:
    """Adds what the rows of one table say. Raises InputError where the mapping says ``error``."""
    report = SourceReport(
        table.file.name, table.format, source.name, table.encoding, len(table.rows)
    )
    graph.report.sources.append(report)
    for note in table.notes:
        graph.report.add_note(report.file, note)
    entities = [entity for entity in mapping.entities if entity.source == source.name]
    columns = _columns(mapping, source, entities, table, report)
    before = len(graph)
    for entity in entities:
        _EntityRun(mapping, source, entity, table, columns, graph, report).run()
    report.triples = len(graph) - before


def _columns(
    mapping: Mapping,
    source: SourceMapping,
    entities: Sequence[EntityMapping],
    table: Table,
    report: SourceReport,
) -> dict[str, int]:
    """Name used in the mapping -> position in a row; -1 for an optional column that is absent."""
    positions = {name: place for place, name in enumerate(table.header) if name}
    found: dict[str, int] = {}
    for entity in entities:
        for name, line in entity_columns(entity).items():
            header = source.aliases.get(name, name)
            if header not in positions and not {name, header} & source.optional:
                raise InputError(
                    f"{table.file.name} has no column {header!r}",
                    file=mapping.file,
                    line=line,
                    hint=suggest(header, positions)
                    or "Name it in 'optional-columns' when it may be missing.",
                )
            found[name] = positions.get(header, -1)
    left = set(positions.values()) - set(found.values())
    for name, place in positions.items():
        if place in left and name not in source.ignored:
            filled = sum(1 for row in table.rows if row.cells[place] not in ("", ()))
            report.unmapped[name] = filled
    return found


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in a row we are: the node around, and the value of the property that leads to it."""

    subject: ox.NamedNode | None
    value: str = ""


class _EntityRun:
    """One entity mapping over all rows of a table."""

    def __init__(
        self,
        mapping: Mapping,
        source: SourceMapping,
        entity: EntityMapping,
        table: Table,
        columns: dict[str, int],
        graph: Graph,
        report: SourceReport,
    ) -> None:
        self.mapping = mapping
        self.source = source
        self.entity = entity
        self.table = table
        self.columns = columns
        self.graph = graph
        self.report = report
        self.seen: dict[ox.NamedNode, Row] = {}
        self.once: set[tuple[ox.NamedNode, ox.NamedNode]] = set()

    def run(self) -> None:
        for row in self.table.rows:
            if self.holds(self.entity.when, row):
                subject = self.subject(row)
                if subject is not None:
                    self.describe(subject, self.entity.node, row, _Place(subject))

    # --- reading a row

    def cell(self, row: Row, name: str) -> Cell:
        place = self.columns[name]
        return "" if place < 0 else row.cells[place]

    def text(self, row: Row, name: str) -> str:
        cell = self.cell(row, name)
        text = (cell if isinstance(cell, str) else ", ".join(cell)).strip()
        return "" if text in self.source.blanks else text

    def holds(self, condition: Condition | None, row: Row) -> bool:
        if condition is None:
            return True
        if isinstance(condition, Combination):
            results = (self.holds(part, row) for part in condition.parts)
            if condition.kind == "all":
                return all(results)
            return any(results) is (condition.kind == "any")
        return condition.test(self.text(row, condition.column))

    def lookup(self, row: Row, place: _Place) -> Callable[[str], str]:
        def find(name: str) -> str:
            if name in self.columns:
                return self.text(row, name)
            if name == "@row":
                return str(row.number)
            if name == "@line":
                return str(row.line or row.number)
            if name == "@digest":
                return hashlib.sha256(repr(list(row.cells)).encode()).hexdigest()[:12]
            if name == "@subject":
                return "" if place.subject is None else place.subject.value
            return place.value

        return find

    def iri(self, template: Template, row: Row, place: _Place) -> ox.NamedNode | None:
        text = template.render(self.lookup(row, place))
        if text is None:
            return None
        found = self.mapping.names.absolute(text)
        if found is None:
            raise self.error(f"{text!r} is no IRI", row)
        return found

    def error(
        self, message: str, row: Row, column: str | None = None, hint: str | None = None
    ) -> InputError:
        place = self.columns.get(column, -1) if column is not None else -1
        return InputError(
            message if column is None else f"{column}: {message}",
            file=self.table.file,
            line=row.line or row.number,
            column=place + 1 if place >= 0 else None,
            hint=hint,
        )

    # --- the node of a row

    def subject(self, row: Row) -> ox.NamedNode | None:
        file = self.report.file
        subject = self.iri(self.entity.subject, row, _Place(None))
        if subject is None and self.entity.fallback is not None:
            subject = self.iri(self.entity.fallback, row, _Place(None))
            self.graph.report.add_note(
                file, f"{self.entity.name}: the id is blank, made from the row", row.number
            )
        if subject is None:
            if self.entity.blank == "error":
                raise self.error(
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
            self.seen[subject] = row
            return subject
        return self.repeated(subject, first, row)

    def repeated(self, subject: ox.NamedNode, first: Row, row: Row) -> ox.NamedNode | None:
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
            self.seen[made] = row
            self.graph.report.add_note(
                file, f"{self.entity.name}: the id is taken, a number was added", row.number
            )
            return made
        if list(first.cells) == list(row.cells):
            self.graph.report.add_note(
                file, f"{self.entity.name}: repeats an earlier row", row.number
            )
            return None
        differing = [
            name
            for name, one, two in zip(self.table.header, first.cells, row.cells, strict=True)
            if one != two
        ]
        raise self.error(
            f"lines {first.line or first.number} and {row.line or row.number} have the same id"
            f" ({subject.value}) and differ in {', '.join(differing[:5])}",
            row,
            hint="Mend the ids, or set 'duplicates' of the subject to skip, suffix or merge.",
        )

    # --- what a row says about a node

    def describe(self, subject: ox.NamedNode, node: NodeMapping, row: Row, place: _Place) -> None:
        for class_ in node.types:
            self.graph.add(subject, _TYPE, class_)
        for prop in node.properties:
            if self.holds(prop.when, row):
                self.say(subject, prop, row, place)

    def say(self, subject: ox.NamedNode, prop: PropertyMapping, row: Row, place: _Place) -> None:
        if prop.constant:
            self.add(subject, prop, prop.constant)
            return
        if prop.column is None:
            terms = self.made(subject, prop, row, place)
            if not terms:
                self.blank(subject, prop, row)
            self.add(subject, prop, terms)
            return
        cell = self.cell(row, prop.column)
        try:
            texts = cell_texts(cell, prop, self.source.blanks)
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
            self.add(subject, prop, self.made(subject, prop, row, _Place(subject, text)))
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
        self, subject: ox.NamedNode, prop: PropertyMapping, row: Row, place: _Place
    ) -> tuple[Term, ...]:
        """What iri, template or node give; nothing when a cell they need is blank."""
        place = _Place(subject, place.value)
        if prop.template is not None:
            text = prop.template.render(self.lookup(row, place))
            return () if text is None else (ox.Literal(text, language=prop.language),)
        if prop.iri is not None:
            iri = self.iri(prop.iri, row, place)
            return () if iri is None else (iri,)
        assert prop.node is not None
        if prop.node.subject is not None:
            inner = self.iri(prop.node.subject, row, place)
        else:
            local = prop.predicate.value.replace("#", "/").rstrip("/").rpartition("/")[2]
            inner = ox.NamedNode(f"{subject.value}/{local}")
        if inner is None:
            return ()
        self.describe(inner, prop.node, row, _Place(subject, place.value))
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
        outcome: Meaning | tuple[Term, ...],
    ) -> None:
        if isinstance(outcome, tuple):
            self.add(subject, prop, outcome)
        elif outcome is Meaning.NOT_REPORTED:
            self.graph.add(subject, _NOT_REPORTED, prop.predicate)
            self.report.not_reported[prop.column or prop.predicate.value] += 1
        elif outcome is Meaning.ERROR:
            raise self.error("the value is missing or not allowed", row, prop.column)

    def blank(self, subject: ox.NamedNode, prop: PropertyMapping, row: Row) -> None:
        self.conclude(subject, prop, row, prop.blank)

    def unknown(
        self, subject: ox.NamedNode, prop: PropertyMapping, row: Row, text: str, reason: str
    ) -> None:
        assert prop.column is not None
        if prop.unknown == "error":
            raise self.error(f"{text[:100]!r} {reason}", row, prop.column)
        if prop.unknown == "keep":
            self.add(subject, prop, (ox.Literal(text, language=prop.language),))
            return
        self.graph.report.add_not_understood(
            self.report.file, prop.column, text, reason, row.number
        )
        self.remark(subject, f"{prop.column} given as {text!r}: not understood")

    def remark(self, subject: ox.NamedNode, text: str) -> None:
        if self.mapping.note is not None:
            self.graph.add(subject, self.mapping.note, ox.Literal(text))
