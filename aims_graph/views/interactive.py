"""The downloadable interactive page: pyvis, laid out by column, with nothing loaded from a network."""

import json
import re

from aims_graph.characters import reveal
from aims_graph.errors import InputError
from aims_graph.trace import TraceGraph
from aims_graph.views.folding import row_keys
from aims_graph.views.looks import look
from aims_graph.views.text import escape

MAX_NODES = 200
# pyvis writes these even when asked to inline everything.
_REMOTE = re.compile(
    r"<(link|script)\b[^>]*(?:href|src)=\"(?:https?:)?//[^\"]*\"[^>]*>(?:\s*</script>)?"
)
# Titles made by pyvis stand in the page as a heading, twice.
_HEADINGS = re.compile(r"<center>\s*<h1>.*?</h1>\s*</center>", re.DOTALL)
_OPTIONS = {
    "physics": {"enabled": False},
    "interaction": {"hover": True, "navigationButtons": True, "keyboard": True},
    "layout": {
        "hierarchical": {
            "enabled": True,
            "direction": "LR",
            "levelSeparation": 260,
            "nodeSpacing": 70,
            "sortMethod": "directed",
        }
    },
}


def write_interactive(graph: TraceGraph) -> str:
    """One HTML file. Raises InputError above MAX_NODES nodes."""
    if len(graph.nodes) > MAX_NODES:
        raise InputError(
            f"{len(graph.nodes)} things are too many for the interactive page (at most {MAX_NODES})",
            hint="Use --format html or svg, which fold what does not fit",
        )
    from pyvis.network import Network  # noqa: PLC0415 - slow to import

    network = Network(
        height="88vh", width="100%", directed=True, cdn_resources="in_line", notebook=False
    )
    network.set_options(json.dumps(_OPTIONS))
    # The page is made without data, which pyvis would write into a script as they are.
    page = _HEADINGS.sub("", _REMOTE.sub("", str(network.generate_html(notebook=False))))
    page = page.replace(
        "nodes = new vis.DataSet([]);", f"nodes = new vis.DataSet({_nodes(graph)});"
    )
    page = page.replace(
        "edges = new vis.DataSet([]);", f"edges = new vis.DataSet({_edges(graph)});"
    )
    heading = f"<title>{escape(graph.title)}</title>"
    page = page.replace("<html>", '<html lang="en">', 1).replace("<title></title>", "")
    page = page.replace("<head>", f"<head>{heading}", 1)
    return page.replace("<body>", f"<body><h1>{escape(graph.title)}</h1>", 1)


def _nodes(graph: TraceGraph) -> str:
    keys = row_keys(graph)
    return _script_json(
        [
            {
                "id": keys[node.term],
                "label": "\n".join(
                    filter(None, [_wrap(reveal(node.label)), look(node.state).text])
                ),
                "title": ". ".join(
                    filter(None, [f"{node.kind}: {reveal(node.label)}", node.state])
                ),
                "level": node.column,
                "shape": "box",
                "color": {"background": look(node.state).fill, "border": look(node.state).border},
                "borderWidth": 3 if node.term == graph.start else 1,
                "shapeProperties": {"borderDashes": [5, 3] if look(node.state).dash else False},
                "font": {"color": "#1a2733"},
            }
            for node in graph.nodes
        ]
    )


def _edges(graph: TraceGraph) -> str:
    keys = row_keys(graph)
    return _script_json(
        [
            {"from": keys[e.source], "to": keys[e.target], "title": e.label, "arrows": "to"}
            for e in graph.edges
        ]
    )


def _script_json(value: object) -> str:
    """JSON that cannot end the script element, nor be read as markup by it."""
    text = json.dumps(value, ensure_ascii=True)
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def _wrap(text: str) -> str:
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + len(word) > 24:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return "\n".join(lines)
