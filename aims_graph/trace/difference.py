"""What changed between two traces of the same thing: two moments, or before and after a change."""

from collections.abc import Mapping
from dataclasses import dataclass

from aims_graph.columns.reader import Term
from aims_graph.trace.graph import Node, TraceGraph
from aims_graph.trace.selection import Edge


@dataclass(frozen=True, slots=True)
class Difference:
    """``changed`` are nodes in both whose state or label differs, as they were and as they are."""

    added: tuple[Node, ...]
    removed: tuple[Node, ...]
    changed: tuple[tuple[Node, Node], ...]
    added_edges: tuple[Edge, ...]
    removed_edges: tuple[Edge, ...]
    #: What the ends of the edges are called: as they are, or as they were where they are gone.
    labels: Mapping[Term, str]

    def __bool__(self) -> bool:
        parts = (self.added, self.removed, self.changed, self.added_edges, self.removed_edges)
        return any(parts)


def compare(before: TraceGraph, after: TraceGraph) -> Difference:
    """The order is that of the traces."""
    old = {node.term: node for node in before.nodes}
    new = {node.term: node for node in after.nodes}
    both = [(old[term], new[term]) for term in new if term in old]
    old_edges, new_edges = set(before.edges), set(after.edges)
    return Difference(
        tuple(node for term, node in new.items() if term not in old),
        tuple(node for term, node in old.items() if term not in new),
        tuple((a, b) for a, b in both if (a.state, a.label) != (b.state, b.label)),
        tuple(edge for edge in after.edges if edge not in old_edges),
        tuple(edge for edge in before.edges if edge not in new_edges),
        {term: node.label for term, node in (old | new).items()},
    )
