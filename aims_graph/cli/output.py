"""What commands print: tables for people, lines with tabs in a pipe, JSON and the like for programs."""

import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from aims_graph.characters import reveal

if TYPE_CHECKING:
    from aims_graph.journal import Entry


class Screen(Console):
    """Text on it may come from anybody's data: what would mislead a reader or move the cursor is shown."""

    def print(self, *objects: Any, **options: Any) -> None:
        super().print(*(reveal(o) if isinstance(o, str) else o for o in objects), **options)


console = Screen(highlight=False, soft_wrap=not sys.stdout.isatty())
messages = Screen(stderr=True, highlight=False)

#: Cells up to so many letters are not broken where the table has room.
_SHORT = 12
#: What a column of longer cells needs at least, with its borders.
_NARROW = 11

STATE_MARKS = {"met": "✔", "not met": "✘", "unknown": "?"}
_STATE_STYLES = {"met": "green", "not met": "bold red", "unknown": "yellow"}


def state_text(state: str, progress: str = "") -> Text:
    """A state by mark, word and colour, so that none of the three is needed alone."""
    text = f"{STATE_MARKS.get(state, '')} {state}" + (f" ({progress})" if progress else "")
    return Text(text.strip(), style=_STATE_STYLES.get(state, ""))


def print_table(
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    title: str | None = None,
    screen: Console | None = None,
) -> None:
    """A table; cells are shown as they are, never read as markup.

    Where the screen is no terminal: the title, the names of the columns, then a line for each row, cells
    parted by tabs. No line depends on a width, so that ``grep``, ``cut`` and ``diff`` can work on them.
    """
    screen = console if screen is None else screen
    texts = [[_text(cell) for cell in row] for row in rows]
    if not screen.is_terminal:
        lines = [columns, *([cell.plain for cell in row] for row in texts)]
        plain = ["\t".join(" ".join(cell.split()) for cell in line) for line in lines]
        # Rich would wrap the lines and turn tabs into blanks.
        for line in [*([title] if title else []), *plain, *([""] if title else [])]:
            screen.file.write(line + "\n")
        return
    table = Table(title=title, title_justify="left", header_style="bold")
    cells = [[column, *(row[at].plain for row in texts)] for at, column in enumerate(columns)]
    widths = [max(map(len, column)) for column in cells]
    short = [width <= _SHORT for width in widths]
    fixed = sum(width + 3 for width, whole in zip(widths, short, strict=True) if whole)
    room = fixed + _NARROW * (len(columns) - sum(short)) < screen.width
    for column, whole in zip(cells, short, strict=True):
        numbers = len(column) > 1 and all(map(_is_count, column[1:]))
        table.add_column(
            column[0],
            overflow="fold",
            justify="right" if numbers else "left",
            no_wrap=room and whole,
        )
    for row in texts:
        table.add_row(*row)
    screen.print(table)


def print_paragraph(title: str | Text, *paragraphs: str) -> None:
    """For people: a title, and texts indented below it; what is empty is left out."""
    console.print(title if isinstance(title, Text) else Text(reveal(title), style="bold"))
    for text in filter(None, paragraphs):
        console.print(Padding(Text(reveal(text)), (0, 0, 0, 4), expand=False))
    console.print()


def print_recorded(entry: "Entry | None", source: str) -> None:
    """What became of a source that was taken in."""
    if entry is None:
        console.print(f"Nothing changed: {source} is in the workspace as it stands.", markup=False)
        return
    console.print(
        f"Recorded as entry {entry.sequence}: {entry.added_count} triples added, "
        f"{entry.removed_count} removed (source {source}).",
        markup=False,
    )


def _text(cell: object) -> Text:
    return cell if isinstance(cell, Text) else Text(reveal(show(cell)))


def _is_count(text: str) -> bool:
    return text.replace(",", "").isdecimal()


def show(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, list | tuple):
        return ", ".join(map(str, cell))
    return str(cell)


def json_text(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)


def print_json(value: object) -> None:
    print(json_text(value))


def write_or_print(content: str | bytes, output: Path | None) -> None:
    """To the file when one is named, else to standard output."""
    data = content.encode() if isinstance(content, str) else content
    if output is not None:
        output.write_bytes(data)
        messages.print(f"Wrote {output}", markup=False)
        return
    sys.stdout.buffer.write(data if data.endswith(b"\n") else data + b"\n")
    sys.stdout.flush()
