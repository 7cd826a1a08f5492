"""Traces drawn as SVG by Graphviz: the ``dot`` of the machine, or the one that comes from PyPI."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

from aims_graph.trace import TraceGraph
from aims_graph.views.dot import MAX_NODES, write_dot

_TIMEOUT_S = 60


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
    """A layered picture: accessible (role, title), scalable, with no script and no outside reference."""
    svg = lay_out(write_dot(graph, limit=limit))
    start = svg.index("<svg")
    opening = (
        '<svg role="img" aria-labelledby="picture-title" ' + svg[start + 5 : svg.index(">", start)]
    )
    title = f'<title id="picture-title">{_escape(graph.title)}</title>'
    body = svg[svg.index(">", start) + 1 :]
    # Graphviz's own document title would be read out instead of ours.
    body = re.sub(r"<title>trace</title>\n?", "", body, count=1)
    return f"{opening}>{title}{body}"


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
