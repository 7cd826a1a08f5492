"""The statement of applicability as a document: XLSX, HTML, Markdown, PDF."""

import html
from collections.abc import Callable, Iterable
from datetime import datetime
from io import BytesIO

from pyoxigraph import NamedNode

from aims_graph.assessment import LICENSED_TEXT, Assessment, ControlRow, read_statement
from aims_graph.characters import reveal
from aims_graph.report.cells import safe_cell
from aims_graph.report.findings import markdown_cell
from aims_graph.report.tables import Table, cell_text, write_pdf
from aims_graph.vocabulary import ISO42001

TITLE = "Statement of applicability, ISO/IEC 42001:2023 Annex A"
COLUMNS = (
    "Control", "Title", "Applicable", "Justification", "Implementation", "Owner", "Evidence",
    "Risks treated", "Declared", "Implemented", "Evidenced", "Evidence current", "Effective", "State",
)  # fmt: skip
_APPLICABLE = {True: "yes", False: "no", None: "not declared"}
_REACHED = {True: "yes", False: "no", None: "not judged"}


def statement_table(
    assessment: Assessment,
    subtitle: str,
    *,
    with_iso_text: bool = False,
    made: datetime | None = None,
) -> Table:
    """One row a control, in sections by group. ``with_iso_text``: as of ``write_statement``."""
    statement = read_statement(assessment)
    licensed = with_iso_text and any(row.requirement.licensed_text for row in statement)
    columns = (*COLUMNS[:2], LICENSED_TEXT, *COLUMNS[2:]) if licensed else COLUMNS
    rows = []
    for row in statement:
        text = (row.requirement.licensed_text,) if licensed else ()
        rows.append(_cells(assessment, row, text))
    parts = sections(assessment, (row.requirement.number for row in statement))
    return Table(TITLE, subtitle, columns, rows, parts, made)


def _cells(
    assessment: Assessment, row: ControlRow, licensed: tuple[str, ...]
) -> tuple[str | list[str], ...]:
    label = assessment.data.label
    return (
        row.requirement.number,
        row.requirement.title,
        *licensed,
        _APPLICABLE[row.applicable],
        row.justification,
        row.implementation_state,
        row.owner,
        [label(node) for node in row.evidence],
        [label(node) for node in row.risks],
        *(_REACHED[reached] for reached in row.reached),
        str(row.state),
    )


def sections(assessment: Assessment, numbers: Iterable[str]) -> list[tuple[str, int]]:
    """The clauses and groups of controls that rows in the order of their numbers fall into, and the
    row that each begins with.
    """
    parts = {r.number: r.part for r in assessment.by_requirement}
    found: dict[str, int] = {}
    for index, number in enumerate(numbers):
        found.setdefault(parts[number], index)
    label = assessment.data.label
    return [(f"{part} {label(NamedNode(ISO42001 + part))}", start) for part, start in found.items()]


def _markdown(
    assessment: Assessment, columns: tuple[str, ...], rows: list[tuple[str, ...]]
) -> bytes:
    lines = [f"# {TITLE}", "", f"As of {assessment.as_of}.", ""]
    lines.append("| " + " | ".join(columns) + " |")
    lines.append("|" + "---|" * len(columns))
    lines += ["| " + " | ".join(markdown_cell(cell) for cell in row) + " |" for row in rows]
    return ("\n".join(lines) + "\n").encode()


_STYLE = """
body{font:15px/1.45 system-ui,sans-serif;margin:2rem;color:#1a1a1a}
table{border-collapse:collapse;width:100%}
th,td{border:1px solid #bbb;padding:.35rem .5rem;text-align:left;vertical-align:top}
th{background:#eef1f5;position:sticky;top:0}
.not-met{background:#fde8e6}.unknown{background:#fdf6dc}.met{background:#e7f5ea}
@media print{body{margin:0;font-size:9px}th{position:static}}
"""


def _html(assessment: Assessment, columns: tuple[str, ...], rows: list[tuple[str, ...]]) -> bytes:
    head = "".join(f'<th scope="col">{html.escape(name)}</th>' for name in columns)
    body = []
    for row in rows:
        state = row[-1].replace(" ", "-")
        cells = "".join(f"<td>{html.escape(cell)}</td>" for cell in row[1:-1])
        first, last = html.escape(row[0]), html.escape(row[-1])
        body.append(f'<tr><th scope="row">{first}</th>{cells}<td class="{state}">{last}</td></tr>')
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{TITLE}</title><style>{_STYLE}</style>"
        f"<h1>{TITLE}</h1><p>As of {html.escape(assessment.as_of)}.</p>"
        f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody></table></html>\n"
    ).encode()


_WIDTHS = {
    "Title": 34, "Justification": 40, "Implementation": 18, "Owner": 20, "Evidence": 40,
    "Risks treated": 34, LICENSED_TEXT: 60,
}  # fmt: skip


def _xlsx(assessment: Assessment, columns: tuple[str, ...], rows: list[tuple[str, ...]]) -> bytes:
    from openpyxl import Workbook  # noqa: PLC0415 - heavy, and only this format needs it
    from openpyxl.styles import Alignment, Font  # noqa: PLC0415 - heavy, as above
    from openpyxl.utils import get_column_letter  # noqa: PLC0415 - heavy, as above

    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Statement of applicability"
    sheet.append([TITLE, f"as of {assessment.as_of}"])
    sheet.append(list(columns))
    for row in rows:
        sheet.append([safe_cell(cell) for cell in row])
    for cell in (*sheet[1], *sheet[2]):
        cell.font = Font(bold=True)
    for index, name in enumerate(columns, start=1):
        sheet.column_dimensions[get_column_letter(index)].width = _WIDTHS.get(name, 11)
    for cells in sheet.iter_rows(min_row=3):
        for cell in cells:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    sheet.freeze_panes = "C3"
    sheet.auto_filter.ref = f"A2:{get_column_letter(len(columns))}{len(rows) + 2}"
    buffer = BytesIO()
    book.save(buffer)
    return buffer.getvalue()


Write = Callable[[Assessment, tuple[str, ...], list[tuple[str, ...]]], bytes]
_WRITERS: dict[str, Write] = {
    "xlsx": _xlsx,
    "html": _html,
    "markdown": _markdown,
}
STATEMENT_FORMATS = (*_WRITERS, "pdf")


def write_statement(assessment: Assessment, fmt: str, *, with_iso_text: bool = False) -> bytes:
    """The statement of applicability in one of STATEMENT_FORMATS.

    ``with_iso_text`` adds a column with what the organization's licensed copy of the standard says, if it
    has laid one over our catalogue: leave it out of what is passed on.
    """
    table = statement_table(assessment, f"As of {assessment.as_of}", with_iso_text=with_iso_text)
    if fmt == "pdf":
        return write_pdf(table)
    rows = [tuple(reveal(cell_text(cell)) for cell in row) for row in table.rows]
    return _WRITERS[fmt](assessment, table.columns, rows)
