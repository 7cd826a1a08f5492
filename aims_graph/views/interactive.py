"""The downloadable interactive page: pyvis, laid out by column, with nothing loaded from a network."""

import json
import re
from collections.abc import Mapping

from aims_graph.characters import reveal
from aims_graph.errors import InputError
from aims_graph.trace import Node, TraceGraph
from aims_graph.views.folding import Box, lines, row_keys
from aims_graph.views.layout import arrange
from aims_graph.views.looks import look
from aims_graph.views.text import escape

MAX_NODES = 200
# pyvis writes these even when asked to inline everything.
_REMOTE = re.compile(
    r"<(link|script)\b[^>]*(?:href|src)=\"(?:https?:)?//[^\"]*\"[^>]*>(?:\s*</script>)?"
)
# Titles made by pyvis stand in the page as a heading, twice.
_HEADINGS = re.compile(r"<center>\s*<h1>.*?</h1>\s*</center>", re.DOTALL)
_LANE, _LINE, _PADDING, _LANES = 310.0, 18.0, 16.0, 3
_OPTIONS = {
    "physics": {"enabled": False},
    "interaction": {"hover": True, "navigationButtons": True, "keyboard": True},
    "nodes": {"font": {"size": 15, "color": "#1a2733"}},
    # Of one colour, and in the direction of reading, so that lines can be told from boxes.
    "edges": {
        "color": {"color": "#98a3ae", "highlight": "#1a2733", "hover": "#1a2733"},
        "smooth": {"type": "cubicBezier", "forceDirection": "horizontal", "roundness": 0.4},
    },
}
# Text can be read at the start: of a large trace the part around its start is shown, not all of it.
_VIEW = """
network.once("afterDrawing", function () {
  var readable = 0.8, box = document.getElementById("mynetwork");
  if (network.getScale() >= readable) { return; }
  var all = nodes.getIds().map(function (id) { return network.getPosition(id); });
  var middle = function (at, size, axis) {
    var places = all.map(function (p) { return p[axis]; });
    var half = size / readable / 2 - 240;
    var low = Math.min.apply(null, places) + half, high = Math.max.apply(null, places) - half;
    return low > high ? (low + high) / 2 : Math.min(Math.max(at, low), high);
  };
  var start = network.getPosition("START");
  network.moveTo({
    position: {
      x: middle(start.x, box.clientWidth, "x"),
      y: middle(start.y, box.clientHeight, "y")
    },
    scale: readable
  });
});
"""


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
    start = row_keys(graph)[graph.start]
    page = page.replace("drawGraph();\n", f"drawGraph();\n{_VIEW.replace('START', start)}", 1)
    heading = f"<title>{escape(graph.title)}</title>"
    page = page.replace("<html>", '<html lang="en">', 1).replace("<title></title>", "")
    page = page.replace("<head>", f"<head>{heading}", 1)
    return page.replace("<body>", f"<body><h1>{escape(graph.title)}</h1>", 1)


def _nodes(graph: TraceGraph) -> str:
    keys = row_keys(graph)
    texts = {keys[node.term]: _text(node) for node in graph.nodes}
    places = _places(graph, texts)
    columns: dict[int, list[tuple[float, float]]] = {}
    for node in graph.nodes:
        columns.setdefault(node.column, []).append(places[keys[node.term]])
    titles = [
        {
            "id": f"column{column}",
            "label": reveal(graph.columns[column]),
            "x": min(x for x, _ in of),
            "y": min(y for _, y in of) - 60,
            "shape": "text",
            "font": {"size": 17, "bold": True},
        }
        for column, of in columns.items()
    ]
    return _script_json(
        [*titles, *(_node(graph, n, keys[n.term], texts, places) for n in graph.nodes)]
    )


def _node(
    graph: TraceGraph,
    node: Node,
    key: str,
    texts: Mapping[str, str],
    places: Mapping[str, tuple[float, float]],
) -> dict[str, object]:
    style = look(node.state)
    x, y = places[key]
    return {
        "id": key,
        "label": texts[key],
        "title": ". ".join(filter(None, [f"{node.kind}: {reveal(node.label)}", node.state])),
        "x": x,
        "y": y,
        "shape": "box",
        "color": {"background": style.fill, "border": style.border},
        "borderWidth": 3 if node.term == graph.start else 1,
        "shapeProperties": {"borderDashes": [5, 3] if style.dash else False},
    }


def _text(node: Node) -> str:
    return "\n".join(filter(None, [_wrap(reveal(node.label)), look(node.state).text]))


def _places(graph: TraceGraph, texts: Mapping[str, str]) -> dict[str, tuple[float, float]]:
    """As in the picture, with nothing folded."""
    keys = row_keys(graph)
    boxes = [Box(keys[n.term], n.column, n.label, n.state, (n,)) for n in graph.nodes]
    heights = {key: _PADDING + _LINE * (1 + text.count("\n")) for key, text in texts.items()}
    layout = arrange(boxes, lines(graph, boxes), heights, _LANES)
    return {key: (round(at.lane * _LANE), round(at.y)) for key, at in layout.places.items()}


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
    wrapped = [""]
    for word in text.split():
        if wrapped[-1] and len(wrapped[-1]) + len(word) > 24:
            wrapped.append("")
        wrapped[-1] = f"{wrapped[-1]} {word}".strip()
    return "\n".join(wrapped)
