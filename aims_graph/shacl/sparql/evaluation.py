"""The algebra on solution tables, for all focus nodes at once.

Pre-bound variables (SHACL, section 5.3 and appendix A: "Values Insertion") join every basic graph pattern
with the solutions they stand for. Here these solutions are one table, the *seed*, with a row for each focus node; a
table that lacks columns of the seed stands for its join with the seed, and the columns are attached only where an
operator asks for them. EXISTS is the same thing with the outer solutions as seed, which is how its inner filters see
outer variables.

Beside the seed travels a *hint*: a table whose variables the caller will join on. An operator may leave out
solutions that agree with no row of the hint, and need not. This is how bindings found on the left narrow what is
looked up on the right.
"""

from collections.abc import Iterable

import numpy as np

from aims_graph.columns import Columns, Term

from .aggregates import aggregate
from .algebra import (
    Bgp,
    Distinct,
    Exists,
    Expression,
    Extend,
    Filter,
    Group,
    Join,
    LeftJoin,
    Minus,
    OrderBy,
    Pattern,
    Project,
    Slice,
    Union,
    Values,
)
from .conditions import Conditions
from .foreign import ShapesMatcher
from .matching import Matcher
from .ordering import ranks_of
from .scope import certain, computed_variables, mentioned, visible
from .space import TermSpace
from .tables import (
    UNBOUND,
    Index,
    Mask,
    Table,
    concatenated,
    distinct,
    empty,
    first_rows,
    join,
    join_rows,
    merged,
    rows_by_binding,
    rows_with_match,
    unit,
)


class Evaluator:
    """Evaluates patterns for one seed. ``shapes``: the graph that GRAPH $shapesGraph reads."""

    def __init__(
        self,
        data: Columns,
        space: TermSpace,
        seed: Table,
        *,
        now: Term,
        computed: frozenset[str],
        shapes: Columns | None = None,
    ) -> None:
        self._data = data
        self._space = space
        self._seed = seed
        self._now = now
        self._computed = computed
        self._shapes = shapes
        self._matcher = Matcher(
            data, space.query_id, computed=computed, known_nodes=frozenset(seed.columns)
        )
        self._conditions = Conditions(space, self._exists, now)

    def solutions(self, pattern: Pattern) -> Table:
        """All solutions, with all columns of the seed."""
        return self._attach(self.evaluate(pattern, self._seed), self._seed.columns)

    def _with_seed(self, seed: Table) -> "Evaluator":
        return Evaluator(
            self._data,
            self._space,
            seed,
            now=self._now,
            computed=self._computed,
            shapes=self._shapes,
        )

    def _attach(self, table: Table, names: Iterable[str]) -> Table:
        """With those columns of the seed that are among ``names``."""
        seed = self._seed.columns
        missing = [name for name in names if name in seed and name not in table.columns]
        if not missing:
            return table
        shared = [name for name in table.columns if name in seed]
        part = self._seed.project([*shared, *missing])
        return join(table, part if len(part.columns) == len(seed) else distinct(part))

    def evaluate(self, pattern: Pattern, hint: Table) -> Table:
        match pattern:
            case Bgp():
                return self._match(pattern, hint)
            case Join(left, right):
                return self._join(left, right, hint)
            case LeftJoin(left, right, condition):
                return self._left_join(self.evaluate(left, hint), right, condition)
            case Filter(inner, condition):
                table = self._attach(self.evaluate(inner, hint), mentioned(condition))
                return table.take(self._conditions.holds(condition, table)) if table.size else table
            case Union(options):
                return self._union([self.evaluate(option, hint) for option in options])
            case Minus(left, right):
                return self._minus(self.evaluate(left, hint), right)
            case Extend(inner, name, expression):
                table = self.evaluate(inner, _without(hint, {name}))
                table = self._attach(table, mentioned(expression))
                return table.extended(name, self._conditions.value(expression, table))
            case Values(variables, rows):
                return self._values(variables, rows)
            case Project(inner, variables):
                return self._project(inner, variables, hint)
            case Distinct(inner):
                return distinct(self.evaluate(inner, hint))
            case Group():
                return self._group(pattern, hint)
            case OrderBy(inner, _):
                table = self._attach(self.evaluate(inner, hint), self._seed.columns)
                return table.take(self._order(pattern, table))
            case Slice(inner, offset, limit):
                table = self.evaluate(inner, hint.project(self._seed.columns))
                return self._slice(self._attach(table, self._seed.columns), offset, limit)

    # Patterns

    def _match(self, bgp: Bgp, hint: Table) -> Table:
        if not bgp.patterns:
            return unit()
        if bgp.shapes_graph:
            return ShapesMatcher(self._shapes, self._space).match(bgp)
        return self._matcher.match(bgp, hint)

    def _join(self, left: Pattern, right: Pattern, hint: Table) -> Table:
        if not certain(left) & hint.columns.keys() and certain(right) & hint.columns.keys():
            left, right = right, left
        first = self.evaluate(left, hint)
        if not first.size:
            return empty(visible(left) | visible(right))
        return join(first, self.evaluate(right, self._hint_from(first, right, hint)))

    def _hint_from(self, table: Table, pattern: Pattern, otherwise: Table) -> Table:
        """What a table already tells about the solutions of a pattern that is to be joined with it."""
        names = table.bound(name for name in table.columns if name in certain(pattern))
        return distinct(table.project(names)) if names else otherwise

    def _left_join(self, left: Table, pattern: Pattern, condition: Expression | None) -> Table:
        if not left.size:
            return empty(left.columns.keys() | visible(pattern))
        right = self.evaluate(pattern, self._hint_from(left, pattern, self._seed))
        wanted = (
            set(right.columns) if condition is None else set(right.columns) | mentioned(condition)
        )
        left = self._attach(left, wanted)
        i, j = join_rows(left, right)
        both = merged(left, right, i, j)
        if condition is not None:
            keep = self._conditions.holds(condition, both)
            both, i = both.take(keep), i[keep]
        alone = np.ones(left.size, np.bool_)
        alone[i] = False
        if not alone.any():
            return both
        return concatenated([both, left.take(alone)])

    def _union(self, tables: list[Table]) -> Table:
        seeded = {name for table in tables for name in table.columns if name in self._seed.columns}
        return concatenated([self._attach(table, seeded) for table in tables])

    def _minus(self, left: Table, pattern: Pattern) -> Table:
        if not left.size:
            return left
        right = self.evaluate(pattern, self._hint_from(left, pattern, self._seed))
        left = self._attach(left, right.columns)
        shared = [name for name in left.columns if name in right.columns]
        if not shared:
            return left.take(np.zeros(0, np.int64)) if self._seed.columns and right.size else left
        return left.take(~self._removed(left, distinct(right.project(shared)), shared))

    def _removed(self, left: Table, right: Table, shared: list[str]) -> Mask:
        """Rows of the left compatible with one of the right that binds some variable in common."""
        if all((left.columns[n] >= 0).all() and (right.columns[n] >= 0).all() for n in shared):
            return rows_with_match(left, right)
        i, j = join_rows(left.project(shared), right)
        common = np.zeros(len(i), np.bool_)
        for name in shared:
            common |= (left.columns[name][i] >= 0) & (right.columns[name][j] >= 0)
        removed = np.zeros(left.size, np.bool_)
        removed[i[common]] = True
        return removed

    def _values(
        self, variables: tuple[str, ...], rows: tuple[tuple[Term | None, ...], ...]
    ) -> Table:
        columns = {
            name: np.array(
                [
                    UNBOUND if (term := row[at]) is None else self._space.constant(term)
                    for row in rows
                ],
                np.int32,
            )
            for at, name in enumerate(variables)
        }
        return Table(columns, len(rows))

    # Solution modifiers

    def _project(self, pattern: Pattern, variables: tuple[str, ...], hint: Table) -> Table:
        seed = self._seed.columns
        if all(name in variables for name in seed):
            table = self.evaluate(pattern, hint.project(variables))
        else:
            # Variables that are not projected are others than those outside with the same name.
            inner = self._with_seed(distinct(self._seed.project(variables)))
            table = inner.evaluate(pattern, hint.project(variables))
        kept = table.project(variables)
        for name in variables:
            if name not in kept.columns and name not in seed:
                kept = kept.extended(name, np.full(kept.size, UNBOUND, np.int32))
        return kept

    def _group(self, group: Group, hint: Table) -> Table:
        seed = list(self._seed.columns)
        table = self.evaluate(group.pattern, hint.project([*group.keys, *seed]))
        table = self._attach(table, seed)
        for key in group.keys:
            if key not in table.columns:
                table = table.extended(key, np.full(table.size, UNBOUND, np.int32))
        names = list(dict.fromkeys([*group.keys, *seed]))
        first, groups = first_rows(table, names)
        result = table.project(names).take(first)
        if group.implicit:
            result = self._with_empty_groups(result)
        for name, function in group.aggregates:
            values = None
            if function.argument is not None:
                values = self._conditions.value(function.argument, table)
            result = result.extended(
                name, aggregate(function, values, table, groups, result.size, self._space)
            )
        return result

    def _with_empty_groups(self, groups: Table) -> Table:
        """Aggregates without GROUP BY give each row of the seed a group, also where nothing matched."""
        if not self._seed.columns:
            return groups if groups.size else unit()
        return concatenated([groups, self._seed.take(~rows_with_match(self._seed, groups))])

    def _order(self, pattern: OrderBy, table: Table) -> Index:
        order = np.arange(table.size)
        for key in reversed(pattern.keys):
            ids = self._conditions.value(key.expression, table)
            found, place = np.unique(ids, return_inverse=True)
            rank = ranks_of([self._space.term(each) for each in found.tolist()])
            ranks = rank[place][order]
            order = order[np.argsort(-ranks if key.descending else ranks, kind="stable")]
        return order

    def _slice(self, table: Table, offset: int, limit: int | None) -> Table:
        """Per row of the seed: the query runs once for each focus node."""
        _, groups = first_rows(table, list(self._seed.columns))
        order = np.argsort(groups, kind="stable")
        counts = np.bincount(groups, minlength=1) if table.size else np.zeros(0, np.int64)
        place = np.empty(table.size, np.int64)
        place[order] = np.arange(table.size) - np.repeat(np.cumsum(counts) - counts, counts)
        keep = place >= offset
        if limit is not None:
            keep &= place < offset + limit
        return table.take(keep)

    # EXISTS

    def _exists(self, exists: Exists, table: Table) -> Mask:
        names = mentioned(exists.pattern)
        outer = [name for name in table.columns if name in names]
        assigned = computed_variables(exists.pattern)
        given = [name for name in outer if name not in assigned]
        found = np.zeros(table.size, np.bool_)
        for rows in rows_by_binding(table, given):
            part = table if len(rows) == table.size else table.take(rows)
            bound = [name for name in given if part.columns[name][0] >= 0]
            seed = distinct(part.project(bound))
            inner = self._with_seed(seed).evaluate(exists.pattern, seed)
            found[rows] = rows_with_match(part.project([*bound, *(assigned & set(outer))]), inner)
        return found


def _without(table: Table, names: Iterable[str]) -> Table:
    gone = set(names)
    return table.project([name for name in table.columns if name not in gone])
