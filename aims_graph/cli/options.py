"""Options that several commands take."""

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from aims_graph.cli.state import current
from aims_graph.errors import InputError


class FailOn(StrEnum):
    VIOLATION = "violation"
    WARNING = "warning"
    INFO = "info"
    NEVER = "never"


def parse_date(text: str | None) -> date:
    """The evaluation date; when none is given, today or the day that --at looks at. Raises InputError
    on anything but YYYY-MM-DD.
    """
    if text is None:
        return current.day()
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError(f"--as-of takes a date such as 2026-06-30, not {text!r}") from None


AsOf = Annotated[
    str | None,
    typer.Option("--as-of", metavar="DATE", help="Evaluation date, YYYY-MM-DD. Default: today."),
]
Data = Annotated[
    list[Path] | None,
    typer.Option(
        "--data",
        metavar="FILE",
        help="Use these files instead of the workspace. May be repeated.",
    ),
]
Mapping = Annotated[
    Path | None,
    typer.Option("--mapping", metavar="FILE", help="How tables become triples (YAML)."),
]
Engine = Annotated[
    str, typer.Option("--engine", help="Rule engine: columns (default), scalar or pyshacl.")
]
Format = Annotated[str, typer.Option("--format", help="table, json")]
Output = Annotated[
    Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write to this file.")
]
WithIsoText = Annotated[
    bool,
    typer.Option(
        "--with-iso-text",
        help="Also the text of the standard that you licensed (AIMS_ISO_TEXT): do not pass it on.",
    ),
]
Shapes = Annotated[
    list[Path] | None,
    typer.Option("--shapes", metavar="FILE", help="Shapes to check against. May be repeated."),
]


def choose(value: str, allowed: tuple[str, ...] | list[str], option: str) -> str:
    """Raises InputError when the value is not one of those allowed."""
    if value not in allowed:
        raise InputError(f"{option} takes {', '.join(allowed)}, not {value!r}")
    return value


def default_file(name: str, fmt: str) -> Path | None:
    """Where a document goes that no screen can show; None for text."""
    return Path(f"{name}.{fmt}") if fmt in ("pdf", "xlsx") else None


def refuse_table_file(fmt: str, allowed: Iterable[str], output: Path | None) -> None:
    """Raises InputError when a file is named for a table: tables are for the screen."""
    if fmt == "table" and output is not None:
        others = ", ".join(name for name in allowed if name != "table")
        raise InputError(f"--output needs --format {others}: a table is only for the screen")
