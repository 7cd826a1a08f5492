"""Transitive closure of a whole relation, each pair made about once.

Nodes are taken in levels, those that lead nowhere first: what a node reaches is then the union of
what its successors reach, which is known. Only nodes that lead into a cycle are left for iteration.
"""

from collections.abc import Iterator

import numpy as np

from aims_graph.columns.joins import unique_ids

from .relations import Index, Keys, among, merge, turn

_LOW = 0xFFFFFFFF


def close_transitively(edges: Keys, size: int) -> Iterator[Keys]:
    """Batches of pairs that follow and are not among ``edges`` or in an earlier batch.

    A pair of a batch is an edge followed by an edge or by a pair of an earlier batch. ``size``:
    number of ids.
    """
    reached = _Reached(size)
    forward, backward = Index(edges, size), Index(turn(edges), size)
    sources = edges >> 32
    left = np.bincount(sources, minlength=size)
    nodes = np.flatnonzero(np.bincount(edges & _LOW, minlength=size) > 0)
    level = nodes[left[nodes] == 0]
    while len(level):
        rows, _ = backward.expand(level)
        if len(rows) == 0:
            break
        _, before = backward.expand(level)
        before.sort()
        starts = np.flatnonzero(np.concatenate([[True], before[1:] != before[:-1]]))
        nodes = before[starts]
        left[nodes] -= np.diff(np.append(starts, len(before)))
        level = nodes[left[nodes] == 0]
        new = _step(level, forward, reached)
        # What is an edge is known already.
        yield from _nonempty(new[~among(new, edges)])
        reached.add(level, forward, new)
    rest = np.flatnonzero(left > 0)
    if len(rest):
        yield from _iterate(rest, edges, forward, reached)


class _Reached:
    """What each finished node reaches, appended level by level."""

    def __init__(self, size: int) -> None:
        self._start = np.zeros(size, np.int64)
        self._end = np.zeros(size, np.int64)
        self._parts: list[Keys] = []
        self._values = np.zeros(1024, np.int64)
        self._used = 0

    def add(self, nodes: Keys, forward: Index, new: Keys) -> None:
        rows, ends = forward.expand(nodes)
        pairs = unique_ids(np.concatenate([(nodes[rows] << 32) | ends, new]))
        if self._used + len(pairs) > len(self._values):
            grown = np.zeros(2 * (self._used + len(pairs)), np.int64)
            grown[: self._used] = self._values[: self._used]
            self._values = grown
        self._values[self._used : self._used + len(pairs)] = pairs & _LOW
        subjects = pairs >> 32
        self._start[nodes] = self._used + np.searchsorted(subjects, nodes)
        self._end[nodes] = self._used + np.searchsorted(subjects, nodes, "right")
        self._used += len(pairs)

    def expand(self, ids: Keys) -> tuple[Keys, Keys]:
        start = self._start[ids]
        counts = self._end[ids] - start
        rows = np.repeat(np.arange(len(ids)), counts)
        first = start - (np.cumsum(counts) - counts)
        return rows, self._values[np.repeat(first, counts) + np.arange(len(rows))]


def _step(nodes: Keys, forward: Index, reached: _Reached) -> Keys:
    """Pairs from ``nodes`` by an edge and then on to all that the node there reaches."""
    rows, middle = forward.expand(nodes)
    inner, ends = reached.expand(middle)
    return unique_ids((nodes[rows[inner]] << 32) | ends)


def _iterate(nodes: Keys, edges: Keys, forward: Index, reached: _Reached) -> Iterator[Keys]:
    """Edges prepended to what is new, until nothing is new."""
    rows, ends = forward.expand(nodes)
    own = (nodes[rows] << 32) | ends
    known = unique_ids(own)
    # What finished nodes reach comes at once; the rest by rounds along edges between the nodes.
    new = _step(nodes, forward, reached)
    new = new[~among(new, known)]
    yield from _nonempty(new[~among(new, edges)])
    delta = merge(known, new)
    known = delta
    inner = own[np.isin(own & _LOW, nodes)]
    back = Index(turn(inner), len(reached._start))  # noqa: SLF001 of the same algorithm
    while len(delta):
        rows, before = back.expand(delta >> 32)
        found = unique_ids((before << 32) | (delta[rows] & _LOW))
        delta = found[~among(found, known)]
        yield from _nonempty(delta)
        known = merge(known, delta)


def _nonempty(keys: Keys) -> Iterator[Keys]:
    if len(keys):
        yield keys
