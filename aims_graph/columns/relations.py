"""Triples gathered by predicate while files are read."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from .joins import Ids, pack_pairs

Packed = NDArray[np.int64]


class TripleCollector:
    """Keeps eight bytes a triple; sorting and dropping duplicates is left to the end."""

    def __init__(self) -> None:
        self._parts: dict[int, list[Packed]] = {}

    def add(self, triples: Ids) -> None:
        """Rows of (subject, predicate, object) ids."""
        if len(triples) == 0:
            return
        predicates = triples[:, 1]
        present = np.flatnonzero(np.bincount(predicates))
        codes = np.zeros(present[-1] + 1, np.uint16 if len(present) < 1 << 16 else np.int32)
        codes[present] = np.arange(len(present))
        coded = codes[predicates]
        order = np.argsort(coded, kind="stable")  # radix sort for 16-bit codes
        packed = pack_pairs(triples[:, 0], triples[:, 2])[order]
        ends = np.cumsum(np.bincount(coded))
        for predicate, part in zip(present.tolist(), np.split(packed, ends[:-1]), strict=True):
            self._parts.setdefault(predicate, []).append(part)

    def sorted_pairs(self) -> dict[int, Packed]:
        """Packed pairs of each predicate, ascending, without duplicates. Empties the collector."""
        result = {}
        while self._parts:
            predicate, parts = self._parts.popitem()
            packed = np.concatenate(parts)
            packed.sort()
            distinct = np.ones(len(packed), np.bool_)
            np.not_equal(packed[1:], packed[:-1], out=distinct[1:])
            result[predicate] = packed if distinct.all() else packed[distinct]
        return dict(sorted(result.items()))


def split_sorted(subjects: Ids, predicates: Ids, objects: Ids) -> dict[int, tuple[Ids, Ids]]:
    """Pairs by predicate, from columns sorted by (predicate, subject, object) without duplicates.

    Raises ValueError when they are not.
    """
    packed = pack_pairs(subjects, objects)
    further = predicates[1:] > predicates[:-1]
    ascending = further | ((predicates[1:] == predicates[:-1]) & (packed[1:] > packed[:-1]))
    if not ascending.all():
        raise ValueError("the triples are not sorted")
    starts = np.flatnonzero(further) + 1
    bounds = [0, *starts.tolist(), len(predicates)] if len(predicates) else [0]
    return {
        int(predicates[start]): (subjects[start:end], objects[start:end])
        for start, end in pairwise(bounds)
    }
