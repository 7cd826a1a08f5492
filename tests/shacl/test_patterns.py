"""sh:pattern follows SPARQL REGEX and ends in bounded time."""

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, Store

from aims_graph.errors import InputError
from aims_graph.shacl import patterns
from aims_graph.shacl.patterns import compile_pattern


def matches(pattern, string, flags=""):
    compiled = compile_pattern(pattern, flags)
    (many,) = compiled.matches(pa.array([string], pa.large_string()))
    (few,) = compiled.matches_few([string])
    assert many == few
    return bool(many)


@pytest.mark.parametrize(
    ("pattern", "flags", "yes", "no"),
    [
        ("^abc$", "", "abc", "abc\n"),
        ("b", "", "abc", "aBc"),
        ("b", "i", "aBc", "ac"),
        ("^é$", "i", "É", "e"),
        ("a.c", "", "abc", "a\nc"),
        ("a.c", "s", "a\nc", "ac"),
        ("^b", "m", "a\nb", "ab"),
        ("a$", "m", "a\nb", "ab"),
        (" a b ", "x", "ab", "a b"),
        ("[ ]a", "x", " a", "a"),
        ("a.b", "q", "a.b", "axb"),
        ("[", "q", "a[b", "ab"),
        (r"^\d+$", "", "٣", "x"),
        (r"^\w+$", "", "naïve_1", "a b"),
        (r"^[\w-]+$", "", "a-b_c", "a.b"),
        (r"^\s$", "", "\t", "\u00a0"),
        (r"\S", "", "\u00a0", " \t\n\r"),
        (r"^a\sb$", "", "a\nb", "a b\n"),
        (r"^\i\c*$", "", "a-1.b", "1a"),
        (r"^\p{Lu}+$", "", "ÄB", "äb"),
        (r"^\P{L}$", "", "1", "a"),
        ("^[a-z-[aeiou]]+$", "", "xyz", "xaz"),
        ("^[^a-z-[aeiou]]+$", "", "123", "abc"),
        (r"^(a|b)\1$", "", "aa", "ab"),
        (r"^\p{IsGreek}+$", "", "αβγ", "abc"),
        ("^(?:ab){2}?$", "", "abab", "ab"),
        ("", "", "", None),
    ],
)
def test_a_pattern_means_what_xpath_says(pattern, flags, yes, no):
    assert matches(pattern, yes, flags)
    if no is not None:
        assert not matches(pattern, no, flags)


simple = st.lists(
    st.sampled_from(
        [
            "a",
            "b",
            r"\s",
            r"\S",
            ".",
            "a*",
            "b?",
            "[ab]",
            "[^a]",
            "(a|b)",
            r"\d",
            "^",
            "$",
            "a{2}",
            r"\.",
        ]
    ),
    min_size=1,
    max_size=5,
)


@given(
    simple.map("".join), st.text("ab1. \né", max_size=6), st.sampled_from(["", "i", "s", "m", "im"])
)
def test_simple_patterns_agree_with_oxigraph(pattern, string, flags):
    query = f"ASK {{ FILTER(REGEX({Literal(string)}, {Literal(pattern)}, {Literal(flags)})) }}"
    assert matches(pattern, string, flags) == bool(Store().query(query))


def test_a_pattern_that_explodes_elsewhere_is_matched_in_linear_time():
    assert not matches("^(a+)+$", "a" * 200_000 + "b")


def test_a_backtracking_pattern_is_stopped(monkeypatch):
    monkeypatch.setattr(patterns, "SECONDS", 0.2)
    with pytest.raises(InputError, match=r"needs more than 0\.2 s"):
        matches(r"^(a|aa)+\1c$", "a" * 60)


@pytest.mark.parametrize("pattern", ["(", "[a", "a**", r"\p{Nonsense}", "(?<x", "*"])
def test_what_is_no_regular_expression_is_refused(pattern):
    with pytest.raises(ValueError, match="not a valid regular expression"):
        compile_pattern(pattern, "")
