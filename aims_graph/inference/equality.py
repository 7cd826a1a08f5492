"""owl:sameAs: one representative for all that are the same, and back.

Rules run on the graph in which each term is replaced by its representative (the one with the lowest
id); eq-rep-s, eq-rep-p and eq-rep-o need no joins there. What they infer is made at the end, when a
triple of representatives is written out for all the terms they stand for.
"""

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from aims_graph.columns import LITERAL, Columns, Pairs
from aims_graph.columns.joins import unique_ids, unpack_pairs
from aims_graph.errors import InputError

from .matching import match_all
from .relations import Keys, Relations
from .rules import EqualityRule

_LOW: Final = 0xFFFFFFFF

#: Writing out equal terms multiplies triples; more than this are refused.
MOST_TRIPLES: Final = 50_000_000


class Equal(NamedTuple):
    """Two terms that a rule or, when it is None, a triple says to be the same."""

    left: int
    right: int
    rule: EqualityRule | None


class Representatives:
    """Which term stands for which."""

    def __init__(self, size: int, edges: Keys) -> None:
        """``edges``: packed pairs of ids below ``size``."""
        self.of = connected(size, edges)
        moved = np.flatnonzero(self.of != np.arange(size))
        chosen = np.unique(self.of[moved])
        # All members of the sets of more than one, by their representative.
        self._members = unique_ids(
            np.concatenate([(self.of[moved] << 32) | moved, (chosen << 32) | chosen])
        )
        self._chosen = chosen

    def __bool__(self) -> bool:
        return len(self._chosen) > 0

    def __getitem__(self, term: int) -> int:
        return int(self.of[term]) if term < len(self.of) else term

    def members(self, term: int) -> list[int]:
        """All that are the same as a representative, itself included."""
        low, high = np.searchsorted(self._members, [term << 32, (term + 1) << 32])
        return [int(key & _LOW) for key in self._members[low:high]] or [term]

    def replace(self, data: Columns, same: int) -> Columns:
        """The graph of representatives, without owl:sameAs."""
        parts: dict[int, list[Keys]] = {}
        for predicate in data.predicates.tolist():
            if predicate != same:
                pairs = data.pairs(predicate)
                keys = (self._mapped(pairs.subjects) << 32) | self._mapped(pairs.objects)
                parts.setdefault(self[predicate], []).append(keys)
        return Columns(
            data.terms,
            {
                key: Pairs(*unpack_pairs(unique_ids(np.concatenate(found))))
                for key, found in parts.items()
            },
        )

    def _mapped(self, ids: NDArray[np.int32]) -> Keys:
        if len(ids) and int(ids.max()) >= len(self.of):
            return np.array([self[term] for term in ids.tolist()], np.int64)
        found: Keys = self.of[ids]
        return found

    def write_out(self, keys: Keys) -> Keys:
        """The pairs for all terms that their two sides stand for. Raises InputError when too many."""
        subjects, objects = self._counts(keys >> 32), self._counts(keys & _LOW)
        if int((subjects * objects).sum()) > MOST_TRIPLES:
            raise InputError(
                f"owl:sameAs would make more than {MOST_TRIPLES} triples",
                hint="Look for a functional property or key with one value for very many things.",
            )
        if subjects.max(initial=1) == objects.max(initial=1) == 1:
            return keys
        rows, left = self._expand(keys >> 32, subjects)
        keys = (left << 32) | (keys[rows] & _LOW)
        rows, right = self._expand(keys & _LOW, self._counts(keys & _LOW))
        return unique_ids((keys[rows] >> 32 << 32) | right)

    def _counts(self, ids: Keys) -> Keys:
        low = ids << 32
        found = np.searchsorted(self._members, low + (1 << 32)) - np.searchsorted(
            self._members, low
        )
        counts: Keys = np.maximum(found, 1)
        return counts

    def _expand(self, ids: Keys, counts: Keys) -> tuple[Keys, Keys]:
        rows = np.repeat(np.arange(len(ids)), counts)
        within = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
        at = np.searchsorted(self._members, ids << 32)[rows] + within
        shared = (counts > 1)[rows]
        values = ids[rows]
        values[shared] = self._members[at[shared]] & _LOW
        return rows, values

    def same_pairs(self) -> Keys:
        """owl:sameAs between any two different terms that are the same."""
        chosen = (self._chosen << 32) | self._chosen
        pairs = self.write_out(chosen)
        different: Keys = pairs[pairs >> 32 != pairs & _LOW]
        return different


def connected(size: int, edges: Keys) -> Keys:
    """For each id the lowest id that it is connected with."""
    of = np.arange(size, dtype=np.int64)
    left, right = edges >> 32, edges & _LOW
    while True:
        a, b = of[left], of[right]
        if (a == b).all():
            return of
        low, high = np.minimum(a, b), np.maximum(a, b)
        np.minimum.at(of, high, low)
        while True:
            jumped = of[of]
            if (jumped == of).all():
                break
            of = jumped


def find_equal(
    rules: Iterable[EqualityRule], relations: Relations
) -> Iterator[tuple[EqualityRule, Keys]]:
    """For each rule, pairs of different terms that are the same; enough of them to connect all.

    Literals are never merged with anything: two that a rule would have be the same are a
    contradiction (``contradictions``).
    """
    for rule in rules:
        if not all(len(relations[atom.key]) for atom in rule.side):
            continue
        table = match_all(rule.side, relations)
        shared = [table[name] for name in rule.shared]
        items = table["a"]
        if len(items) < 2:
            continue
        order = np.lexsort((items, *shared))
        items = items[order]
        together = np.ones(len(items) - 1, np.bool_)
        for column in shared:
            together &= np.diff(column[order]) == 0
        together &= items[1:] != items[:-1]
        if together.any():
            yield rule, (items[:-1][together] << 32) | items[1:][together]


def without_literals(edges: Keys, relations: Relations) -> Keys:
    tags = relations.terms.tags
    kept: Keys = edges[(tags[edges >> 32] < LITERAL) & (tags[edges & _LOW] < LITERAL)]
    return kept
