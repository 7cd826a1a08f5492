"""Traces drawn as SVG by Graphviz: the ``dot`` of the machine, or the one that comes from PyPI."""

import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path
from xml.etree import ElementTree as ET

from aims_graph.trace import TraceGraph, column_titles
from aims_graph.views.dot import FONT, MAX_NODES, fold, write_dot

_TIMEOUT_S = 60
_SVG = "http://www.w3.org/2000/svg"
_XLINK = "http://www.w3.org/1999/xlink"
_DOCTYPE = re.compile(r"<!DOCTYPE[^>]*>")
_TITLE_ROOM = 44


class LayoutError(RuntimeError):
    """Graphviz is missing or did not finish."""


def _program() -> str:
    beside = Path(sys.executable).with_name("graphviz-pure")
    found = str(beside) if beside.exists() else shutil.which("graphviz-pure") or shutil.which("dot")
    if found is None:
        raise LayoutError("neither graphviz-pure nor dot is installed: pip install graphviz-pure")
    return found


def lay_out(dot: str) -> str:
    """SVG of a DOT text. Raises LayoutError."""
    try:
        done = subprocess.run(  # noqa: S603 - a fixed program, the text goes in by standard input
            [_program(), "-Tsvg"],
            input=dot.encode(),
            capture_output=True,
            timeout=_TIMEOUT_S,
            check=True,
        )
    except subprocess.TimeoutExpired:
        raise LayoutError(f"Graphviz took longer than {_TIMEOUT_S} s") from None
    except subprocess.CalledProcessError as error:
        raise LayoutError(
            f"Graphviz failed: {error.stderr.decode(errors='replace')[:500]}"
        ) from None
    return done.stdout.decode()


def write_svg(graph: TraceGraph, *, limit: int = MAX_NODES) -> str:
    """A layered picture: column titles on top, accessible (role, title), no script, no outside reference."""
    boxes = fold(graph, limit)
    ET.register_namespace("", _SVG)
    ET.register_namespace("xlink", _XLINK)
    # What Graphviz wrote from our own DOT text: no DTD is read by this parser, no entity is defined.
    root = ET.fromstring(_DOCTYPE.sub("", lay_out(write_dot(graph, limit=limit))))  # noqa: S314
    _add_column_titles(root, {box.key: box.column for box in boxes})
    for element in root.iter(f"{{{_SVG}}}g"):
        title = element.find(f"{{{_SVG}}}title")
        # Graphviz names nodes by our keys, which would be read out; the link's own title says more.
        if title is not None:
            element.remove(title)
    root.set("role", "img")
    root.set("aria-labelledby", "picture-title")
    title = ET.Element(f"{{{_SVG}}}title", id="picture-title")
    title.text = graph.title
    root.insert(0, title)
    return ET.tostring(root, encoding="unicode")


def _add_column_titles(root: ET.Element, columns: dict[str, int]) -> None:
    """Writes the title of each column above it, where Graphviz put its boxes, and makes room for it."""
    places: dict[int, list[float]] = {}
    for group in root.iter(f"{{{_SVG}}}g"):
        name = group.findtext(f"{{{_SVG}}}title", "")
        text = group.find(f".//{{{_SVG}}}text")
        if name in columns and text is not None:
            places.setdefault(columns[name], []).append(float(text.get("x", "0")))
    left, top, width, height = (float(v) for v in root.get("viewBox", "0 0 100 100").split())
    root.set("viewBox", f"{left} {top - _TITLE_ROOM} {width} {height + _TITLE_ROOM}")
    root.set("width", f"{width:.0f}pt")
    root.set("height", f"{height + _TITLE_ROOM:.0f}pt")
    canvas = root.find(f"{{{_SVG}}}g")
    offset = _translation(canvas)
    for column, xs in sorted(places.items()):
        lines = textwrap.wrap(column_titles()[column], 16)
        for index, line in enumerate(lines):
            text = ET.SubElement(
                root,
                f"{{{_SVG}}}text",
                {
                    "x": f"{sum(xs) / len(xs) + offset:.1f}",
                    "y": f"{top - _TITLE_ROOM + 18 + 16 * index:.1f}",
                    "text-anchor": "middle",
                    "font-family": FONT,
                    "font-size": "13",
                    "font-weight": "bold",
                    "fill": "#1a2733",
                },
            )
            text.text = line


def _translation(canvas: ET.Element | None) -> float:
    """The x of ``translate(x y)`` on Graphviz's outermost group."""
    found = re.search(
        r"translate\(([-\d.]+)", "" if canvas is None else canvas.get("transform", "")
    )
    return float(found.group(1)) if found else 0.0
