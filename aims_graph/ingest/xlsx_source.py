"""Reads one sheet of a workbook: stored values only, within limits checked before openpyxl sees it."""

import re
import warnings
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final

import openpyxl
from openpyxl.utils import column_index_from_string, get_column_letter

from aims_graph.errors import InputError
from aims_graph.ingest.fields import suggest
from aims_graph.ingest.tables import Row, Table, TableOptions, name_columns

MAX_UNPACKED: Final = 64 * 1024 * 1024
MAX_RATIO: Final = 100
MAX_SHEET_ROWS: Final = 100_000
MAX_SHEET_COLUMNS: Final = 256

_SMALL_PART: Final = 1024 * 1024  # ratios say nothing about small parts
_XML_SPACE: Final = b"\xef\xbb\xbf \t\r\n"
_CHUNK: Final = 1024 * 1024
_OVERLAP: Final = 64
_PLACE: Final = re.compile(rb'[\s]r\s*=\s*["\']([A-Z]{0,3})(\d{1,10})["\']')
_FORMULA: Final = re.compile(rb"<(?:\w+:)?f[\s>/]")
_DOCTYPE: Final = re.compile(rb"<!(?:DOCTYPE|ENTITY)")


def read_xlsx(path: Path, options: TableOptions) -> Table:
    """Raises InputError for what is no workbook, is too large, or has no such sheet."""
    try:
        has_formulas = _inspect(path)
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            book = openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)
            try:
                table = _read_sheet(book, path, options, has_formulas)
            finally:
                book.close()
    except InputError:
        raise
    except zipfile.BadZipFile as error:
        raise InputError(
            "not an xlsx file", file=path, hint="Is it an old .xls, or a CSV?"
        ) from error
    except Exception as error:  # openpyxl lets every kind of error through when parts are damaged
        raise InputError(f"not a readable xlsx file: {error}", file=path) from error
    table.notes += dict.fromkeys(str(warning.message) for warning in said)
    return table


def _inspect(path: Path) -> bool:
    """Checks sizes and XML before anything is built; True when there are formulas."""
    with zipfile.ZipFile(path) as archive:
        parts = archive.infolist()
        total = sum(part.file_size for part in parts)
        if total > MAX_UNPACKED:
            raise InputError(
                f"unpacked the workbook has {total:,} bytes, more than {MAX_UNPACKED:,}",
                file=path,
                hint="Save the sheet as CSV.",
            )
        for part in parts:
            ratio = part.file_size / max(part.compress_size, 1)
            if part.file_size > _SMALL_PART and ratio > MAX_RATIO:
                raise InputError(
                    f"{part.filename} is packed {ratio:.0f} to 1, more than {MAX_RATIO}",
                    file=path,
                )
        if "xl/workbook.xml" not in archive.namelist():
            raise InputError("not an xlsx file: it holds no workbook", file=path)
        found = [_scan(archive, part, path) for part in parts]
        return any(found)


def _scan(archive: zipfile.ZipFile, part: zipfile.ZipInfo, path: Path) -> bool:
    """Any XML part may be named as a sheet, wherever it lies. True when it holds formulas."""
    formulas = False
    tail = b""
    with archive.open(part) as stream:
        while chunk := stream.read(_CHUNK):
            if not tail and (b"<\0" in chunk[:4] or b"\0<" in chunk[:4]):
                raise InputError(f"{part.filename} is UTF-16", file=path)
            if not tail and not chunk.lstrip(_XML_SPACE).startswith(b"<"):
                return False  # a picture, a printer setting
            data = tail + chunk
            if _DOCTYPE.search(data):
                raise InputError(f"{part.filename}: DOCTYPE is not allowed", file=path)
            formulas = formulas or _FORMULA.search(data) is not None
            _check_places(data, part, path)
            tail = data[-_OVERLAP:]
    return formulas


def _check_places(data: bytes, part: zipfile.ZipInfo, path: Path) -> None:
    for letters, digits in _PLACE.findall(data):
        row = int(digits)
        column = column_index_from_string(letters.decode()) if letters else 0
        if row > MAX_SHEET_ROWS + 1 or column > MAX_SHEET_COLUMNS:
            raise InputError(
                f"{part.filename} has a cell at {letters.decode()}{row}: a sheet may have "
                f"{MAX_SHEET_ROWS:,} rows and {MAX_SHEET_COLUMNS} columns",
                file=path,
                hint="Delete the empty rows and columns, or save the sheet as CSV.",
            )


def _sheet(book: Any, path: Path, name: str | None) -> Any:
    if not book.worksheets:
        raise InputError("the workbook has no sheet with cells", file=path)
    if name is None:
        return book.worksheets[0]
    if name not in book.sheetnames:
        hint = suggest(name, book.sheetnames) or f"Sheets: {', '.join(book.sheetnames)}."
        raise InputError(f"there is no sheet {name!r}", file=path, hint=hint)
    return book[name]


def _read_sheet(book: Any, path: Path, options: TableOptions, has_formulas: bool) -> Table:
    sheet = _sheet(book, path, options.sheet)
    table = Table(path, "xlsx", [], [])
    if options.sheet is None and len(book.sheetnames) > 1:
        table.notes.append(
            f"only the first of {len(book.sheetnames)} sheets is read: {sheet.title!r}"
        )
    rows = _texts(sheet)
    for number, cells in rows:
        if number >= options.header_row and any(cells):
            while cells and not cells[-1].strip():
                cells.pop()
            table.header, more = name_columns(cells, path, number)
            table.notes += more
            break
    else:
        raise InputError(f"sheet {sheet.title!r} has no header row", file=path)
    width = len(table.header)
    for number, cells in rows:
        surplus = [text for text in cells[width:] if text.strip()]
        if surplus:
            table.notes.append(f"row {number}: cells beyond the header are not read: {surplus!r}")
        fitted = cells[:width] + [""] * (width - len(cells))
        if any(fitted):
            table.rows.append(Row(number, None, fitted))
    if has_formulas:
        table.notes += _formula_notes(path, sheet.title)
    return table


def _texts(sheet: Any) -> Iterator[tuple[int, list[str]]]:
    sheet.reset_dimensions()  # they are often wrong; the real ones were checked
    for number, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
        yield number, [_text(cell) for cell in cells]


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, timedelta):
        return str(value)
    return str(value)


def _formula_notes(path: Path, title: str) -> list[str]:
    """What the stored values hide: how many formulas there are, and which have no value."""
    with_formulas = openpyxl.load_workbook(path, read_only=True, data_only=False, keep_links=False)
    with_values = openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)
    count, empty = 0, []
    try:
        formulas, values = with_formulas[title], with_values[title]
        formulas.reset_dimensions()
        values.reset_dimensions()
        pairs = zip(
            formulas.iter_rows(values_only=True), values.iter_rows(values_only=True), strict=True
        )
        for number, (row, stored) in enumerate(pairs, start=1):
            for column, (formula, value) in enumerate(zip(row, stored, strict=True), start=1):
                if isinstance(formula, str) and formula.startswith("=") and formula != value:
                    count += 1
                    if value is None:
                        empty.append(f"{get_column_letter(column)}{number}")
    finally:
        with_formulas.close()
        with_values.close()
    notes = (
        [f"{count} cells hold formulas; their stored values are used, nothing is computed"]
        if count
        else []
    )
    if empty:
        shown = ", ".join(empty[:10]) + (" …" if len(empty) > 10 else "")
        notes.append(f"{len(empty)} formulas have no stored value and are blank: {shown}")
    return notes
