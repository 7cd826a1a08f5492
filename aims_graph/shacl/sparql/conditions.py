"""Expressions over whole solution tables.

An expression is read in one of two ways: as a truth (int8 a row: FALSE, TRUE or ERROR, section 17.2) or
as a value (an id a row, UNBOUND where it is an error or unbound). What has no array form is computed once
for each distinct combination of its arguments.
"""

from collections.abc import Callable
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray
from pyoxigraph import Literal, NamedNode

from aims_graph.columns import LITERAL, Term
from aims_graph.columns.values import EQUAL, GREATER, INCOMPARABLE, LESS
from aims_graph.errors import InputError
from aims_graph.shacl.patterns import compile_pattern
from aims_graph.vocabulary import RDF

from .algebra import (
    And,
    Call,
    Comparison,
    Constant,
    Exists,
    Expression,
    Membership,
    Not,
    Or,
    Variable,
)
from .functions import FUNCTIONS, Function
from .literals import FALSE as FALSE_TERM
from .literals import TRUE as TRUE_TERM
from .literals import TypeMismatch, are_equal, compare, effective_boolean, text_of
from .replacement import replace
from .space import TermSpace
from .tables import UNBOUND, Ids, Mask, Table

Truths = NDArray[np.int8]

FALSE, TRUE, ERROR = 0, 1, 2

_RDF_LANG_STRING: Final = NamedNode(RDF + "langString")

#: Built-ins that answer true or false.
_TESTS: Final = frozenset(
    {"ISIRI", "ISBLANK", "ISLITERAL", "ISNUMERIC", "SAMETERM", "LANGMATCHES", "CONTAINS", "STRSTARTS", "STRENDS"}
)

_NOT: Final = np.array([TRUE, FALSE, ERROR], np.int8)
_KINDS: Final = {"ISIRI": 0, "ISBLANK": 1, "ISLITERAL": 2}


class PatternTest(Protocol):
    def __call__(self, exists: Exists, table: Table) -> Mask: ...


class Conditions:
    """``exists`` answers EXISTS for each row of a table; ``now`` is the value of NOW()."""

    def __init__(self, space: TermSpace, exists: PatternTest, now: Term) -> None:
        self._space = space
        self._exists = exists
        self._now = now

    # Truth

    def holds(self, expression: Expression, table: Table) -> Mask:
        """Where a FILTER on the expression keeps the row."""
        return np.asarray(self.truth(expression, table) == TRUE)

    def truth(self, expression: Expression, table: Table) -> Truths:
        match expression:
            case And(operands):
                return self._connect(operands, table, FALSE)
            case Or(operands):
                return self._connect(operands, table, TRUE)
            case Not(operand):
                return _NOT[self.truth(operand, table)]
            case Comparison(operator, left, right):
                return self._compare(operator, self.value(left, table), self.value(right, table))
            case Membership(needle, items):
                return self._is_one_of(self.value(needle, table), items, table)
            case Exists():
                return self._exists(expression, table).astype(np.int8)
            case Call("BOUND", (Variable(name),)):
                column = table.columns.get(name)
                if column is None:
                    return np.zeros(table.size, np.int8)
                return (column >= 0).astype(np.int8)
            case Call("ISIRI" | "ISBLANK" | "ISLITERAL" as name, (argument,)):
                return self._is_kind(_KINDS[name], self.value(argument, table))
            case Call("SAMETERM", (left, right)):
                a, b = self.value(left, table), self.value(right, table)
                return np.where((a < 0) | (b < 0), ERROR, a == b).astype(np.int8)
            case Call("REGEX", arguments):
                return self._matches(arguments, table)
            case Call(name, arguments) if name in _TESTS:
                return self._map_truth(FUNCTIONS[name], [self.value(a, table) for a in arguments])
        return self._map_truth(lambda term: term, [self.value(expression, table)])

    def _connect(self, operands: tuple[Expression, ...], table: Table, decisive: int) -> Truths:
        """AND (FALSE decides) and OR (TRUE decides): what earlier operands decide, later ones are not asked."""
        decided = np.zeros(table.size, np.bool_)
        failed = np.zeros(table.size, np.bool_)
        for operand in operands:
            rows = np.flatnonzero(~decided)
            if not len(rows):
                break
            truth = self.truth(operand, table if len(rows) == table.size else table.take(rows))
            decided[rows] = truth == decisive
            failed[rows] |= truth == ERROR
        return np.where(decided, decisive, np.where(failed, ERROR, 1 - decisive)).astype(np.int8)

    def _map_truth(self, function: Function, columns: list[Ids]) -> Truths:
        def apply(*terms: Term | None) -> int:
            if None in terms:
                return ERROR
            try:
                return int(effective_boolean(function(*terms)))
            except TypeMismatch:
                return ERROR

        return self._space.map_distinct(columns, apply).astype(np.int8)

    def _is_kind(self, kind: int, ids: Ids) -> Truths:
        if self._space.has_computed(ids):
            name = next(name for name, number in _KINDS.items() if number == kind)
            return self._map_truth(FUNCTIONS[name], [ids])
        result = np.full(len(ids), ERROR, np.int8)
        bound = ids >= 0
        result[bound] = self._space.terms.kind[ids[bound]] == kind
        return result

    # Comparison

    def _compare(self, operator: str, left: Ids, right: Ids) -> Truths:
        if operator == "=":
            return self._equal(left, right)
        if operator == "!=":
            return _NOT[self._equal(left, right)]
        order = self._order(left, right)
        wanted = {"<": (LESS,), ">": (GREATER,), "<=": (LESS, EQUAL), ">=": (GREATER, EQUAL)}[operator]
        result = np.isin(order, wanted).astype(np.int8) if len(wanted) > 1 else (order == wanted[0]).astype(np.int8)
        result[order == INCOMPARABLE] = ERROR
        return result

    def _order(self, left: Ids, right: Ids) -> NDArray[np.int8]:
        """-1, 0, 1 or INCOMPARABLE; this also where a side is unbound."""
        if self._space.has_computed(left, right):

            def scalar(a: Term | None, b: Term | None) -> int:
                try:
                    return INCOMPARABLE if a is None or b is None else compare(a, b)
                except TypeMismatch:
                    return INCOMPARABLE

            return self._space.map_distinct([left, right], scalar).astype(np.int8)
        missing = (left < 0) | (right < 0)
        if not missing.any():
            return self._space.terms.compare(left, right)
        order = np.full(len(left), INCOMPARABLE, np.int8)
        order[~missing] = self._space.terms.compare(left[~missing], right[~missing])
        return order

    def _equal(self, left: Ids, right: Ids) -> Truths:
        if self._space.has_computed(left, right):
            return self._equal_by_term(left, right)
        missing = (left < 0) | (right < 0)
        order = self._order(left, right)
        result = np.where(order == EQUAL, TRUE, FALSE).astype(np.int8)
        # Not ordered: the same term, two values of different types, or nobody knows.
        doubtful = np.flatnonzero((order == INCOMPARABLE) & ~missing)
        if len(doubtful):
            result[doubtful] = self._equal_unordered(left[doubtful], right[doubtful])
        result[missing] = ERROR
        return result

    def _equal_unordered(self, left: Ids, right: Ids) -> Truths:
        terms = self._space.terms
        literal = (terms.kind[left] == LITERAL) & (terms.kind[right] == LITERAL)
        result = (left == right).astype(np.int8)
        rows = np.flatnonzero(literal)
        result[rows] = self._equal_by_term(left[rows], right[rows])
        return result

    def _equal_by_term(self, left: Ids, right: Ids) -> Truths:
        def scalar(a: Term | None, b: Term | None) -> int:
            try:
                return ERROR if a is None or b is None else int(are_equal(a, b))
            except TypeMismatch:
                return ERROR

        return self._space.map_distinct([left, right], scalar).astype(np.int8)

    def _is_one_of(self, needle: Ids, items: tuple[Expression, ...], table: Table) -> Truths:
        """An item that is equal decides; an error counts only when none is (section 17.4.1.9)."""
        result = np.zeros(table.size, np.int8)
        for item in items:
            truth = self._equal(needle, self.value(item, table))
            result = np.where(result == TRUE, TRUE, np.where(truth == TRUE, TRUE, np.maximum(result, truth))).astype(
                np.int8
            )
        return result

    def _matches(self, arguments: tuple[Expression, ...], table: Table) -> Truths:
        """REGEX: the texts that one pattern is asked about are matched together."""
        columns = [self.value(argument, table) for argument in arguments]
        result = np.full(table.size, ERROR, np.int8)
        if not table.size:
            return result
        patterns = Table({str(at): column for at, column in enumerate(columns[1:])}, table.size)
        for rows, terms in self._by_terms(patterns):
            if (compiled := compile_regex(terms)) is None:
                continue
            subjects, place = np.unique(columns[0][rows], return_inverse=True)
            texts = [_text_or_none(self._space.term(id)) for id in subjects.tolist()]
            usable = np.array([text is not None for text in texts], np.bool_)
            found = np.full(len(texts), ERROR, np.int8)
            found[usable] = compiled.matches([text for text in texts if text is not None])
            result[rows] = found[place]
        return result

    def _by_terms(self, table: Table) -> list[tuple[NDArray[np.int64], list[Term | None]]]:
        """The rows for each distinct combination of terms."""
        if all(bool((column == column[0]).all()) for column in table.columns.values()):
            groups = np.zeros(table.size, np.int64)
        else:
            _, groups = np.unique(np.stack(list(table.columns.values())), axis=1, return_inverse=True)
            groups = groups.reshape(-1)
        found = []
        for group in range(int(groups.max()) + 1):
            rows = np.flatnonzero(groups == group)
            found.append((rows, [self._space.term(int(c[rows[0]])) for c in table.columns.values()]))
        return found

    # Values

    def value(self, expression: Expression, table: Table) -> Ids:
        match expression:
            case Variable(name):
                column = table.columns.get(name)
                return np.full(table.size, UNBOUND, np.int32) if column is None else column
            case Constant(term):
                return np.full(table.size, self._space.constant(term), np.int32)
            case Call("IF", (condition, then, otherwise)):
                truth = self.truth(condition, table)
                result = np.full(table.size, UNBOUND, np.int32)
                for wanted, branch in ((TRUE, then), (FALSE, otherwise)):
                    rows = np.flatnonzero(truth == wanted)
                    if len(rows):
                        result[rows] = self.value(branch, table.take(rows))
                return result
            case Call("COALESCE", arguments):
                result = np.full(table.size, UNBOUND, np.int32)
                for argument in arguments:
                    rows = np.flatnonzero(result < 0)
                    if len(rows):
                        result[rows] = self.value(argument, table.take(rows))
                return result
            case Call("NOW", ()):
                return np.full(table.size, self._space.intern(self._now), np.int32)
            case Call("CONCAT", ()):
                return np.full(table.size, self._space.intern(Literal("")), np.int32)
            case Call("REPLACE", arguments):
                return self._map_value(replace, [self.value(a, table) for a in arguments])
            case Call(name, arguments) if not self._is_test(name):
                return self._map_value(FUNCTIONS[name], [self.value(a, table) for a in arguments])
        return self._as_value(self.truth(expression, table))

    def _is_test(self, name: str) -> bool:
        return name in _TESTS or name in {"BOUND", "REGEX"}

    def _as_value(self, truths: Truths) -> Ids:
        ids = np.array([self._space.intern(FALSE_TERM), self._space.intern(TRUE_TERM), UNBOUND], np.int32)
        return np.asarray(ids[truths])

    def _map_value(self, function: Function, columns: list[Ids]) -> Ids:
        intern = self._space.intern

        def apply(*terms: Term | None) -> int:
            if None in terms:
                return UNBOUND
            try:
                return intern(function(*terms))
            except TypeMismatch:
                return UNBOUND

        return self._space.map_distinct(columns, apply)


def _text_or_none(term: Term | None) -> str | None:
    try:
        return None if term is None else text_of(term)
    except TypeMismatch:
        return None


class Matcher(Protocol):
    matches: Callable[[list[str]], NDArray[np.bool_]]


def compile_regex(terms: list[Term | None]) -> Matcher | None:
    """The pattern that the arguments after the text of REGEX make; None when they are no plain strings."""
    texts = [
        term.value
        for term in terms
        if isinstance(term, Literal) and term.language is None and _text_or_none(term) is not None
    ]
    if len(texts) < len(terms):
        return None
    try:
        return compile_pattern(texts[0], texts[1] if len(texts) > 1 else "")  # type: ignore[return-value]
    except ValueError as error:
        raise InputError(f"{texts[0]!r} is no regular expression: {error}") from error
