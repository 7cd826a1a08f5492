"""What rules join: for each property its pairs, for each class its members, and when each was found.

A relation is named by an int, its key: the id of a property, or ``~id`` of a class. A property's
pairs are packed as (subject << 32 | object); a class's members are ids. Both are sorted int64
arrays without duplicates, which is all that the joins need.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from aims_graph.columns import Columns, TermDictionary
from aims_graph.columns.joins import pack_pairs

Keys = NDArray[np.int64]
Mask = NDArray[np.bool_]

NO_KEYS: Final[Keys] = np.zeros(0, np.int64)

_LOW: Final = 0xFFFFFFFF

#: From so many look-ups on, a table of offsets by id is worth making.
_MANY_LOOKUPS: Final = 4096


def class_key(class_id: int) -> int:
    return ~class_id


def is_class(key: int) -> bool:
    return key < 0


def turn(keys: Keys) -> Keys:
    """Pairs as (object, subject), sorted."""
    turned = (keys << 32) | (keys >> 32)
    turned.sort()
    return turned


def among(keys: Keys, members: Keys) -> Mask:
    """Whether each key is one of the sorted ``members``."""
    if len(members) == 0:
        return np.zeros(len(keys), np.bool_)
    place = np.searchsorted(members, keys)
    place[place == len(members)] = 0
    found: Mask = members[place] == keys
    return found


def merge(left: Keys, right: Keys) -> Keys:
    """Two sorted arrays without common entries as one."""
    if len(left) == 0:
        return right
    if len(right) * 16 < len(left):
        return np.insert(left, np.searchsorted(left, right), right)
    both = np.concatenate([left, right])
    both.sort(kind="stable")  # finds the two runs
    return both


class Index:
    """Looks up, in sorted pairs, those with a given left side."""

    def __init__(self, pairs: Keys, size: int) -> None:
        self.pairs = pairs
        self._size = size
        self._offsets: Keys | None = None

    def expand(self, ids: Keys) -> tuple[Keys, Keys]:
        """For each pair whose left side is one of ``ids``: the row in ``ids`` (ascending) and the right side."""
        start, end = self._ranges(ids)
        counts = end - start
        rows = np.repeat(np.arange(len(ids)), counts)
        first = start - (np.cumsum(counts) - counts)
        return rows, self.pairs[np.repeat(first, counts) + np.arange(len(rows))] & _LOW

    def _ranges(self, ids: Keys) -> tuple[Keys, Keys]:
        if self._offsets is None and len(ids) > _MANY_LOOKUPS:
            counts = np.bincount(self.pairs >> 32, minlength=self._size)
            self._offsets = np.zeros(len(counts) + 1, np.int64)
            np.cumsum(counts, out=self._offsets[1:])
        if self._offsets is None or (len(ids) and ids.max() >= len(self._offsets) - 1):
            low = ids << 32
            return np.searchsorted(self.pairs, low), np.searchsorted(self.pairs, low + (1 << 32))
        return self._offsets[ids], self._offsets[ids + 1]


class Relation:
    """All tuples so far, and the new ones of each step; step 0 is what was asserted."""

    def __init__(self, keys: Keys, size: int) -> None:
        self.keys = keys
        self.steps: list[tuple[int, Keys]] = [(0, keys)] if len(keys) else []
        self._size = size
        self._found: Keys | None = None
        self._turned: Keys | None = None
        self._forward: Index | None = None
        self._backward: Index | None = None

    def __len__(self) -> int:
        return len(self.keys)

    @property
    def forward(self) -> Index:
        if self._forward is None:
            self._forward = Index(self.keys, self._size)
        return self._forward

    @property
    def backward(self) -> Index:
        if self._backward is None:
            if self._turned is None:
                self._turned = turn(self.keys)
            self._backward = Index(self._turned, self._size)
        return self._backward

    def add(self, keys: Keys, step: int) -> Keys:
        """Adds distinct sorted keys; returns those that were absent."""
        new = keys[~among(keys, self.keys)]
        if len(new):
            self.steps.append((step, new))
            self.keys = merge(self.keys, new)
            # The other order is kept up when that is cheap, else made again when asked for.
            if self._turned is not None:
                small = len(new) * 16 < len(self.keys)
                self._turned = merge(self._turned, turn(new)) if small else None
            self._forward = self._backward = self._found = None
        return new

    def since(self, step: int) -> Keys:
        """The tuples that were found after ``step``."""
        if self.steps and self.steps[0][0] > step:
            return self.keys
        parts: list[Keys] = []
        for found, keys in reversed(self.steps):
            if found <= step:
                break
            parts.append(keys)
        if len(parts) < 2:
            return parts[0] if parts else NO_KEYS
        return np.sort(np.concatenate(parts))

    def steps_of(self, keys: Keys) -> Keys:
        """When each tuple was found; -1 for those that are absent."""
        if len(self.keys) == 0:
            return np.full(len(keys), -1, np.int64)
        if self._found is None:
            every = np.concatenate([found for _, found in self.steps])
            numbers = np.repeat([step for step, _ in self.steps], [len(f) for _, f in self.steps])
            self._found = numbers[np.argsort(every, kind="stable")]
        place = np.searchsorted(self.keys, keys)
        place[place == len(self.keys)] = 0
        return np.where(self.keys[place] == keys, self._found[place], -1)


class Relations:
    """Relations of one graph, each taken from the columns when first asked for."""

    def __init__(self, data: Columns, type_id: int) -> None:
        self.data = data
        self.type_id = type_id
        self._relations: dict[int, Relation] = {}
        self._classes, self._members = data.pairs(type_id).by_object

    @property
    def terms(self) -> TermDictionary:
        return self.data.terms

    def __getitem__(self, key: int) -> Relation:
        found = self._relations.get(key)
        if found is None:
            found = self._relations[key] = Relation(self._asserted(key), len(self.terms))
        return found

    def __contains__(self, key: int) -> bool:
        """Whether anybody has asked for the relation yet."""
        return key in self._relations

    def __iter__(self) -> Iterator[int]:
        return iter(self._relations)

    def _asserted(self, key: int) -> Keys:
        if is_class(key):
            start, end = np.searchsorted(self._classes, np.array([~key, ~key + 1], np.int32))
            return self._members[start:end].astype(np.int64)
        pairs = self.data.pairs(key)
        return pack_pairs(pairs.subjects, pairs.objects)

    def put(self, key: int, keys: Keys) -> None:
        """A relation that no triple of the columns states as such."""
        self._relations[key] = Relation(keys, len(self.terms))

    def reload(self, key: int) -> None:
        """Only what the columns say."""
        self.put(key, self._asserted(key))

    def move(self, data: Columns) -> None:
        """Goes on with other asserted triples; relations that are there stay as they are."""
        self.data = data
        self._classes, self._members = data.pairs(self.type_id).by_object
