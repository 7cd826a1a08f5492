"""Set operations on id arrays: the few joins that rules, inference and lineage are made of.

Ids are int32; a relation is two equally long arrays sorted by (left, right) without duplicates,
as ``Pairs.subjects, Pairs.objects`` and ``Pairs.by_object`` are.
"""

from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.int32]
Whole = TypeVar("Whole", bound=np.integer[Any])


def unique_ids(ids: NDArray[Whole]) -> NDArray[Whole]:
    """Sorted, without duplicates: ids, or pairs packed in one number.

    Some ten times faster than ``numpy.unique``, which since 2.3 hashes integers.
    """
    if len(ids) < 2:
        return ids
    ids = np.sort(ids)
    keep = np.empty(len(ids), np.bool_)
    keep[0] = True
    np.not_equal(ids[1:], ids[:-1], out=keep[1:])
    return ids[keep]


def pack_pairs(left: Ids, right: Ids) -> NDArray[np.int64]:
    """One int64 a pair, ordered as (left, right). Ids must not be negative."""
    return (left.astype(np.int64) << 32) | right


def unpack_pairs(packed: NDArray[np.int64]) -> tuple[Ids, Ids]:
    return (packed >> 32).astype(np.int32), (packed & 0xFFFFFFFF).astype(np.int32)


def unique_pairs(left: Ids, right: Ids) -> tuple[Ids, Ids]:
    """Sorted by (left, right), without duplicates."""
    return unpack_pairs(unique_ids(pack_pairs(left, right)))


def ranges_of(keys: Ids, ids: Ids) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Start and end, in the sorted ``keys``, of the run of each id."""
    return np.searchsorted(keys, ids, "left"), np.searchsorted(keys, ids, "right")


def count_matches(keys: Ids, ids: Ids) -> NDArray[np.int64]:
    """How often each id occurs in the sorted ``keys``."""
    start, end = ranges_of(keys, ids)
    return end - start


def expand(keys: Ids, values: Ids, ids: Ids) -> tuple[NDArray[np.int64], Ids]:
    """One step along a relation.

    Returns, for each pair whose key is one of ``ids``, the index into ``ids`` (ascending) and
    the value (ascending within an index).
    """
    if len(ids) == 1:
        first, last = keys.searchsorted(np.array([ids[0], ids[0] + 1], np.int32))
        return np.zeros(last - first, np.int64), values[first:last]
    start, end = ranges_of(keys, ids)
    counts = end - start
    index = np.repeat(np.arange(len(ids)), counts)
    offsets = np.arange(len(index)) - np.repeat(np.cumsum(counts) - counts, counts)
    return index, values[np.repeat(start, counts) + offsets]


def is_in(ids: NDArray[Whole], members: NDArray[Whole]) -> NDArray[np.bool_]:
    """Whether each id is among the sorted ``members``."""
    if len(members) == 1:
        # One node on either side is what a small change asks for again and again.
        return np.asarray(ids == members[0])
    if len(ids) == 1:
        at = int(members.searchsorted(ids)[0])
        return np.array([at < len(members) and members[at] == ids[0]])
    if len(members) == 0:
        return np.zeros(len(ids), np.bool_)
    position = np.searchsorted(members, ids)
    position[position == len(members)] = 0
    found: NDArray[np.bool_] = members[position] == ids
    return found


def semijoin(ids: NDArray[Whole], members: NDArray[Whole]) -> NDArray[Whole]:
    """The ids that are among the sorted ``members``; order and duplicates kept."""
    return ids[is_in(ids, members)]


def antijoin(ids: NDArray[Whole], members: NDArray[Whole]) -> NDArray[Whole]:
    """The ids that are not among the sorted ``members``; order and duplicates kept."""
    return ids[~is_in(ids, members)]


def pairs_in(left: Ids, right: Ids, member_left: Ids, member_right: Ids) -> NDArray[np.bool_]:
    """Whether each (left, right) is a pair of the relation (member_left, member_right)."""
    members = pack_pairs(member_left, member_right)
    if len(members) == 0:
        return np.zeros(len(left), np.bool_)
    packed = pack_pairs(left, right)
    position = np.searchsorted(members, packed)
    position[position == len(members)] = 0
    found: NDArray[np.bool_] = members[position] == packed
    return found


def group_counts(sorted_keys: Ids) -> tuple[Ids, NDArray[np.int64]]:
    """The distinct keys and how often each occurs."""
    if len(sorted_keys) == 0:
        return sorted_keys, np.zeros(0, np.int64)
    starts = np.flatnonzero(np.concatenate([[True], sorted_keys[1:] != sorted_keys[:-1]]))
    return sorted_keys[starts], np.diff(np.append(starts, len(sorted_keys)))
