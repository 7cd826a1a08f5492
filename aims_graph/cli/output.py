"""What commands print: tables for people, JSON and the like for programs."""

import json
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

console = Console(highlight=False, soft_wrap=not sys.stdout.isatty())
messages = Console(stderr=True, highlight=False)

STATE_MARKS = {"met": "✔", "not met": "✘", "unknown": "?"}
_STATE_STYLES = {"met": "green", "not met": "bold red", "unknown": "yellow"}


def state_text(state: str, progress: str = "") -> Text:
    """A state by mark, word and colour, so that none of the three is needed alone."""
    text = f"{STATE_MARKS.get(state, '')} {state}" + (f" ({progress})" if progress else "")
    return Text(text.strip(), style=_STATE_STYLES.get(state, ""))


def print_table(
    columns: Sequence[str], rows: Iterable[Sequence[object]], *, title: str | None = None
) -> None:
    """A table; cells that are not Text are shown as they are, never read as markup."""
    table = Table(title=title, title_justify="left", header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(cell if isinstance(cell, Text) else Text(show(cell)) for cell in row))
    if not sys.stdout.isatty():
        # No terminal: wide enough that no line is folded by a guess at the width.
        Console(highlight=False, width=max(200, int(os.environ.get("COLUMNS", "0")))).print(table)
    else:
        console.print(table)


def show(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, list | tuple):
        return ", ".join(map(str, cell))
    return str(cell)


def print_json(value: object) -> None:
    print(json.dumps(value, indent=2, ensure_ascii=False))


def write_or_print(content: str | bytes, output: Path | None) -> None:
    """To the file when one is named, else to standard output."""
    data = content.encode() if isinstance(content, str) else content
    if output is not None:
        output.write_bytes(data)
        messages.print(f"Wrote {output}", markup=False)
        return
    sys.stdout.buffer.write(data if data.endswith(b"\n") else data + b"\n")
    sys.stdout.flush()
