"""Selecting what a thing traces to, and what traces to it, over columns."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from aims_graph.columns import LITERAL, Columns, joins
from aims_graph.columns.joins import Ids
from aims_graph.columns.reader import Term
from aims_graph.trace.relations import Relation, declared

UP, DOWN, BOTH = "up", "down", "both"
_DEPTH = 12


@dataclass(frozen=True, slots=True)
class Edge:
    source: Term
    label: str
    target: Term


@dataclass(slots=True)
class Trace:
    """What was reached from ``start``: nodes with their distance (steps), and the edges between them.

    Distance is negative for what leads to the start.
    """

    start: Term
    distances: dict[Term, int] = field(default_factory=dict)
    edges: list[Edge] = field(default_factory=list)


def select(
    data: Columns,
    start: Term,
    relations: tuple[Relation, ...],
    *,
    direction: str = BOTH,
    depth: int = _DEPTH,
) -> Trace:
    """Follows ``relations`` from the start forwards (down), backwards (up) or both, never turning.

    Never turning keeps a trace readable: what else an owner owns is not reached through the owner.
    """
    origin = data.terms.id_of(start)
    distances: dict[int, int] = {origin: 0}
    if origin >= 0:
        steps = declared(data, relations)
        for wanted, forwards in ((DOWN, True), (UP, False)):
            if direction in (wanted, BOTH):
                _walk(data, steps, origin, distances, forwards=forwards, depth=depth)
    trace = Trace(start, {_term(data, node, start): steps for node, steps in distances.items()})
    if origin >= 0:
        trace.edges = _edges(data, declared(data, relations), distances)
    return trace


def _walk(
    data: Columns,
    steps: list[tuple[Relation, int]],
    origin: int,
    distances: dict[int, int],
    *,
    forwards: bool,
    depth: int,
) -> None:
    frontier: Ids = np.array([origin], np.int32)
    seen = frontier
    sign = 1 if forwards else -1
    for distance in range(1, depth + 1):
        frontier = joins.antijoin(_next(data, steps, frontier, forwards=forwards), seen)
        if not len(frontier):
            return
        seen = joins.unique_ids(np.concatenate([seen, frontier]))
        for node in frontier.tolist():
            distances.setdefault(node, sign * distance)


def reach(data: Columns, steps: list[tuple[Relation, int]], starts: Ids, *, forwards: bool) -> Ids:
    """All nodes that the relations lead to from any of the sorted ``starts``, these included."""
    seen = frontier = starts
    while len(frontier):
        found = _next(data, steps, frontier, forwards=forwards)
        frontier = joins.antijoin(found, seen)
        seen = joins.unique_ids(np.concatenate([seen, frontier]))
    return seen


def _next(data: Columns, steps: list[tuple[Relation, int]], ids: Ids, *, forwards: bool) -> Ids:
    """Nodes one step away, sorted."""
    reached = [_step(data, p, ids, relation.inverse != forwards) for relation, p in steps]
    found = joins.unique_ids(np.concatenate([*reached, np.empty(0, np.int32)]))
    things: Ids = found[data.terms.kind[found] != LITERAL]
    return things


def _step(data: Columns, predicate: int, ids: Ids, along: bool) -> Ids:
    pairs = data.pairs(predicate)
    keys, values = (pairs.subjects, pairs.objects) if along else pairs.by_object
    return joins.expand(keys, values, ids)[1]


def _edges(
    data: Columns, steps: list[tuple[Relation, int]], distances: dict[int, int]
) -> list[Edge]:
    """Edges between selected nodes, written from left to right, each pair and label once."""
    found: dict[Edge, None] = {}
    nodes = joins.unique_ids(np.array(list(distances), np.int32))
    for relation, subjects, objects in relation_pairs(data, steps, nodes):
        for left, right in zip(subjects.tolist(), objects.tolist(), strict=True):
            # A trace never turns, so neither does an edge of its picture.
            if distances[left] * distances[right] >= 0 and left != right:
                edge = Edge(data.terms.term(left), relation.label, data.terms.term(right))
                found[edge] = None
    return list(found)


def relation_pairs(
    data: Columns, steps: list[tuple[Relation, int]], nodes: Ids
) -> Iterator[tuple[Relation, Ids, Ids]]:
    """What each relation says among the sorted ``nodes``, as left and right ids."""
    for relation, predicate in steps:
        pairs = data.pairs(predicate)
        index, objects = joins.expand(pairs.subjects, pairs.objects, nodes)
        inside = joins.is_in(objects, nodes)
        subjects, objects = nodes[index[inside]], objects[inside]
        yield (relation, objects, subjects) if relation.inverse else (relation, subjects, objects)


def reach_within(
    data: Columns, steps: list[tuple[Relation, int]], start: int, depth: int, *, without: Ids
) -> dict[int, int]:
    """Distance of every node within ``depth`` steps, relations read in either direction.

    No step leads to the sorted nodes ``without``.
    """
    distances = {start: 0}
    frontier = np.array([start], np.int32)
    seen = joins.unique_ids(np.concatenate([frontier, without]))
    for distance in range(1, depth + 1):
        both = [_next(data, steps, frontier, forwards=forwards) for forwards in (True, False)]
        frontier = joins.antijoin(joins.unique_ids(np.concatenate(both)), seen)
        seen = joins.unique_ids(np.concatenate([seen, frontier]))
        distances.update(dict.fromkeys(frontier.tolist(), distance))
    return distances


def _term(data: Columns, node: int, start: Term) -> Term:
    return start if node < 0 else data.terms.term(node)


__all__ = [
    "BOTH",
    "DOWN",
    "UP",
    "Edge",
    "Trace",
    "reach",
    "reach_within",
    "relation_pairs",
    "select",
]
