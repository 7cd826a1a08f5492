"""The columnar evaluator gives what the scalar one gives, on any graph and any query."""

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from sparql.evaluate import by_reference, on_columns
from sparql.random_queries import LITERALS, NODES, PREFIXES, graphs, queries, shacl_queries, to_term

from aims_graph.errors import InputError
from aims_graph.shacl.sparql.grammar import parse_query

EXAMPLES = settings(
    max_examples=200,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

focus_nodes = st.lists(
    st.sampled_from([*NODES, *LITERALS, ":stranger"]).map(to_term),
    min_size=1,
    max_size=4,
    unique=True,
)


def parse(text):
    try:
        return parse_query(text, prefixes=PREFIXES, prebound=["this"])
    except InputError:
        assume(False)


@EXAMPLES
@given(graphs, queries)
def test_a_plain_query_has_the_solutions_of_the_reference(graph, text):
    query = parse(text)
    assert on_columns(query, graph) == by_reference(query, graph)


@EXAMPLES
@given(graphs, shacl_queries, focus_nodes)
def test_a_query_for_many_focus_nodes_is_the_same_query_for_each(graph, text, focus):
    query = parse(text)
    seed = {"this": focus}
    assert on_columns(query, graph, seed) == by_reference(query, graph, seed)


@EXAMPLES
@given(
    graphs,
    shacl_queries,
    st.lists(
        st.tuples(*[st.sampled_from(NODES).map(to_term)] * 2), min_size=1, max_size=4, unique=True
    ),
)
def test_two_variables_may_be_bound_beforehand(graph, text, rows):
    query = parse(text)
    seed = {"this": [row[0] for row in rows], "a": [row[1] for row in rows]}
    assert on_columns(query, graph, seed) == by_reference(query, graph, seed)


def test_the_comparison_can_fail():
    query = parse("SELECT * { ?this :p ?a }")
    graph = [(to_term(":n0"), to_term(":p"), to_term(":n1"))]
    with pytest.raises(AssertionError):
        assert on_columns(query, graph) == by_reference(query, [])
