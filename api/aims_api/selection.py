"""Parts of a dataset as one graph, and what differs between two graphs over one dictionary."""

from collections.abc import Iterator, Sequence

import numpy as np

from aims_graph.columns import Columns, Pairs, Triple
from aims_graph.columns.joins import pack_pairs, unpack_pairs

_LOW = 0xFFFFFFFF


def union_of(graphs: Sequence[Columns], empty: Columns) -> Columns:
    """The triples of all graphs; they share the dictionary of ``empty``. Pairs are shared where only
    one graph has the predicate.
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
    return Columns(empty.terms, merged)


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
