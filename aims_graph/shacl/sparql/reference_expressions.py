"""Expressions of the reference evaluator, on one solution."""

from abc import ABC, abstractmethod
from collections.abc import Mapping

from pyoxigraph import Literal

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
    Pattern,
    Term,
    Variable,
)
from .functions import FUNCTIONS
from .literals import TypeMismatch, are_equal, boolean, effective_boolean, is_ordered, text_of
from .regexes import compile_regex, matches, replace
from .scope import mentioned

Solution = Mapping[str, Term]


class ReferenceExpressions(ABC):
    def __init__(self, now: Term | None) -> None:
        self._now = now

    @abstractmethod
    def evaluate(self, pattern: Pattern, given: Solution) -> list[Solution]: ...

    def holds(self, expression: Expression, solution: Solution, given: Solution) -> bool:
        try:
            return self._truth(expression, solution, given)
        except TypeMismatch:
            return False

    def _truth(self, expression: Expression, solution: Solution, given: Solution) -> bool:
        term = self.term(expression, solution, given)
        if term is None:
            raise TypeMismatch
        return effective_boolean(term)

    def term(self, expression: Expression, solution: Solution, given: Solution) -> Term | None:
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
                    _compare(
                        operator,
                        self._value(left, solution, given),
                        self._value(right, solution, given),
                    )
                )
            case Membership(needle, items):
                term = self._value(needle, solution, given)
                return self._connect(
                    tuple(Comparison("=", Constant(term), item) for item in items),
                    solution,
                    given,
                    decisive=True,
                )
            case Exists(pattern):
                named = mentioned(pattern)
                inside = {n: t for n, t in {**given, **solution}.items() if n in named}
                return boolean(
                    any(merge(s, inside) is not None for s in self.evaluate(pattern, inside))
                )
            case Call(name, arguments):
                return self._call(name, arguments, solution, given)

    def _connect(
        self,
        operands: tuple[Expression, ...],
        solution: Solution,
        given: Solution,
        *,
        decisive: bool,
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

    def _call(
        self, name: str, arguments: tuple[Expression, ...], solution: Solution, given: Solution
    ) -> Term:
        if name == "BOUND":
            return boolean(self.term(arguments[0], solution, given) is not None)
        if name == "IF":
            chosen = arguments[1] if self._truth(arguments[0], solution, given) else arguments[2]
            return self._value(chosen, solution, given)
        if name == "COALESCE":
            for argument in arguments:
                if (term := self.term(argument, solution, given)) is not None:
                    return term
            raise TypeMismatch
        if name == "NOW":
            if self._now is None:
                raise TypeMismatch
            return self._now
        terms = [self._value(argument, solution, given) for argument in arguments]
        if name == "REGEX":
            pattern = compile_regex(terms[1], terms[2] if len(terms) > 2 else Literal(""))
            return boolean(matches(pattern, text_of(terms[0])))
        if name == "REPLACE":
            return replace(*terms)
        return FUNCTIONS[name](*terms)


def _compare(operator: str, left: Term, right: Term) -> bool:
    if operator in {"=", "!="}:
        return are_equal(left, right) == (operator == "=")
    return is_ordered(operator, left, right)


def merge(left: Solution, right: Solution) -> Solution | None:
    """Both together; None when they disagree."""
    if any(right[name] != term for name, term in left.items() if name in right):
        return None
    return {**left, **right}
