"""Looking ids up in relations: two parallel columns sorted by (key, value) without repeats."""

import numpy as np
from numpy.typing import NDArray

from aims_graph.columns import Pairs
from aims_graph.columns.joins import pack_pairs

from .tables import Ids, Index, Mask, spread_nonempty

Relation = tuple[Ids, Ids]


def turned_pairs(pairs: Pairs) -> Relation:
    return pairs.by_object


def count_sampled(keys: Ids, ids: Ids) -> float:
    """About how many of ``keys`` there are for one of ``ids``."""
    if not len(ids):
        return 0.0
    sample = ids if len(ids) <= 64 else ids[:: len(ids) // 64]
    sample = np.sort(sample)
    ends = np.searchsorted(keys, sample, "right") - np.searchsorted(keys, sample, "left")
    return float(ends.sum()) / len(sample)


def members_of(relation: Relation, key: int, value: int | None = None) -> Ids:
    """The values of ``key``; only ``value``, where given."""
    keys, values = relation
    start, end = (
        np.searchsorted(keys, np.int32(key), "left"),
        np.searchsorted(keys, np.int32(key), "right"),
    )
    found = values[start:end]
    if value is None:
        return found
    at = np.searchsorted(found, np.int32(value))
    return found[at : at + 1] if at < len(found) and found[at] == value else found[:0]


def is_member(ids: Ids, members: Ids) -> Mask:
    """Whether each id is among the sorted, distinct ``members``."""
    if not len(members):
        return np.zeros(len(ids), np.bool_)
    if len(ids) + len(members) > 4096:
        top = int(members[-1])
        if top < 8 * (len(ids) + len(members)):
            table = np.zeros(top + 2, np.bool_)
            table[members] = True
            found: Mask = table[np.minimum(ids, top + 1)] if len(ids) else np.zeros(0, np.bool_)
            return found
    at = np.searchsorted(members, ids)
    at[at == len(members)] = 0
    return np.asarray(members[at] == ids)


def expand(relation: Relation, ids: Ids) -> tuple[Index, Ids]:
    """One step along the relation from each id: the index of the id, and the value."""
    keys, values = relation
    starts, counts = locate(keys, ids)
    rows, found = spread_nonempty(starts, counts)
    return rows, values[found]


def locate(keys: Ids, ids: Ids) -> tuple[Index, Index]:
    """Where the run of each id begins in the sorted ``keys``, and how long it is."""
    if len(ids) > 2048 and len(keys):
        top = int(keys[-1])
        if top < 8 * (len(ids) + len(keys)):
            return _locate_dense(keys, ids, top)
    starts = np.searchsorted(keys, ids, "left")
    return starts, np.searchsorted(keys, ids, "right") - starts


def _locate_dense(keys: Ids, ids: Ids, top: int) -> tuple[Index, Index]:
    """By a table with one entry an id: dearer to set up, but no search for each id."""
    first = np.empty(len(keys), np.bool_)
    first[0] = True
    np.not_equal(keys[1:], keys[:-1], out=first[1:])
    begins = np.flatnonzero(first)
    run = np.zeros(top + 2, np.int32)
    run[keys[begins]] = np.arange(1, len(begins) + 1, dtype=np.int32)
    number = run[np.minimum(ids, top + 1)] - 1
    begins = np.append(begins, len(keys))
    # Run -1 (no such key) is read as the end of the keys, with length 0.
    lengths = np.append(np.diff(begins), 0)
    return begins[number], lengths[number]


def holds(pairs: Pairs, subjects: Ids, objects: Ids) -> Mask:
    """Whether each (subject, object) is one of the pairs."""
    if len(subjects) * 16 < len(pairs):
        return _holds_few(pairs, subjects, objects)
    members = pack_pairs(pairs.subjects, pairs.objects)
    wanted = pack_pairs(subjects, objects)
    at = np.searchsorted(members, wanted)
    at[at == len(members)] = 0
    return np.asarray(members[at] == wanted)


def _holds_few(pairs: Pairs, subjects: Ids, objects: Ids) -> Mask:
    """Bisection within the run of each subject, all rows in step."""
    low: NDArray[np.int64] = np.searchsorted(pairs.subjects, subjects, "left")
    end: NDArray[np.int64] = np.searchsorted(pairs.subjects, subjects, "right")
    high = end.copy()
    last = len(pairs) - 1
    while bool((low < high).any()):
        middle = (low + high) >> 1
        below = (pairs.objects[np.minimum(middle, last)] < objects) & (low < high)
        low = np.where(below, middle + 1, low)
        high = np.where(below, high, np.minimum(middle, high))
    return np.asarray((low < end) & (pairs.objects[np.minimum(low, last)] == objects))
