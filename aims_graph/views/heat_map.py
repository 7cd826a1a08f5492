"""Requirement by system as a heat map: HTML table and SVG, the state as text in every cell."""

from xml.etree import ElementTree as ET

from aims_graph.assessment import Conformity, Matrix, Requirement
from aims_graph.columns.reader import Reader, Term
from aims_graph.views.looks import NO_STATE, Look, look
from aims_graph.views.style import page
from aims_graph.views.text import clean, escape, width, wrap

_NOT_JUDGED = "·"
_TITLE = "Requirements by AI system"
_SVG = "http://www.w3.org/2000/svg"
_CELL, _ROW, _MARGIN, _SIZE = 116.0, 24.0, 14.0, 12.0
# Bold is about a tenth wider than the widths we know.
_BOLD = 1.15
_WIDEST_NAME, _WIDEST_CELL, _HEAD_LINES = 520.0, 240.0, 4


def cell_state(matrix: Matrix, requirement: Requirement, system: Term | None) -> str:
    """Met, not met, unknown, excluded, or "" where no rule judges the system; ``None`` is the whole AIMS."""
    if requirement.iri in matrix.excluded:
        return "excluded"
    if system is None:
        return str(matrix.requirements[requirement].state)
    cell = matrix.cells.get((requirement.iri, system))
    return "" if cell is None else str(cell.state)


def _cell(matrix: Matrix, requirement: Requirement, system: Term | None) -> tuple[Look, str, str]:
    """Look, what the cell shows, and what it says in full."""
    state = cell_state(matrix, requirement, system)
    style = look(state)
    if style is NO_STATE:
        return style, _NOT_JUDGED, "not judged by system"
    cell = _conformity(matrix, requirement, system)
    if cell is None or state == "excluded":
        return style, style.text, style.word
    open_ = cell.not_met + cell.unknown
    shown = f"{style.text} ({open_})" if open_ else style.text
    return style, shown, f"{style.word}: {cell.met} of {cell.checked} judgements met"


def _conformity(matrix: Matrix, requirement: Requirement, system: Term | None) -> Conformity | None:
    if system is None:
        return matrix.requirements[requirement]
    return matrix.cells.get((requirement.iri, system))


def write_heat_map_page(matrix: Matrix, reader: Reader, *, as_of: str) -> str:
    """One HTML file: a table with header cells, no colour without text."""
    heads = "".join(f'<th scope="col">{escape(reader.label(s))}</th>' for s in matrix.systems)
    rows = []
    for requirement in matrix.requirements:
        cells = []
        for system in (None, *matrix.systems):
            style, shown, said = _cell(matrix, requirement, system)
            cells.append(f'<td class="{style.css}" title="{escape(said)}">{escape(shown)}</td>')
        name = escape(f"{requirement.number} {requirement.title}")
        rows.append(f'<tr><th scope="row">{name}</th>{"".join(cells)}</tr>')
    return page(
        _TITLE,
        f"<p>As of {escape(as_of)}. Behind a state the number of judgements that are not met or unknown; "
        f"“{_NOT_JUDGED}” where no rule judges the requirement system by system.</p>"
        '<div class="scroll" tabindex="0" role="region" aria-label="Matrix"><table class="matrix">'
        f'<thead><tr><th scope="col">Requirement</th><th scope="col">Whole AIMS</th>{heads}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>",
    )


def write_heat_map_svg(matrix: Matrix, reader: Reader, *, as_of: str) -> str:
    """The same as a picture; every cell has its state as text and its counts as title."""
    columns = [None, *matrix.systems]
    heads = ["Whole AIMS" if s is None else clean(reader.label(s)) for s in columns]
    titles = [clean(f"{r.number} {r.title}") for r in matrix.requirements]
    # Wide enough that no word of a heading is cut, and hardly a title.
    words = [width(word, _SIZE) * _BOLD + 8 for head in heads for word in head.split()]
    cell = min(max(_CELL, *words), _WIDEST_CELL)
    names = min(max((width(title, _SIZE) for title in titles), default=0) + 10, _WIDEST_NAME)
    wrapped = [wrap(head, (cell - 8) / _BOLD, _SIZE, _HEAD_LINES) for head in heads]
    high = 29 + 15 * max(map(len, wrapped))
    size = (
        2 * _MARGIN + names + cell * len(columns),
        2 * _MARGIN + high + _ROW * len(matrix.requirements),
    )
    root = ET.Element(
        "svg",
        {
            "xmlns": _SVG,
            "role": "img",
            "aria-labelledby": "heat-map-title",
            "viewBox": f"0 0 {size[0]:.0f} {size[1]:.0f}",
            "width": f"{size[0]:.0f}",
            "height": f"{size[1]:.0f}",
            "font-family": "DejaVu Sans, Verdana, Liberation Sans, Arial, sans-serif",
            "font-size": f"{_SIZE:.0f}",
            "fill": "#1a2733",
        },
    )
    ET.SubElement(root, "title", id="heat-map-title").text = f"{_TITLE}, as of {as_of}"
    ET.SubElement(root, "rect", width="100%", height="100%", fill="#ffffff")
    for index, lines in enumerate(wrapped):
        for line, text in enumerate(lines):
            middle = _MARGIN + names + cell * (index + 0.5)
            _text(root, middle, _MARGIN + 14 + 15 * line, text, bold=True)
    for row, (requirement, title) in enumerate(zip(matrix.requirements, titles, strict=True)):
        top = _MARGIN + high + _ROW * row
        name = wrap(title, names - 10, _SIZE, 1)[0]
        _text(root, _MARGIN, top + 16, name, anchor="start")
        for index, system in enumerate(columns):
            style, shown, said = _cell(matrix, requirement, system)
            group = ET.SubElement(root, "g")
            ET.SubElement(group, "title").text = f"{title}: {said}"
            left = _MARGIN + names + cell * index
            attributes = {
                "x": f"{left + 1:.0f}",
                "y": f"{top + 1:.0f}",
                "width": f"{cell - 2:.0f}",
                "height": f"{_ROW - 2:.0f}",
                "fill": style.fill,
                "stroke": style.border if style.word else "none",
            }
            if style.dash:
                attributes["stroke-dasharray"] = style.dash
            ET.SubElement(group, "rect", attributes)
            text = wrap(shown, cell - 6, _SIZE, 1)[0]
            _text(group, left + cell / 2, top + 16, text, bold=style.word == "not met")
    return ET.tostring(root, encoding="unicode")


def _text(
    parent: ET.Element,
    x: float,
    y: float,
    content: str,
    *,
    anchor: str = "middle",
    bold: bool = False,
) -> None:
    attributes = {"x": f"{x:.1f}", "y": f"{y:.1f}", "text-anchor": anchor}
    if bold:
        attributes["font-weight"] = "bold"
    ET.SubElement(parent, "text", attributes).text = content
