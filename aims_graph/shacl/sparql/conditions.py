"""Expressions over whole solution tables.

An expression is read in one of two ways: as a truth (int8 a row: FALSE, TRUE or ERROR, section 17.2) or
as a value (an id a row, UNBOUND where it is an error or unbound). What has no array form is computed once
for each distinct combination of its arguments.
"""

from collections.abc import Callable
from typing import Final, Protocol

import numpy as np
from pyoxigraph import Literal

from aims_graph.columns import BLANK, IRI, LITERAL, Term
from aims_graph.columns.lexical import NUMBER

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
from .comparisons import ERROR, FALSE, NOT, TRUE, Comparisons, Truths
from .functions import FUNCTIONS, Function
from .literals import FALSE as FALSE_TERM
from .literals import TRUE as TRUE_TERM
from .literals import (
    XSD_STRING,
    TypeMismatch,
    boolean,
    effective_boolean,
    integer,
    text_of,
)
from .regexes import compile_regex, matches, replace
from .search import Search, regex_search, string_search
from .space import TermSpace
from .tables import UNBOUND, Ids, Mask, Table

#: Built-ins that answer true or false.
_TESTS: Final = frozenset(
    {
        "ISIRI",
        "ISBLANK",
        "ISLITERAL",
        "ISNUMERIC",
        "SAMETERM",
        "LANGMATCHES",
        "CONTAINS",
        "STRSTARTS",
        "STRENDS",
    }
)

_KINDS: Final = {"ISIRI": IRI, "ISBLANK": BLANK, "ISLITERAL": LITERAL}


class PatternTest(Protocol):
    def __call__(self, exists: Exists, table: Table) -> Mask: ...


class Conditions:
    """``exists`` answers EXISTS for each row of a table; ``now`` is the value of NOW()."""

    def __init__(self, space: TermSpace, exists: PatternTest, now: Term) -> None:
        self._space = space
        self._comparisons = Comparisons(space)
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
                return NOT[self.truth(operand, table)]
            case Comparison(operator, left, right):
                return self._comparisons.compare(
                    operator, self.value(left, table), self.value(right, table)
                )
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
            case Call("REGEX", (text, Constant(pattern), *rest)) if all(
                isinstance(r, Constant) for r in rest
            ):
                flags = rest[0].term if rest and isinstance(rest[0], Constant) else Literal("")
                return self._search(text, regex_search(pattern, flags), table)
            case Call("REGEX", arguments):
                return self._map_truth(_match_regex, [self.value(a, table) for a in arguments])
            case Call(
                "CONTAINS" | "STRSTARTS" | "STRENDS" as name, (text, Constant(Literal() as part))
            ) if part.language is None and part.datatype == XSD_STRING:
                return self._search(text, string_search(name, part.value), table)
            case Call("ISNUMERIC", (argument,)):
                return self._is_numeric(self.value(argument, table))
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
                result = function(*terms)
                return int(
                    result is TRUE_TERM or (result is not FALSE_TERM and effective_boolean(result))
                )
            except TypeMismatch:
                return ERROR

        return self._space.map_distinct(columns, apply).astype(np.int8)

    def _is_kind(self, kind: int, ids: Ids) -> Truths:
        result = np.full(len(ids), ERROR, np.int8)
        bound = ids >= 0
        result[bound] = self._space.kinds(ids[bound]) == kind
        return result

    def _is_numeric(self, ids: Ids) -> Truths:
        if self._space.has_computed(ids):
            return self._map_truth(FUNCTIONS["ISNUMERIC"], [ids])
        result = np.full(len(ids), ERROR, np.int8)
        bound = ids >= 0
        result[bound] = self._space.terms.comparison_class[ids[bound]] == NUMBER
        return result

    def _search(self, text: Expression, search: Search | None, table: Table) -> Truths:
        """A search in the texts of an expression, each distinct text once."""
        whole = isinstance(text, Call) and text.function == "STR"
        ids = self.value(text.arguments[0] if isinstance(text, Call) and whole else text, table)
        result = np.full(len(ids), ERROR, np.int8)
        if search is None or not len(ids):
            return result
        distinct, place = np.unique(ids, return_inverse=True)
        bound = np.flatnonzero(distinct >= 0)
        found = np.full(len(distinct), ERROR, np.int8)
        readable = (
            self._space.kinds(distinct[bound]) != BLANK
            if whole
            else self._space.are_strings(distinct[bound])
        )
        rows = bound[readable]
        found[rows] = search(self._space, distinct[rows])
        return np.asarray(found[place])

    def _is_one_of(self, needle: Ids, items: tuple[Expression, ...], table: Table) -> Truths:
        """An item that is equal decides; an error counts only when none is (section 17.4.1.9)."""
        result = np.zeros(table.size, np.int8)
        for item in items:
            truth = self._comparisons.equal(needle, self.value(item, table))
            result = np.where(
                result == TRUE, TRUE, np.where(truth == TRUE, TRUE, np.maximum(result, truth))
            ).astype(np.int8)
        return result

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
            case Call("STRLEN", (argument,)) if not isinstance(argument, Call):
                return self._lengths(self.value(argument, table))
            case Call("DATATYPE", (argument,)):
                return self._of_bound(self._space.datatypes, self.value(argument, table))
            case Call("REPLACE", arguments):
                return self._map_value(replace, [self.value(a, table) for a in arguments])
            case Call(name, arguments) if not self._is_test(name):
                return self._map_value(FUNCTIONS[name], [self.value(a, table) for a in arguments])
        return self._as_value(self.truth(expression, table))

    def _lengths(self, ids: Ids) -> Ids:
        if self._space.has_computed(ids):
            return self._map_value(FUNCTIONS["STRLEN"], [ids])
        result = np.full(len(ids), UNBOUND, np.int32)
        rows = np.flatnonzero(ids >= 0)
        rows = rows[self._space.are_strings(ids[rows])]
        lengths, place = np.unique(self._space.terms.length[ids[rows]], return_inverse=True)
        result[rows] = np.array(
            [self._space.intern(integer(length)) for length in lengths.tolist()], np.int32
        )[place]
        return result

    def _of_bound(self, function: Callable[[Ids], Ids], ids: Ids) -> Ids:
        result = np.full(len(ids), UNBOUND, np.int32)
        bound = ids >= 0
        result[bound] = function(ids[bound])
        return result

    def _is_test(self, name: str) -> bool:
        return name in _TESTS or name in {"BOUND", "REGEX"}

    def _as_value(self, truths: Truths) -> Ids:
        ids = np.array(
            [self._space.intern(FALSE_TERM), self._space.intern(TRUE_TERM), UNBOUND], np.int32
        )
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


def _match_regex(text: Term, pattern: Term, flags: Term = Literal("")) -> Literal:  # noqa: B008 terms are immutable
    return boolean(matches(compile_regex(pattern, flags), text_of(text)))
