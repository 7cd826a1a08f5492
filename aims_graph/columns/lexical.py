"""The XSD datatypes that RDF 1.1 recognises (Concepts, section 5.1): lexical spaces and values.

Scalar and exact; ``facts`` uses it for every lexical form that its vectorised fast paths do
not cover. No white space is trimmed: RDF maps the lexical form as it stands.
"""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Final, NamedTuple

import numpy as np

from aims_graph.vocabulary import RDF, XSD

#: Comparison classes. Two terms can be ordered only when theirs are equal and not NOT_ORDERED.
NOT_ORDERED, NUMBER, STRING, BOOLEAN, DATE_TIME, DATE, TIME, DURATION = range(8)
G_YEAR, G_YEAR_MONTH, G_MONTH, G_DAY, G_MONTH_DAY = range(8, 13)

#: Numeric promotion (XPath, appendix B.1): the higher rank of two operands is the common type.
INTEGER, DECIMAL, FLOAT, DOUBLE = range(4)

SECONDS_A_DAY: Final = 86_400

#: Times and durations written longer than this are well-formed but not ordered: Python refuses
#: to read integers of more than 4300 digits, and for good reason.
_LONGEST_TIME: Final = 1000


class Value(NamedTuple):
    """An ordered value.

    ``number`` is a Decimal or, for xsd:float and xsd:double, a float; a str for strings; else a
    Fraction: seconds on the UTC or local timeline for dates and times, months for durations,
    0 or 1 for booleans. ``rank`` is the numeric rank, or 1 when a date or time carries a
    timezone. ``seconds`` is the second component of a duration.
    """

    order: int
    number: Decimal | Fraction | float | str
    rank: int = 0
    seconds: Fraction = Fraction(0)


_UNSIGNED = r"(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)"
_INTEGER = r"[+-]?[0-9]+"
_DECIMAL = rf"[+-]?{_UNSIGNED}"
_DOUBLE = rf"[+-]?{_UNSIGNED}(?:[eE][+-]?[0-9]+)?|[+-]?INF|NaN"
_YEAR = r"(?P<year>-?(?:[1-9][0-9]{3,}|0[0-9]{3}))"
_MONTH = r"(?P<month>0[1-9]|1[0-2])"
_DAY = r"(?P<day>0[1-9]|[12][0-9]|3[01])"
_CLOCK = (
    r"(?:(?P<hour>[01][0-9]|2[0-3]):(?P<minute>[0-5][0-9]):(?P<second>[0-5][0-9](?:\.[0-9]+)?)"
    r"|(?P<midnight>24:00:00(?:\.0+)?))"
)
_ZONE = r"(?P<zone>Z|[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00))"
_OPTIONAL_ZONE = _ZONE + "?"
_DURATION_DAYS = r"(?:(?P<days>[0-9]+)D)?"
_DURATION_CLOCK = (
    r"(?:T(?=[0-9])(?:(?P<hours>[0-9]+)H)?(?:(?P<minutes>[0-9]+)M)?"
    r"(?:(?P<seconds>[0-9]+(?:\.[0-9]+)?)S)?)?"
)
_DURATION_MONTHS = r"(?:(?P<years>[0-9]+)Y)?(?:(?P<months>[0-9]+)M)?"
_BASE64_CHAR = r"[A-Za-z0-9+/] ?"
_NAME_START = "A-Z_a-zÀ-ÖØ-öø-˿Ͱ-ͽͿ-\u1fff\u200c\u200d⁰-\u218fⰀ-\u2fef、-\ud7ff豈-\ufdcfﷰ-\ufffd\U00010000-\U000effff"
_NAME_CHAR = _NAME_START + "\\-.0-9\u00b7\u0300-\u036f\u203f\u2040"

#: Inclusive ranges of the types derived from xsd:integer.
INTEGER_RANGES: Final[dict[str, tuple[int | None, int | None]]] = {
    "integer": (None, None),
    "nonPositiveInteger": (None, 0),
    "negativeInteger": (None, -1),
    "nonNegativeInteger": (0, None),
    "positiveInteger": (1, None),
    "long": (-(2**63), 2**63 - 1),
    "int": (-(2**31), 2**31 - 1),
    "short": (-(2**15), 2**15 - 1),
    "byte": (-(2**7), 2**7 - 1),
    "unsignedLong": (0, 2**64 - 1),
    "unsignedInt": (0, 2**32 - 1),
    "unsignedShort": (0, 2**16 - 1),
    "unsignedByte": (0, 2**8 - 1),
}

#: Lexical spaces of the types whose values have no order here.
_PLAIN: Final[dict[str, str]] = {
    "hexBinary": r"(?:[0-9a-fA-F]{2})*",
    "base64Binary": (
        rf"(?:(?:{_BASE64_CHAR}){{4}})*(?:(?:{_BASE64_CHAR}){{3}}[A-Za-z0-9+/]"
        rf"|(?:{_BASE64_CHAR}){{2}}[AEIMQUYcgkosw048] ?="
        rf"|{_BASE64_CHAR}[AQgw] ?= ?=)?"
    ),
}

#: Lexical spaces of xsd:string and what is derived from it; all are ordered as strings.
_STRINGS: Final[dict[str, str]] = {
    "string": r"(?s:.*)",
    "normalizedString": r"[^\t\n\r]*",
    "token": r"(?:[^\t\n\r ]+(?: [^\t\n\r ]+)*)?",
    "language": r"[a-zA-Z]{1,8}(?:-[a-zA-Z0-9]{1,8})*",
    "NMTOKEN": rf"[:{_NAME_CHAR}]+",
    "Name": rf"[:{_NAME_START}][:{_NAME_CHAR}]*",
    "NCName": rf"[{_NAME_START}][{_NAME_CHAR}]*",
}

_TIMES: Final[dict[str, tuple[int, str]]] = {
    "dateTime": (DATE_TIME, rf"{_YEAR}-{_MONTH}-{_DAY}T{_CLOCK}{_OPTIONAL_ZONE}"),
    "dateTimeStamp": (DATE_TIME, rf"{_YEAR}-{_MONTH}-{_DAY}T{_CLOCK}{_ZONE}"),
    "date": (DATE, rf"{_YEAR}-{_MONTH}-{_DAY}{_OPTIONAL_ZONE}"),
    "time": (TIME, rf"{_CLOCK}{_OPTIONAL_ZONE}"),
    "gYear": (G_YEAR, rf"{_YEAR}{_OPTIONAL_ZONE}"),
    "gYearMonth": (G_YEAR_MONTH, rf"{_YEAR}-{_MONTH}{_OPTIONAL_ZONE}"),
    "gMonth": (G_MONTH, rf"--{_MONTH}{_OPTIONAL_ZONE}"),
    "gDay": (G_DAY, rf"---{_DAY}{_OPTIONAL_ZONE}"),
    "gMonthDay": (G_MONTH_DAY, rf"--{_MONTH}-{_DAY}{_OPTIONAL_ZONE}"),
}

_DURATIONS: Final[dict[str, str]] = {
    "duration": rf"-?P(?=[0-9T]){_DURATION_MONTHS}{_DURATION_DAYS}{_DURATION_CLOCK}",
    "yearMonthDuration": rf"-?P(?=[0-9]){_DURATION_MONTHS}",
    "dayTimeDuration": rf"-?P(?=[0-9T]){_DURATION_DAYS}{_DURATION_CLOCK}",
}


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """Compiled when first asked for: a run meets a few of them, and all take some 40 ms."""
    return re.compile(pattern)


def days_in_month(year: int, month: int) -> int:
    """Proleptic Gregorian; year 0 exists (XSD 1.1)."""
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31


def days_from_epoch(year: int, month: int, day: int) -> int:
    """Days since 1970-01-01 for any year, also beyond what datetime can hold."""
    cycles, year_of_cycle = divmod(year - 2000, 400)
    return date(2000 + year_of_cycle, month, day).toordinal() - 719_163 + cycles * 146_097


def _zone_seconds(zone: str | None) -> int:
    if zone is None or zone == "Z":
        return 0
    seconds = int(zone[1:3]) * 3600 + int(zone[4:6]) * 60
    return -seconds if zone[0] == "-" else seconds


def _time_value(name: str, lexical: str) -> Value | None:
    order, pattern = _TIMES[name]
    match = _compiled(pattern).fullmatch(lexical)
    if match is None:
        return None
    if len(lexical) > _LONGEST_TIME:
        return Value(NOT_ORDERED, lexical)
    parts = match.groupdict()
    # Missing parts are filled as XSD 1.1 part 2, section 3.3 (timeOnTimeline) does.
    year = int(parts.get("year") or 1972)
    month = int(parts.get("month") or (12 if order in (TIME, G_DAY) else 1))
    day = int(parts.get("day") or (31 if order == TIME else 1))
    if parts.get("day") and day > days_in_month(1972 if order == G_MONTH_DAY else year, month):
        return None
    seconds = Fraction(days_from_epoch(year, month, day) * SECONDS_A_DAY)
    if parts.get("midnight"):
        # 24:00:00 is the first instant of the next day; an xsd:time has no next day.
        seconds += 0 if order == TIME else SECONDS_A_DAY
    elif parts.get("hour"):
        clock = int(parts["hour"]) * 3600 + int(parts["minute"]) * 60
        seconds += clock + Fraction(parts["second"])
    zone = parts["zone"]
    return Value(order, seconds - _zone_seconds(zone), 0 if zone is None else 1)


def _duration_value(name: str, lexical: str) -> Value | None:
    match = _compiled(_DURATIONS[name]).fullmatch(lexical)
    if match is None:
        return None
    if len(lexical) > _LONGEST_TIME:
        return Value(NOT_ORDERED, lexical)
    parts = {key: Fraction(text) for key, text in match.groupdict("0").items()}
    months = parts.get("years", Fraction(0)) * 12 + parts.get("months", Fraction(0))
    seconds = (
        parts.get("days", Fraction(0)) * SECONDS_A_DAY
        + parts.get("hours", Fraction(0)) * 3600
        + parts.get("minutes", Fraction(0)) * 60
        + parts.get("seconds", Fraction(0))
    )
    if lexical[0] == "-":
        months, seconds = -months, -seconds
    return Value(DURATION, months, 0, seconds)


def _floating_value(lexical: str, rank: int) -> Value | None:
    if _compiled(_DOUBLE).fullmatch(lexical) is None:
        return None
    if lexical == "NaN" or lexical.endswith("INF"):
        return Value(NUMBER, float(lexical), rank)
    if rank == DOUBLE:
        return Value(NUMBER, float(lexical), rank)
    return Value(NUMBER, round_to_float32(lexical), rank)


def round_to_float32(number: str | Decimal) -> float:
    """Nearest xsd:float, ties to even, rounded once: going through float64 may round twice."""
    with np.errstate(over="ignore"):
        double = np.float64(number)
        single = np.float32(double)
        if np.isinf(single) or single == double:
            return float(single)
        other = np.nextafter(single, np.float32(np.inf if double > single else -np.inf))
        if double - np.float64(single) == np.float64(other) - double:
            # float64 landed midway between two floats: the digits it lost decide.
            exact, midway = Decimal(number), Decimal(float(double))
            if exact != midway:
                upper, lower = max(single, other), min(single, other)
                return float(upper if exact > midway else lower)
        return float(single)


def _integer_value(name: str, lexical: str) -> Value | None:
    if _compiled(_INTEGER).fullmatch(lexical) is None:
        return None
    number = Decimal(lexical)
    low, high = INTEGER_RANGES[name]
    if (low is not None and number < low) or (high is not None and number > high):
        return None
    return Value(NUMBER, number, INTEGER)


def _decimal_value(_name: str, lexical: str) -> Value | None:
    if _compiled(_DECIMAL).fullmatch(lexical) is None:
        return None
    return Value(NUMBER, Decimal(lexical), DECIMAL)


def _boolean_value(_name: str, lexical: str) -> Value | None:
    number = {"true": 1, "1": 1, "false": 0, "0": 0}.get(lexical)
    return None if number is None else Value(BOOLEAN, Fraction(number))


def _string_value(name: str, lexical: str) -> Value | None:
    return Value(STRING, lexical) if _compiled(_STRINGS[name]).fullmatch(lexical) else None


def _plain_value(name: str, lexical: str) -> Value | None:
    return Value(NOT_ORDERED, lexical) if _compiled(_PLAIN[name]).fullmatch(lexical) else None


_READERS: Final[dict[str, Callable[[str, str], Value | None]]] = {
    XSD + name: reader
    for reader, names in (
        (_integer_value, INTEGER_RANGES),
        (_decimal_value, ("decimal",)),
        (lambda _name, lexical: _floating_value(lexical, FLOAT), ("float",)),
        (lambda _name, lexical: _floating_value(lexical, DOUBLE), ("double",)),
        (_boolean_value, ("boolean",)),
        (_string_value, _STRINGS),
        (_plain_value, _PLAIN),
        (_time_value, _TIMES),
        (_duration_value, _DURATIONS),
    )
    for name in names
}


def read_value(datatype: str, lexical: str) -> Value | None:
    """The value of a literal without language tag; None when it is ill-typed.

    Datatypes that are not recognised, and xsd:anyURI, accept every lexical form.
    """
    if datatype == RDF + "langString":
        return None
    reader = _READERS.get(datatype)
    if reader is None:
        return Value(NOT_ORDERED, lexical)
    return reader(datatype.removeprefix(XSD), lexical)


def is_recognised(datatype: str) -> bool:
    """Whether some lexical forms of the datatype are ill-typed, or its values have an order."""
    return datatype in _READERS
