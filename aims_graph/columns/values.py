"""Order of values, as the SPARQL operator ``<`` defines it for two terms."""

from decimal import Decimal
from fractions import Fraction
from typing import Final

from .lexical import (
    BOOLEAN,
    DECIMAL,
    DOUBLE,
    DURATION,
    FLOAT,
    NOT_ORDERED,
    NUMBER,
    SECONDS_A_DAY,
    STRING,
    Value,
    days_from_epoch,
    round_to_float32,
)

LESS, EQUAL, GREATER, INCOMPARABLE = -1, 0, 1, 2

#: A value without timezone may stand for any instant within 14 hours either way (XSD 1.1 part 2,
#: section 3.3.7.1).
ZONE_SPAN: Final = 14 * 3600

#: Durations are ordered when all four of these starting months agree (XSD 1.1 part 2, 3.3.6.1).
_DURATION_STARTS: Final = ((1696, 9), (1697, 2), (1903, 3), (1903, 7))


def compare_values(left: Value | None, right: Value | None) -> int:
    """-1, 0 or 1; 2 when the two cannot be ordered (other types, ill-typed, NaN, timezones)."""
    if left is None or right is None or left.order != right.order or left.order == NOT_ORDERED:
        return INCOMPARABLE
    if left.order == NUMBER:
        rank = max(left.rank, right.rank)
        return _order(_promote(left, rank), _promote(right, rank))
    if left.order == STRING:
        return _order(left.number, right.number)
    if left.order == BOOLEAN:
        return _order(left.number, right.number)
    if left.order == DURATION:
        return _compare_durations(left, right)
    return _compare_times(left, right)


def _order(left: object, right: object) -> int:
    if left < right:  # type: ignore[operator]  # same class, so comparable
        return LESS
    if left > right:  # type: ignore[operator]  # same class, so comparable
        return GREATER
    return EQUAL if left == right else INCOMPARABLE


def _promote(value: Value, rank: int) -> Decimal | float:
    number = value.number
    assert isinstance(number, (Decimal, float))
    if rank <= DECIMAL or value.rank >= FLOAT:
        return number
    assert isinstance(number, Decimal)
    return float(number) if rank == DOUBLE else round_to_float32(number)


def _compare_times(left: Value, right: Value) -> int:
    ours, theirs = left.number, right.number
    assert isinstance(ours, Fraction)
    assert isinstance(theirs, Fraction)
    if left.rank == right.rank:
        return _order(ours, theirs)
    # The one without timezone may lie up to 14 hours either side.
    if ours < theirs - ZONE_SPAN:
        return LESS
    if ours > theirs + ZONE_SPAN:
        return GREATER
    return INCOMPARABLE


def _compare_durations(left: Value, right: Value) -> int:
    orders = {
        _order(_end(left, year, month), _end(right, year, month))
        for year, month in _DURATION_STARTS
    }
    return orders.pop() if len(orders) == 1 else INCOMPARABLE


def _end(value: Value, year: int, month: int) -> Fraction:
    """Seconds since 1970 at which a duration ends that starts on the first of a month."""
    months = year * 12 + month - 1 + int(value.number)
    days = days_from_epoch(months // 12, months % 12 + 1, 1)
    return days * SECONDS_A_DAY + value.seconds
