"""One RDF graph as columns: triples partitioned by predicate, sorted both ways."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from .joins import Ids, antijoin, pack_pairs, unique_ids, unpack_pairs
from .relations import TripleCollector
from .subjects import BySubject
from .terms import Term, TermDictionary, Triple

EMPTY: Ids = np.zeros(0, np.int32)
Int64s = NDArray[np.int64]
NO_KEYS: Int64s = np.zeros(0, np.int64)

#: Places are searched for one by one up to so many, and as long as packing all triples of the predicate would take
#: longer: so many are packed in the time of one search.
FEW_PLACES = 4
PACKED_MEANWHILE = 500

#: Triples whose terms are held as Python objects at a time.
BATCH = 100_000

#: Up to so many terms are looked up one by one.
FEW = 60


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
        added = unique_ids(added)
        removed = antijoin(unique_ids(removed), added)
        pairs = Pairs(*_changed(self.subjects, self.objects, added, removed))
        if "by_object" in self.__dict__:
            # Sorting again would cost more than the whole change.
            turned = (np.sort(pack_pairs(*unpack_pairs(keys)[::-1])) for keys in (added, removed))
            pairs.__dict__["by_object"] = _changed(*self.by_object, *turned)
        return pairs


def _changed(left: Ids, right: Ids, added: Int64s, removed: Int64s) -> tuple[Ids, Ids]:
    """A relation sorted by (left, right) after a change, whose keys are ascending and distinct."""
    number = len(added) + len(removed)
    if number > max(FEW_PLACES, len(left) // PACKED_MEANWHILE):
        return unpack_pairs(_merged(pack_pairs(left, right), added, removed))
    for keys, wanted in ((removed, True), (added, False)):
        places = [_place(left, right, key) for key in keys.tolist()]
        rows = [row for row, (_, present) in enumerate(places) if present is wanted]
        at = [places[row][0] for row in rows]
        if wanted:
            left, right = _without(left, at), _without(right, at)
        else:
            new_left, new_right = unpack_pairs(keys[rows])
            left, right = _with(left, at, new_left), _with(right, at, new_right)
    return left, right


def _merged(keys: Int64s, added: Int64s, removed: Int64s) -> Int64s:
    at, present = _places(keys, removed)
    kept = np.delete(keys, at[present])
    at, present = _places(kept, added)
    return np.insert(kept, at[~present], added[~present])


def _places(keys: Int64s, wanted: Int64s) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Where each wanted key stands, or belongs, among the ascending keys, and whether it is there."""
    at = keys.searchsorted(wanted)
    present = at < len(keys)
    present[present] = keys[at[present]] == wanted[present]
    return at, present


def _place(left: Ids, right: Ids, key: int) -> tuple[int, bool]:
    """Where the packed pair stands, or belongs, in the relation, and whether it is there."""
    # Typed bounds: a plain int would make searchsorted copy the whole array to int64.
    bounds = np.array([key >> 32, (key >> 32) + 1, key & 0xFFFFFFFF], np.int32)
    start, end = left.searchsorted(bounds[:2]).tolist()
    at = start + int(right[start:end].searchsorted(bounds[2]))
    return at, at < end and bool(right[at] == bounds[2])


def _without(column: Ids, at: list[int]) -> Ids:
    """The column without the entries at the ascending positions; slices copy faster than a mask."""
    if not at:
        return column
    starts = [0, *(place + 1 for place in at)]
    return np.concatenate([column[a:b] for a, b in zip(starts, [*at, None], strict=True)])


def _with(column: Ids, at: list[int], values: Ids) -> Ids:
    """The column with each value before the entry at its position; positions ascending."""
    if not at:
        return column
    pieces = [column[: at[0]]]
    for row, (place, following) in enumerate(zip(at, [*at[1:], None], strict=True)):
        pieces += (values[row : row + 1], column[place:following])
    return np.concatenate(pieces)


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

    @cached_property
    def by_subject(self) -> BySubject:
        """For many questions about single nodes; made when it is first asked for."""
        return BySubject(self.predicates, list(map(self.pairs, self.predicates)))

    def batches(self) -> Iterator[tuple[Ids, int, Ids]]:
        """Subjects, predicate and objects of all triples, as ids, ``BATCH`` triples or fewer at a time."""
        for predicate in self.predicates.tolist():
            pairs = self.pairs(predicate)
            for start in range(0, len(pairs), BATCH):
                rows = slice(start, start + BATCH)
                yield pairs.subjects[rows], predicate, pairs.objects[rows]

    def triples(self) -> Iterator[Triple]:
        for subjects, predicate, values in self.batches():
            middle = self.terms.term(predicate)
            for subject, value in zip(self._terms(subjects), self._terms(values), strict=True):
                yield subject, middle, value

    def _terms(self, ids: Ids) -> Iterator[Term]:
        """Each distinct one made once."""
        distinct = unique_ids(ids)
        made = dict(zip(distinct.tolist(), self.terms.terms_of(distinct), strict=True))
        return map(made.__getitem__, ids.tolist())

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
    def from_files(
        cls,
        paths: Sequence[Path],
        *,
        base: str | None = None,
        tell: Callable[[int, int], None] | None = None,
    ) -> Self:
        """Checked parse; ``base`` resolves relative IRIs; ``tell`` hears how many bytes of how many are
        read. Raises InputError.
        """
        from .parse import read_files  # noqa: PLC0415  (parse needs no graph)

        terms = TermDictionary()
        return cls._from_packed(terms, read_files(paths, terms, base, tell))

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
        gone = self._grouped(removed, self.terms.id_of, self.terms.find_all)
        come = self._grouped(added, self.terms.add, self.terms.add_all)
        return self._changed(come, gone)

    def union(self, other: "Columns") -> Self:
        """The triples of both graphs, with the dictionary of this one; ``other`` may have its own."""
        shared = other.terms is self.terms
        ids = np.zeros(0, np.int32) if shared else self.terms.add_terms(other.terms)
        come = {}
        for predicate in other.predicates.tolist():
            pairs = other.pairs(predicate)
            if shared:
                come[predicate] = pack_pairs(pairs.subjects, pairs.objects)
            else:
                packed = pack_pairs(ids[pairs.subjects], ids[pairs.objects])
                come[int(ids[predicate])] = packed
        return self._changed(come, {})

    def _changed(self, come: dict[int, Int64s], gone: dict[int, Int64s]) -> Self:
        """After a change given by predicate, as packed pairs."""
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
        triples: Iterable[tuple[Term | int, Term | int, Term | int]],
        id_of: Callable[[Term], int],
        ids_of: Callable[[Sequence[Term]], Ids],
    ) -> dict[int, Int64s]:
        """Packed pairs by predicate; triples with a term that has no id are left out."""
        flat = list(chain.from_iterable(triples))
        if len(flat) <= FEW:
            # NumPy takes longer to start than a few look-ups take.
            found = [part if isinstance(part, int) else id_of(part) for part in flat]
            groups: dict[int, list[int]] = {}
            for subject, predicate, value in zip(found[::3], found[1::3], found[2::3], strict=True):
                if min(subject, predicate, value) >= 0:
                    groups.setdefault(predicate, []).append(subject << 32 | value)
            return {predicate: np.array(group, np.int64) for predicate, group in groups.items()}
        terms = [part for part in flat if not isinstance(part, int)]
        ids = np.array([-1 if not isinstance(part, int) else part for part in flat], np.int32)
        are_terms = np.array([not isinstance(part, int) for part in flat], np.bool_)
        ids[are_terms] = ids_of(terms)
        rows = ids.reshape(-1, 3)
        collected = TripleCollector()
        collected.add(rows[(rows >= 0).all(1)])
        return collected.sorted_pairs()


def load(paths: Sequence[Path], *, tell: Callable[[int, int], None] | None = None) -> Columns:
    """Checked parse of files of any RDF format, told by extension, into one graph."""
    return Columns.from_files(paths, tell=tell)
