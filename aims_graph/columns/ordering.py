"""``TermDictionary.compare`` on columns: keys decide, the rare rest is compared value by value."""

from collections.abc import Callable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from . import lexical
from .facts import FactTable
from .spellings import MICROSECONDS, may_round_twice
from .text import Bytes, Int64s, order_slices
from .values import INCOMPARABLE, ZONE_SPAN, compare_values

Ids = NDArray[np.int32]
Orders = NDArray[np.int8]

_SPAN: Final = ZONE_SPAN * MICROSECONDS


def compare_terms(
    facts: FactTable,
    text: Bytes,
    offsets: Int64s,
    left: Ids,
    right: Ids,
    value_of: Callable[[int], lexical.Value | None],
) -> Orders:
    """-1, 0, 1, or 2 where not ordered; ``value_of`` gives the exact value of a term."""
    result = np.full(len(left), INCOMPARABLE, np.int8)
    orders = facts.order.view
    order = orders[left]
    same = order == orders[right]
    strings = np.flatnonzero(same & (order == lexical.STRING))
    if len(strings):
        ours, theirs = left[strings], right[strings]
        result[strings] = order_slices(
            text,
            offsets[ours],
            offsets[ours + 1] - offsets[ours],
            offsets[theirs],
            offsets[theirs + 1] - offsets[theirs],
        )
    numbers = np.flatnonzero(same & (order == lexical.NUMBER))
    others = np.flatnonzero(
        same
        & (order != lexical.NOT_ORDERED)
        & (order != lexical.STRING)
        & (order != lexical.NUMBER)
    )
    for rows, compare in ((numbers, _compare_numbers), (others, _compare_times)):
        if len(rows) == 0:
            continue
        decided, unsure = compare(facts, left[rows], right[rows])
        result[rows] = decided
        for row in rows[unsure]:
            result[row] = compare_values(value_of(int(left[row])), value_of(int(right[row])))
    return result


def _signs(left: NDArray[Any], right: NDArray[Any]) -> Orders:
    """2 where neither is less and they are not equal: NaN."""
    return np.where(
        left < right, -1, np.where(left > right, 1, np.where(left == right, 0, INCOMPARABLE))
    ).astype(np.int8)


def _compare_numbers(facts: FactTable, left: Ids, right: Ids) -> tuple[Orders, NDArray[np.bool_]]:
    keys, ranks, exact = facts.key.view.view(np.float64), facts.rank.view, facts.exact.view
    ours, theirs = keys[left], keys[right]
    result = _signs(ours, theirs)
    rank = np.maximum(ranks[left], ranks[right])
    unsure = (rank <= lexical.DECIMAL) & (result == 0) & ~(exact[left] & exact[right])
    single = (rank == lexical.FLOAT) & (ranks[left] != ranks[right])
    if single.any():
        with np.errstate(over="ignore"):
            result[single] = _signs(
                ours[single].astype(np.float32), theirs[single].astype(np.float32)
            )
        unsure |= single & (may_round_twice(ours) | may_round_twice(theirs))
    return result, unsure


def _compare_times(facts: FactTable, left: Ids, right: Ids) -> tuple[Orders, NDArray[np.bool_]]:
    keys, zoned, exact = facts.key.view, facts.rank.view, facts.exact.view
    ours, theirs = keys[left], keys[right]
    result = _signs(ours, theirs)
    surely = exact[left] & exact[right]
    mixed = zoned[left] != zoned[right]
    unsure = ~surely & ((result == 0) | mixed)
    # Only one of the two has a timezone: the other may lie up to 14 hours either side.
    result[mixed & (np.abs(ours - theirs) <= _SPAN)] = INCOMPARABLE
    return result, unsure
