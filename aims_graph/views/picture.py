"""A trace drawn as layered SVG: no script, no outside reference, links in every box."""

from collections.abc import Callable
from xml.etree import ElementTree as ET

from aims_graph.trace import TraceGraph
from aims_graph.views.folding import MAX_BOXES, Box, fold, lines
from aims_graph.views.layout import Layout, Route, arrange
from aims_graph.views.looks import look
from aims_graph.views.text import clean, width, wrap

_SVG = "http://www.w3.org/2000/svg"
_FONT = "DejaVu Sans, Verdana, Liberation Sans, Arial, sans-serif"
_BOX, _GUTTER, _MARGIN = 164.0, 62.0, 16.0
_SIZE, _LINE, _PADDING, _LINES = 12.0, 15.0, 9.0, 4
_LANES = 3
_LEGEND = ("met", "not met", "unknown", "")
_QUIET = "who answers for it"
_INK = "#1a2733"

#: Where a box leads, "" for nowhere.
Link = Callable[[Box], str]


def write_svg(graph: TraceGraph, *, limit: int = MAX_BOXES, link: Link | None = None) -> str:
    """A picture that stands alone; boxes link to the IRIs of their things when ``link`` is not given."""
    boxes = fold(graph, limit)
    texts = {box.key: wrap(clean(box.text), _BOX - 2 * _PADDING, _SIZE, _LINES) for box in boxes}
    heights = {
        box.key: 2 * _PADDING + _LINE * (len(texts[box.key]) + bool(look(box.state).word))
        for box in boxes
    }
    layout = arrange(boxes, lines(graph, boxes), heights, _LANES)
    return _Drawing(graph, boxes, texts, layout, link or _own_iri).text()


def _own_iri(box: Box) -> str:
    """Only to web addresses: other schemes may run a program."""
    iri = box.nodes[0].iri
    return iri if not box.is_group and iri.startswith(("https://", "http://")) else ""


class _Drawing:
    """Writes one picture; x by lane, y as laid out below the titles."""

    def __init__(
        self,
        graph: TraceGraph,
        boxes: list[Box],
        texts: dict[str, list[str]],
        layout: Layout,
        link: Link,
    ) -> None:
        self._graph, self._boxes, self._texts, self._layout = graph, boxes, texts, layout
        self._link = link
        self._titles = self._column_titles()
        head = max(len(wrapped) for _, wrapped in self._titles) * 16 + 18
        self._shift = _MARGIN + head - layout.top
        self._width = 2 * _MARGIN + len(layout.lanes) * (_BOX + _GUTTER) - _GUTTER
        self._bottom = layout.bottom + self._shift
        self._width = max(self._width, self._legend_width())

    def text(self) -> str:
        height = self._bottom + 56
        root = ET.Element(
            "svg",
            {
                "xmlns": _SVG,
                "role": "group",
                "aria-labelledby": "picture-title",
                "viewBox": f"0 0 {self._width:.0f} {height:.0f}",
                "width": f"{self._width:.0f}",
                "height": f"{height:.0f}",
                "font-family": _FONT,
                "font-size": f"{_SIZE:.0f}",
                "fill": _INK,
            },
        )
        ET.SubElement(root, "title", id="picture-title").text = clean(self._graph.title)
        self._draw_arrows(root)
        ET.SubElement(root, "rect", width="100%", height="100%", fill="#ffffff")
        self._draw_titles(root)
        group = ET.SubElement(root, "g", fill="none")
        for route in sorted(self._layout.routes, key=lambda route: not route.line.quiet):
            self._draw_route(group, route)
        for box in self._boxes:
            self._draw_box(root, box)
        self._draw_legend(root)
        return ET.tostring(root, encoding="unicode")

    def _left(self, lane: int) -> float:
        return _MARGIN + lane * (_BOX + _GUTTER)

    def _column_titles(self) -> list[tuple[float, list[str]]]:
        """Middle and lines of each title, over all lanes of its column."""
        lanes: dict[int, list[int]] = {}
        for lane, column in enumerate(self._layout.lanes):
            lanes.setdefault(column, []).append(lane)
        titles = []
        for column, of in lanes.items():
            left, right = self._left(of[0]), self._left(of[-1]) + _BOX
            # Bold is about a tenth wider than the widths we know.
            room = (right - left + _GUTTER * 0.6) / 1.15
            titles.append(
                ((left + right) / 2, wrap(clean(self._graph.columns[column]), room, 13.0, 3))
            )
        return titles

    def _draw_titles(self, root: ET.Element) -> None:
        for middle, wrapped in self._titles:
            for index, line in enumerate(wrapped):
                text = _text(root, middle, _MARGIN + 14 + 16 * index, line, "middle")
                text.set("font-size", "13")
                text.set("font-weight", "bold")

    def _draw_arrows(self, root: ET.Element) -> None:
        definitions = ET.SubElement(root, "defs")
        for name, colour in (("arrow", "#4d5a67"), ("quiet", "#98a3ae")):
            marker = ET.SubElement(
                definitions,
                "marker",
                {
                    "id": name,
                    "viewBox": "0 0 8 8",
                    "refX": "7.5",
                    "refY": "4",
                    "markerWidth": "7",
                    "markerHeight": "7",
                    "orient": "auto",
                },
            )
            ET.SubElement(marker, "path", d="M0 0 8 4 0 8z", fill=colour)

    def _draw_route(self, group: ET.Element, route: Route) -> None:
        places = route.places
        against = places[-1].lane <= places[0].lane
        data = self._beside(route) if places[0].lane == places[-1].lane else self._along(route)
        # Lines to people, and those that run back, cross the most: they are kept in the background.
        pale = against or route.line.quiet
        attributes = {
            "d": data,
            "stroke": "#98a3ae" if pale else "#4d5a67",
            "stroke-width": "1" if pale else "1.2",
            "marker-end": "url(#quiet)" if pale else "url(#arrow)",
        }
        if route.line.quiet:
            attributes["stroke-dasharray"] = "2 4"
        path = ET.SubElement(group, "path", attributes)
        ET.SubElement(path, "title").text = clean(", ".join(route.line.labels))

    def _along(self, route: Route) -> str:
        """From lane to lane; it bends between two lanes only, where no boxes are."""
        places = route.places
        back = places[-1].lane < places[0].lane
        step = -_BOX if back else _BOX
        x, y = self._left(places[0].lane) + (0 if back else _BOX), places[0].y + self._shift
        parts = [f"M{x:.1f} {y:.1f}"]
        for place in places[1:]:
            near, at = self._left(place.lane) + (_BOX if back else 0), place.y + self._shift
            bend = (near - x) / 2
            parts.append(f"C{x + bend:.1f} {y:.1f} {near - bend:.1f} {at:.1f} {near:.1f} {at:.1f}")
            x, y = near, at
            if place.key is None:
                x += step
                parts.append(f"H{x:.1f}")
        return "".join(parts)

    def _beside(self, route: Route) -> str:
        """Inside one lane: around the right side."""
        source, target = route.places[0], route.places[-1]
        x = self._left(source.lane) + _BOX
        y, at = source.y + self._shift, target.y + self._shift
        out = x + _GUTTER * 0.6
        return f"M{x:.1f} {y:.1f}C{out:.1f} {y:.1f} {out:.1f} {at:.1f} {x:.1f} {at:.1f}"

    def _draw_box(self, root: ET.Element, box: Box) -> None:
        place, style = self._layout.places[box.key], look(box.state)
        target = self._link(box)
        name = clean(". ".join(part for part in (box.text, style.word) if part))
        parent = ET.SubElement(root, "a", {"href": target}) if target else ET.SubElement(root, "g")
        ET.SubElement(parent, "title").text = name
        left, top = self._left(place.lane), place.y - place.height / 2 + self._shift
        if box.is_group:
            # A second sheet behind says that there are several.
            self._rectangle(parent, left + 4, top + 4, place.height, box)
        rectangle = self._rectangle(parent, left, top, place.height, box)
        if box.nodes[0].term == self._graph.start:
            rectangle.set("stroke-width", "3")
        at = top + _PADDING + _LINE - 3
        for line in self._texts[box.key]:
            _text(parent, left + _BOX / 2, at, line, "middle")
            at += _LINE
        if style.word:
            text = _text(parent, left + _BOX / 2, at, style.text, "middle")
            text.set("fill", style.border)
            text.set("font-weight", "bold")

    def _rectangle(
        self, parent: ET.Element, left: float, top: float, height: float, box: Box
    ) -> ET.Element:
        style = look(box.state)
        attributes = {
            "x": f"{left:.1f}",
            "y": f"{top:.1f}",
            "width": f"{_BOX:.0f}",
            "height": f"{height:.1f}",
            # Sharp corners for what is not met: seen without colour.
            "rx": "0" if box.state == "not met" else "7",
            "fill": style.fill,
            "stroke": style.border,
            "stroke-width": "1.8" if box.state == "not met" else "1.2",
        }
        if style.dash:
            attributes["stroke-dasharray"] = style.dash
        return ET.SubElement(parent, "rect", attributes)

    def _has_quiet_lines(self) -> bool:
        return any(route.line.quiet for route in self._layout.routes)

    def _legend_width(self) -> float:
        """With the margins on both sides."""
        states = sum(27 + width(_called(state), _SIZE) + 18 for state in _LEGEND)
        lines = 31 + width(_QUIET, _SIZE) if self._has_quiet_lines() else 0
        return _MARGIN + states + lines + _MARGIN

    def _draw_legend(self, root: ET.Element) -> None:
        x, y = _MARGIN, self._bottom + 26
        for state in _LEGEND:
            style = look(state)
            attributes = {
                "x": f"{x:.1f}",
                "y": f"{y:.1f}",
                "width": "20",
                "height": "14",
                "rx": "0" if state == "not met" else "4",
                "fill": style.fill,
                "stroke": style.border,
            }
            if style.dash:
                attributes["stroke-dasharray"] = style.dash
            ET.SubElement(root, "rect", attributes)
            label = _called(state)
            _text(root, x + 27, y + 11.5, label, "start")
            x += 27 + width(label, _SIZE) + 18
        if self._has_quiet_lines():
            ET.SubElement(
                root,
                "path",
                {
                    "d": f"M{x:.1f} {y + 7:.1f}h24",
                    "stroke": "#98a3ae",
                    "stroke-dasharray": "2 4",
                    "marker-end": "url(#quiet)",
                },
            )
            _text(root, x + 31, y + 11.5, _QUIET, "start")


def _called(state: str) -> str:
    return look(state).text or "not judged by itself"


def _text(parent: ET.Element, x: float, y: float, content: str, anchor: str) -> ET.Element:
    text = ET.SubElement(parent, "text", {"x": f"{x:.1f}", "y": f"{y:.1f}", "text-anchor": anchor})
    text.text = content
    return text
