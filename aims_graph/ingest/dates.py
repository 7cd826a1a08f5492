"""Dates as tables hold them. Only the declared forms are read: 01/02/2024 is two different days."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import pyoxigraph as ox

from aims_graph.vocabulary import XSD

_MONTHS: Final = {
    name: number
    for number, names in enumerate(
        [
            "january",
            "february",
            "march",
            "april",
            "may",
            "june",
            "july",
            "august",
            "september",
            "october",
            "november",
            "december",
        ],
        start=1,
    )
    for name in (names, names[:3], *(("sept",) if names == "september" else ()))
}
_TIME: Final = (
    r"(?:(?:[T ]|, )\s*(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:\.\d+)?)?"
    r"\s*(?P<half>[AaPp][Mm])?(?P<zone>Z|[+-]\d\d:?\d\d)?)?"
)
_YEAR: Final = r"(?P<year>\d{4}|\d\d)"
_NAME: Final = r"(?P<name>[A-Za-z]{3,9})\.?"

#: Name in a mapping file -> what it matches.
FORMS: Final[dict[str, re.Pattern[str]]] = {
    name: re.compile(pattern)
    for name, pattern in {
        "iso": rf"(?P<year>\d{{4}})-(?P<month>\d\d)-(?P<day>\d\d){_TIME}",
        "month-day-year": rf"(?P<month>\d{{1,2}})(?P<s>[/.-])(?P<day>\d{{1,2}})(?P=s){_YEAR}{_TIME}",
        "day-month-year": rf"(?P<day>\d{{1,2}})(?P<s>[/.-])(?P<month>\d{{1,2}})(?P=s){_YEAR}{_TIME}",
        "day-name-year": rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[ -]{_NAME}[ -],?\s*{_YEAR}",
        "name-day-year": rf"{_NAME} (?P<day>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<year>\d{{4}})",
        "name-year": rf"{_NAME}[ -]{_YEAR}",
        "month-year": r"(?P<month>\d{1,2})[/-](?P<year>\d{4})",
        "year-month": r"(?P<year>\d{4})[-/](?P<month>\d\d)",
        "quarter": r"(?:[Qq](?P<quarter>[1-4])[ -/]?(?P<year>\d{4})|(?P<year2>\d{4})[ -/]?[Qq](?P<quarter2>[1-4]))",
        "year": r"(?P<year>\d{4})",
        "excel-serial": r"(?P<serial>\d{5})(?:\.0+)?",
    }.items()
}
PARTIAL: Final = ("first-day", "keep", "report")


@dataclass(frozen=True, slots=True)
class DateRule:
    """``partial``: what a month or year without a day becomes: its first day, xsd:gYearMonth or
    xsd:gYear (a quarter becomes its year), or a report.
    """

    forms: tuple[str, ...] = ("iso",)
    partial: str = "report"


@dataclass(frozen=True, slots=True)
class ReadDate:
    """``note`` says what the value does not keep of the text."""

    literal: ox.Literal
    note: str | None = None


def read_date(text: str, rule: DateRule, *, with_time: bool = False) -> ReadDate | str:
    """The date, or in words why there is none. ``with_time`` gives xsd:dateTime."""
    for form in rule.forms:
        match = FORMS[form].fullmatch(text)
        if match is not None:
            return _assemble({k: v for k, v in match.groupdict().items() if v}, rule, with_time)
    return f"no date in the declared forms ({', '.join(rule.forms)})"


def _assemble(found: dict[str, str], rule: DateRule, with_time: bool) -> ReadDate | str:
    if "serial" in found:
        day = date(1899, 12, 30) + timedelta(days=int(found["serial"]))
        return ReadDate(_literal(day.isoformat(), "date"))
    year_text = found.get("year") or found["year2"]
    year = int(year_text)
    if len(year_text) == 2:  # as POSIX reads two digits
        year += 1900 if year >= 69 else 2000
    quarter = found.get("quarter") or found.get("quarter2")
    month = _month(found)
    if month is None or not 1 <= month <= 12:
        return "no such month"
    if "day" not in found:
        return _part(rule, year, month, "month" in found or "name" in found, quarter)
    try:
        day = date(year, month, int(found["day"]))
    except ValueError:
        return "no such day"
    if "hour" not in found:
        return "no time of day" if with_time else ReadDate(_literal(day.isoformat(), "date"))
    clock = _clock(found)
    if clock is None:
        return "no such time of day"
    if with_time:
        zone = re.sub(r"^([+-]\d\d)(\d\d)$", r"\1:\2", found.get("zone", ""))
        return ReadDate(_literal(f"{day.isoformat()}T{clock}{zone}", "dateTime"))
    note = None if clock == "00:00:00" else "the time of day is left out"
    return ReadDate(_literal(day.isoformat(), "date"), note)


def _month(found: dict[str, str]) -> int | None:
    if "name" in found:
        return _MONTHS.get(found["name"].lower())
    quarter = found.get("quarter") or found.get("quarter2")
    if quarter is not None:
        return 3 * int(quarter) - 2
    return int(found.get("month", "1"))


def _part(
    rule: DateRule, year: int, month: int, has_month: bool, quarter: str | None
) -> ReadDate | str:
    what = "quarter" if quarter else "month" if has_month else "year"
    if year == 0:
        return "no such year"
    if rule.partial == "report":
        return f"a {what} without a day"
    if rule.partial == "first-day":
        return ReadDate(
            _literal(f"{year:04}-{month:02}-01", "date"), f"a {what}, taken as its first day"
        )
    if has_month:
        return ReadDate(_literal(f"{year:04}-{month:02}", "gYearMonth"))
    note = "a quarter, kept as its year" if quarter else None
    return ReadDate(_literal(f"{year:04}", "gYear"), note)


def _clock(found: dict[str, str]) -> str | None:
    """hh:mm:ss, or None when no clock shows that."""
    hour, minute, second = (int(found.get(part, "0")) for part in ("hour", "minute", "second"))
    half = found.get("half", "").lower()
    if half and 1 <= hour <= 12:
        hour = hour % 12 + (12 if half == "pm" else 0)
    if hour > 23 or minute > 59 or second > 59:
        return None
    return f"{hour:02}:{minute:02}:{second:02}"


def _literal(text: str, datatype: str) -> ox.Literal:
    return ox.Literal(text, datatype=ox.NamedNode(XSD + datatype))
