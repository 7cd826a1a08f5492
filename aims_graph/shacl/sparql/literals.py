"""Single literals: their values, and literals for computed values. Raises TypeMismatch where SPARQL says
"type error".
"""

from contextlib import suppress
from decimal import ROUND_DOWN, Context, Decimal, Inexact, InvalidOperation, Overflow
from functools import lru_cache
from math import copysign, isinf, isnan
from typing import Final, NamedTuple

import numpy as np
from pyoxigraph import BlankNode, Literal, NamedNode

from aims_graph.columns import Term
from aims_graph.columns.lexical import (
    BOOLEAN,
    DECIMAL,
    DOUBLE,
    FLOAT,
    INTEGER,
    NOT_ORDERED,
    NUMBER,
    STRING,
    Value,
    read_value,
)
from aims_graph.columns.values import EQUAL, INCOMPARABLE, compare_values
from aims_graph.vocabulary import XSD

TRUE: Final = Literal("true", datatype=NamedNode(XSD + "boolean"))
FALSE: Final = Literal("false", datatype=NamedNode(XSD + "boolean"))
XSD_STRING: Final = NamedNode(XSD + "string")

_NUMERIC_TYPES: Final = {
    INTEGER: NamedNode(XSD + "integer"),
    DECIMAL: NamedNode(XSD + "decimal"),
    FLOAT: NamedNode(XSD + "float"),
    DOUBLE: NamedNode(XSD + "double"),
}

#: Decimals are exact up to this many digits; a result that needs more is an error.
_DECIMALS: Final = Context(prec=400, traps=[Inexact, InvalidOperation, Overflow])
_QUOTIENTS: Final = Context(prec=400, rounding=ROUND_DOWN, traps=[InvalidOperation, Overflow])

#: Quotients of decimals are cut off after as many fractional digits as Oxigraph keeps.
_QUANTUM: Final = Decimal("1E-18")


class TypeMismatch(Exception):  # noqa: N818 named as the specification names it: a type error, not a failure
    """An expression has no value for these terms (SPARQL 17.2, "type error")."""


class Number(NamedTuple):
    """``rank``: INTEGER, DECIMAL, FLOAT or DOUBLE; the value is an int, Decimal or float accordingly."""

    rank: int
    value: int | Decimal | float


@lru_cache(maxsize=1 << 14)
def value_of(term: Term) -> Value | None:
    """None for what is no well-formed literal, and for language-tagged ones."""
    if not isinstance(term, Literal) or term.language is not None:
        return None
    return read_value(term.datatype.value, term.value)


def number_of(term: Term) -> Number:
    value = value_of(term)
    if value is None or value.order != NUMBER:
        raise TypeMismatch
    assert isinstance(value.number, Decimal | float)
    return Number(value.rank, int(value.number) if value.rank == INTEGER else value.number)


def boolean(value: bool) -> Literal:
    return TRUE if value else FALSE


def integer(value: int) -> Literal:
    return Literal(str(value), datatype=_NUMERIC_TYPES[INTEGER])


def number(result: Number) -> Literal:
    """The canonical literal of a number."""
    rank, value = result
    if rank == INTEGER:
        return integer(int(value))
    if rank == DECIMAL:
        assert isinstance(value, Decimal | int)
        return Literal(decimal_text(Decimal(value)), datatype=_NUMERIC_TYPES[DECIMAL])
    return Literal(_floating_text(float(value), rank), datatype=_NUMERIC_TYPES[rank])


def decimal_text(value: Decimal) -> str:
    text = f"{value:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text


def _floating_text(value: float, rank: int) -> str:
    if isnan(value):
        return "NaN"
    if isinf(value):
        return "INF" if value > 0 else "-INF"
    if value == 0:
        return "-0.0E0" if copysign(1, value) < 0 else "0.0E0"
    shortest = repr(value) if rank == DOUBLE else str(np.float32(value))
    sign, digits, exponent = Decimal(shortest).as_tuple()
    assert isinstance(exponent, int)
    text = "".join(map(str, digits)).rstrip("0")
    power = exponent + len(digits) - 1
    return f"{'-' if sign else ''}{text[0]}.{text[1:] or '0'}E{power}"


def calculate(operator: str, left: Term, right: Term) -> Literal:
    """``+ - * /`` with the numeric type promotion of XPath."""
    return number(calculate_numbers(operator, number_of(left), number_of(right)))


def calculate_numbers(operator: str, left: Number, right: Number) -> Number:
    rank = max(left.rank, right.rank)
    if rank >= FLOAT:
        with np.errstate(all="ignore"):
            kind = np.float32 if rank == FLOAT else np.float64
            return Number(
                rank, float(_calculate_floats(operator, kind(left.value), kind(right.value)))
            )
    if operator == "/":
        return Number(DECIMAL, _divide(Decimal(left.value), Decimal(right.value)))
    if rank == INTEGER:
        a, b = int(left.value), int(right.value)
        _check_digits(a, b)
        return Number(rank, a + b if operator == "+" else a - b if operator == "-" else a * b)
    operation = {"+": _DECIMALS.add, "-": _DECIMALS.subtract, "*": _DECIMALS.multiply}[operator]
    with suppress(Inexact, InvalidOperation, Overflow):
        return Number(rank, operation(Decimal(left.value), Decimal(right.value)))
    raise TypeMismatch


def _check_digits(*values: int) -> None:
    if any(value.bit_length() > 4096 for value in values):
        raise TypeMismatch


def _calculate_floats(operator: str, left: np.floating, right: np.floating) -> np.floating:
    if operator == "+":
        return left + right
    if operator == "-":
        return left - right
    return left * right if operator == "*" else left / right


def _divide(left: Decimal, right: Decimal) -> Decimal:
    if right == 0:
        raise TypeMismatch
    with suppress(InvalidOperation, Overflow):
        return _QUOTIENTS.divide(left, right).quantize(
            _QUANTUM, rounding=ROUND_DOWN, context=_QUOTIENTS
        )
    raise TypeMismatch


def compare(left: Term, right: Term) -> int:
    """-1, 0, 1 as the operator ``<`` orders the terms. Raises TypeMismatch when it does not."""
    order = compare_values(value_of(left), value_of(right))
    if order == INCOMPARABLE:
        raise TypeMismatch
    return order


def is_ordered(operator: str, left: Term, right: Term) -> bool:
    """The operators ``< <= > >=``. NaN is a number, and neither before nor after any other."""
    a, b = value_of(left), value_of(right)
    order = compare_values(a, b)
    if order == INCOMPARABLE:
        if a is not None and b is not None and a.order == b.order == NUMBER:
            return False
        raise TypeMismatch
    return {"<": order < 0, ">": order > 0, "<=": order <= 0, ">=": order >= 0}[operator]


def are_equal(left: Term, right: Term) -> bool:
    """The operator ``=``.

    Literals of different recognised datatypes are different values; one of an unknown datatype, or an
    ill-typed one, may be equal to any other literal, so only equal terms are known to be equal.
    """
    a, b = value_of(left), value_of(right)
    if a is not None and b is not None and NOT_ORDERED not in (a.order, b.order):
        return compare_values(a, b) == EQUAL
    if left == right:
        return True
    if not isinstance(left, Literal) or not isinstance(right, Literal):
        return False
    if left.language is not None or right.language is not None:
        return left.value == right.value and left.language == right.language
    if a is None or b is None or NOT_ORDERED in (a.order, b.order):
        raise TypeMismatch
    return False


def effective_boolean(term: Term) -> bool:
    """Section 17.2.2."""
    if not isinstance(term, Literal):
        raise TypeMismatch
    value = value_of(term)
    if value is None:
        if term.language is not None:
            return term.value != ""
        if read_value(term.datatype.value, "1") is not None and _is_boolean_or_numeric(
            term.datatype.value
        ):
            return False  # ill-typed
        raise TypeMismatch
    if value.order == BOOLEAN:
        return value.number == 1
    if value.order == NUMBER:
        assert isinstance(value.number, Decimal | float)
        return not (value.number == 0 or value.number != value.number)
    if value.order == STRING and term.datatype == XSD_STRING:
        return term.value != ""
    raise TypeMismatch


def _is_boolean_or_numeric(datatype: str) -> bool:
    value = read_value(datatype, "1")
    return value is not None and value.order in (BOOLEAN, NUMBER)


def string_of(term: Term) -> str:
    """STR."""
    if isinstance(term, BlankNode):
        raise TypeMismatch
    return term.value


def text_of(term: Term) -> str:
    """The text of a string literal, with or without language."""
    if not isinstance(term, Literal) or (term.language is None and term.datatype != XSD_STRING):
        raise TypeMismatch
    return term.value


def text_like(term: Term, text: str) -> Literal:
    """A string with the language of ``term``."""
    assert isinstance(term, Literal)
    return Literal(text) if term.language is None else Literal(text, language=term.language)
