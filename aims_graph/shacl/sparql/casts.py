"""Casts: the constructor functions of XML Schema datatypes (SPARQL 1.1, section 17.5)."""

from collections.abc import Callable
from decimal import Decimal
from math import isfinite
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode

from aims_graph.columns import Term
from aims_graph.columns.lexical import (
    BOOLEAN,
    DATE,
    DATE_TIME,
    DECIMAL,
    DOUBLE,
    FLOAT,
    INTEGER,
    NUMBER,
    read_value,
    round_to_float32,
)
from aims_graph.vocabulary import XSD

from .dates import date_of
from .literals import XSD_STRING, Number, TypeMismatch, boolean, number, number_of, value_of

_RANKS: Final = {"integer": INTEGER, "decimal": DECIMAL, "float": FLOAT, "double": DOUBLE}


def _text(term: Term) -> str | None:
    """The text of a plain string; None for another literal. Raises TypeMismatch for what cannot be cast."""
    if not isinstance(term, Literal) or term.language is not None:
        raise TypeMismatch
    return term.value if term.datatype == XSD_STRING else None


def _to_string(term: Term) -> Literal:
    if isinstance(term, BlankNode):
        raise TypeMismatch
    return Literal(term.value)


def _to_boolean(term: Term) -> Literal:
    text = _text(term)
    if text is not None:
        value = read_value(XSD + "boolean", text.strip(" \t\r\n"))
    else:
        value = value_of(term)
    if value is None:
        raise TypeMismatch
    if value.order == BOOLEAN:
        return boolean(value.number == 1)
    if value.order == NUMBER:
        assert isinstance(value.number, Decimal | float)
        return boolean(value.number != 0 and value.number == value.number)
    raise TypeMismatch


def _to_number(name: str) -> Callable[[Term], Literal]:
    rank = _RANKS[name]

    def cast(term: Term) -> Literal:
        text = _text(term)
        if text is not None:
            value = read_value(XSD + name, text.strip(" \t\r\n"))
            if value is None:
                raise TypeMismatch
            assert isinstance(value.number, Decimal | float)
            return number(_converted(value.number, rank))
        value = value_of(term)
        if value is not None and value.order == BOOLEAN:
            return number(_converted(Decimal(int(value.number)), rank))
        return number(_converted(number_of(term).value, rank))

    return cast


def _converted(value: Decimal | float, rank: int) -> Number:
    if rank >= FLOAT:
        return Number(
            rank,
            float(value)
            if rank == DOUBLE
            else round_to_float32(Decimal(value) if isfinite(value) else str(value)),
        )
    if not isfinite(value):
        raise TypeMismatch
    # The shortest decimal that stands for a binary number, not all of its digits.
    return Number(rank, int(value) if rank == INTEGER else Decimal(str(value)))


def _to_type(name: str, *sources: int) -> Callable[[Term], Literal]:
    """From a string in the lexical space, the same type, or a date or dateTime by its text."""
    datatype = NamedNode(XSD + name)

    def cast(term: Term) -> Literal:
        text = _text(term)
        if text is None:
            value = value_of(term)
            assert isinstance(term, Literal)
            if value is None or (value.order not in sources and term.datatype != datatype):
                raise TypeMismatch
            text = term.value
            if name == "date" and value.order == DATE_TIME:
                text = date_of(text)
            elif name == "dateTime" and value.order == DATE:
                end = text.index("-", 1) + 6
                text = f"{text[:end]}T00:00:00{text[end:]}"
        text = text.strip(" \t\r\n")
        if read_value(datatype.value, text) is None:
            raise TypeMismatch
        return Literal(text, datatype=datatype)

    return cast


CASTS: Final[dict[str, Callable[..., Term]]] = {
    XSD + "string": _to_string,
    XSD + "boolean": _to_boolean,
    **{XSD + name: _to_number(name) for name in _RANKS},
    XSD + "dateTime": _to_type("dateTime", DATE_TIME, DATE),
    XSD + "date": _to_type("date", DATE, DATE_TIME),
}
