"""Parts of a dataset as one graph, and what differs between two graphs over one dictionary."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from aims_graph.columns import Columns, Pairs, TermDictionary, Triple
from aims_graph.columns.joins import pack_pairs, unpack_pairs

_LOW = 0xFFFFFFFF


def union_of(graphs: Sequence[Columns], terms: TermDictionary) -> Columns:
    """The triples of all graphs, which share the dictionary; pairs are shared too where only one graph
    has the predicate.
    """
    by_predicate: dict[int, list[Pairs]] = {}
    for graph in graphs:
        for predicate in graph.predicates.tolist():
            by_predicate.setdefault(predicate, []).append(graph.pairs(predicate))
    merged = {}
    for predicate, parts in by_predicate.items():
        if len(parts) == 1:
            merged[predicate] = parts[0]
            continue
        keys = np.unique(np.concatenate([pack_pairs(p.subjects, p.objects) for p in parts]))
        merged[predicate] = Pairs(*unpack_pairs(keys))
    return Columns(terms, merged)


def copied(
    shared: Mapping[str, Columns],
    before: Mapping[str, Columns],
    own_before: Mapping[str, Columns],
    terms: TermDictionary,
) -> dict[str, Columns]:
    """The graphs over a dictionary of their own, since the order of ids decides between equals: what
    stands in other graphs must not show even by that. ``before`` and ``own_before``: the same graphs
    at the last time, over both dictionaries.
    """
    found = {}
    for name in sorted(shared):
        old, new = before.get(name), shared[name]
        own = own_before.get(name, Columns(terms, {}))
        if old is not new:
            added = new.triples() if old is None else only_in(new, old)
            removed = () if old is None else only_in(old, new)
            own = own.with_change(sorted(added, key=_text), sorted(removed, key=_text))
        found[name] = own
    return found


def _text(triple: Sequence[object]) -> tuple[str, ...]:
    return tuple(map(str, triple))


def count_difference(old: Columns, new: Columns) -> int:
    """No fewer than the triples that differ; cheap."""
    predicates = {*old.predicates.tolist(), *new.predicates.tolist()}
    pairs = ((old.pairs(p), new.pairs(p)) for p in predicates)
    return sum(abs(len(a) - len(b)) for a, b in pairs if a is not b)


def only_in(one: Columns, other: Columns) -> Iterator[Triple]:
    """The triples of ``one`` that ``other`` has not; predicates with the same pairs cost nothing."""
    term = one.terms.term
    for predicate in one.predicates.tolist():
        mine, theirs = one.pairs(predicate), other.pairs(predicate)
        if mine is theirs:
            continue
        keys = np.setdiff1d(
            pack_pairs(mine.subjects, mine.objects),
            pack_pairs(theirs.subjects, theirs.objects),
            assume_unique=True,
        )
        middle = term(predicate)
        for key in keys.tolist():
            yield term(key >> 32), middle, term(key & _LOW)
