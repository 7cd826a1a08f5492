"""Solution tables: columns of term ids, one a variable, and the relational operators on them.

A table is a multiset of solutions; UNBOUND marks a variable without value. No operator loops over
rows in Python.
"""

from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from aims_graph.errors import InputError

Ids = NDArray[np.int32]
Index = NDArray[np.int64]
Mask = NDArray[np.bool_]

UNBOUND: Final = -1

#: A query that needs more solutions than this at once is refused, not left to exhaust memory.
MOST_SOLUTIONS: Final = 20_000_000


class Table:
    """``columns``: variable name to ids, all of length ``size``."""

    __slots__ = ("columns", "size")

    def __init__(self, columns: dict[str, Ids], size: int) -> None:
        self.columns = columns
        self.size = size

    def take(self, rows: Index | Mask) -> "Table":
        columns = {name: column[rows] for name, column in self.columns.items()}
        size = int(np.count_nonzero(rows)) if rows.dtype == np.bool_ else len(rows)
        return Table(columns, size)

    def project(self, names: Iterable[str]) -> "Table":
        """Only the columns named; those the table does not have are left out."""
        return Table(
            {name: self.columns[name] for name in names if name in self.columns}, self.size
        )

    def extended(self, name: str, column: Ids) -> "Table":
        return Table({**self.columns, name: column}, self.size)

    def bound(self, names: Iterable[str]) -> list[str]:
        """Those of ``names`` that have a column with a value in every row."""
        return [
            name
            for name in names
            if (column := self.columns.get(name)) is not None and not (column < 0).any()
        ]


def unit() -> Table:
    """One solution without bindings."""
    return Table({}, 1)


def empty(names: Iterable[str]) -> Table:
    return Table({name: np.zeros(0, np.int32) for name in names}, 0)


def check_size(size: int) -> None:
    if size > MOST_SOLUTIONS:
        raise InputError(
            f"query needs more than {MOST_SOLUTIONS} solutions at once",
            hint="Connect its patterns with shared variables",
        )


def row_keys(*tables: Sequence[Ids]) -> list[NDArray[np.int64]]:
    """For each list of columns one int64 a row, equal exactly when all ids of the rows are equal.

    Keys are comparable between the lists, which have the same number of columns; UNBOUND is an id
    like others.
    """
    keys = [columns[0].astype(np.int64) + 1 for columns in tables]
    for at in range(1, len(tables[0])):
        if at > 1:
            keys = _renumbered(keys)
        keys = [
            (key << 32) | (columns[at].astype(np.int64) + 1)
            for key, columns in zip(keys, tables, strict=True)
        ]
    return keys


def _renumbered(keys: list[NDArray[np.int64]]) -> list[NDArray[np.int64]]:
    _, numbers = np.unique(np.concatenate(keys), return_inverse=True)
    return np.split(numbers.astype(np.int64), np.cumsum([len(key) for key in keys])[:-1])


def first_rows(table: Table, names: Sequence[str]) -> tuple[Index, Index]:
    """The first row of each distinct combination of ``names``, and the combination of each row."""
    if not names:
        return np.zeros(min(table.size, 1), np.int64), np.zeros(table.size, np.int64)
    (keys,) = row_keys([table.columns[name] for name in names])
    _, first, group = np.unique(keys, return_index=True, return_inverse=True)
    return first.astype(np.int64), group.astype(np.int64)


def distinct(table: Table) -> Table:
    """Without repeats; the first of equal rows keeps its place."""
    if table.size < 2:
        return table
    if not table.columns:
        return Table({}, 1)
    if len(table.columns) == 1:
        (column,) = table.columns.values()
        if bool((column[1:] > column[:-1]).all()):
            return table
    first, _ = first_rows(table, list(table.columns))
    return table if len(first) == table.size else table.take(np.sort(first))


def concatenated(tables: Sequence[Table]) -> Table:
    """All rows; variables that a table lacks are unbound in its rows."""
    size = sum(table.size for table in tables)
    check_size(size)
    names = dict.fromkeys(name for table in tables for name in table.columns)
    columns = {
        name: np.concatenate(
            [
                table.columns[name]
                if name in table.columns
                else np.full(table.size, UNBOUND, np.int32)
                for table in tables
            ]
        )
        for name in names
    }
    return Table(columns, size)


def spread(starts: Index, counts: Index) -> tuple[Index, Index]:
    """For ranges of rows: the number of the range once for each row in it, and the row."""
    size = int(counts.sum())
    check_size(size)
    if size == len(counts) and (size == 0 or int(counts.max()) == 1):
        return np.arange(size), starts
    index = np.repeat(np.arange(len(counts)), counts)
    firsts = np.cumsum(counts) - counts
    return index, np.arange(size) + np.repeat(starts - firsts, counts)


def matching_rows(left: NDArray[np.int64], right: NDArray[np.int64]) -> tuple[Index, Index]:
    """All (i, j) with left[i] == right[j], ordered by i."""
    order = None
    if len(right) > 1 and not bool((right[1:] >= right[:-1]).all()):
        order = np.argsort(right, kind="stable")
        right = right[order]
    start = np.searchsorted(right, left, "left")
    if len(right) > 1 and bool((right[1:] > right[:-1]).all()):
        counts = (right[np.minimum(start, len(right) - 1)] == left).astype(np.int64)
    else:
        counts = np.searchsorted(right, left, "right") - start
    rows, found = spread_nonempty(start, counts)
    return rows, found if order is None else order[found]


def spread_nonempty(starts: Index, counts: Index) -> tuple[Index, Index]:
    if len(counts) and int(counts.min()) > 0:
        return spread(starts, counts)
    kept = np.flatnonzero(counts)
    index, rows = spread(starts[kept], counts[kept])
    return kept[index], rows


def join_rows(left: Table, right: Table) -> tuple[Index, Index]:
    """The pairs of compatible rows (section 18.3): equal wherever both have a value."""
    shared = [name for name in left.columns if name in right.columns]
    if not shared:
        check_size(left.size * right.size)
        return np.repeat(np.arange(left.size), right.size), np.tile(
            np.arange(right.size), left.size
        )
    open_ = [
        name for name in shared if (left.columns[name] < 0).any() or (right.columns[name] < 0).any()
    ]
    if not open_:
        keys = row_keys([left.columns[n] for n in shared], [right.columns[n] for n in shared])
        return matching_rows(*keys)
    pairs: list[tuple[Index, Index]] = []
    for left_rows, left_bound in _by_bound(left, open_):
        for right_rows, right_bound in _by_bound(right, open_):
            usable = [n for n in shared if n not in open_ or (n in left_bound and n in right_bound)]
            i, j = join_rows(
                left.project(usable).take(left_rows), right.project(usable).take(right_rows)
            )
            pairs.append((left_rows[i], right_rows[j]))
    if not pairs:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    return np.concatenate([i for i, _ in pairs]), np.concatenate([j for _, j in pairs])


def _by_bound(table: Table, names: list[str]) -> list[tuple[Index, list[str]]]:
    """The rows of the table by which of ``names`` they bind."""
    return [
        (rows, [name for name in names if table.columns[name][rows[0]] >= 0])
        for rows in rows_by_binding(table, names)
    ]


def rows_by_binding(table: Table, names: Sequence[str]) -> list[Index]:
    """The row numbers, parted by which of ``names`` are bound."""
    if not table.size:
        return []
    bound = [column >= 0 for name in names if ((column := table.columns[name]) < 0).any()]
    if not bound:
        return [np.arange(table.size)]
    _, pattern = np.unique(np.stack(bound), axis=1, return_inverse=True)
    pattern = pattern.reshape(-1)
    return [np.flatnonzero(pattern == value) for value in np.unique(pattern)]


def merged(left: Table, right: Table, i: Index, j: Index) -> Table:
    """Row i of the left with row j of the right, for each pair."""
    columns = {name: column[i] for name, column in left.columns.items()}
    for name, column in right.columns.items():
        if name not in columns:
            columns[name] = column[j]
        elif (open_ := columns[name] < 0).any():
            columns[name] = np.where(open_, column[j], columns[name])
    return Table(columns, len(i))


def join(left: Table, right: Table) -> Table:
    if not right.columns and right.size == 1:
        return left
    if not left.columns and left.size == 1:
        return right
    return merged(left, right, *join_rows(left, right))


def rows_with_match(left: Table, right: Table) -> Mask:
    """Which rows of the left are compatible with some row of the right."""
    found = np.zeros(left.size, np.bool_)
    shared = [name for name in left.columns if name in right.columns]
    if right.size and not shared:
        found[:] = True
    elif right.size:
        i, _ = join_rows(left, distinct(right.project(shared)))
        found[i] = True
    return found
