"""The usual spellings of numbers and times, read for whole columns at a time.

What a function here does not read is not wrong: ``lexical.read_value`` has to look at it.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from . import lexical
from .text import Bytes, Int64s, joined_slices

MICROSECONDS: Final = 1_000_000

#: Decimals of up to so many digits have distinct nearest float64s.
FAITHFUL_DIGITS: Final = 15

_SMALLEST_NORMAL_FLOAT: Final = 2.0**-126

_IS_HEX: Final = np.isin(np.arange(256), list(b"0123456789abcdefABCDEF"))

_DAYS_BEFORE_MONTH: Final = np.array(
    [0, 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334], np.int64
)
_DAYS_IN_MONTH: Final = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31], np.int64)


class Reading(NamedTuple):
    """Which forms were read, and ``key`` and ``rank`` of ``facts.Facts`` for those."""

    done: NDArray[np.bool_]
    key: NDArray[np.int64]
    rank: NDArray[np.uint8]


def read_numbers(buffer: Bytes, starts: Int64s, lengths: Int64s, rank: int) -> Reading:
    """Numbers of at most 15 digits.

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
        done[digits > FAITHFUL_DIGITS] = False
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
    key = np.where(negative, -numbers, numbers).view(np.int64)
    return Reading(done, key, np.full(size, rank, np.uint8))


def read_floats(buffer: Bytes, starts: Int64s, lengths: Int64s) -> Reading:
    """As ``read_numbers``, rounded to xsd:float."""
    done, key, rank = read_numbers(buffer, starts, lengths, lexical.DOUBLE)
    numbers = key.view(np.float64)
    with np.errstate(over="ignore"):
        floats = numbers.astype(np.float32).astype(np.float64)
    rank[:] = lexical.FLOAT
    return Reading(done & ~may_round_twice(numbers), floats.view(np.int64), rank)


def may_round_twice(numbers: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether the nearest float64 lies midway between two xsd:floats, or where floats thin out."""
    midway: NDArray[np.bool_] = (numbers.view(np.int64) & 0x1FFF_FFFF) == 0x1000_0000
    thin: NDArray[np.bool_] = (np.abs(numbers) < _SMALLEST_NORMAL_FLOAT) & (numbers != 0)
    return midway | thin


def read_hexadecimal(buffer: Bytes, starts: Int64s, lengths: Int64s) -> NDArray[np.bool_]:
    """Which are well-formed; such values have no order."""
    joined, offsets = joined_slices(buffer, starts, lengths)
    others = np.flatnonzero(~_IS_HEX[joined])
    bad = np.diff(np.searchsorted(others, offsets)).astype(np.bool_)
    even: NDArray[np.bool_] = lengths % 2 == 0
    return even & ~bad


def read_times(name: str, buffer: Bytes, starts: Int64s, lengths: Int64s) -> Reading:
    """Dates and instants of the years 0001 to 9999 to the microsecond."""
    base = 10 if name == "date" else 19
    done = (lengths >= base) & (lengths <= base + 13)
    starts = np.where(done, starts, 0)
    if len(buffer) < base + 13:
        nothing = np.zeros(len(starts), np.uint8)
        return Reading(nothing.astype(np.bool_), starts, nothing)

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
    return Reading(done, micros, (zulu | shifted).astype(np.uint8))
