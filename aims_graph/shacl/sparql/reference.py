"""The same algebra, one solution at a time: slow, and meant to be obviously right.

It is what the columnar evaluator is tested against, and what the ``scalar`` engine runs. Pre-bound variables are
given as one solution, with which every basic graph pattern begins (SHACL appendix A, "Values Insertion").
"""

from collections.abc import Iterable, Iterator
from functools import cmp_to_key

from pyoxigraph import Literal

from aims_graph.columns import Term, Triple

from .algebra import (
    Aggregate,
    Bgp,
    Distinct,
    Expression,
    Extend,
    Filter,
    Group,
    Join,
    LeftJoin,
    Minus,
    OrderBy,
    Path,
    Pattern,
    Project,
    Slice,
    Slot,
    TriplePattern,
    Union,
    Values,
    Variable,
)
from .literals import (
    Number,
    TypeMismatch,
    calculate_numbers,
    integer,
    number,
    number_of,
    text_of,
)
from .ordering import order_terms
from .reference_expressions import ReferenceExpressions, Solution, merge
from .reference_graph import PlainGraph
from .reference_paths import ReferencePaths


class Reference(ReferenceExpressions):
    """``graph`` is what patterns are matched in, ``shapes`` what GRAPH $shapesGraph reads."""

    def __init__(
        self, graph: Iterable[Triple], *, shapes: Iterable[Triple] = (), now: Term | None = None
    ) -> None:
        super().__init__(now)
        self._graph = PlainGraph(graph)
        self._shapes = PlainGraph(shapes)

    def solutions(self, pattern: Pattern, given: Solution | None = None) -> list[Solution]:
        """All solutions joined with ``given``; names that begin with a full stop are left out."""
        given = given or {}
        found = [
            merged
            for solution in self.evaluate(pattern, given)
            if (merged := merge(solution, given)) is not None
        ]
        return [
            {name: term for name, term in row.items() if not name.startswith(".")} for row in found
        ]

    def evaluate(self, pattern: Pattern, given: Solution) -> list[Solution]:
        match pattern:
            case Bgp(patterns, shapes_graph):
                solutions = [given]
                for triple in patterns:
                    solutions = [
                        extended
                        for solution in solutions
                        for extended in self._match(triple, solution, shapes_graph=shapes_graph)
                    ]
                return solutions
            case Join(left, right):
                return _join(self.evaluate(left, given), self.evaluate(right, given))
            case LeftJoin(left, right, condition):
                return self._left_join(
                    self.evaluate(left, given), self.evaluate(right, given), condition, given
                )
            case Filter(inner, condition):
                return [s for s in self.evaluate(inner, given) if self.holds(condition, s, given)]
            case Union(options):
                return [solution for option in options for solution in self.evaluate(option, given)]
            case Minus(left, right):
                removed = self.evaluate(right, given)
                return [
                    s
                    for s in self.evaluate(left, given)
                    if not any(s.keys() & r.keys() and merge(s, r) is not None for r in removed)
                ]
            case Extend(inner, name, expression):
                return [
                    s if (term := self.term(expression, s, given)) is None else {**s, name: term}
                    for s in self.evaluate(inner, given)
                ]
            case Values(variables, rows):
                return [
                    {
                        name: term
                        for name, term in zip(variables, row, strict=True)
                        if term is not None
                    }
                    for row in rows
                ]
            case Project(inner, variables):
                inside = {name: term for name, term in given.items() if name in variables}
                return [
                    {name: term for name, term in s.items() if name in variables}
                    for s in self.evaluate(inner, inside)
                ]
            case Distinct(inner):
                return [
                    dict(row)
                    for row in dict.fromkeys(
                        tuple(sorted(s.items(), key=_name)) for s in self.evaluate(inner, given)
                    )
                ]
            case Group():
                return list(self._group(pattern, given))
            case OrderBy(inner, keys):
                solutions = self.evaluate(inner, given)
                for key in reversed(keys):
                    solutions.sort(
                        key=cmp_to_key(
                            lambda a, b, key=key: order_terms(  # type: ignore[misc]  # a default binds the loop's key
                                self.term(key.expression, a, given),
                                self.term(key.expression, b, given),
                            )
                        ),
                        reverse=key.descending,
                    )
                return solutions
            case Slice(inner, offset, limit):
                solutions = self.evaluate(inner, given)
                return solutions[offset : None if limit is None else offset + limit]

    def _left_join(
        self,
        left: list[Solution],
        right: list[Solution],
        condition: Expression | None,
        given: Solution,
    ) -> list[Solution]:
        found: list[Solution] = []
        for solution in left:
            matches = [
                merged
                for other in right
                if (merged := merge(solution, other)) is not None
                and (condition is None or self.holds(condition, merged, given))
            ]
            found += matches or [solution]
        return found

    # Patterns and paths

    def _match(
        self, triple: TriplePattern, solution: Solution, *, shapes_graph: bool
    ) -> Iterator[Solution]:
        graph = self._shapes if shapes_graph else self._graph
        start, verb, end = triple.subject, triple.predicate, triple.object
        if isinstance(verb, Path):
            found = ReferencePaths(graph).pairs(
                verb, _known(start, solution), _known(end, solution)
            )
            rows: list[tuple[tuple[Slot, Term], ...]] = [
                ((start, begin), (end, reached)) for begin, reached in found
            ]
        else:
            middle: Slot = verb
            known = (_known(slot, solution) for slot in (start, middle, end))
            rows = [((start, s), (middle, p), (end, o)) for s, p, o in graph.matching(*known)]
        for row in rows:
            extended: Solution | None = solution
            for slot, term in row:
                extended = None if extended is None else _bind(slot, term, extended)
            if extended is not None:
                yield extended

    # Groups

    def _group(self, group: Group, given: Solution) -> Iterator[Solution]:
        rows = self.evaluate(group.pattern, given)
        members: dict[tuple[Term | None, ...], list[Solution]] = {}
        if group.implicit:
            members[()] = rows
        else:
            for row in rows:
                members.setdefault(tuple(row.get(key) for key in group.keys), []).append(row)
        for key, solutions in members.items():
            result = {
                name: term for name, term in zip(group.keys, key, strict=True) if term is not None
            }
            for name, function in group.aggregates:
                try:
                    result[name] = self._aggregate(function, solutions, given)
                except TypeMismatch:
                    continue
            yield merge(result, given) or result

    def _aggregate(self, function: Aggregate, solutions: list[Solution], given: Solution) -> Term:
        if function.argument is None:
            named = [
                tuple(sorted(((n, t) for n, t in s.items() if not n.startswith(".")), key=_name))
                for s in solutions
            ]
            return integer(len(set(named) if function.distinct else named))
        terms = [self.term(function.argument, solution, given) for solution in solutions]
        present = [term for term in terms if term is not None]
        if function.distinct:
            present = list(dict.fromkeys(present))
        if function.function == "COUNT":
            return integer(len(present))
        if function.function == "SAMPLE":
            if not present:
                raise TypeMismatch
            return present[0]
        if None in terms:
            raise TypeMismatch
        if function.function in {"MIN", "MAX"}:
            if not present:
                raise TypeMismatch
            ordered = sorted(present, key=cmp_to_key(order_terms))
            return ordered[0 if function.function == "MIN" else -1]
        if function.function == "GROUP_CONCAT":
            return Literal(function.separator.join(map(text_of, present)))
        total = Number(0, 0)
        for term in present:
            total = calculate_numbers("+", total, number_of(term))
        if function.function == "SUM" or not present:
            return number(total)
        return number(calculate_numbers("/", total, Number(0, len(present))))


def _join(left: list[Solution], right: list[Solution]) -> list[Solution]:
    return [merged for a in left for b in right if (merged := merge(a, b)) is not None]


def _bind(slot: Slot, term: Term, solution: Solution) -> Solution | None:
    if not isinstance(slot, Variable):
        return solution if slot == term else None
    return merge(solution, {slot.name: term})


def _known(slot: Slot, solution: Solution) -> Term | None:
    return solution.get(slot.name) if isinstance(slot, Variable) else slot


def _name(item: tuple[str, Term]) -> str:
    return item[0]
