"""Dates in the forms that a mapping declares, and in no other."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aims_graph.ingest.dates import DateRule, ReadDate, read_date

US = ("iso", "month-day-year", "month-year", "name-year", "year", "quarter", "name-day-year")


def lexical(text, *forms, partial="first-day", with_time=False):
    found = read_date(text, DateRule(forms or US, partial), with_time=with_time)
    return found.literal.value if isinstance(found, ReadDate) else None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-10-01", "2024-10-01"),
        ("2024-10-01 00:00:00", "2024-10-01"),
        ("01/2024", "2024-01-01"),
        ("Jul-25", "2025-07-01"),
        ("Jan-03", "2003-01-01"),
        ("July 2025", "2025-07-01"),
        ("01/01/2026 00:00:00", "2026-01-01"),
        ("09/24/2024 12:00:00 AM", "2024-09-24"),
        ("9/1/2019 0:00", "2019-09-01"),
        ("1/30/26", "2026-01-30"),
        ("2020", "2020-01-01"),
        ("Q3 2024", "2024-07-01"),
        ("2024-Q4", "2024-10-01"),
        ("March 4th, 2024", "2024-03-04"),
    ],
)
def test_the_forms_of_a_real_inventory_are_read(text, expected):
    assert lexical(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "FY25",
        "soon",
        "2024-02-30",
        "13/2024",
        "Foo-25",
        "31/12/2024",
        "0000",
        "2024-01-01 25:00:00",
    ],
)
def test_what_is_no_date_is_none(text):
    assert lexical(text) is None


def test_only_declared_forms_are_read():
    assert lexical("01/02/2024", "iso") is None
    assert lexical("01/02/2024", "month-day-year") == "2024-01-02"
    assert lexical("01/02/2024", "day-month-year") == "2024-02-01"
    assert lexical("45292", "excel-serial") == "2024-01-01"


def test_a_month_may_stay_a_month():
    found = read_date("01/2024", DateRule(US, "keep"))
    assert isinstance(found, ReadDate)
    assert str(found.literal).endswith('"2024-01"^^<http://www.w3.org/2001/XMLSchema#gYearMonth>')
    assert found.note is None
    assert lexical("2024", partial="keep") == "2024"
    assert read_date("Q3 2024", DateRule(US, "keep")).note == "a quarter, kept as its year"


def test_a_month_taken_as_its_first_day_says_so():
    assert "first day" in read_date("01/2024", DateRule(US, "first-day")).note
    assert read_date("01/2024", DateRule(US, "report")) == "a month without a day"


def test_a_time_of_day_is_kept_or_its_loss_noted():
    rule = DateRule(US)
    assert read_date("2024-10-01 08:30:00", rule).note == "the time of day is left out"
    assert lexical("2024-10-01T08:30:00+0200", with_time=True) == "2024-10-01T08:30:00+02:00"
    assert lexical("10/1/2024 8:30 PM", with_time=True) == "2024-10-01T20:30:00"
    assert read_date("2024-10-01", rule, with_time=True) == "no time of day"


@given(st.dates())
def test_every_iso_date_is_read_as_itself(day):
    assert lexical(day.isoformat(), "iso") == day.isoformat()


@given(st.dates())
def test_every_american_date_is_read_as_its_day(day):
    text = f"{day.month}/{day.day}/{day.year:04}"
    assert lexical(text, "month-day-year") == day.isoformat()


@given(st.text(max_size=20))
def test_no_text_is_too_strange(text):
    read_date(text, DateRule(US))
    read_date(text, DateRule(("iso", "quarter")), with_time=True)
