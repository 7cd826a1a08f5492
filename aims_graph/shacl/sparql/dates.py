"""YEAR, MONTH, DAY, HOURS, MINUTES, SECONDS, TIMEZONE and TZ (SPARQL 1.1, section 17.4.5).

They take xsd:dateTime, as the specification says, and xsd:date and xsd:time where the part exists.
"""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Final

from pyoxigraph import Literal, NamedNode

from aims_graph.columns import Term
from aims_graph.columns.lexical import DATE, DATE_TIME, DECIMAL, TIME, days_in_month
from aims_graph.vocabulary import XSD

from .literals import Number, TypeMismatch, integer, number, value_of

_PARTS: Final = re.compile(
    r"(?:(?P<YEAR>-?\d{4,})-(?P<MONTH>\d\d)-(?P<DAY>\d\d))?T?"
    r"(?:(?P<HOURS>\d\d):(?P<MINUTES>\d\d):(?P<SECONDS>\d\d(?:\.\d+)?))?"
    r"(?P<TZ>Z|[+-]\d\d:\d\d)?"
)
_ZONE: Final = re.compile(r"(?:Z|[+-]\d\d:\d\d)$")
_DAY_TIME_DURATION: Final = NamedNode(XSD + "dayTimeDuration")


def _part(term: Term, name: str) -> str | None:
    value = value_of(term)
    if value is None or value.order not in (DATE_TIME, DATE, TIME):
        raise TypeMismatch
    assert isinstance(term, Literal)
    text = term.value
    if value.order == DATE_TIME:
        text = _without_24(text)
    match = _PARTS.fullmatch(text.replace("24:", "00:", 1) if value.order == TIME else text)
    if match is None:
        raise TypeMismatch
    return match[name]


def date_of(text: str) -> str:
    """The date and the timezone of a dateTime."""
    day, _, clock = _without_24(text).partition("T")
    return day + (_ZONE.search(clock) or [""])[0]


def _without_24(text: str) -> str:
    """``2024-12-31T24:00:00`` is the first instant of 2025."""
    if "T24:" not in text:
        return text
    day, _, clock = text.partition("T")
    sign, day = ("-", day[1:]) if day.startswith("-") else ("", day)
    year, month, number_ = (int(part) for part in day.split("-"))
    year = -year if sign else year
    number_ += 1
    if number_ > days_in_month(year, month):
        number_, month = 1, month + 1
    if month > 12:
        month, year = 1, year + 1
    shown = f"-{-year:04d}" if year < 0 else f"{year:04d}"
    return f"{shown}-{month:02d}-{number_:02d}T{clock.replace('24:', '00:', 1)}"


def _integer_part(name: str) -> Callable[[Term], Literal]:
    def read(term: Term) -> Literal:
        part = _part(term, name)
        if part is None:
            raise TypeMismatch
        return integer(int(part))

    return read


def _seconds(term: Term) -> Literal:
    part = _part(term, "SECONDS")
    if part is None:
        raise TypeMismatch
    return number(Number(DECIMAL, Decimal(part)))


def _tz(term: Term) -> Literal:
    return Literal(_part(term, "TZ") or "")


def _timezone(term: Term) -> Literal:
    zone = _part(term, "TZ")
    if zone is None:
        raise TypeMismatch
    if zone == "Z":
        return Literal("PT0S", datatype=_DAY_TIME_DURATION)
    hours, minutes = int(zone[1:3]), int(zone[4:6])
    text = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "")
    sign = "-" if zone[0] == "-" and text else ""
    return Literal(f"{sign}PT{text or '0S'}", datatype=_DAY_TIME_DURATION)


DATE_FUNCTIONS: Final[dict[str, Callable[..., Term]]] = {
    **{name: _integer_part(name) for name in ("YEAR", "MONTH", "DAY", "HOURS", "MINUTES")},
    "SECONDS": _seconds,
    "TZ": _tz,
    "TIMEZONE": _timezone,
}
