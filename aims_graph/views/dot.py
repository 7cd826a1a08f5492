"""A trace as Graphviz DOT: columns by kind, wrapped labels, states by word and shape as well as colour."""

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass

from aims_graph.columns.reader import Term
from aims_graph.trace import Node, TraceGraph, column_titles

MAX_NODES = 80
_COLUMN_LIMIT = 12
_WRAP = 26
FONT = "Arial,Helvetica,Liberation Sans,sans-serif"
_AGENTS = len(column_titles()) - 2
# Fill, border, shape style: readable in black and white, and with any colour vision.
_STATE_LOOKS = {
    "met": ("#e7f5ea", "#1b6e2e", "rounded,filled"),
    "not met": ("#fde8e6", "#a11a0c", "filled,bold"),
    "unknown": ("#fdf6dc", "#7a5c00", "rounded,filled,dashed"),
    "": ("#f4f6f8", "#5a6572", "rounded,filled"),
}
_STATE_MARKS = {"met": "✔ met", "not met": "✘ not met", "unknown": "? unknown", "": ""}


@dataclass(frozen=True, slots=True)
class Box:
    """What is drawn: one node, or several of a column folded into one."""

    key: str
    column: int
    text: str
    state: str
    nodes: tuple[Node, ...]


def fold(graph: TraceGraph, limit: int = MAX_NODES) -> list[Box]:
    """At most about ``limit`` boxes: a full column keeps its nearest and worst nodes, the rest is one box a kind.

    The start is never folded, nor is the only node of a column.
    """
    keys = {node.term: f"n{index}" for index, node in enumerate(graph.nodes)}
    columns: dict[int, list[Node]] = {}
    for node in graph.nodes:
        columns.setdefault(node.column, []).append(node)
    room = _room({column: len(nodes) for column, nodes in columns.items()}, limit)
    boxes = []
    for column, nodes in sorted(columns.items()):
        ranked = sorted(nodes, key=_rank)
        fits = len(nodes) <= room[column]
        kept = ranked if fits else ranked[: room[column]]
        boxes += [
            Box(keys[n.term], column, n.label, n.state, (n,)) for n in sorted(kept, key=_label)
        ]
        groups: dict[str, list[Node]] = {}
        for node in ranked[len(kept) :]:
            groups.setdefault(node.kind, []).append(node)
        for index, (kind, members) in enumerate(sorted(groups.items())):
            text = f"{len(members)} more of: {kind}" if len(members) > 1 else members[0].label
            key = f"more{column}x{index}"
            boxes.append(Box(key, column, text, _worst_state(members), tuple(members)))
    return boxes


def _rank(node: Node) -> tuple[bool, bool, int, str]:
    return (node.distance != 0, node.state != "not met", abs(node.distance), node.label)


def _label(node: Node) -> str:
    return node.label


def _worst_state(nodes: list[Node]) -> str:
    states = {node.state for node in nodes}
    return next((state for state in ("not met", "unknown", "met") if state in states), "")


def _room(counts: Mapping[int, int], limit: int) -> dict[int, int]:
    """Boxes per column: lowers the fullest until all fit, and none is longer than a screen."""
    room = {column: min(count, _COLUMN_LIMIT) for column, count in counts.items()}
    while sum(room.values()) > limit:
        fullest = max(room, key=lambda column: room[column])
        if room[fullest] <= 2:
            break
        room[fullest] -= 1
    return room


def quote(text: str) -> str:
    """A DOT string: backslashes and quotes escaped, so a label stays a label."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def write_dot(graph: TraceGraph, *, limit: int = MAX_NODES) -> str:
    """DOT for ``dot``; each node links to its row in the table (``#row-…``)."""
    boxes = fold(graph, limit)
    used = sorted({box.column for box in boxes})
    lines = [
        "digraph trace {",
        "  graph [rankdir=LR, nodesep=0.16, ranksep=0.8, splines=true, bgcolor=white, pad=0.2]",
        f'  node [fontname={quote(FONT)}, fontsize=11, shape=box, margin="0.3,0.07"]',
        '  edge [color="#6b7682", arrowsize=0.6]',
        # An invisible spine keeps the columns in order even where nothing joins two of them.
        *(f'  spine{column} [style=invis, shape=point, width=0.01, label=""]' for column in used),
    ]
    lines.append("  " + " -> ".join(f"spine{column}" for column in used) + " [style=invis]")
    for column in used:
        members = "; ".join(box.key for box in boxes if box.column == column)
        lines.append(f"  {{ rank=same; spine{column}; {members} }}")
    lines += [_box_line(box, start=graph.start) for box in boxes]
    lines += _edge_lines(graph, boxes)
    lines.append("}")
    return "\n".join(lines) + "\n"


def _box_line(box: Box, *, start: Term) -> str:
    fill, border, style = _STATE_LOOKS.get(box.state, _STATE_LOOKS[""])
    mark = _STATE_MARKS.get(box.state, "")
    text = textwrap.fill(box.text, _WRAP, max_lines=4, placeholder=" …")
    label = f"{text}\n{mark}" if mark else text
    is_start = box.nodes[0].term == start
    attributes = {
        "label": quote(label),
        "fillcolor": quote(fill),
        "color": quote(border),
        "style": quote(style),
        "penwidth": "2.6" if is_start else "1.2",
        "tooltip": quote(box.text),
        "URL": quote(f"#row-{box.key}"),
    }
    if len(box.nodes) > 1:
        attributes["shape"] = "folder"
    body = ", ".join(f"{name}={value}" for name, value in attributes.items())
    return f"  {box.key} [{body}]"


def _edge_lines(graph: TraceGraph, boxes: list[Box]) -> list[str]:
    """One line a pair of boxes, with its relations; edges inside a folded box are not drawn."""
    of_term = {node.term: box for box in boxes for node in box.nodes}
    labels: dict[tuple[str, str], dict[str, None]] = {}
    columns = {box.key: box.column for box in boxes}
    for edge in graph.edges:
        left, right = of_term[edge.source].key, of_term[edge.target].key
        if left != right:
            labels.setdefault((left, right), {})[edge.label] = None
    lines = []
    for (left, right), names in labels.items():
        # Labels on every line hide the picture: they are in the table and the tooltip.
        text = quote(", ".join(names))
        extra = "" if columns[left] < columns[right] else ", constraint=false"
        if columns[right] == _AGENTS:
            # Everything has somebody who answers for it: kept in the background.
            extra += ', color="#c3cad1", style=dotted'
        lines.append(f"  {left} -> {right} [tooltip={text}, labeltooltip={text}{extra}]")
    return lines
