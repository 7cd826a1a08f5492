"""Tables as documents: XLSX, CSV, HTML, JSON, PDF. Text that a spreadsheet would run is made text again."""

import csv
import html
import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from aims_graph.report.cells import safe_cell

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_WIDEST: Final = 60


@dataclass(frozen=True, slots=True)
class Table:
    """``subtitle``: as of when, and up to which entry. ``sections``: names of parts and the row that
    each begins with, the first one 0; for formats that show them. ``made``: when the document was
    made, shown where pages are printed; without it the same table makes the same bytes of a PDF.
    """

    title: str
    subtitle: str
    columns: tuple[str, ...]
    rows: Sequence[Sequence[object]]
    sections: Sequence[tuple[str, int]] = ()
    made: datetime | None = None


def cell_text(cell: object) -> str:
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, list | tuple):
        return "; ".join(map(str, cell))
    return "" if cell is None else str(cell)


def _safe(cell: object) -> str | int | float:
    return safe_cell(cell if isinstance(cell, int | float) else cell_text(cell))


def write_csv(table: Table) -> bytes:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(table.columns)
    writer.writerows([_safe(cell) for cell in row] for row in table.rows)
    return buffer.getvalue().encode()


def write_json(table: Table) -> bytes:
    rows = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
    content = {"title": table.title, "subtitle": table.subtitle, "rows": rows}
    return json.dumps(content, ensure_ascii=False, default=str).encode()


def write_html(table: Table) -> bytes:
    """A page of its own, without script or style from elsewhere."""
    head = "".join(f'<th scope="col">{html.escape(name)}</th>' for name in table.columns)
    body = "".join(
        "<tr>" + "".join(f"<td>{html.escape(cell_text(cell))}</td>" for cell in row) + "</tr>"
        for row in table.rows
    )
    title = html.escape(table.title)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{title}</title></head>'
        f"<body><main><h1>{title}</h1><p>{html.escape(table.subtitle)}</p>"
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></main></body></html>\n"
    ).encode()


def write_xlsx(table: Table) -> bytes:
    from openpyxl import Workbook  # noqa: PLC0415 - heavy, and only this format needs it
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE  # noqa: PLC0415 - as above
    from openpyxl.styles import Alignment, Font  # noqa: PLC0415 - as above
    from openpyxl.utils import get_column_letter  # noqa: PLC0415 - as above

    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = table.title[:31].translate({ord(c): " " for c in "[]:*?/\\"})
    sheet.append([table.title, table.subtitle])
    sheet.append(list(table.columns))
    for row in table.rows:
        cells = [_safe(cell) for cell in row]
        sheet.append([ILLEGAL_CHARACTERS_RE.sub("", c) if isinstance(c, str) else c for c in cells])
    for cell in (*sheet[1], *sheet[2]):
        cell.font = Font(bold=True)
    for index in range(len(table.columns)):
        longest = max((len(cell_text(row[index])) for row in table.rows), default=0)
        width = min(_WIDEST, max(len(table.columns[index]), longest) + 2)
        sheet.column_dimensions[get_column_letter(index + 1)].width = width
    for cells_of_row in sheet.iter_rows(min_row=3):
        for cell in cells_of_row:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    sheet.freeze_panes = "A3"
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def write_pdf(table: Table) -> bytes:
    from aims_graph.report.pdf import write_pdf as write  # noqa: PLC0415 - heavy, and only this format needs it

    return write(table)


WRITERS: Final[Mapping[str, tuple[str, Callable[[Table], bytes]]]] = {
    "xlsx": (XLSX, write_xlsx),
    "csv": ("text/csv", write_csv),
    "html": ("text/html", write_html),
    "json": ("application/json", write_json),
    "pdf": ("application/pdf", write_pdf),
}
