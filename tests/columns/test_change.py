"""Changes and unions are those of sets of triples, whether small or large."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode

from aims_graph.columns import Columns
from aims_graph.columns import graph as graph_module

nodes = st.sampled_from([NamedNode(f"http://example.org/{name}") for name in "abcd"])
values = nodes | st.sampled_from([Literal("1"), Literal("1", language="en"), Literal(1)])
graphs = st.sets(st.tuples(nodes, nodes, values), max_size=12)


@pytest.mark.parametrize("few", [0, 1000], ids=["at once", "one by one"])
@given(graphs, graphs, graphs)
def test_a_change_removes_and_adds(few, before, added, removed):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(graph_module, "FEW", few)
        columns = Columns.from_triples(before)
        after = columns.with_change(added, removed)
        assert set(after.triples()) == (before - removed) | added
        by_id = [tuple(map(columns.terms.id_of, triple)) for triple in added]
        mixed = [(s, *triple[1:]) for (s, _, _), triple in zip(by_id, added, strict=True)]
        assert set(after.with_change([], by_id).triples()) == (before - removed) - added
        assert set(after.with_change([], mixed).triples()) == (before - removed) - added
        assert set(columns.triples()) == before


@pytest.mark.parametrize("few", [0, 1000], ids=["at once", "place by place"])
@given(graphs, graphs, graphs)
def test_both_orders_of_a_relation_stay_sorted(few, before, added, removed):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(graph_module, "FEW_PLACES", few)
        columns = Columns.from_triples(before)
        for predicate in columns.predicates:
            assert len(columns.pairs(predicate).by_object[0])  # so that it is kept up to date
        after = columns.with_change(added, removed)
        for predicate in after.predicates:
            pairs = after.pairs(predicate)
            rows = list(zip(pairs.subjects.tolist(), pairs.objects.tolist(), strict=True))
            objects, subjects = pairs.by_object
            assert rows == sorted(set(rows))
            turned = list(zip(objects.tolist(), subjects.tolist(), strict=True))
            assert turned == sorted((value, subject) for subject, value in rows)
        assert set(after.triples()) == (before - removed) | added


@given(graphs, graphs)
def test_a_union_holds_the_triples_of_both(first, second):
    left, right = Columns.from_triples(first), Columns.from_triples(second)
    assert set(left.union(right).triples()) == first | second
    assert set(left.union(left.with_change(second, [])).triples()) == first | second
    assert set(right.triples()) == second


@given(graphs, graphs)
def test_what_is_said_of_a_node_is_found_over_all_predicates(before, added):
    columns = Columns.from_triples(before).with_change(added, [])
    terms = columns.terms
    for node in range(len(terms)):
        found = [
            (terms.term(node), terms.term(predicate), terms.term(value))
            for predicate, values in columns.by_subject.of(node)
            for value in values.tolist()
        ]
        assert found == [triple for triple in columns.triples() if triple[0] == terms.term(node)]
