"""Selecting what a thing traces to, and what traces to it, over columns."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from aims_graph.columns import LITERAL, Columns, joins
from aims_graph.columns.joins import Ids
from aims_graph.columns.reader import Term
from aims_graph.trace.relations import Relation, declared

UP, DOWN, BOTH = "up", "down", "both"
_DEPTH = 12
_NONE: Ids = np.empty(0, np.int32)

#: A relation in one direction: keys, ascending, and the values they lead to.
_Table = tuple[Ids, Ids]
_Steps = list[tuple[Relation, int]]


@dataclass(frozen=True, slots=True)
class Edge:
    source: Term
    label: str
    target: Term


@dataclass(frozen=True, slots=True)
class Selection:
    """What was reached: ascending ids, each with its distance (steps, negative for what leads to the start).

    ``edges`` join two of them, as (id, label, id). All are empty when the start does not occur.
    """

    nodes: Ids
    distances: NDArray[np.int16]
    edges: list[tuple[int, str, int]]


def select(
    data: Columns,
    start: Term,
    relations: tuple[Relation, ...],
    at_start: tuple[Relation, ...] = (),
    *,
    direction: str = BOTH,
    depth: int = _DEPTH,
) -> Selection:
    """Follows ``relations`` from the start forwards (down), backwards (up) or both, never turning.

    Those ``at_start`` are followed from the start only.

    Never turning keeps a trace readable: what else an owner owns is not reached through the owner.
    """
    origin = data.terms.id_of(start)
    if origin < 0:
        return Selection(_NONE, np.zeros(0, np.int16), [])
    steps, first = declared(data, relations), declared(data, at_start)
    found: Ids = np.array([origin], np.int32)
    distances = np.zeros(1, np.int16)
    for wanted, forwards in ((DOWN, True), (UP, False)):
        if direction in (wanted, BOTH):
            walked, away = _walk(data, steps, first, origin, forwards=forwards, depth=depth)
            # What is reached both ways counts as reached forwards.
            new = ~np.isin(walked, found)
            found = np.concatenate([found, walked[new]])
            distances = np.concatenate([distances, away[new]])
    order = np.argsort(found)
    nodes, distances = found[order], distances[order]
    edges = _edges(data, steps, nodes, distances)
    edges |= {edge: None for edge in _edges(data, first, nodes, distances) if origin in edge}
    return Selection(nodes, distances, list(edges))


def _walk(
    data: Columns, steps: _Steps, first: _Steps, origin: int, *, forwards: bool, depth: int
) -> tuple[Ids, NDArray[np.int16]]:
    """The nodes reached and their distances, by distance; without the origin."""
    tables = _tables(data, [*steps, *first], forwards=forwards)
    frontier: Ids = np.array([origin], np.int32)
    seen, levels = frontier, [_NONE]
    for _ in range(depth):
        frontier = joins.antijoin(_next(data, tables, frontier), seen)
        tables = tables[: len(steps)]
        if not len(frontier):
            break
        seen = joins.unique_ids(np.concatenate([seen, frontier]))
        levels.append(frontier)
    sign = 1 if forwards else -1
    away = np.repeat(sign * np.arange(len(levels)), [len(level) for level in levels])
    return np.concatenate(levels), away.astype(np.int16)


def reach(data: Columns, steps: _Steps, starts: Ids, *, forwards: bool) -> Ids:
    """All nodes that the relations lead to from any of the sorted ``starts``, these included."""
    tables = _tables(data, steps, forwards=forwards)
    seen = frontier = starts
    while len(frontier):
        frontier = joins.antijoin(_next(data, tables, frontier), seen)
        seen = joins.unique_ids(np.concatenate([seen, frontier]))
    return seen


def _tables(data: Columns, steps: _Steps, *, forwards: bool) -> list[_Table]:
    tables = []
    for relation, predicate in steps:
        pairs = data.pairs(predicate)
        along = relation.inverse != forwards
        tables.append((pairs.subjects, pairs.objects) if along else pairs.by_object)
    return tables


def _next(data: Columns, tables: list[_Table], ids: Ids) -> Ids:
    """Nodes one step away from the sorted ids, sorted."""
    if not len(ids):
        return ids
    found = joins.unique_ids(np.concatenate([_NONE, *(_step(*table, ids) for table in tables)]))
    things: Ids = found[data.terms.tags[found] < LITERAL]
    return things


def _step(keys: Ids, values: Ids, ids: Ids) -> Ids:
    """As ``joins.expand``, for many relations of which few lead on from the ids."""
    # Typed bounds: plain ints would make searchsorted copy all keys to int64.
    low, high = keys.searchsorted(np.array([ids[0], ids[-1] + 1], np.int32)).tolist()
    if low == high:
        return _NONE
    if len(ids) == 1:
        return values[low:high]
    if high - low < len(ids):
        return values[low:high][joins.is_in(keys[low:high], ids)]
    start = keys.searchsorted(ids)
    ids = ids[keys[np.minimum(start, high - 1)] == ids]
    return joins.expand(keys, values, ids)[1] if len(ids) else _NONE


def _edges(
    data: Columns, steps: _Steps, nodes: Ids, distances: NDArray[np.int16]
) -> dict[tuple[int, str, int], None]:
    """Edges between selected nodes, written from left to right, each pair and label once."""
    found: dict[tuple[int, str, int], None] = {}
    sides = np.sign(distances)
    for relation, left, right in relation_pairs(data, steps, nodes):
        # A trace never turns, so neither does an edge of its picture.
        turns = sides[nodes.searchsorted(left)] * sides[nodes.searchsorted(right)] < 0
        kept = ~turns & (left != right)
        for a, b in zip(left[kept].tolist(), right[kept].tolist(), strict=True):
            found[a, relation.label, b] = None
    return found


def relation_pairs(data: Columns, steps: _Steps, nodes: Ids) -> Iterator[tuple[Relation, Ids, Ids]]:
    """What each relation says among the sorted ``nodes``, as left and right ids; relations that say nothing are
    left out.
    """
    for relation, predicate in steps:
        pairs = data.pairs(predicate)
        index, objects = joins.expand(pairs.subjects, pairs.objects, nodes)
        if not len(objects):
            continue
        inside = joins.is_in(objects, nodes)
        subjects, objects = nodes[index[inside]], objects[inside]
        yield (relation, objects, subjects) if relation.inverse else (relation, subjects, objects)


def reach_within(
    data: Columns, steps: _Steps, start: int, depth: int, *, without: Ids
) -> dict[int, int]:
    """Distance of every node within ``depth`` steps, relations read in either direction.

    No step leads to the sorted nodes ``without``.
    """
    distances = {start: 0}
    tables = [t for forwards in (True, False) for t in _tables(data, steps, forwards=forwards)]
    frontier = np.array([start], np.int32)
    seen = joins.unique_ids(np.concatenate([frontier, without]))
    for distance in range(1, depth + 1):
        frontier = joins.antijoin(_next(data, tables, frontier), seen)
        seen = joins.unique_ids(np.concatenate([seen, frontier]))
        distances.update(dict.fromkeys(frontier.tolist(), distance))
    return distances


__all__ = [
    "BOTH",
    "DOWN",
    "UP",
    "Edge",
    "Selection",
    "reach",
    "reach_within",
    "relation_pairs",
    "select",
]
