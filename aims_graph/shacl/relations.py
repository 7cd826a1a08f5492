"""Relations as two equally long id arrays, sorted by (left, right) without repeats: closure and matching."""

import numpy as np
from numpy.typing import NDArray

from aims_graph.columns.joins import expand, pack_pairs, ranges_of, unique_pairs, unpack_pairs
from aims_graph.shacl.model import Findings, Ids, Mask, Values

Relation = tuple[Ids, Ids]


def closure(relation: Relation, left: Ids, right: Ids) -> Relation:
    """(left, right) and all pairs that follow by steps of the relation from the right."""
    frontier = np.sort(pack_pairs(left, right))
    # Sorted runs, each at most half as long as the one before: a chain of n steps costs n log n, not n squared.
    runs = [frontier]
    while frontier.size:
        row, ahead = expand(*relation, (frontier & 0xFFFFFFFF).astype(np.int32))
        fresh = pack_pairs(*unique_pairs((frontier >> 32).astype(np.int32)[row], ahead))
        for run in runs:
            fresh = fresh[~_is_in_packed(fresh, run)]
        frontier = fresh
        while runs and len(runs[-1]) < 2 * len(fresh):
            fresh = np.sort(np.concatenate([runs.pop(), fresh]))
        runs.append(fresh)
    return unpack_pairs(np.sort(np.concatenate(runs)))


def _is_in_packed(packed: NDArray[np.int64], members: NDArray[np.int64]) -> Mask:
    if not len(members):
        return np.zeros(len(packed), np.bool_)
    position = np.searchsorted(members, packed)
    position[position == len(members)] = 0
    return np.asarray(members[position] == packed)


def matching_rows(left: Ids, right: Ids) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """All pairs of rows (i, j) with left[i] == right[j]; ``right`` ascending."""
    return expand_rows(*ranges_of(right, left))


def expand_rows(
    starts: NDArray[np.intp], ends: NDArray[np.intp]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """For each range, its index once for each of its members, and the members."""
    counts = ends - starts
    index = np.repeat(np.arange(len(starts)), counts)
    members = np.arange(len(index)) + np.repeat(starts - (np.cumsum(counts) - counts), counts)
    return index, members


def spread(findings: Findings, values: Values) -> Findings:
    """Findings at value nodes, as findings of every focus node that has such a value node."""
    order = np.argsort(findings.origin, kind="stable")
    row, finding = matching_rows(values.value, findings.origin[order])
    spread = findings.rows(order[finding])
    spread.origin = values.owner[row]
    return spread
