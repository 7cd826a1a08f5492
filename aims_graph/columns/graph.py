"""One RDF graph as columns: triples partitioned by predicate, sorted both ways."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from .joins import Ids, pack_pairs, unpack_pairs
from .relations import TripleCollector
from .terms import Term, TermDictionary, Triple

EMPTY: Ids = np.zeros(0, np.int32)
Int64s = NDArray[np.int64]
NO_KEYS: Int64s = np.zeros(0, np.int64)


class Pairs:
    """The triples of one predicate: sorted by (subject, object), without duplicates."""

    def __init__(self, subjects: Ids, objects: Ids) -> None:
        self.subjects = subjects
        self.objects = objects

    def __len__(self) -> int:
        return len(self.subjects)

    @cached_property
    def by_object(self) -> tuple[Ids, Ids]:
        """(objects, subjects), sorted by (object, subject)."""
        objects, subjects = unpack_pairs(np.sort(pack_pairs(self.objects, self.subjects)))
        return objects, subjects

    def with_change(self, added: Int64s, removed: Int64s) -> "Pairs":
        """The pairs without ``removed`` and with ``added``, both packed as (subject, object)."""
        removed = np.setdiff1d(removed, added)
        added = np.unique(added)
        pairs = Pairs(*_changed(self.subjects, self.objects, added, removed))
        if "by_object" in self.__dict__:
            # Sorting again would cost more than the whole change.
            turned = (np.sort(pack_pairs(*unpack_pairs(keys)[::-1])) for keys in (added, removed))
            pairs.__dict__["by_object"] = _changed(*self.by_object, *turned)
        return pairs


def _changed(left: Ids, right: Ids, added: Int64s, removed: Int64s) -> tuple[Ids, Ids]:
    """A relation sorted by (left, right) after a change, whose keys are ascending and distinct."""
    if len(removed):
        at, present = _places(left, right, removed)
        left, right = np.delete(left, at[present]), np.delete(right, at[present])
    if len(added):
        at, present = _places(left, right, added)
        at = at[~present]
        new_left, new_right = unpack_pairs(added[~present])
        left, right = np.insert(left, at, new_left), np.insert(right, at, new_right)
    return left, right


def _places(left: Ids, right: Ids, keys: Int64s) -> tuple[Int64s, NDArray[np.bool_]]:
    """Where each key stands, or belongs, in the relation, and whether it is there."""
    wanted_left, wanted_right = unpack_pairs(keys)
    starts = np.searchsorted(left, wanted_left, "left")
    ends = np.searchsorted(left, wanted_left, "right")
    places = np.array(
        [
            start + np.searchsorted(right[start:end], value)
            for start, end, value in zip(starts.tolist(), ends.tolist(), wanted_right, strict=True)
        ],
        np.int64,
    )
    inside = np.minimum(places, len(left) - 1)
    present = (places < ends) & (right[inside] == wanted_right) if len(left) else places < 0
    return places, present


NO_PAIRS = Pairs(EMPTY, EMPTY)


class Columns:
    """An immutable set of triples. Changes make a new one that shares terms and pairs."""

    def __init__(self, terms: TermDictionary, pairs: dict[int, Pairs]) -> None:
        self.terms = terms
        self._pairs = pairs
        self._size = sum(map(len, pairs.values()))

    def __len__(self) -> int:
        return self._size

    @cached_property
    def predicates(self) -> NDArray[np.int32]:
        return np.array(sorted(self._pairs), np.int32)

    def pairs(self, predicate: int) -> Pairs:
        """Empty when the predicate has no triple (also for -1, an absent term)."""
        return self._pairs.get(int(predicate), NO_PAIRS)

    def triples(self) -> Iterator[Triple]:
        term = self.terms.term
        for predicate in self.predicates:
            pairs, middle = self.pairs(predicate), term(int(predicate))
            for subject, value in zip(pairs.subjects.tolist(), pairs.objects.tolist(), strict=True):
                yield term(subject), middle, term(value)

    @classmethod
    def from_ids(cls, terms: TermDictionary, subjects: Ids, predicates: Ids, objects: Ids) -> Self:
        """From parallel id arrays in any order; duplicates are dropped."""
        triples = TripleCollector()
        triples.add(np.stack([subjects, predicates, objects], 1))
        return cls._from_packed(terms, triples)

    @classmethod
    def from_triples(cls, triples: Iterable[Triple]) -> Self:
        terms = TermDictionary()
        flat = list(chain.from_iterable(triples))
        ids = terms.add_all(flat).reshape(-1, 3)
        return cls.from_ids(terms, ids[:, 0], ids[:, 1], ids[:, 2])

    @classmethod
    def from_files(cls, paths: Sequence[Path], *, base: str | None = None) -> Self:
        """Checked parse; ``base`` resolves relative IRIs. Raises InputError."""
        from .parse import read_files  # noqa: PLC0415  (parse needs no graph)

        terms = TermDictionary()
        return cls._from_packed(terms, read_files(paths, terms, base))

    @classmethod
    def from_parquet(cls, folder: Path) -> "Columns":
        """Raises InputError when the folder is not such a cache, is damaged or of another format."""
        from .cache import read_cache  # noqa: PLC0415  (Arrow is slow to start)

        return read_cache(folder)

    def to_parquet(self, folder: Path, sources: Sequence[Path] = ()) -> None:
        """``sources``: the files the graph was read from; a change of them makes the cache stale."""
        from .cache import digest_sources, write_cache  # noqa: PLC0415  (Arrow is slow to start)

        write_cache(self, folder, digest_sources(sources))

    @classmethod
    def _from_packed(cls, terms: TermDictionary, triples: TripleCollector) -> Self:
        packed = triples.sorted_pairs()
        return cls(terms, {key: Pairs(*unpack_pairs(pairs)) for key, pairs in packed.items()})

    def with_change(
        self,
        added: Iterable[Triple | tuple[int, int, int]],
        removed: Iterable[Triple | tuple[int, int, int]],
    ) -> Self:
        """The graph without ``removed`` and with ``added`` (a triple in both is present).

        Cost is that of copying the pairs of the predicates touched; new terms are appended to the
        shared dictionary.
        """
        gone = self._grouped(removed, self.terms.id_of)
        come = self._grouped(added, self.terms.add)
        changed = dict(self._pairs)
        for predicate in gone.keys() | come.keys():
            pairs = self.pairs(predicate).with_change(
                come.get(predicate, NO_KEYS), gone.get(predicate, NO_KEYS)
            )
            if len(pairs):
                changed[predicate] = pairs
            else:
                changed.pop(predicate, None)
        return type(self)(self.terms, changed)

    @staticmethod
    def _grouped(
        triples: Iterable[tuple[Term | int, Term | int, Term | int]], id_of: Callable[[Term], int]
    ) -> dict[int, NDArray[np.int64]]:
        groups: dict[int, list[int]] = {}
        for triple in triples:
            subject, predicate, value = (
                part if isinstance(part, int) else id_of(part) for part in triple
            )
            if min(subject, predicate, value) >= 0:
                groups.setdefault(predicate, []).append(subject << 32 | value)
        return {predicate: np.array(group, np.int64) for predicate, group in groups.items()}


def load(paths: Sequence[Path]) -> Columns:
    """Checked parse of files of any RDF format, told by extension, into one graph."""
    return Columns.from_files(paths)
