"""What of a trace is drawn: single things as far as they fit, the rest as counted groups."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import networkx as nx

from aims_graph.columns.reader import Term
from aims_graph.trace import Node, TraceGraph

MAX_BOXES = 80
_COLUMN_LIMIT = 12
_STATES = ("not met", "unknown", "met", "")


@dataclass(frozen=True, slots=True)
class Box:
    """What is drawn: one node, or several of a column and kind folded into one."""

    key: str
    column: int
    text: str
    state: str
    nodes: tuple[Node, ...]

    @property
    def is_group(self) -> bool:
        return len(self.nodes) > 1


@dataclass(frozen=True, slots=True)
class Line:
    """All relations from one box to another. ``quiet``: only says who answers for it."""

    source: str
    target: str
    labels: tuple[str, ...]
    quiet: bool


def fold(graph: TraceGraph, limit: int = MAX_BOXES) -> list[Box]:
    """At most about ``limit`` boxes: a full column keeps what is not met, what is related to most and what is
    nearest; the rest is one box a kind.

    The start is never folded, nor is the only node of a column.
    """
    keys = row_keys(graph)
    ends = Counter(term for edge in graph.edges for term in (edge.source, edge.target))
    columns: dict[int, list[Node]] = {}
    for node in graph.nodes:
        columns.setdefault(node.column, []).append(node)
    room = _room({column: len(nodes) for column, nodes in columns.items()}, limit)
    boxes: list[Box] = []
    for column, nodes in sorted(columns.items()):
        ranked = sorted(nodes, key=lambda node: _rank(node, ends[node.term]))
        kept = ranked[: room[column]]
        boxes += [
            Box(keys[n.term], column, n.label, n.state, (n,)) for n in sorted(kept, key=_label)
        ]
        groups: dict[str, list[Node]] = {}
        for node in ranked[len(kept) :]:
            groups.setdefault(node.kind, []).append(node)
        boxes += [
            _group(f"more{column}x{index}", column, kind, members, keys)
            for index, (kind, members) in enumerate(sorted(groups.items()))
        ]
    return boxes


def row_keys(graph: TraceGraph) -> dict[Term, str]:
    """A name for every node that is fit for XML ids, DOT and Mermaid."""
    return {node.term: f"n{index}" for index, node in enumerate(graph.nodes)}


def _group(key: str, column: int, kind: str, members: list[Node], keys: Mapping[Term, str]) -> Box:
    if len(members) == 1:
        node = members[0]
        return Box(keys[node.term], column, node.label, node.state, (node,))
    worst = min((node.state for node in members), key=_STATES.index)
    text = f"{len(members)} more: {kind}" if kind else f"{len(members)} more"
    return Box(key, column, text, worst, tuple(sorted(members, key=_label)))


def _rank(node: Node, ends: int) -> tuple[bool, bool, bool, int, str]:
    return (
        node.distance != 0,
        node.state != "not met",
        ends <= 1,
        abs(node.distance),
        node.label,
    )


def _label(node: Node) -> str:
    return node.label


def _room(counts: Mapping[int, int], limit: int) -> dict[int, int]:
    """Boxes per column: lowers the fullest until all fit, and none is longer than a screen."""
    room = {column: min(count, _COLUMN_LIMIT) for column, count in counts.items()}
    while sum(room.values()) > limit:
        fullest = max(room, key=lambda column: room[column])
        if room[fullest] <= 2:
            break
        room[fullest] -= 1
    return room


def lines(graph: TraceGraph, boxes: list[Box]) -> list[Line]:
    """Relations between boxes that no longer way says too; relations inside a box are left out.

    The table and the exports have them all.
    """
    of_term = {node.term: box for box in boxes for node in box.nodes}
    labels: dict[tuple[str, str], dict[str, None]] = {}
    quiet: set[tuple[str, str]] = set()
    for edge in graph.edges:
        left, right = of_term[edge.source], of_term[edge.target]
        if graph.turned:
            left, right = right, left
        if left.key != right.key:
            labels.setdefault((left.key, right.key), {})[edge.label] = None
            if right.nodes[0].agent and not graph.turned:
                quiet.add((left.key, right.key))
    direct = _direct([pair for pair in labels if pair not in quiet])
    return [
        Line(*pair, tuple(names), pair in quiet)
        for pair, names in labels.items()
        if pair in quiet or pair in direct
    ]


def _direct(pairs: list[tuple[str, str]]) -> set[tuple[str, str]]:
    """Without the pairs that a longer way joins too; those inside a circle are all kept."""
    circles = nx.condensation(nx.DiGraph(pairs))
    member = circles.graph["mapping"]
    kept = set(nx.transitive_reduction(circles).edges)
    return {
        (left, right)
        for left, right in pairs
        if member[left] == member[right] or (member[left], member[right]) in kept
    }
