"""What a change of the data can alter: never less than it does alter."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from pyoxigraph import NamedNode
from sparql.evaluate import by_reference
from sparql.random_queries import NODES, PREFIXES, graphs, shacl_queries, to_term, triples

from aims_graph.columns import Columns
from aims_graph.errors import InputError
from aims_graph.shacl.sparql.dependencies import Dependencies
from aims_graph.shacl.sparql.grammar import parse_query
from aims_graph.shacl.sparql.prebinding import check_prebinding

FOCUS = [to_term(node) for node in NODES]


def dependencies(text, value_path=None):
    query = parse_query(text, prefixes=PREFIXES, prebound=["this"])
    return Dependencies(query.pattern, value_path, per_value=query.ask)


def names(text, before, added=(), removed=(), value_path=None):
    """The local names of the focus nodes that the change may affect; None for all."""
    triple = lambda line: tuple(map(to_term, line.split()))  # noqa: E731
    before = [triple(line) for line in before]
    added, removed = [triple(line) for line in added], [triple(line) for line in removed]
    old = Columns.from_triples(before)
    new = old.with_change(added, removed)
    found = dependencies(text, value_path).affected(old, new, added, removed)
    if found is None:
        return None
    return {old.terms.term(i).value.rpartition("/")[2] for i in found.tolist()}


def test_a_triple_of_the_focus_node_affects_it_alone():
    assert names("SELECT * { ?this :p ?x . ?x :q ?y }", [":a :p :x", ":b :p :y"], [":a :p :z"]) == {
        "a"
    }


def test_a_triple_further_on_affects_the_focus_nodes_that_lead_to_it():
    before = [":a :p :x", ":b :p :x", ":c :p :y"]
    assert names("SELECT * { ?this :p ?x . ?x :q ?y }", before, [":x :q :z"]) == {"a", "b"}


def test_a_removed_way_is_walked_in_the_state_before():
    before = [":a :p :x", ":x :q :y"]
    assert names("SELECT * { ?this :p ?x . ?x :q ?y }", before, removed=before) == {"a"}


def test_patterns_inside_not_exists_count():
    text = "SELECT * { ?this :p ?x FILTER NOT EXISTS { ?x :q ?y . ?y :r ?z } }"
    assert names(text, [":a :p :x", ":x :q :y", ":b :p :z"], [":y :r :w"]) == {"a"}


def test_a_repeated_path_is_walked_to_its_beginning():
    before = [":a :p :b", ":b :p :c", ":z :p :z"]
    assert names("SELECT * { ?this :p* ?x . ?x :q ?y }", before, [":c :q :d"]) == {"a", "b", "c"}
    assert names("SELECT * { ?this :p+ ?x }", before, [":c :p :d"]) >= {"a", "b", "c"}
    assert "z" not in names("SELECT * { ?this :p+ ?x }", before, [":c :p :d"])


def test_a_triple_with_other_constants_affects_nothing():
    assert names("SELECT * { ?this :p :x }", [":a :p :y"], [":a :p :z"]) == set()
    assert names("SELECT * { ?this :p ?x }", [":a :p :y"], [":a :q :z"]) == set()


def test_what_no_way_leads_to_affects_every_focus_node():
    assert (
        names("SELECT * { ?this :p ?x . :e :asOf ?now FILTER (?x < ?now) }", [], [":e :asOf 1"])
        is None
    )
    assert names("SELECT * { { ?this :p ?x } UNION { ?x :q ?y } }", [], [":a :q :b"]) is None


def test_the_value_of_a_select_query_is_a_variable_like_any_other():
    text = "SELECT * { ?this :p ?value . ?value :q ?x }"
    assert names(text, [":a :p :v"], [":v :q :x"]) == {"a"}


def test_the_path_of_the_shape_leads_from_the_value_to_the_focus_node():
    text = "ASK { ?value :q ?x }"
    assert names(
        text, [":a :p :v", ":b :p :w"], [":v :q :x"], value_path="<http://example.org/p>"
    ) == {"a"}
    assert names(text, [":a :p :v"], [":v :q :x"]) == {"v"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT * { ?this :p/:q* ?x FILTER EXISTS { ?x ^:r ?y } }", {"p", "q", "r"}),
        (
            "SELECT * { ?this :p ?x OPTIONAL { ?x :q ?y } { SELECT ?this { ?this :r ?z } } }",
            {"p", "q", "r"},
        ),
        ("SELECT * { ?this ?p ?x }", None),
        ("SELECT * { ?this !:p ?x }", None),
        ("SELECT * { ?x :p* ?y }", None),
        ("SELECT * { FILTER (?this = 1) }", set()),
    ],
)
def test_the_predicates_of_a_query_are_those_it_names(text, expected):
    found = dependencies(text).predicates
    assert (found if found is None else {p.value.rpartition("/")[2] for p in found}) == expected


@settings(
    max_examples=200,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(graphs, shacl_queries, st.lists(triples, max_size=3), st.data())
def test_every_focus_node_whose_solutions_differ_is_named(graph, text, added, data):
    try:
        query = parse_query(text, prefixes=PREFIXES, prebound=["this"])
        check_prebinding(query, ["this"])
    except InputError:
        assume(False)
    assume("this" in query.variables)
    removed = data.draw(st.lists(st.sampled_from(graph), max_size=2, unique=True)) if graph else []
    added = [t for t in dict.fromkeys(added) if t not in graph]
    old = Columns.from_triples(graph)
    new = old.with_change(added, removed)
    affected = Dependencies(query.pattern, None, per_value=False).affected(old, new, added, removed)
    predicates = Dependencies(query.pattern, None, per_value=False).predicates
    after = [t for t in graph if t not in removed] + added
    touched = {predicate for _, predicate, _ in [*added, *removed]}
    for node in FOCUS:
        seed = {"this": [node]}
        if by_reference(query, graph, seed) != by_reference(query, after, seed):
            assert affected is None or old.terms.id_of(node) in affected
            assert predicates is None or touched & predicates


def test_the_answer_is_sorted_ids():
    old = Columns.from_triples([])
    added = [(NamedNode(f"urn:{i}"), to_term(":p"), to_term("1")) for i in (3, 1, 2, 1)]
    new = old.with_change(added, [])
    found = dependencies("SELECT * { ?this :p ?x }").affected(old, new, added, [])
    assert found.dtype == np.int32
    assert found.tolist() == sorted(new.terms.id_of(t[0]) for t in set(added))
    assert Counter(found.tolist()).most_common(1)[0][1] == 1
