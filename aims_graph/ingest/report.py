"""What happened on the way in: read, made, left out, not understood."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

_LONGEST_VALUE = 200
_SHOWN_ROWS = 5


@dataclass(slots=True)
class SourceReport:
    """One file. ``unmapped`` counts the filled cells of each column that the mapping does not
    use; ``not_reported`` the blanks of each column that became aims:notReported.
    """

    file: str
    format: str
    source: str | None = None  # its name in the mapping
    encoding: str | None = None
    rows: int = 0
    triples: int = 0
    unmapped: dict[str, int] = field(default_factory=dict)
    not_reported: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class NotUnderstood:
    """A value that no rule of the mapping fits; ``rows`` are the rows it stands in."""

    file: str
    column: str
    value: str
    reason: str
    rows: list[int]


@dataclass(frozen=True, slots=True)
class Note:
    """Something done that the reader of the data should know."""

    file: str
    message: str
    rows: list[int]


@dataclass(slots=True)
class IngestReport:
    sources: list[SourceReport] = field(default_factory=list)
    entities: dict[str, int] = field(default_factory=dict)  # class IRI -> nodes of it
    triples: int = 0
    _not_understood: dict[tuple[str, str, str, str], list[int]] = field(default_factory=dict)
    _notes: dict[tuple[str, str], list[int]] = field(default_factory=dict)

    def add_not_understood(self, file: str, column: str, value: str, reason: str, row: int) -> None:
        shown = value if len(value) <= _LONGEST_VALUE else value[:_LONGEST_VALUE] + "…"
        self._not_understood.setdefault((file, column, shown, reason), []).append(row)

    def add_note(self, file: str, message: str, row: int | None = None) -> None:
        rows = self._notes.setdefault((file, message), [])
        if row is not None:
            rows.append(row)

    @property
    def rows(self) -> int:
        return sum(source.rows for source in self.sources)

    @property
    def not_understood(self) -> list[NotUnderstood]:
        return [NotUnderstood(*key, rows) for key, rows in self._not_understood.items()]

    @property
    def notes(self) -> list[Note]:
        return [Note(*key, rows) for key, rows in self._notes.items()]

    def to_json(self) -> dict[str, Any]:
        """Plain data for json.dumps."""
        return {
            "rows": self.rows,
            "triples": self.triples,
            "entities": dict(self.entities),
            "sources": [
                {
                    "file": s.file,
                    "format": s.format,
                    "source": s.source,
                    "encoding": s.encoding,
                    "rows": s.rows,
                    "triples": s.triples,
                    "unmapped": dict(s.unmapped),
                    "notReported": dict(s.not_reported),
                }
                for s in self.sources
            ],
            "notUnderstood": [
                {
                    "file": n.file,
                    "column": n.column,
                    "value": n.value,
                    "reason": n.reason,
                    "rows": n.rows,
                }
                for n in self.not_understood
            ],
            "notes": [{"file": n.file, "message": n.message, "rows": n.rows} for n in self.notes],
        }

    def tables(self, *, limit: int = 25) -> Iterator["ReportTable"]:
        """For people; ``limit`` cuts the list of values not understood, and says so."""
        files = []
        for source in self.sources:
            format_ = " ".join(part for part in (source.format, source.encoding) if part)
            files.append((source.file, format_, f"{source.rows:,}", f"{source.triples:,}"))
        yield ReportTable("Read", ("File", "Format", "Rows", "Triples"), files)
        made = sorted(self.entities.items(), key=lambda item: -item[1])
        classes = [(name.rpartition("#")[2] or name, f"{count:,}") for name, count in made]
        yield ReportTable("Made", ("Class", "Nodes"), classes)
        columns = [
            (name, f"{count:,}", what)
            for source in self.sources
            for counts, what in (
                (source.unmapped, "not mapped"),
                (source.not_reported, "not reported"),
            )
            for name, count in counts.items()
        ]
        if columns:
            title = "Columns not mapped, and blanks kept as not reported"
            yield ReportTable(title, ("Column", "Cells", "As"), columns)
        if self.not_understood:
            ordered = sorted(self.not_understood, key=lambda n: -len(n.rows))
            values = [(n.column, n.value, n.reason, _where(n.rows)) for n in ordered[:limit]]
            if len(ordered) > limit:
                rest = f"{len(ordered) - limit} more in the JSON report"
                values.append(("…", rest, "", ""))
            title = f"Values not understood: {len(ordered)}"
            yield ReportTable(title, ("Column", "Value", "Reason", "Where"), values)
        if self.notes:
            notes = [(n.file, n.message, _where(n.rows)) for n in self.notes]
            yield ReportTable("Notes", ("File", "Note", "Where"), notes)


class ReportTable(NamedTuple):
    """Texts that come from files: whoever shows them sees to characters that mislead."""

    title: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]


def _where(rows: list[int]) -> str:
    if not rows:
        return ""
    shown = ", ".join(str(row) for row in rows[:_SHOWN_ROWS])
    more = f" and {len(rows) - _SHOWN_ROWS:,} more" if len(rows) > _SHOWN_ROWS else ""
    return f"row {shown}{more}" if len(rows) == 1 else f"rows {shown}{more}"
