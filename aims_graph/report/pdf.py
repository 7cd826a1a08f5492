"""Tables as PDF: A4 across, wrapped cells, the head of a table on every page, an outline, page numbers.

Fonts come with the package and are put into the document, so that it looks the same everywhere.
"""

import io
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import registerFont, registerFontFamily, stringWidth
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    Flowable,
    Frame,
    LongTable,
    PageBreak,
    PageTemplate,
    Paragraph,
    Spacer,
    TableStyle,
)  # fmt: skip
from reportlab.platypus.tableofcontents import TableOfContents

from aims_graph.characters import reveal
from aims_graph.report.tables import Table, cell_text

_FONT: Final = "DejaVu"
_BOLD: Final = "DejaVu-Bold"
_SIZE: Final = 7.0
_PAD: Final = 2.5
_MARGIN: Final = 14 * mm
_WIDTH: Final = landscape(A4)[0] - 2 * _MARGIN
#: Rows of one table and characters of one cell that are printed; other formats hold all.
_ROWS: Final = 2000
_CHARACTERS: Final = 3000
_COUNT: Final = "page-count"
_COUNT_WIDTH: Final = 14.0
_LINE: Final = HexColor("#b7c0c8")
_HEAD: Final = HexColor("#eef1f5")
_QUIET: Final = HexColor("#3d4852")


@cache
def _styles() -> dict[str, ParagraphStyle]:
    folder = Path(__file__).parent / "fonts"
    registerFont(TTFont(_FONT, folder / "DejaVuSansCondensed.ttf"))
    registerFont(TTFont(_BOLD, folder / "DejaVuSansCondensed-Bold.ttf"))
    registerFontFamily(_FONT, normal=_FONT, bold=_BOLD, italic=_FONT, boldItalic=_BOLD)
    cell = ParagraphStyle("cell", fontName=_FONT, fontSize=_SIZE, leading=_SIZE * 1.25)
    return {
        "cell": cell,
        "head": ParagraphStyle("head", cell, fontName=_BOLD),
        "note": ParagraphStyle("note", cell, fontSize=8.5, leading=12, textColor=_QUIET),
        "title": ParagraphStyle(
            "title", fontName=_BOLD, fontSize=17, leading=21, spaceAfter=2 * mm
        ),
        "section": ParagraphStyle(
            "section", fontName=_BOLD, fontSize=10.5, leading=13, spaceBefore=4 * mm, spaceAfter=mm
        ),
    }


def write_pdf(table: Table) -> bytes:
    """The same bytes for the same table, unless it says when it was made."""
    return _Document(table.title, table.subtitle, table.made).write(_pages(table))


def write_book(
    title: str, subtitle: str, tables: Sequence[Table], made: datetime | None = None
) -> bytes:
    """Several tables in one document, with a list of contents."""
    styles = _styles()
    contents = TableOfContents()
    contents.levelStyles = [
        ParagraphStyle(f"contents {level}", styles["note"], leftIndent=level * 5 * mm)
        for level in range(2)
    ]
    story = [*_heading(title, subtitle, made), Spacer(0, 5 * mm), contents]
    for table in tables:
        story += [PageBreak(), *_pages(table)]
    return _Document(title, subtitle, made).write(story, passes=10)


def _heading(title: str, subtitle: str, made: datetime | None) -> list[Flowable]:
    styles = _styles()
    when = "" if made is None else f" Made on {made.astimezone(UTC):%Y-%m-%d %H:%M} UTC."
    return [_paragraph(title, styles["title"]), _paragraph(f"{subtitle}.{when}", styles["note"])]


def _pages(table: Table) -> list[Flowable]:
    styles = _styles()
    title, *rest = _heading(table.title, table.subtitle, table.made)
    rows = [[cell_text(cell)[:_CHARACTERS] for cell in row] for row in table.rows[:_ROWS]]
    widths = _widths(table.columns, rows)
    story: list[Flowable] = [_Entry(title, table.title, 0), *rest, Spacer(0, 3 * mm)]
    starts = [*(start for _, start in table.sections), len(rows)]
    if not table.sections:
        story.append(_grid(table.columns, rows, widths))
    for (name, _), (start, end) in zip(table.sections, pairwise(starts), strict=True):
        if rows[start:end]:
            story.append(_Entry(_paragraph(name, styles["section"]), name, 1))
            story.append(_grid(table.columns, rows[start:end], widths))
    if not rows:
        story.append(_paragraph("No rows.", styles["note"]))
    if len(table.rows) > _ROWS:
        more = (
            f"{len(table.rows) - _ROWS} more rows are not printed: take them away as XLSX or CSV."
        )
        story.append(_paragraph(more, styles["note"]))
    return story


def _paragraph(text: str, style: ParagraphStyle) -> Paragraph:
    return Paragraph(escape(reveal(text)).replace("\n", "<br/>"), style)


def _grid(columns: Sequence[str], rows: Sequence[Sequence[str]], widths: list[float]) -> Flowable:
    styles = _styles()
    cells = [[_paragraph(name, styles["head"]) for name in columns]]
    cells += [[_paragraph(cell, styles["cell"]) for cell in row] for row in rows]
    grid = LongTable(cells, colWidths=widths, repeatRows=1, splitInRow=1)
    grid.setStyle(
        TableStyle(
            [
                ("GRID", (0, 0), (-1, -1), 0.4, _LINE),
                ("BACKGROUND", (0, 0), (-1, 0), _HEAD),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LEFTPADDING", (0, 0), (-1, -1), _PAD),
                ("RIGHTPADDING", (0, 0), (-1, -1), _PAD),
                ("TOPPADDING", (0, 0), (-1, -1), 1.5),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 2.5),
            ]
        )
    )
    return grid


def _widths(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> list[float]:
    """In points, the whole width together: each column has its longest word if there is room, the rest
    goes to those with much text.
    """
    least, wanted = [], []
    for index, name in enumerate(columns):
        cells = [name, *(row[index] for row in rows[:300])]
        words = [word for cell in cells for word in cell.split()[:80]]
        longest = max((stringWidth(word, _BOLD, _SIZE) for word in words), default=0.0)
        least.append(min(longest, 32 * mm) + 2 * _PAD + 1)
        wanted.append(sum(stringWidth(cell[:600], _FONT, _SIZE) ** 0.5 for cell in cells))
    room = _WIDTH - sum(least)
    if room < 0:
        return [width * _WIDTH / sum(least) for width in least]
    return [width + room * want / sum(wanted) for width, want in zip(least, wanted, strict=True)]


class _Entry(Flowable):
    """A heading that the outline and the list of contents lead to."""

    def __init__(self, heading: Flowable, text: str, level: int) -> None:
        super().__init__()
        self._heading = heading
        self.text = reveal(text)
        self.level = level
        self.keepWithNext = True

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        return self._heading.wrap(width, height)

    def getSpaceBefore(self) -> float:  # noqa: N802 - the name is reportlab's
        return float(self._heading.getSpaceBefore())

    def getSpaceAfter(self) -> float:  # noqa: N802 - the name is reportlab's
        return float(self._heading.getSpaceAfter())

    def draw(self) -> None:
        self._heading.drawOn(self.canv, 0, 0)


class _Document(BaseDocTemplate):
    def __init__(self, title: str, subtitle: str, made: datetime | None) -> None:
        self._body = io.BytesIO()
        super().__init__(
            self._body,
            pagesize=landscape(A4),
            title=reveal(title),
            subject=subtitle,
            creator="AIMS Graph",
            author="",
            lang="en",
            invariant=made is None,
        )
        frame = Frame(
            _MARGIN, 15 * mm, _WIDTH, landscape(A4)[1] - 27 * mm,
            leftPadding=0, rightPadding=0, topPadding=0, bottomPadding=0,
        )  # fmt: skip
        self.addPageTemplates([PageTemplate("page", [frame], onPage=self._foot)])
        self._footer = f"{reveal(title)} · {subtitle}"
        self._count = 0

    def write(self, story: list[Flowable], passes: int = 0) -> bytes:
        if passes:
            self.multiBuild(story, maxPasses=passes, canvasmaker=_Counted)
        else:
            self.build(story, canvasmaker=_Counted)
        return self._body.getvalue()

    def _foot(self, canvas: Canvas, _: BaseDocTemplate) -> None:
        canvas.saveState()
        canvas.setFont(_FONT, 7)
        canvas.setFillColor(_QUIET)
        canvas.drawString(_MARGIN, 9 * mm, self._footer)
        right = _MARGIN + _WIDTH - _COUNT_WIDTH
        canvas.drawRightString(right, 9 * mm, f"Page {canvas.getPageNumber()} of ")
        canvas.translate(right, 9 * mm)
        canvas.doForm(_COUNT)
        canvas.restoreState()

    def beforeDocument(self) -> None:  # noqa: N802 - the name is reportlab's
        self._count = 0

    def afterFlowable(self, flowable: Flowable) -> None:  # noqa: N802 - the name is reportlab's
        if isinstance(flowable, _Entry):
            self._count += 1
            key = f"entry-{self._count}"
            self.canv.bookmarkPage(key)
            self.canv.addOutlineEntry(flowable.text, key, level=flowable.level)
            self.notify("TOCEntry", (flowable.level, escape(flowable.text), self.page, key))


class _Counted(Canvas):
    """The number of pages is a drawing that every page shows and that is made when it is known."""

    def save(self) -> None:
        self.beginForm(_COUNT, 0, -2, _COUNT_WIDTH, 9)
        self.setFont(_FONT, 7)
        self.setFillColor(_QUIET)
        self.drawString(0, 0, str(self.getPageNumber() - 1))
        self.endForm()
        super().save()
