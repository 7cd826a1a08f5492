"""A hash table from (tag, text) to term id, on NumPy arrays: whole batches are looked up at once.

Python objects would cost some 200 bytes a term; this costs about 20.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from .text import PADDING, Bytes, Int64s, Words, equal_slices, hash_bytes, hash_slices
from .vectors import Vector

Ids = NDArray[np.int32]

_FREE: Final = -1

#: Double hashing: the high bits tell how far to go on when a slot is taken.
_STEP_SHIFT: Final = 40


def _steps(hashes: Words) -> Int64s:
    """Odd, so that they reach every slot of a table whose size is a power of two."""
    return (hashes >> np.uint64(_STEP_SHIFT) | np.uint64(1)).astype(np.int64)


class TermIndex:
    """Finds terms in the text, offsets and tags that the dictionary owns.

    One thread may ``find`` while another enters; all else takes the dictionary's lock.
    """

    def __init__(
        self, text: Vector[np.uint8], offsets: Vector[np.int64], tags: Vector[np.int32]
    ) -> None:
        self._text, self._offsets, self._tags = text, offsets, tags
        self._hashes: Vector[np.uint64] = Vector(np.zeros(0, np.uint64))
        bounds = offsets.view
        buffer = text.padded(PADDING)
        self._hashes.append(hash_slices(buffer, bounds[:-1], np.diff(bounds), tags.view))
        self._slots: Ids = np.zeros(0, np.int32)
        self._reserve(max(len(tags), 8))

    def _reserve(self, size: int) -> None:
        """Room for ``size`` terms at a load of at most one half."""
        if 2 * size <= len(self._slots):
            return
        slots = np.full(1 << (3 * size).bit_length(), _FREE, np.int32)
        mask = len(slots) - 1
        ids = np.arange(len(self._hashes), dtype=np.int32)
        at = (self._hashes.view & np.uint64(mask)).astype(np.int64)
        while len(ids):
            free = slots[at] == _FREE
            slots[at[free]] = ids[free]
            left = slots[at] != ids
            ids = ids[left]
            at = (at[left] + _steps(self._hashes.view[ids])) & mask
        self._slots = slots

    def find(self, data: bytes, tag: int) -> int:
        """-1 when absent."""
        return self._walk(data, tag, hash_bytes(data, tag))[1]

    def _walk(self, data: bytes, tag: int, hashed: int) -> tuple[int, int]:
        """The slot that holds the term and its id, or the free one where it belongs and -1."""
        known, slots = len(self._tags), self._slots
        mask = len(slots) - 1
        at = hashed & mask
        step = hashed >> _STEP_SHIFT | 1
        bounds = self._offsets.view
        while (found := int(slots[at])) != _FREE:
            # Terms that another thread is entering just now are not there yet.
            if (
                found < known
                and int(self._hashes.view[found]) == hashed
                and int(self._tags.view[found]) == tag
            ):
                start, end = int(bounds[found]), int(bounds[found + 1])
                if end - start == len(data) and self._text.view[start:end].tobytes() == data:
                    break
            at = (at + step) & mask
        return at, found

    def insert(self, data: bytes, tag: int, term_id: int) -> None:
        """Enters an absent term that the dictionary is about to append as ``term_id``."""
        self._reserve(term_id + 1)
        hashed = hash_bytes(data, tag)
        self._slots[self._walk(data, tag, hashed)[0]] = term_id
        self._hashes.append(np.array([hashed], np.uint64))

    def find_slices(self, buffer: Bytes, starts: Int64s, lengths: Int64s, tags: Ids) -> Ids:
        """Ids of many terms, -1 where absent."""
        hashes = hash_slices(buffer, starts, lengths, tags)
        return self._probe(buffer, starts, lengths, tags, hashes, claim=False)[0]

    def enter_slices(
        self, buffer: Bytes, starts: Int64s, lengths: Int64s, tags: Ids
    ) -> tuple[Ids, NDArray[np.int64]]:
        """Ids of many terms, and the rows that are new, in the order of their new ids.

        The dictionary must append just these rows before the next call.
        """
        known = len(self._hashes)
        self._reserve(known + len(starts))
        hashes = hash_slices(buffer, starts, lengths, tags)
        ids, at = self._probe(buffer, starts, lengths, tags, hashes, claim=True)
        # The probe numbers new terms by their row; close the gaps, order kept.
        new = np.flatnonzero(ids == known + np.arange(len(ids)))
        dense = np.zeros(len(ids), np.int32)
        dense[new] = known + np.arange(len(new))
        fresh = ids >= known
        ids[fresh] = dense[ids[fresh] - known]
        self._slots[at[new]] = ids[new]
        self._hashes.append(hashes[new])
        return ids, new

    def _probe(
        self,
        buffer: Bytes,
        starts: Int64s,
        lengths: Int64s,
        tags: Ids,
        hashes: Words,
        *,
        claim: bool,
    ) -> tuple[Ids, NDArray[np.int64]]:
        """Probing of all rows at once; returns ids and the slot each row ended at."""
        slots, mask, known = self._slots, len(self._slots) - 1, len(self._hashes)
        bounds, text = self._offsets.view, self._text.padded(PADDING)
        ids = np.full(len(starts), _FREE, np.int32)
        at = (hashes & np.uint64(mask)).astype(np.int64)
        rows = np.arange(len(starts))
        while len(rows):
            found = slots[at[rows]]
            free = found == _FREE
            if claim:
                # Of equal rows the first must win: the last write to a slot stays.
                claimants = rows[free][::-1]
                slots[at[claimants]] = known + claimants
                found = slots[at[rows]]
            else:
                rows, found = rows[~free], found[~free]
            match = found == known + rows
            old = np.flatnonzero(found < known)
            old = old[self._hashes.view[found[old]] == hashes[rows[old]]]
            old = old[self._tags.view[found[old]] == tags[rows[old]]]
            begin = bounds[found[old]]
            same = bounds[found[old] + 1] - begin == lengths[rows[old]]
            old, begin = old[same], begin[same]
            mine = rows[old]
            match[old] = equal_slices(text, begin, buffer, starts[mine], lengths[mine])
            new = np.flatnonzero((found >= known) & ~match)
            mine, other = rows[new], found[new] - known
            same = (hashes[mine] == hashes[other]) & (tags[mine] == tags[other])
            same &= lengths[mine] == lengths[other]
            new, mine, other = new[same], mine[same], other[same]
            match[new] = equal_slices(buffer, starts[other], buffer, starts[mine], lengths[mine])
            ids[rows[match]] = found[match]
            rows = rows[~match]
            at[rows] = (at[rows] + _steps(hashes[rows])) & mask
        return ids, at
