# ruff: noqa: DTZ001 (moments without timezone are what is tested)
"""Well-formedness and order against a plain reading of XSD with Decimal, datetime and ctypes."""

import ctypes
import math
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import product

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode

from aims_graph.columns import TermDictionary
from aims_graph.vocabulary import XSD


def literal(text, datatype):
    return Literal(text, datatype=NamedNode(XSD + datatype))


def compare(pairs):
    """Orders of pairs of (text, datatype), by the columns."""
    terms = TermDictionary()
    sides = [[terms.add(literal(*side)) for side in sides] for sides in zip(*pairs, strict=True)]
    return terms.compare(*(np.array(side, np.int32) for side in sides)).tolist()


# Numbers

digits = st.text("0123456789", max_size=4) | st.text("0123456789", min_size=14, max_size=24)
signs = st.sampled_from(["", "-", "+"])
decimals = st.builds(
    lambda sign, whole, dot, part: sign + whole + dot + part,
    signs,
    digits,
    st.sampled_from(["", "."]),
    digits,
)
exponents = st.sampled_from(["", "e0", "E5", "e-3", "e+20", "e-45", "e38", "e308", "e-320", "e999"])
numbers = st.one_of(
    st.tuples(st.builds(lambda s, d: s + d, signs, digits), st.sampled_from(["integer", "long"])),
    st.tuples(decimals, st.just("decimal")),
    st.tuples(
        st.builds(lambda d, e: d + e, decimals, exponents)
        | st.sampled_from(["NaN", "INF", "-INF", "-0", "16777217", "0.1", "16777217.0000000001"]),
        st.sampled_from(["float", "double"]),
    ),
)
RANKS = {"integer": 0, "long": 0, "decimal": 1, "float": 2, "double": 3}


def read_number(text, datatype):
    """Decimal or float; None when ill-typed."""
    if datatype in ("integer", "long"):
        if not re.fullmatch("[+-]?[0-9]+", text):
            return None
        number = Decimal(text)
        return None if datatype == "long" and not -(2**63) <= number < 2**63 else number
    if datatype == "decimal":
        return Decimal(text) if re.fullmatch(r"[+-]?(\d+(\.\d*)?|\.\d+)", text) else None
    if text in ("NaN", "INF", "-INF"):
        return float(text)
    if not re.fullmatch(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", text):
        return None
    return float(text) if datatype == "double" else nearest_float(Decimal(text))


def nearest_float(number):
    """By trying the neighbours: the float32 at the least distance, ties to the even one."""
    if abs(number) >= Decimal(2) ** 128 - Decimal(2) ** 103:
        return float("inf") if number > 0 else float("-inf")
    middle = ctypes.c_float(float(number)).value
    if middle in (float("inf"), float("-inf")):
        middle = float(np.copysign(np.finfo(np.float32).max, middle))
    around = [np.nextafter(np.float32(middle), np.float32(side)) for side in (-np.inf, np.inf)]
    candidates = [float(x) for x in (*around, np.float32(middle)) if np.isfinite(x)]

    def distance(x):
        return abs(exactly(x) - exactly_decimal(number))

    def odd(x):
        return int(np.float32(x).view(np.int32)) & 1

    return min(candidates, key=lambda x: (distance(x), odd(x)))


def exactly(x):
    from fractions import Fraction

    return Fraction(x)


exactly_decimal = exactly


def order_numbers(left, right):
    a, b = read_number(*left), read_number(*right)
    if a is None or b is None:
        return 2
    rank = max(RANKS[left[1]], RANKS[right[1]])
    if rank == 3:
        a, b = float(a), float(b)
    elif rank == 2:
        a, b = (x if isinstance(x, float) else nearest_float(x) for x in (a, b))
    if isinstance(a, float) and (math.isnan(a) or math.isnan(b)):
        return 2
    return (a > b) - (a < b)


@settings(max_examples=300)
@given(st.lists(st.tuples(numbers, numbers), min_size=1, max_size=20))
@example([(("9007199254740993", "integer"), ("9007199254740992", "integer"))])
@example([(("9007199254740993", "integer"), ("9007199254740992", "double"))])
@example([(("0.1", "decimal"), ("0.1000000000000000055511151231257827", "decimal"))])
@example([(("16777217", "integer"), ("16777216", "float"))])
@example([(("16777217.0000000001", "decimal"), ("16777218", "float"))])
@example([(("-0", "double"), ("0", "integer"))])
def test_numbers_are_ordered_in_the_wider_type_of_the_two(pairs):
    assert compare(pairs) == [order_numbers(*pair) for pair in pairs]


@settings(max_examples=300)
@given(st.lists(numbers, min_size=1, max_size=20))
def test_numbers_are_well_formed_when_the_lexical_space_has_them(forms):
    terms = TermDictionary()
    ids = [terms.add(literal(*form)) for form in forms]
    assert terms.well_formed[ids].tolist() == [read_number(*form) is not None for form in forms]


def test_a_number_of_a_million_digits_is_compared_exactly():
    long = "1" * 1_000_000
    assert compare([((long, "integer"), (long + ".5", "decimal"))]) == [-1]


# Dates and times

zones = st.sampled_from(["", "Z", "+00:00", "-05:00", "+14:00", "-14:00", "+05:30", "+14:01"])
times = st.one_of(
    st.tuples(
        st.builds(
            lambda day, fraction, zone: f"{day:%Y-%m-%dT%H:%M:%S}".zfill(19) + fraction + zone,
            st.datetimes(datetime(2023, 12, 30), datetime(2024, 3, 2)),
            st.sampled_from(["", ".5", ".25", ".123456", ".1234567", ".12345670"]),
            zones,
        ),
        st.just("dateTime"),
    ),
    st.tuples(
        st.builds(
            lambda day, zone: f"{day:%Y-%m-%d}" + zone,
            st.datetimes(datetime(2024, 2, 27), datetime(2024, 3, 2)),
            zones,
        ),
        st.just("date"),
    ),
)
SPAN = timedelta(hours=14)


def read_time(text, datatype):
    """(microseconds and the rest as Decimal, has a timezone), None when ill-typed."""
    match = re.fullmatch(r"(.{10})(?:T(\d\d):(\d\d):(\d\d)(\.\d+)?)?(Z|[+-]\d\d:\d\d)?", text)
    day, hour, minute, second, fraction, zone = match.groups()
    moment = datetime.fromisoformat(day) + timedelta(
        hours=int(hour or 0), minutes=int(minute or 0), seconds=int(second or 0)
    )
    seconds = Decimal(int((moment - datetime(1970, 1, 1)).total_seconds()))
    if zone and zone != "Z":
        shift = int(zone[1:3]) * 60 + int(zone[4:])
        if shift > 14 * 60:
            return None
        seconds -= shift * 60 * (1 if zone[0] == "+" else -1)
    return seconds + Decimal(fraction or 0), zone is not None


def order_times(left, right):
    a, b = read_time(*left), read_time(*right)
    if a is None or b is None or left[1] != right[1]:
        return 2
    if a[1] != b[1]:
        # Try both ends of where the one without timezone may lie.
        ends = (-14 * 3600, 14 * 3600)
        orders = {
            (x > y) - (x < y)
            for shift in ends
            for x, y in [(a[0] + (0 if a[1] else shift), b[0] + (0 if b[1] else shift))]
        }
        return orders.pop() if len(orders) == 1 and orders != {0} else 2
    return (a[0] > b[0]) - (a[0] < b[0])


@settings(max_examples=300)
@given(st.lists(st.tuples(times, times), min_size=1, max_size=20))
def test_times_are_ordered_on_the_timeline_and_left_open_within_14_hours(pairs):
    assert compare(pairs) == [order_times(*pair) for pair in pairs]


@pytest.mark.parametrize(
    ("left", "right", "order"),
    [
        ("2024-01-01T12:00:00", "2024-01-01T12:00:00Z", 2),
        ("2024-01-01T12:00:00", "2024-01-02T02:00:00Z", 2),
        ("2024-01-01T12:00:00", "2024-01-02T02:00:00.000001Z", -1),
        ("2024-01-01T12:00:00", "2024-01-02T02:00:00.0000001Z", -1),
        ("2024-01-01T24:00:00Z", "2024-01-02T00:00:00Z", 0),
        ("12345-01-01T00:00:00Z", "2024-01-01T00:00:00Z", 1),
        ("-0001-01-01T00:00:00Z", "0000-01-01T00:00:00Z", -1),
        ("99999999-01-01T00:00:00Z", "99999998-01-01T00:00:00Z", 1),
        ("2024-01-01T00:00:00.1234561Z", "2024-01-01T00:00:00.1234562Z", -1),
        ("2024-01-01T00:00:00-05:00", "2024-01-01T05:00:00Z", 0),
    ],
)
def test_instants(left, right, order):
    assert compare([((left, "dateTime"), (right, "dateTime"))]) == [order]
    reverse = order if order == 2 else -order
    assert compare([((right, "dateTime"), (left, "dateTime"))]) == [reverse]


@pytest.mark.parametrize(
    ("left", "right", "order"),
    [
        (("P1Y", "yearMonthDuration"), ("P12M", "duration"), 0),
        (("P1M", "duration"), ("P30D", "duration"), 2),
        (("P1M", "duration"), ("P32D", "duration"), -1),
        (("PT24H", "dayTimeDuration"), ("P1D", "duration"), 0),
        (("-P1D", "duration"), ("PT0S", "duration"), -1),
        (("2024", "gYear"), ("2025", "gYear"), -1),
        (("--02-29", "gMonthDay"), ("--03-01", "gMonthDay"), -1),
        (("10:00:00", "time"), ("09:59:59.9", "time"), 1),
        (("24:00:00", "time"), ("00:00:00", "time"), 0),
        (("true", "boolean"), ("0", "boolean"), 1),
        (("1", "boolean"), ("true", "boolean"), 0),
        (("2024-01-01", "date"), ("2024-01-01T00:00:00", "dateTime"), 2),
        (("1", "integer"), ("1", "string"), 2),
        (("a", "string"), ("a", "token"), 0),
        (("x", "anyURI"), ("x", "anyURI"), 2),
    ],
)
def test_other_types(left, right, order):
    assert compare([(left, right)]) == [order]


strings = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@given(st.lists(st.tuples(strings, strings), min_size=1, max_size=20))
@example([("x" * 600 + "a", "x" * 600 + "b"), ("x" * 600, "x" * 600), ("￿", "\U00010000")])
def test_strings_are_ordered_by_code_point(pairs):
    expected = [([*a] > [*b]) - ([*a] < [*b]) for a, b in pairs]
    assert compare([((a, "string"), (b, "string")) for a, b in pairs]) == expected


def test_tagged_strings_and_iris_have_no_order():
    terms = TermDictionary()
    ids = [terms.add(Literal("a", language="en")), terms.add(NamedNode("urn:x:a"))]
    for left, right in product(ids, ids):
        assert terms.compare(np.array([left]), np.array([right])).tolist() == [2]


# Lexical spaces

GOOD = {
    "byte": ["-128", "127", "+5", "007"],
    "unsignedByte": ["0", "255", "-0"],
    "unsignedLong": ["18446744073709551615"],
    "nonPositiveInteger": ["0", "-5"],
    "positiveInteger": ["1"],
    "decimal": ["1.", ".5", "-0.0"],
    "double": ["1e5", "INF", "+INF", "NaN", "1.E-3"],
    "boolean": ["true", "0"],
    "date": ["2024-02-29", "-0044-03-15", "2024-01-01Z", "0000-01-01", "12024-01-01-14:00"],
    "time": ["00:00:00", "23:59:59.999+01:00", "24:00:00.0"],
    "dateTime": ["2024-02-29T24:00:00", "2000-02-29T23:59:59.123456789Z"],
    "dateTimeStamp": ["2024-01-01T00:00:00Z", "2024-01-01T00:00:00.5-14:00"],
    "gYear": ["2024", "-2024Z", "12345"],
    "gYearMonth": ["2024-12"],
    "gMonth": ["--12", "--01Z"],
    "gDay": ["---31"],
    "gMonthDay": ["--02-29"],
    "duration": ["P1Y2M3DT4H5M6.7S", "-PT0S", "P0D"],
    "yearMonthDuration": ["P1Y", "-P2M"],
    "dayTimeDuration": ["P1DT2H", "PT1.5S"],
    "hexBinary": ["", "0aFF"],
    "base64Binary": ["", "TQ==", "TWE=", "T W F u", "TWFuTWFu"],
    "anyURI": ["", "no uri at all {}"],
    "language": ["en", "x-klingon-12345678"],
    "normalizedString": ["a  b", " "],
    "token": ["", "a b"],
    "NMTOKEN": ["1a:-."],
    "Name": ["_a1", ":x"],
    "NCName": ["é-1"],
    "string": ["", "\n"],
}
BAD = {
    "byte": ["128", "-129", "1.0", "", " 1", "1 "],
    "unsignedByte": ["-1", "256"],
    "unsignedLong": ["18446744073709551616"],
    "nonPositiveInteger": ["1"],
    "positiveInteger": ["0", "-1"],
    "integer": ["1e3", "--1", "+", "½", "٣", "1\n"],
    "decimal": [".", "1e5", "INF", "+", "1.2.3"],
    "double": ["1e", "e5", "inf", "nan", "1e5.0", "1e+", "--1", "1e5e5", "0x1"],
    "boolean": ["TRUE", "yes", ""],
    "date": ["2023-02-29", "2024-13-01", "24-01-01", "02024-01-01", "2024-01-01+14:01", "2024-1-1"],
    "time": ["24:00:01", "12:60:00", "12:00", "12:00:60"],
    "dateTime": [
        "abc",
        "2024-01-01",
        "2024-01-01 00:00:00",
        "2024-01-01T00:00:00.",
        "2024-04-31T00:00:00",
    ],
    "dateTimeStamp": ["2024-01-01T00:00:00"],
    "gYear": ["24", "+2024"],
    "gMonth": ["--13", "--1"],
    "gDay": ["---32"],
    "gMonthDay": ["--02-30"],
    "duration": ["P", "PT", "P1YT", "1Y", "P-1Y", "P1S"],
    "yearMonthDuration": ["P1D"],
    "dayTimeDuration": ["P1Y", "P1DT"],
    "hexBinary": ["0", "0g"],
    "base64Binary": ["TQ", "TQ=", "TR==", "!!!!"],
    "language": ["", "toolonglanguage", "en_US"],
    "normalizedString": ["a\tb"],
    "token": [" a", "a  b"],
    "NMTOKEN": ["", "a b"],
    "Name": ["1a"],
    "NCName": ["a:b"],
}


@pytest.mark.parametrize("datatype", sorted(GOOD | BAD))
def test_the_lexical_space_of(datatype):
    for forms, expected in ((GOOD, True), (BAD, False)):
        terms = TermDictionary()
        ids = [terms.add(literal(text, datatype)) for text in forms.get(datatype, [])]
        found = dict(zip(forms.get(datatype, []), terms.well_formed[ids].tolist(), strict=True))
        assert found == dict.fromkeys(forms.get(datatype, []), expected)


def test_the_timezone_type_is_not_part_of_the_tests_arithmetic():
    """read_time above agrees with datetime where that can read the form at all."""
    text = "2024-03-01T12:00:00.5+05:30"
    moment = datetime.fromisoformat(text).astimezone(UTC)
    seconds, zoned = read_time(text, "dateTime")
    assert zoned
    assert seconds == Decimal(str(moment.timestamp()))
