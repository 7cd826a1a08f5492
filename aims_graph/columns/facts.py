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
from .text import Bytes, Int64s, joined_slices
from .vectors import Vector

MICROSECONDS: Final = 1_000_000

#: Keys of instants outside about 70,000 years are cut off here; ``exact`` is False for them.
_FURTHEST: Final = 1 << 61

#: Decimals of up to so many digits have distinct nearest float64s.
_FAITHFUL_DIGITS: Final = 15

_SMALLEST_NORMAL_FLOAT: Final = 2.0**-126

_IS_HEX: Final = np.isin(np.arange(256), list(b"0123456789abcdefABCDEF"))

_DAYS_BEFORE_MONTH: Final = np.array(
    [0, 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334], np.int64
)
_DAYS_IN_MONTH: Final = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31], np.int64)


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
    if name in lexical.INTEGER_RANGES:
        done = _read_numbers(facts, buffer, starts, lengths, lexical.INTEGER)
        low, high = lexical.INTEGER_RANGES[name]
        numbers = facts.key.view(np.float64)
        if low is not None:
            done &= numbers >= low
        if high is not None:
            done &= numbers <= high
    elif name == "decimal":
        done = _read_numbers(facts, buffer, starts, lengths, lexical.DECIMAL)
    elif name in ("double", "float"):
        done = _read_numbers(facts, buffer, starts, lengths, lexical.DOUBLE)
        if name == "float":
            _round_to_floats(facts, done)
    elif name == "hexBinary":
        done = _read_hex(buffer, starts, lengths)
    elif name in ("date", "dateTime", "dateTimeStamp"):
        done = _read_times(facts, name, buffer, starts, lengths)
    for index in np.flatnonzero(~done):
        text = buffer[starts[index] :][: lengths[index]].tobytes().decode()
        _put_value(facts, int(index), lexical.read_value(datatype, text))
    return facts


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
            or (len(number.as_tuple().digits) <= _FAITHFUL_DIGITS and abs(number.adjusted()) < 300)
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


def _read_numbers(
    facts: Facts, buffer: Bytes, starts: Int64s, lengths: Int64s, rank: int
) -> NDArray[np.bool_]:
    """Numbers of at most 15 digits; returns which were read.

    Mantissa and power of ten are both exact in float64, so one multiplication or division rounds
    once: the nearest float64 (Clinger's fast path).
    """
    size = len(starts)
    done = (lengths > 0) & (lengths <= 24)
    first = buffer[np.where(done, starts, 0)] if len(buffer) else np.zeros(size, np.uint8)
    negative = first == ord("-")
    signed = negative | (first == ord("+"))
    digits = np.zeros(size, np.int64)
    scale = np.zeros(size, np.int64)
    exponent = np.zeros(size, np.int64)
    exponent_digits = np.zeros(size, np.int64)
    exponent_negative = np.zeros(size, np.bool_)
    mantissa = np.zeros(size, np.int64)
    dotted = np.zeros(size, np.bool_)
    in_exponent = np.zeros(size, np.bool_)
    longest = int(lengths[done].max(initial=0))
    for step in range(longest):
        at = np.flatnonzero(done & (lengths > step) & ((step > 0) | ~signed))
        char = buffer[starts[at] + step]
        digit = (char - ord("0")).astype(np.int64)
        is_digit = digit <= 9
        powers = in_exponent[at]
        whole, power = at[is_digit & ~powers], at[is_digit & powers]
        mantissa[whole] = mantissa[whole] * 10 + digit[is_digit & ~powers]
        digits[whole] += 1
        scale[whole] += dotted[whole]
        exponent[power] = exponent[power] * 10 + digit[is_digit & powers]
        exponent_digits[power] += 1
        other = at[~is_digit]
        char = char[~is_digit]
        dot = (char == ord(".")) & ~dotted[other] & ~in_exponent[other]
        mark = ((char | 32) == ord("e")) & ~in_exponent[other] & (digits[other] > 0)
        opening = in_exponent[other] & (exponent_digits[other] == 0)
        before = buffer[np.maximum(starts[other] + step - 1, 0)]
        sign = opening & ((before | 32) == ord("e")) & ((char == ord("-")) | (char == ord("+")))
        if rank == lexical.INTEGER:
            dot[:] = False
        if rank != lexical.DOUBLE:
            mark[:] = False
        dotted[other[dot]] = True
        in_exponent[other[mark]] = True
        exponent_negative[other[sign & (char == ord("-"))]] = True
        done[other[~(dot | mark | sign)]] = False
        done[digits > _FAITHFUL_DIGITS] = False
    done &= (digits > 0) & (~in_exponent | (exponent_digits > 0)) & (exponent_digits <= 3)
    power_of_ten = np.where(exponent_negative, -exponent, exponent) - scale
    done &= np.abs(power_of_ten) <= 22
    power_of_ten[~done] = 0
    tens = 10.0 ** np.arange(23)
    magnitude = mantissa.astype(np.float64)
    numbers = np.where(
        power_of_ten < 0,
        magnitude / tens[np.maximum(-power_of_ten, 0)],
        magnitude * tens[np.maximum(power_of_ten, 0)],
    )
    facts.key[:] = np.where(negative, -numbers, numbers).view(np.int64)
    facts.order[:] = lexical.NUMBER
    facts.rank[:] = rank
    facts.exact[:] = True
    return done


def _round_to_floats(facts: Facts, done: NDArray[np.bool_]) -> None:
    numbers = facts.key.view(np.float64)
    done &= ~may_round_twice(numbers)
    with np.errstate(over="ignore"):
        facts.key[:] = numbers.astype(np.float32).astype(np.float64).view(np.int64)
    facts.rank[:] = lexical.FLOAT


def may_round_twice(numbers: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether the nearest float64 lies midway between two xsd:floats, or where floats thin out."""
    midway: NDArray[np.bool_] = (numbers.view(np.int64) & 0x1FFF_FFFF) == 0x1000_0000
    thin: NDArray[np.bool_] = (np.abs(numbers) < _SMALLEST_NORMAL_FLOAT) & (numbers != 0)
    return midway | thin


def _read_hex(buffer: Bytes, starts: Int64s, lengths: Int64s) -> NDArray[np.bool_]:
    """Which are well-formed; such values have no order."""
    joined, offsets = joined_slices(buffer, starts, lengths)
    others = np.flatnonzero(~_IS_HEX[joined])
    bad = np.diff(np.searchsorted(others, offsets)).astype(np.bool_)
    even: NDArray[np.bool_] = lengths % 2 == 0
    return even & ~bad


def _read_times(
    facts: Facts, name: str, buffer: Bytes, starts: Int64s, lengths: Int64s
) -> NDArray[np.bool_]:
    """Dates and instants of the years 0001 to 9999 to the microsecond; returns which were read."""
    base = 10 if name == "date" else 19
    done = (lengths >= base) & (lengths <= base + 13)
    starts = np.where(done, starts, 0)
    if len(buffer) < base + 13:
        return np.zeros(len(starts), np.bool_)

    def char(position: NDArray[np.int64] | int) -> NDArray[np.int64]:
        chars: Bytes = buffer[np.minimum(starts + position, len(buffer) - 1)]
        return chars.astype(np.int64)

    def number(position: NDArray[np.int64] | int, width: int) -> NDArray[np.int64]:
        result = np.zeros(len(starts), np.int64)
        for step in range(width):
            digit = char(position + step) - ord("0")
            np.logical_and(done, (digit >= 0) & (digit <= 9), out=done)
            result = result * 10 + digit
        return result

    year, month, day = number(0, 4), number(5, 2), number(8, 2)
    done &= (char(4) == ord("-")) & (char(7) == ord("-")) & (year > 0)
    done &= (month >= 1) & (month <= 12)
    month[~done] = 1
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    done &= (day >= 1) & (day <= _DAYS_IN_MONTH[month] + (leap & (month == 2)))
    before = year - 1
    days = before * 365 + before // 4 - before // 100 + before // 400
    days += _DAYS_BEFORE_MONTH[month] + (leap & (month > 2)) + day - 719_163
    micros = days * (lexical.SECONDS_A_DAY * MICROSECONDS)
    if name != "date":
        hour, minute, second = number(11, 2), number(14, 2), number(17, 2)
        done &= (char(10) == ord("T")) & (char(13) == ord(":")) & (char(16) == ord(":"))
        done &= (hour <= 23) & (minute <= 59) & (second <= 59)
        micros += (hour * 3600 + minute * 60 + second) * MICROSECONDS
    # What follows is [.ffffff] and [Z or +hh:mm].
    safe = np.where(done, lengths, base)
    zulu = (safe > base) & (char(safe - 1) == ord("Z"))
    sign = char(np.maximum(safe - 6, 0))
    shifted = (safe > base + 5) & ((sign == ord("+")) | (sign == ord("-")))
    shifted &= char(np.maximum(safe - 3, 0)) == ord(":")
    fraction = np.where(done, safe - base - zulu - 6 * shifted, 0)
    if name == "date":
        done &= fraction == 0
    else:
        done &= (fraction == 0) | ((fraction >= 2) & (char(base) == ord(".")))
    done &= fraction <= 7
    for step in range(1, 7):
        digit = np.where(step < fraction, char(base + step) - ord("0"), 0)
        done &= (digit >= 0) & (digit <= 9)
        micros += digit * 10 ** (6 - step)
    rows = np.flatnonzero(done & shifted)
    if len(rows):
        everything, done, starts = done, np.ones(len(rows), np.bool_), starts[rows]
        tail = safe[rows]
        hours, minutes = number(tail - 5, 2), number(tail - 2, 2)
        seconds = hours * 3600 + minutes * 60
        done &= (minutes <= 59) & (seconds <= 14 * 3600)
        micros[rows] -= np.where(sign[rows] == ord("-"), -seconds, seconds) * MICROSECONDS
        everything[rows] = done
        done = everything
    if name == "dateTimeStamp":
        done &= zulu | shifted
    facts.key[:] = micros
    facts.order[:] = lexical.DATE if name == "date" else lexical.DATE_TIME
    facts.rank[:] = zulu | shifted
    facts.exact[:] = True
    return done
