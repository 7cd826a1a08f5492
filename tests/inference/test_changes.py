"""After changes the state is that of inferring from scratch."""

from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from inference_graphs import read
from test_owl_rl import AXIOMS, DATA, EQUALITY, statements

from aims_graph.columns import Columns
from aims_graph.inference import with_inferred


def changes():
    one = st.tuples(
        statements(DATA, 4),
        statements(DATA, 4),
        statements(AXIOMS + EQUALITY, 1),
        st.integers(0, 5),
    )
    return st.lists(one, min_size=1, max_size=4)


@settings(max_examples=30, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(statements(AXIOMS, 8), statements(EQUALITY, 1), statements(DATA, 14), changes())
def test_a_changed_graph_is_what_a_new_one_would_be(axioms, equality, data, steps) -> None:
    inferred = with_inferred(read("\n".join(axioms + data)))
    for added, removed, axiom, kind in steps:
        # Now and then the rules change.
        lines = [*added, *axiom, *equality] if kind == 0 else added
        plus, minus = (list(read("\n".join(part)).triples()) for part in (lines, removed))
        before = set(inferred.columns.triples())
        difference = inferred.apply(plus, [*minus, *list(inferred.data.triples())[: kind % 3]])
        after = set(inferred.columns.triples())
        assert after == set(
            with_inferred(Columns.from_triples(inferred.data.triples())).columns.triples()
        )
        assert set(difference.appeared) == after - before
        assert set(difference.gone) == before - after
        assert set(inferred.inferred.triples()) == after - set(inferred.data.triples())


def test_an_asserted_conclusion_stays_when_its_premise_goes(triple) -> None:
    inferred = with_inferred(read(":p a owl:SymmetricProperty . :x :p :y . :y :p :x ."))
    inferred.apply([], [triple(":x :p :y")])
    assert inferred.is_inferred(triple(":x :p :y"))
    assert inferred.apply([], [triple(":y :p :x")]).gone == [triple(":x :p :y"), triple(":y :p :x")]
