"""Reads single rows for a mapping: cells by name, conditions, templates, errors with their place."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pyoxigraph as ox

from aims_graph.errors import InputError
from aims_graph.ingest.fields import suggest
from aims_graph.ingest.mapping import (
    Combination,
    Condition,
    EntityMapping,
    Mapping,
    SourceMapping,
    entity_columns,
)
from aims_graph.ingest.report import SourceReport
from aims_graph.ingest.tables import Cell, Row, Table
from aims_graph.ingest.templates import Template


def find_columns(
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
class Place:
    """Where in a row we are: the node around, and the value of the property that leads to it."""

    subject: ox.NamedNode | None
    value: str = ""


class RowReader:
    def __init__(
        self, mapping: Mapping, source: SourceMapping, table: Table, columns: dict[str, int]
    ) -> None:
        self.names = mapping.names
        self.source = source
        self.table = table
        self.columns = columns

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

    def lookup(self, row: Row, place: Place) -> Callable[[str], str]:
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

    def iri(self, template: Template, row: Row, place: Place) -> ox.NamedNode | None:
        text = template.render(self.lookup(row, place))
        if text is None:
            return None
        found = self.names.absolute(text)
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
