"""Reads delimited text. What other readers let pass in silence is an error or a note here:
unbalanced quotes, surplus fields, NULs, other encodings.
"""

import codecs
import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from aims_graph.errors import InputError
from aims_graph.ingest.tables import MAX_COLUMNS, MAX_ROWS, Row, Table, TableOptions, name_columns

MAX_FIELD: Final = 131_072

_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, None),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, None),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_ENCODINGS: Final = ("utf-8", "utf-16", "cp1252", "latin-1")
_CONTROL: Final = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_UNDEFINED_CP1252: Final = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
_UTF8_SEQUENCE: Final = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)


def read_csv(path: Path, options: TableOptions, delimiter: str) -> Table:
    """Raises InputError with the line where the record (or the open quote) begins."""
    text, encoding, notes = decode(path.read_bytes(), path, options.encoding)
    nul = text.find("\0")
    if nul >= 0:
        line = text.count("\n", 0, nul) + 1
        raise InputError(
            "a NUL character; the encoding is wrong or the file damaged", file=path, line=line
        )
    records = _records(text, path, options.delimiter or delimiter)
    header_line, raw = 0, [""]
    for header_line, raw in records:
        if header_line >= options.header_row and any(cell.strip() for cell in raw):
            break
    else:
        raise InputError("there is no header row", file=path)
    if len(raw) > MAX_COLUMNS:
        raise InputError(f"more than {MAX_COLUMNS} columns", file=path, line=header_line)
    header, more = name_columns(raw, path, header_line)
    table = Table(path, "csv", header, [], notes + more, encoding)
    empty = 0
    number = options.header_row
    for line, cells in records:
        number += 1
        if not any(cell.strip() for cell in cells):
            empty += 1
            continue
        if len(table.rows) >= MAX_ROWS:
            raise InputError(f"more than {MAX_ROWS:,} rows", file=path, line=line)
        table.rows.append(Row(number, line, _fit(cells, line, table, options)))
    if empty:
        table.notes.append(f"{empty} empty rows are not read")
    return table


def _fit(cells: list[str], line: int, table: Table, options: TableOptions) -> list[str]:
    expected = len(table.header)
    if len(cells) == expected:
        return cells
    surplus = [cell for cell in cells[expected:] if cell.strip()]
    if options.ragged == "error" and (surplus or len(cells) < expected):
        raise InputError(
            f"{len(cells)} fields, {expected} expected",
            file=table.file,
            line=line,
            column=min(len(cells), expected) + 1,
            hint="Quote cells that hold the delimiter, or set 'ragged: report' for the source.",
        )
    if surplus:
        table.notes.append(
            f"line {line}: {len(cells)} fields, {expected} expected; not read: {surplus!r}"
        )
    elif len(cells) < expected:
        table.notes.append(
            f"line {line}: {len(cells)} fields, {expected} expected; the rest is blank"
        )
    return cells[:expected] + [""] * (expected - len(cells))


def decode(data: bytes, path: Path, declared: str | None) -> tuple[str, str, list[str]]:
    """Text, encoding used, notes. A byte order mark wins over the declaration; without either the
    text is UTF-8, or Windows-1252 when it cannot be UTF-8 and nothing speaks against it.
    """
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            if encoding is None:
                raise InputError("UTF-32 is not read", file=path, hint="Save it as UTF-8.")
            notes = []
            if encoding != "utf-8-sig":
                notes.append(f"decoded as {encoding} by its byte order mark")
            return _decode(data, encoding, path), encoding.removesuffix("-sig"), notes
    if declared is not None:
        if declared.lower() not in _ENCODINGS:
            raise InputError(
                f"encoding {declared!r} is not read",
                file=path,
                hint=f"Known: {', '.join(_ENCODINGS)}.",
            )
        return _decode(data, declared, path), declared, []
    try:
        return data.decode("utf-8"), "utf-8", []
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        doubt = _doubt_about_cp1252(data)
        if doubt is not None:
            raise InputError(
                f"the text is not UTF-8, and {doubt}",
                file=path,
                line=line,
                hint="Save it as UTF-8, or name the encoding in the mapping ('encoding: cp1252').",
            ) from error
        note = f"not UTF-8 (first on line {line}); decoded as Windows-1252"
        return _decode(data, "cp1252", path), "cp1252", [note]


def _doubt_about_cp1252(data: bytes) -> str | None:
    if _CONTROL.search(data):
        return "control characters say it is no plain text in another encoding"
    if _UNDEFINED_CP1252.search(data):
        return "it holds bytes that Windows-1252 does not have"
    if _UTF8_SEQUENCE.search(data):
        return "part of it is UTF-8: the encodings are mixed"
    return None


def _decode(data: bytes, encoding: str, path: Path) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InputError(f"the text is not {encoding}", file=path, line=line) from error


def _records(text: str, path: Path, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Records with the line they begin on; records without any field are left out."""
    # str.splitlines would also break at U+2028 and form feeds, which are part of a cell
    lines = [line for line in re.split(r"(?<=\n)|(?<=\r)(?!\n)", text) if line]
    csv.field_size_limit(MAX_FIELD)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    line = 1
    while True:
        try:
            record = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise _refuse(str(error), lines, line, reader.line_num, path) from error
        yield line, record
        line = reader.line_num + 1


def _refuse(message: str, lines: list[str], begin: int, end: int, path: Path) -> InputError:
    if "unexpected end" in message:
        opened = _open_quote(lines, begin)
        return InputError(
            f"the quote opened on line {opened} is never closed",
            file=path,
            line=opened,
            hint='Close it, or double it ("") when it is part of the text.',
        )
    if "field larger" in message:
        return InputError(
            f"a field on line {begin} is longer than {MAX_FIELD:,} characters",
            file=path,
            line=begin,
        )
    if "expected after" in message:
        return InputError(
            "text after a closing quote",
            file=path,
            line=end,
            hint='Double quotes inside a cell ("").',
        )
    return InputError(message, file=path, line=end)


def _open_quote(lines: list[str], begin: int) -> int:
    """The line of the quote that is open at the end of the text."""
    inside, opened = False, begin
    for number, line in enumerate(lines[begin - 1 :], start=begin):
        for _ in range(line.count('"')):
            inside = not inside
            if inside:
                opened = number
    return opened
