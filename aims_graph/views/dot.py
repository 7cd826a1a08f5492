"""A trace as Graphviz DOT, for those who lay it out themselves: columns by rank, states by word and look."""

import textwrap

from aims_graph.characters import reveal
from aims_graph.trace import TraceGraph
from aims_graph.views.folding import MAX_BOXES, Box, fold, lines
from aims_graph.views.looks import look

_WRAP = 26


def quote(text: str) -> str:
    """A DOT string: backslashes and quotes escaped, so a label stays a label; nothing in it is unseen."""
    return '"' + reveal(text).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def write_dot(graph: TraceGraph, *, limit: int = MAX_BOXES) -> str:
    """The same boxes and lines as the picture."""
    boxes = fold(graph, limit)
    used = sorted({box.column for box in boxes})
    text = [
        f"digraph {quote(graph.title)} {{",
        "  graph [rankdir=LR, nodesep=0.16, ranksep=0.8, bgcolor=white]",
        '  node [fontname="DejaVu Sans", fontsize=11, shape=box, margin="0.25,0.07"]',
        '  edge [color="#4d5a67", arrowsize=0.6]',
        # An invisible spine keeps the columns in order even where nothing joins two of them.
        *(
            f"  column{column} [shape=plaintext, fontsize=13, label={quote(graph.columns[column])}]"
            for column in used
        ),
        "  " + " -> ".join(f"column{column}" for column in used) + " [style=invis]",
    ]
    for column in used:
        members = "; ".join(box.key for box in boxes if box.column == column)
        text.append(f"  {{ rank=same; column{column}; {members} }}")
    text += [_box_line(box, box.nodes[0].term == graph.start) for box in boxes]
    column_of = {box.key: box.column for box in boxes}
    for line in lines(graph, boxes):
        attributes = f"tooltip={quote(', '.join(line.labels))}"
        if column_of[line.source] >= column_of[line.target]:
            attributes += ", constraint=false"
        if line.quiet:
            attributes += ', color="#98a3ae", style=dotted'
        text.append(f"  {line.source} -> {line.target} [{attributes}]")
    text.append("}")
    return "\n".join(text) + "\n"


def _box_line(box: Box, is_start: bool) -> str:
    style = look(box.state)
    label = "\n".join([*textwrap.wrap(box.text, _WRAP, max_lines=4, placeholder=" …"), style.text])
    corners = "filled" if box.state == "not met" else "rounded,filled"
    attributes = {
        "label": quote(label.strip()),
        "fillcolor": quote(style.fill),
        "color": quote(style.border),
        "style": quote(f"{corners},dashed" if style.dash else corners),
        "penwidth": "2.6" if is_start else "1.2",
        "tooltip": quote(box.text),
    }
    if box.is_group:
        attributes["shape"] = "folder"
    body = ", ".join(f"{name}={value}" for name, value in attributes.items())
    return f"  {box.key} [{body}]"
