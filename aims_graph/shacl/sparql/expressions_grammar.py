"""Expressions of the query language (rules 110 to 128 of the grammar)."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import Final

from aims_graph.vocabulary import XSD

from .algebra import (
    Aggregate,
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
    Variable,
)
from .casts import CASTS
from .outside import FOREIGN_BUILTINS, is_foreign_function
from .terms_grammar import LONGEST_CHAIN, TermsGrammar

#: Built-in functions with the number of arguments they take; None: any.
BUILTINS: Final[dict[str, tuple[int, int | None]]] = {
    **dict.fromkeys(
        (
            "STR",
            "LANG",
            "DATATYPE",
            "BOUND",
            "IRI",
            "URI",
            "ISIRI",
            "ISURI",
            "ISBLANK",
            "ISLITERAL",
        ),
        (1, 1),
    ),
    **dict.fromkeys(
        ("ISNUMERIC", "ABS", "CEIL", "FLOOR", "ROUND", "STRLEN", "UCASE", "LCASE"), (1, 1)
    ),
    **dict.fromkeys(
        ("YEAR", "MONTH", "DAY", "HOURS", "MINUTES", "SECONDS", "TIMEZONE", "TZ"), (1, 1)
    ),
    **dict.fromkeys(("ENCODE_FOR_URI", "MD5", "SHA1", "SHA256", "SHA384", "SHA512"), (1, 1)),
    **dict.fromkeys(
        ("LANGMATCHES", "CONTAINS", "STRSTARTS", "STRENDS", "STRBEFORE", "STRAFTER"), (2, 2)
    ),
    **dict.fromkeys(("STRLANG", "STRDT", "SAMETERM"), (2, 2)),
    "NOW": (0, 0),
    "IF": (3, 3),
    "REGEX": (2, 3),
    "SUBSTR": (2, 3),
    "REPLACE": (3, 4),
    "CONCAT": (0, None),
    "COALESCE": (0, None),
}

#: Answers differ from call to call: no rule may rest on them.
_UNREPEATABLE: Final = frozenset({"RAND", "UUID", "STRUUID", "BNODE"})

AGGREGATES: Final = frozenset({"COUNT", "SUM", "MIN", "MAX", "AVG", "SAMPLE", "GROUP_CONCAT"})

#: Binding strength of the binary operators, weakest first.
_LEVELS: Final = (
    ("||",),
    ("&&",),
    ("=", "!=", "<", ">", "<=", ">=", "IN", "NOT"),
    ("+", "-"),
    ("*", "/"),
)


class ExpressionsGrammar(TermsGrammar):
    def __init__(self, text: str, prefixes: Mapping[str, str], path: str | None) -> None:
        super().__init__(text, prefixes, path)
        #: Aggregates met in the SELECT, HAVING and ORDER BY of the query being read; None elsewhere.
        self.aggregates: dict[str, Aggregate] | None = None
        #: Whether functions that only Oxigraph has are understood.
        self.foreign = False

    @abstractmethod
    def parse_group(self) -> Pattern: ...

    def parse_expression(self, level: int = 0) -> Expression:
        if level == len(_LEVELS):
            return self._parse_unary()
        # The usual operand has no operator of the weaker levels: go down in one step, come up in a loop.
        left = self._parse_unary()
        return self._parse_operators(left, level)

    def _parse_operators(self, left: Expression, level: int) -> Expression:
        for current in range(len(_LEVELS) - 1, level - 1, -1):
            left = self._parse_level(left, current)
        return left

    def _parse_level(self, left: Expression, level: int) -> Expression:
        operands = [left]
        operators: list[str] = []
        if level == 2:
            return self._parse_relation(left)
        while operator := self.take_sign(*_LEVELS[level]):
            operators.append(operator)
            operands.append(self.parse_expression(level + 1))
            if len(operands) > LONGEST_CHAIN:
                self.fail(f"more than {LONGEST_CHAIN} operands in a row")
        if not operators:
            return left
        if level == 0:
            return Or(tuple(operands))
        if level == 1:
            return And(tuple(operands))
        for operator, right in zip(operators, operands[1:], strict=True):
            left = Call(operator, (left, right))
        return left

    def _parse_relation(self, left: Expression) -> Expression:
        if operator := self.take_sign("=", "!=", "<", ">", "<=", ">="):
            return Comparison(operator, left, self.parse_expression(3))
        if self.take_word("IN"):
            return Membership(left, self._parse_arguments())
        if self.at_word("NOT") and self.following().word == "IN":
            self.advance()
            self.advance()
            return Not(Membership(left, self._parse_arguments()))
        return left

    def _parse_unary(self) -> Expression:
        if self.at_sign("!", "-", "+"):
            if self.at_literal():
                return Constant(self.parse_literal())
            sign = self.advance().text
            self.enter()
            operand = self._parse_unary()
            self.leave()
            return (
                Not(operand)
                if sign == "!"
                else Call("NEGATE" if sign == "-" else "PLUS", (operand,))
            )
        return self._parse_primary_expression()

    def _parse_primary_expression(self) -> Expression:
        if self.at_sign("("):
            return self.parse_bracketed()
        if self.token.kind == "variable":
            return self.parse_variable()
        if self.at_literal():
            return Constant(self.parse_literal())
        if self.at_iri():
            if self.following().text == "(":
                return self._parse_cast()
            return Constant(self.parse_iri())
        if self.token.kind == "word":
            return self.parse_builtin()
        return self.fail("expected an expression")

    def parse_bracketed(self) -> Expression:
        self.expect("(")
        self.enter()
        inner = self.parse_expression()
        self.leave()
        self.expect(")")
        return inner

    def parse_constraint(self) -> Expression:
        """What may follow FILTER and HAVING."""
        if self.at_sign("("):
            return self.parse_bracketed()
        if self.at_iri():
            return self._parse_cast()
        return self.parse_builtin()

    def _parse_cast(self) -> Expression:
        token = self.token
        name = self.parse_iri().value
        if name not in CASTS and not (self.foreign and is_foreign_function(name)):
            self.fail(f"there is no function <{name}>", token)
        arguments = self._parse_arguments()
        if len(arguments) != 1 and name.startswith(XSD):
            self.fail(f"<{name}> takes one argument", token)
        return Call(name, arguments)

    def parse_builtin(self) -> Expression:
        token = self.token
        name = self.advance().word
        if name in AGGREGATES:
            return self._parse_aggregate(name)
        if name == "EXISTS" or (name == "NOT" and self.take_word("EXISTS")):
            # What is counted inside is not counted outside.
            outer, self.aggregates = self.aggregates, None
            found = Exists(self.parse_group())
            self.aggregates = outer
            return found if name == "EXISTS" else Not(found)
        if name in _UNREPEATABLE:
            self.fail(
                f"{token.text} gives another answer each time, which no rule may rest on", token
            )
        known = BUILTINS | FOREIGN_BUILTINS if self.foreign else BUILTINS
        if name not in known:
            self.fail("expected an expression", token)
        arguments = self._parse_arguments()
        fewest, most = known[name]
        if len(arguments) < fewest or (most is not None and len(arguments) > most):
            self.fail(f"{token.text} does not take {len(arguments)} arguments", token)
        if name == "BOUND" and not isinstance(arguments[0], Variable):
            self.fail("BOUND takes a variable", token)
        return Call({"URI": "IRI", "ISURI": "ISIRI"}.get(name, name), arguments)

    def _parse_arguments(self) -> tuple[Expression, ...]:
        self.expect("(")
        arguments: list[Expression] = []
        self.enter()
        while not self.take_sign(")"):
            if arguments:
                self.expect(",")
            arguments.append(self.parse_expression())
            if len(arguments) > 10 * LONGEST_CHAIN:
                self.fail(f"more than {10 * LONGEST_CHAIN} members in a list")
        self.leave()
        return tuple(arguments)

    def _parse_aggregate(self, name: str) -> Variable:
        collected = self.aggregates
        if collected is None:
            self.fail(
                f"{name} may stand only in SELECT, HAVING and ORDER BY, and not inside another aggregate"
            )
        self.expect("(")
        self.enter()
        self.aggregates = None
        distinct = self.take_word("DISTINCT") is not None
        argument: Expression | None = None
        separator = " "
        if not (name == "COUNT" and self.take_sign("*")):
            argument = self.parse_expression()
        if name == "GROUP_CONCAT" and self.take_sign(";"):
            self.expect("SEPARATOR")
            self.expect("=")
            separator = self.parse_literal().value
        self.aggregates = collected
        self.leave()
        self.expect(")")
        aggregate = Aggregate(name, argument, distinct, separator)
        for variable, known in collected.items():
            if known == aggregate:
                return Variable(variable)
        variable = f".aggregate{self.token.start}"
        collected[variable] = aggregate
        return Variable(variable)
