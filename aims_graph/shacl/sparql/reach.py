"""Repeated paths (``*``, ``+``, ``?``): breadth first from all starts at once, each pair once."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from aims_graph.columns.joins import antijoin, unique_ids

from .algebra import (
    Closure,
    Path,
)
from .lookup import Relation, expand
from .tables import Ids, check_size


class Stepper(Protocol):
    def step(self, path: Path, begins: Ids) -> Relation: ...


def reach(steps: Stepper, path: Closure, begins: Ids) -> Relation:
    """The pairs (start, end) of the path from ``begins``, which are sorted and distinct; no pair twice."""
    if not path.many:
        starts, ends = steps.step(path.path, begins)
        pairs = unique_ids(np.concatenate([_pack(starts, ends), _pack(begins, begins)]))
        return _unpack(pairs)
    edges = _edges(steps, path.path, begins)
    frontier = _pack(begins, begins) if path.zero else _pack(*edges_from(edges, begins))
    frontier = unique_ids(frontier)
    reached = frontier
    while frontier.size:
        starts, middles = _unpack(frontier)
        rows, ends = expand(edges, middles)
        fresh = unique_ids(_pack(starts[rows], ends))
        frontier = fresh[~_is_in(fresh, reached)]
        reached = unique_ids(np.concatenate([reached, frontier]))
        check_size(len(reached))
    return _unpack(reached)


def edges_from(edges: Relation, begins: Ids) -> Relation:
    rows, ends = expand(edges, begins)
    return begins[rows], ends


def _edges(steps: Stepper, path: Path, begins: Ids) -> Relation:
    """The single steps between all nodes that the path can come by, as a relation."""
    found: list[NDArray[np.int64]] = [np.zeros(0, np.int64)]
    seen = begins
    nodes = begins
    while nodes.size:
        starts, ends = steps.step(path, nodes)
        found.append(_pack(starts, ends))
        nodes = unique_ids(ends)
        nodes = antijoin(nodes, seen)
        seen = unique_ids(np.concatenate([seen, nodes]))
    return _unpack(unique_ids(np.concatenate(found)))


def _pack(left: Ids, right: Ids) -> NDArray[np.int64]:
    return (left.astype(np.int64) << 32) | right


def _unpack(pairs: NDArray[np.int64]) -> Relation:
    return (pairs >> 32).astype(np.int32), (pairs & 0xFFFFFFFF).astype(np.int32)


def _is_in(pairs: NDArray[np.int64], members: NDArray[np.int64]) -> NDArray[np.bool_]:
    if not members.size:
        return np.zeros(len(pairs), np.bool_)
    at = np.searchsorted(members, pairs)
    at[at == len(members)] = 0
    return np.asarray(members[at] == pairs)
