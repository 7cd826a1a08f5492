"""A table as every reader gives it: header, rows with their place, and what the reader noticed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from aims_graph.errors import InputError

MAX_BYTES: Final = 256 * 1024 * 1024
MAX_ROWS: Final = 1_000_000
MAX_COLUMNS: Final = 1_000

#: A tuple is a list-valued cell (YAML and JSON have them).
Cell = str | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """``number`` is the row as a spreadsheet counts it (the header is row 1); ``line`` the line of
    the text file, which differs once a cell holds a line break, or None.
    """

    number: int
    line: int | None
    cells: Sequence[Cell]


@dataclass(slots=True)
class Table:
    file: Path
    format: str
    header: list[str]
    rows: list[Row]
    notes: list[str] = field(default_factory=list)
    encoding: str | None = None


@dataclass(frozen=True, slots=True)
class TableOptions:
    """What a mapping says about how to read a source."""

    format: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    header_row: int = 1
    items: str | None = None  # dotted path to the rows in YAML or JSON
    ragged: str = "error"


FORMATS: Final = ("csv", "tsv", "xlsx", "yaml", "json")


def name_columns(raw: Sequence[str], file: Path, line: int | None) -> tuple[list[str], list[str]]:
    """Header names with white space collapsed, and notes about nameless columns.

    Raises InputError when two columns have one name.
    """
    names: list[str] = []
    notes: list[str] = []
    for position, text in enumerate(raw, start=1):
        name = " ".join(text.split())
        if name and name in names:
            raise InputError(
                f"columns {names.index(name) + 1} and {position} are both named {name!r}",
                file=file,
                line=line,
                column=position,
                hint="Rename one of them.",
            )
        if not name:
            notes.append(f"column {position} has no name; its cells are not read")
        names.append(name)
    if not any(names):
        raise InputError("the header has no column names", file=file, line=line)
    return names, notes
