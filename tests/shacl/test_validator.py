"""After any change the report kept up to date is the report of a fresh validation."""

import copy
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import RdfFormat, parse
from shacl_strategies import data_graphs, shapes_graphs, triples

from aims_graph.columns import Columns
from aims_graph.shacl import Validator, compile_shapes

changes = st.lists(
    st.tuples(st.lists(triples(), max_size=3), st.lists(st.integers(0, 200), max_size=4)),
    min_size=5,
    max_size=20,
)


def as_counter(results):
    return Counter(
        (
            r.focus,
            str(r.path),
            r.component,
            r.value,
            r.severity,
            r.shape,
            r.messages,
            as_key(r.details),
        )
        for r in results
    )


def as_key(details):
    return frozenset(as_counter(details).items())


def focus_nodes(report):
    return {shape: frozenset(nodes) for shape, nodes in report.focus_nodes.items()}


@settings(max_examples=250, deadline=None)
@given(data_graphs(), shapes_graphs(leave_out=()), changes)
def test_after_every_change_the_report_equals_a_full_validation(data, shapes, changes):
    plan = compile_shapes(Columns.from_triples(shapes))
    validator = Validator(plan, Columns.from_triples(data))
    for added, positions in changes:
        present = list(validator.data.triples())
        removed = [present[position % len(present)] for position in positions if present]
        before = as_counter(validator.report.results)
        foreseen = validator.what_if(added, removed)
        assert as_counter(validator.report.results) == before
        earlier = copy.copy(validator)
        appeared, gone = validator.apply(added, removed)
        assert (appeared, gone) == foreseen

        now = as_counter(validator.report.results)
        full = Validator(plan, Columns.from_triples(validator.data.triples())).report
        assert now == as_counter(full.results)
        assert focus_nodes(validator.report) == focus_nodes(full)
        appeared, gone = as_counter(appeared), as_counter(gone)
        same_row = {key[:-1] for key in (before - now) + (now - before)}
        assert Counter(without_details(now)) == without_details(before) + without_details(
            appeared
        ) - without_details(gone)
        assert same_row >= {key[:-1] for key in appeared | gone}
        if validator.says_as(earlier):
            assert without_details(now) == without_details(before)
            assert focus_nodes(validator.report) == focus_nodes(earlier.report)


def without_details(counter):
    rows = Counter()
    for key, number in counter.items():
        rows[key[:-1]] += number
    return rows


SHAPES = """
PREFIX sh: <http://www.w3.org/ns/shacl#> PREFIX ex: <http://example.org/>
ex:Shape a sh:NodeShape ; sh:targetClass ex:Thing ;
  sh:property [ sh:path ex:name ; sh:maxLength 3 ] ; sh:property [ sh:path ex:owner ; sh:minCount 1 ] .
"""
DATA = """
PREFIX ex: <http://example.org/>
ex:a a ex:Thing ; ex:name "long name", "x" . ex:b a ex:Thing ; ex:owner ex:c .
"""


@pytest.mark.parametrize(
    ("added", "removed", "same"),
    [
        ('ex:a ex:name "y"', 'ex:a ex:name "x"', True),  # judged again, with the same result
        ('ex:b ex:note "y"', "", True),
        ("ex:b ex:owner ex:d", "ex:b ex:owner ex:c", True),
        ("ex:a ex:owner ex:d", "", False),
        ('ex:a ex:name "longer name"', 'ex:a ex:name "long name"', False),
        ("ex:c a ex:Thing ; ex:owner ex:c", "", False),  # one node more that was judged
    ],
)
def test_a_report_says_the_same_when_nothing_is_found_or_judged_otherwise(added, removed, same):
    def read(text):
        prefixes = "PREFIX ex: <http://example.org/> "
        return [q.triple for q in parse(prefixes + text, format=RdfFormat.TURTLE)]

    shapes = Columns.from_triples(read(SHAPES))
    validator = Validator(compile_shapes(shapes), Columns.from_triples(read(DATA)))
    earlier = copy.copy(validator)
    validator.apply(read(added + " ."), read(removed + " ." if removed else ""))
    assert validator.says_as(earlier) is same
