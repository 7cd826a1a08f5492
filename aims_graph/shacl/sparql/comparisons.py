"""The comparison operators on columns of ids, and the three truth values of SPARQL (section 17.2)."""

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from aims_graph.columns import LITERAL, Term
from aims_graph.columns.lexical import NUMBER
from aims_graph.columns.values import EQUAL, INCOMPARABLE

from .literals import TypeMismatch, are_equal, is_ordered
from .space import TermSpace
from .tables import Ids

Truths = NDArray[np.int8]

FALSE, TRUE, ERROR = 0, 1, 2

NOT: Final = np.array([TRUE, FALSE, ERROR], np.int8)


#: The answer of each operator to an order of 0, 1, 2 (INCOMPARABLE) and -1, in this place.
_MEANINGS: Final = {
    "<": np.array([FALSE, FALSE, ERROR, TRUE], np.int8),
    "<=": np.array([TRUE, FALSE, ERROR, TRUE], np.int8),
    ">": np.array([FALSE, TRUE, ERROR, FALSE], np.int8),
    ">=": np.array([TRUE, TRUE, ERROR, FALSE], np.int8),
}


class Comparisons:
    """Ids of a term space; a side that is UNBOUND makes an ERROR."""

    def __init__(self, space: TermSpace) -> None:
        self._space = space

    def compare(self, operator: str, left: Ids, right: Ids) -> Truths:
        if operator == "=":
            return self.equal(left, right)
        if operator == "!=":
            return NOT[self.equal(left, right)]
        if self._space.has_computed(left, right):
            return self._by_term(lambda a, b: is_ordered(operator, a, b), left, right)
        result: Truths = _MEANINGS[operator][self._order(left, right)]
        failed = np.flatnonzero((result == ERROR) & (left >= 0) & (right >= 0))
        if len(failed):
            # Both are numbers, so one is NaN.
            classes = self._space.terms.comparison_class
            numbers = (classes[left[failed]] == NUMBER) & (classes[right[failed]] == NUMBER)
            result[failed[numbers]] = FALSE
        return result

    def _order(self, left: Ids, right: Ids) -> NDArray[np.int8]:
        """-1, 0, 1 or INCOMPARABLE; this also where a side is unbound."""
        missing = (left < 0) | (right < 0)
        order = np.full(len(left), INCOMPARABLE, np.int8)
        order[~missing] = self._space.terms.compare(left[~missing], right[~missing])
        return order

    def equal(self, left: Ids, right: Ids) -> Truths:
        if self._space.has_computed(left, right):
            return self._by_term(are_equal, left, right)
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
        kinds = self._space.kinds
        literal = (kinds(left) == LITERAL) & (kinds(right) == LITERAL)
        result: Truths = np.equal(left, right).astype(np.int8)
        rows = np.flatnonzero(literal)
        result[rows] = self._by_term(are_equal, left[rows], right[rows])
        return result

    def _by_term(self, test: Callable[[Term, Term], bool], left: Ids, right: Ids) -> Truths:
        def scalar(a: Term | None, b: Term | None) -> int:
            try:
                return ERROR if a is None or b is None else int(test(a, b))
            except TypeMismatch:
                return ERROR

        return self._space.map_distinct([left, right], scalar).astype(np.int8)
