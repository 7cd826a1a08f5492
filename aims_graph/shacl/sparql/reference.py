"""The same algebra, one solution at a time: slow, and meant to be obviously right.

It is what the columnar evaluator is tested against, and what the ``scalar`` engine runs. Pre-bound variables are
given as one solution, with which every basic graph pattern begins (SHACL appendix A, "Values Insertion").
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import cmp_to_key

from pyoxigraph import Literal, NamedNode

from aims_graph.columns import Term, Triple

from .algebra import (
    Aggregate,
    Alternative,
    And,
    Bgp,
    Call,
    Closure,
    Comparison,
    Constant,
    Distinct,
    Exists,
    Expression,
    Extend,
    Filter,
    Group,
    Inverse,
    Join,
    LeftJoin,
    Membership,
    Minus,
    NegatedSet,
    Not,
    Or,
    OrderBy,
    Path,
    Pattern,
    Project,
    Sequence,
    Slice,
    Slot,
    TriplePattern,
    Union,
    Values,
    Variable,
    mentioned,
)
from .conditions import compile_regex
from .functions import FUNCTIONS
from .literals import (
    Number,
    TypeMismatch,
    are_equal,
    boolean,
    calculate_numbers,
    compare,
    effective_boolean,
    integer,
    number,
    number_of,
    text_of,
)
from .ordering import order_terms
from .replacement import replace

Solution = Mapping[str, Term]


class Reference:
    """``graph`` is what patterns are matched in, ``shapes`` what GRAPH $shapesGraph reads."""

    def __init__(
        self, graph: Iterable[Triple], *, shapes: Iterable[Triple] = (), now: Term | None = None
    ) -> None:
        self._graph = list(graph)
        self._shapes = list(shapes)
        self._now = now
        self._nodes = {end for subject, _, object_ in self._graph for end in (subject, object_)}

    def solutions(self, pattern: Pattern, given: Solution | None = None) -> list[Solution]:
        """All solutions joined with ``given``; names that begin with a full stop are left out."""
        given = given or {}
        found = [merged for solution in self.evaluate(pattern, given) if (merged := _merge(solution, given)) is not None]
        return [{name: term for name, term in row.items() if not name.startswith(".")} for row in found]

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
                return [s for s in self.evaluate(inner, given) if self._holds(condition, s, given)]
            case Union(options):
                return [solution for option in options for solution in self.evaluate(option, given)]
            case Minus(left, right):
                removed = self.evaluate(right, given)
                return [
                    s
                    for s in self.evaluate(left, given)
                    if not any(s.keys() & r.keys() and _merge(s, r) is not None for r in removed)
                ]
            case Extend(inner, name, expression):
                return [
                    s if (term := self._term(expression, s, given)) is None else {**s, name: term}
                    for s in self.evaluate(inner, given)
                ]
            case Values(variables, rows):
                return [
                    {name: term for name, term in zip(variables, row, strict=True) if term is not None}
                    for row in rows
                ]
            case Project(inner, variables):
                inside = {name: term for name, term in given.items() if name in variables}
                return [
                    {name: term for name, term in s.items() if name in variables}
                    for s in self.evaluate(inner, inside)
                ]
            case Distinct(inner):
                return [dict(row) for row in dict.fromkeys(tuple(sorted(s.items(), key=_name)) for s in self.evaluate(inner, given))]
            case Group():
                return list(self._group(pattern, given))
            case OrderBy(inner, keys):
                solutions = self.evaluate(inner, given)
                for key in reversed(keys):
                    solutions.sort(
                        key=cmp_to_key(
                            lambda a, b, key=key: order_terms(  # type: ignore[misc]
                                self._term(key.expression, a, given), self._term(key.expression, b, given)
                            )
                        ),
                        reverse=key.descending,
                    )
                return solutions
            case Slice(inner, offset, limit):
                solutions = self.evaluate(inner, given)
                return solutions[offset : None if limit is None else offset + limit]

    def _left_join(
        self, left: list[Solution], right: list[Solution], condition: Expression | None, given: Solution
    ) -> list[Solution]:
        found: list[Solution] = []
        for solution in left:
            matches = [
                merged
                for other in right
                if (merged := _merge(solution, other)) is not None
                and (condition is None or self._holds(condition, merged, given))
            ]
            found += matches or [solution]
        return found

    # Patterns and paths

    def _match(self, triple: TriplePattern, solution: Solution, *, shapes_graph: bool) -> Iterator[Solution]:
        graph = self._shapes if shapes_graph else self._graph
        verb = triple.predicate
        if isinstance(verb, Variable | NamedNode | Literal) or not hasattr(verb, "__dataclass_fields__"):
            for subject, predicate, object_ in graph:
                extended: Solution | None = solution
                for slot, term in ((triple.subject, subject), (verb, predicate), (triple.object, object_)):
                    extended = extended if extended is None else _bind(slot, term, extended)  # type: ignore[arg-type]
                if extended is not None:
                    yield extended
            return
        for start, end in self._pairs(
            verb, _known(triple.subject, solution), _known(triple.object, solution)  # type: ignore[arg-type]
        ):
            bound = _bind(triple.subject, start, solution)
            bound = None if bound is None else _bind(triple.object, end, bound)
            if bound is not None:
                yield bound

    def _pairs(self, path: Path, start: Term | None, end: Term | None) -> Iterator[tuple[Term, Term]]:
        """The pairs that the path joins; with repeats where section 18.4 counts them. An end that is given may be
        used or ignored."""
        match path:
            case NamedNode():
                yield from ((s, o) for s, p, o in self._graph if p == path)
            case Inverse(inner):
                yield from ((b, a) for a, b in self._pairs(inner, end, start))
            case Sequence((only,)):
                yield from self._pairs(only, start, end)
            case Sequence((first, *rest)):
                for a, middle in self._pairs(first, start, None):
                    for b, c in self._pairs(Sequence(tuple(rest)), middle, end):
                        if b == middle:
                            yield a, c
            case Alternative(options):
                for option in options:
                    yield from self._pairs(option, start, end)
            case NegatedSet(forward, backward):
                for s, p, o in self._graph:
                    if forward is not None and p not in forward:
                        yield s, o
                    if backward is not None and p not in backward:
                        yield o, s
            case Closure(inner, zero, many):
                begins = {start} if start is not None else self._nodes | ({end} if end is not None else set())
                for begin in begins:
                    yield from ((begin, reached) for reached in self._reached(inner, begin, zero=zero, many=many))

    def _reached(self, path: Path, begin: Term, *, zero: bool, many: bool) -> set[Term]:
        reached = {begin} if zero else set()
        frontier = {begin}
        while frontier:
            ahead = {b for node in frontier for a, b in self._pairs(path, node, None) if a == node}
            frontier = ahead - reached if many else set()
            reached |= ahead
        return reached

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
            result = {name: term for name, term in zip(group.keys, key, strict=True) if term is not None}
            for name, function in group.aggregates:
                try:
                    result[name] = self._aggregate(function, solutions, given)
                except TypeMismatch:
                    continue
            yield _merge(result, given) or result

    def _aggregate(self, function: Aggregate, solutions: list[Solution], given: Solution) -> Term:
        if function.argument is None:
            named = [tuple(sorted(((n, t) for n, t in s.items() if not n.startswith(".")), key=_name)) for s in solutions]
            return integer(len(set(named) if function.distinct else named))
        terms = [self._term(function.argument, solution, given) for solution in solutions]
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

    # Expressions

    def _holds(self, expression: Expression, solution: Solution, given: Solution) -> bool:
        try:
            return self._truth(expression, solution, given)
        except TypeMismatch:
            return False

    def _truth(self, expression: Expression, solution: Solution, given: Solution) -> bool:
        term = self._term(expression, solution, given)
        if term is None:
            raise TypeMismatch
        return effective_boolean(term)

    def _term(self, expression: Expression, solution: Solution, given: Solution) -> Term | None:
        """The value; None when it is an error or unbound."""
        try:
            return self._value(expression, solution, given)
        except TypeMismatch:
            return None

    def _value(self, expression: Expression, solution: Solution, given: Solution) -> Term:
        match expression:
            case Variable(name):
                term = solution.get(name, given.get(name))
                if term is None:
                    raise TypeMismatch
                return term
            case Constant(term):
                return term
            case And(operands):
                return self._connect(operands, solution, given, decisive=False)
            case Or(operands):
                return self._connect(operands, solution, given, decisive=True)
            case Not(operand):
                return boolean(not self._truth(operand, solution, given))
            case Comparison(operator, left, right):
                return boolean(
                    _compare(operator, self._value(left, solution, given), self._value(right, solution, given))
                )
            case Membership(needle, items):
                term = self._value(needle, solution, given)
                return self._connect(
                    tuple(Comparison("=", Constant(term), item) for item in items), solution, given, decisive=True
                )
            case Exists(pattern):
                named = mentioned(pattern)
                inside = {n: t for n, t in {**given, **solution}.items() if n in named}
                return boolean(any(_merge(s, inside) is not None for s in self.evaluate(pattern, inside)))
            case Call(name, arguments):
                return self._call(name, arguments, solution, given)

    def _connect(
        self, operands: tuple[Expression, ...], solution: Solution, given: Solution, *, decisive: bool
    ) -> Term:
        failed = False
        for operand in operands:
            try:
                if self._truth(operand, solution, given) == decisive:
                    return boolean(decisive)
            except TypeMismatch:
                failed = True
        if failed:
            raise TypeMismatch
        return boolean(not decisive)

    def _call(self, name: str, arguments: tuple[Expression, ...], solution: Solution, given: Solution) -> Term:
        if name == "BOUND":
            return boolean(self._term(arguments[0], solution, given) is not None)
        if name == "IF":
            chosen = arguments[1] if self._truth(arguments[0], solution, given) else arguments[2]
            return self._value(chosen, solution, given)
        if name == "COALESCE":
            for argument in arguments:
                if (term := self._term(argument, solution, given)) is not None:
                    return term
            raise TypeMismatch
        if name == "NOW":
            if self._now is None:
                raise TypeMismatch
            return self._now
        terms = [self._value(argument, solution, given) for argument in arguments]
        if name == "REGEX":
            compiled = compile_regex(list(terms[1:]))
            if compiled is None:
                raise TypeMismatch
            return boolean(bool(compiled.matches([text_of(terms[0])])[0]))
        if name == "REPLACE":
            return replace(*terms)
        return FUNCTIONS[name](*terms)


def _compare(operator: str, left: Term, right: Term) -> bool:
    if operator in {"=", "!="}:
        return are_equal(left, right) == (operator == "=")
    order = compare(left, right)
    return {"<": order < 0, ">": order > 0, "<=": order <= 0, ">=": order >= 0}[operator]


def _merge(left: Solution, right: Solution) -> Solution | None:
    """Both together; None when they disagree."""
    if any(right[name] != term for name, term in left.items() if name in right):
        return None
    return {**left, **right}


def _join(left: list[Solution], right: list[Solution]) -> list[Solution]:
    return [merged for a in left for b in right if (merged := _merge(a, b)) is not None]


def _bind(slot: Slot, term: Term, solution: Solution) -> Solution | None:
    if not isinstance(slot, Variable):
        return solution if slot == term else None
    return _merge(solution, {slot.name: term})


def _known(slot: Slot, solution: Solution) -> Term | None:
    return solution.get(slot.name) if isinstance(slot, Variable) else slot


def _name(item: tuple[str, Term]) -> str:
    return item[0]
