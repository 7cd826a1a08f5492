"""What rules ask about literals, computed for whole columns of lexical forms.

The usual spellings (plain numbers, dates, instants) are read eight columns of digits at a time;
every other lexical form goes through ``lexical.read_value``, which decides alone what is
well-formed. Both give the same facts.
"""

from dataclasses import dataclass, fields
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from aims_graph.vocabulary import RDF, XSD

from . import lexical
from .spellings import (
    FAITHFUL_DIGITS,
    MICROSECONDS,
    Reading,
    read_floats,
    read_hexadecimal,
    read_numbers,
    read_times,
)
from .text import Bytes, Int64s
from .vectors import Vector

#: Keys of instants outside about 70,000 years are cut off here; ``exact`` is False for them.
_FURTHEST: Final = 1 << 61


#: Comparison classes of the times that have a usual spelling.
_ORDERS: Final = {
    "date": lexical.DATE,
    "dateTime": lexical.DATE_TIME,
    "dateTimeStamp": lexical.DATE_TIME,
}


@dataclass(slots=True)
class Facts:
    """One entry a literal.

    well_formed: whether the lexical form is in the lexical space of the datatype.
    order: comparison class (``lexical``); rank: numeric rank, or 1 for a time with timezone.
    key: for NUMBER the bits of the nearest float64, for times microseconds rounded down, for
    BOOLEAN 0 or 1. exact: equal keys of exact literals mean equal values.
    """

    well_formed: NDArray[np.bool_]
    order: NDArray[np.uint8]
    rank: NDArray[np.uint8]
    key: NDArray[np.int64]
    exact: NDArray[np.bool_]

    @classmethod
    def blank(cls, size: int) -> "Facts":
        """Well-formed and without order: right for IRIs, blank nodes and tagged strings."""
        return cls(
            np.ones(size, np.bool_),
            np.zeros(size, np.uint8),
            np.zeros(size, np.uint8),
            np.zeros(size, np.int64),
            np.zeros(size, np.bool_),
        )

    def arrays(self) -> dict[str, NDArray[Any]]:
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def put(self, index: NDArray[np.int64], facts: "Facts") -> None:
        arrays = self.arrays()
        for name, values in facts.arrays().items():
            arrays[name][index] = values


class FactTable:
    """Facts of all terms so far; grows with the dictionary."""

    def __init__(self) -> None:
        empty = Facts.blank(0)
        self.well_formed: Vector[np.bool_] = Vector(empty.well_formed)
        self.order: Vector[np.uint8] = Vector(empty.order)
        self.rank: Vector[np.uint8] = Vector(empty.rank)
        self.key: Vector[np.int64] = Vector(empty.key)
        self.exact: Vector[np.bool_] = Vector(empty.exact)

    def __len__(self) -> int:
        return len(self.exact)

    def append(self, facts: Facts) -> None:
        for name, values in facts.arrays().items():
            getattr(self, name).append(values)

    @property
    def view(self) -> Facts:
        names = (field.name for field in fields(Facts))
        return Facts(**{name: getattr(self, name).view for name in names})


def facts_of(datatype: str, buffer: Bytes, starts: Int64s, lengths: Int64s) -> Facts:
    """Facts of literals of one datatype, their lexical forms given as ascending slices of UTF-8."""
    facts = Facts.blank(len(starts))
    name = datatype.removeprefix(XSD)
    if datatype == XSD + "string":
        facts.order[:] = lexical.STRING
        return facts
    if not lexical.is_recognised(datatype):
        facts.well_formed[:] = datatype != RDF + "langString"
        return facts
    done = np.zeros(len(starts), np.bool_)
    if name == "hexBinary":
        done = read_hexadecimal(buffer, starts, lengths)
    elif reading := _read(name, buffer, starts, lengths):
        done, facts.key, facts.rank = reading
        facts.order[:] = _ORDERS.get(name, lexical.NUMBER)
        facts.exact[:] = True
    for index in np.flatnonzero(~done):
        text = buffer[starts[index] :][: lengths[index]].tobytes().decode()
        _put_value(facts, int(index), lexical.read_value(datatype, text))
    return facts


def _read(name: str, buffer: Bytes, starts: Int64s, lengths: Int64s) -> Reading | None:
    """None for types without usual spelling."""
    if name in _ORDERS:
        return read_times(name, buffer, starts, lengths)
    if name == "float":
        return read_floats(buffer, starts, lengths)
    if name in ("decimal", "double"):
        rank = lexical.DECIMAL if name == "decimal" else lexical.DOUBLE
        return read_numbers(buffer, starts, lengths, rank)
    if name not in lexical.INTEGER_RANGES:
        return None
    reading = read_numbers(buffer, starts, lengths, lexical.INTEGER)
    low, high = lexical.INTEGER_RANGES[name]
    numbers = reading.key.view(np.float64)
    if low is not None:
        np.logical_and(reading.done, numbers >= low, out=reading.done)
    if high is not None:
        np.logical_and(reading.done, numbers <= high, out=reading.done)
    return reading


def _put_value(facts: Facts, index: int, value: lexical.Value | None) -> None:
    facts.well_formed[index] = value is not None
    order, rank, key, exact = (0, 0, 0, False) if value is None else _encode(value)
    facts.order[index], facts.rank[index] = order, rank
    facts.key[index], facts.exact[index] = key, exact


def _encode(value: lexical.Value) -> tuple[int, int, int, bool]:
    number = value.number
    if isinstance(number, (Decimal, float)):
        exact = (
            isinstance(number, float)
            or number == 0
            or (len(number.as_tuple().digits) <= FAITHFUL_DIGITS and abs(number.adjusted()) < 300)
        )
        key = int(np.float64(number).view(np.int64))
        return value.order, value.rank, key, exact
    if value.order == lexical.BOOLEAN:
        assert isinstance(number, Fraction)
        return value.order, 0, int(number), True
    if not isinstance(number, Fraction) or value.order == lexical.DURATION:
        return value.order, 0, 0, False
    scaled = number * MICROSECONDS
    key = scaled.numerator // scaled.denominator
    if abs(key) > _FURTHEST:
        return value.order, value.rank, _FURTHEST if key > 0 else -_FURTHEST, False
    return value.order, value.rank, key, scaled.denominator == 1
