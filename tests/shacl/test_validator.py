"""After any change the report kept up to date is the report of a fresh validation."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st
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


def without_details(counter):
    rows = Counter()
    for key, number in counter.items():
        rows[key[:-1]] += number
    return rows
