"""Aggregates over the groups of a table (SPARQL 1.1, section 18.5.1)."""

from collections.abc import Callable, Iterable
from typing import Final

import numpy as np
from pyoxigraph import Literal

from aims_graph.columns import Term
from aims_graph.columns.lexical import INTEGER

from .algebra import (
    Aggregate,
)
from .functions import check_length
from .literals import Number, TypeMismatch, calculate_numbers, integer, number, number_of, text_of
from .ordering import ranks_of
from .space import TermSpace
from .tables import UNBOUND, Ids, Index, Table, row_keys


def aggregate(
    function: Aggregate,
    values: Ids | None,
    table: Table,
    groups: Index,
    count: int,
    space: TermSpace,
) -> Ids:
    """One id a group: ``groups`` numbers the rows of ``table``, ``values`` are the arguments (None: COUNT(*)).

    UNBOUND where the aggregate is an error. An argument that is an error makes every aggregate an error but
    COUNT and SAMPLE, which pass over it.
    """
    if values is None:
        rows = np.arange(table.size)
        if function.distinct:
            columns = [column for name, column in table.columns.items() if not name.startswith(".")]
            rows = _first(
                groups, row_keys(columns)[0] if columns else np.zeros(table.size, np.int64)
            )
        return _counts(groups[rows], count, space)
    present = values >= 0
    rows = np.flatnonzero(present)
    if function.distinct:
        rows = rows[_first(groups[rows], values[rows].astype(np.int64))]
    if function.function == "COUNT":
        return _counts(groups[rows], count, space)
    result = np.full(count, UNBOUND, np.int32)
    order = rows[np.argsort(groups[rows], kind="stable")]
    sizes = np.bincount(groups[order], minlength=count)
    ends = np.cumsum(sizes)
    failed = np.zeros(count, np.bool_)
    if function.function != "SAMPLE":
        failed[groups[~present]] = True
    if function.function in {"MIN", "MAX"}:
        _extremes(function.function, values[order], sizes, result, space)
    else:
        reduce = _REDUCTIONS[function.function]
        for at in np.flatnonzero(~failed).tolist():
            ids = values[order[ends[at] - sizes[at] : ends[at]]].tolist()
            try:
                result[at] = space.intern(reduce([space.term(each) for each in ids], function))
            except TypeMismatch:
                continue
    result[failed] = UNBOUND
    return result


def _first(groups: Index, keys: np.ndarray[tuple[int], np.dtype[np.int64]]) -> Index:
    """The first row of each distinct (group, key), in order."""
    _, numbers = np.unique(keys, return_inverse=True)
    _, first = np.unique(groups * (len(keys) + 1) + numbers, return_index=True)
    return np.sort(first)


def _counts(groups: Index, count: int, space: TermSpace) -> Ids:
    found, place = np.unique(np.bincount(groups, minlength=count)[:count], return_inverse=True)
    ids = np.array([space.intern(integer(value)) for value in found.tolist()], np.int32)
    return ids[place] if count else np.zeros(0, np.int32)


def _extremes(name: str, values: Ids, sizes: Index, result: Ids, space: TermSpace) -> None:
    """By rank among the distinct values; ``values`` are ordered by group."""
    if not len(values):
        return
    found, place = np.unique(values, return_inverse=True)
    terms = [term for each in found.tolist() if (term := space.term(each)) is not None]
    rank = ranks_of(terms)
    filled = np.flatnonzero(sizes)
    starts = (np.cumsum(sizes) - sizes)[filled]
    best = (np.minimum if name == "MIN" else np.maximum).reduceat(rank[place], starts)
    result[filled] = found[np.argsort(rank)[best]]


def _numbers(terms: Iterable[Term | None]) -> Iterable[Number]:
    for term in terms:
        assert term is not None
        yield number_of(term)


def _total(terms: list[Term | None]) -> Number:
    total = Number(INTEGER, 0)
    for value in _numbers(terms):
        total = calculate_numbers("+", total, value)
    return total


def _average(terms: list[Term | None], _: Aggregate) -> Term:
    if not terms:
        return integer(0)
    return number(calculate_numbers("/", _total(terms), Number(INTEGER, len(terms))))


def _concatenation(terms: list[Term | None], function: Aggregate) -> Term:
    text = function.separator.join(text_of(term) for term in terms if term is not None)
    check_length(text)
    return Literal(text)


def _sample(terms: list[Term | None], _: Aggregate) -> Term:
    if not terms or terms[0] is None:
        raise TypeMismatch
    return terms[0]


_REDUCTIONS: Final[dict[str, Callable[[list[Term | None], Aggregate], Term]]] = {
    "SUM": lambda terms, _: number(_total(terms)),
    "AVG": _average,
    "SAMPLE": _sample,
    "GROUP_CONCAT": _concatenation,
}
