"""Proofs lead down to asserted triples, by rules that give what they say."""

import pytest
from hypothesis import Phase, given, settings
from inference_graphs import read
from test_owl_rl import AXIOMS, CONSTRUCTS, DATA, EQUALITY, statements

from aims_graph.columns import Columns
from aims_graph.inference import ASSERTED, prove, with_inferred


def check(proof, inferred) -> None:
    """Each step follows from its premises alone; the leaves are asserted."""
    asserted = set(inferred.data.triples())
    for part in proof.parts():
        if part.rule == ASSERTED:
            assert part.triple in asserted
        elif part.rule != "eq-ref":
            assert part.premises
    again = with_inferred(Columns.from_triples([*proof.leaves(), *lists(asserted)]))
    assert again.holds(proof.triple) or proof.rule == "eq-ref"


def lists(triples):
    """Lists are read with the axiom that names them."""
    return [t for t in triples if t[1].value.endswith(("#first", "#rest"))]


@pytest.mark.parametrize("name", CONSTRUCTS)
def test_what_each_construct_gives_has_a_proof(name: str, triple) -> None:
    turtle, follows = CONSTRUCTS[name]
    inferred = with_inferred(read(turtle))
    proof = prove(inferred, triple(follows))
    assert proof is not None
    check(proof, inferred)


@settings(max_examples=30, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(statements(AXIOMS, 8), statements(EQUALITY, 2), statements(DATA, 10))
def test_everything_inferred_has_a_proof(axioms, equality, data) -> None:
    inferred = with_inferred(read("\n".join(axioms + equality + data)))
    for triple in list(inferred.inferred.triples())[:20]:
        proof = prove(inferred, triple)
        assert proof is not None
        check(proof, inferred)


def test_what_does_not_hold_has_no_proof(triple) -> None:
    assert prove(with_inferred(read(":x :p :y .")), triple(":y :p :x")) is None


def test_a_proof_is_a_tree_for_people(triple) -> None:
    inferred = with_inferred(read(":A rdfs:subClassOf :B . :x a :A ."))
    lines = str(prove(inferred, triple(":x a :B"), lambda _: "file.ttl")).splitlines()
    assert lines == [
        "<urn:x#x> rdf:type <urn:x#B>  [cax-sco]",
        "├─ <urn:x#A> rdfs:subClassOf <urn:x#B>  [asserted: file.ttl]",
        "└─ <urn:x#x> rdf:type <urn:x#A>  [asserted: file.ttl]",
    ]


def test_a_proof_after_changes_rests_on_what_is_asserted_now(triple) -> None:
    inferred = with_inferred(read(":p a owl:TransitiveProperty . :a :p :b . :b :p :c ."))
    inferred.apply([triple(":a :p :d"), triple(":d :p :c")], [triple(":a :p :b")])
    proof = prove(inferred, triple(":a :p :c"))
    assert proof is not None
    assert triple(":d :p :c") in proof.leaves()
    check(proof, inferred)


def test_a_long_chain_has_a_proof(triple) -> None:
    chain = " ".join(f":n{i} :p :n{i + 1} ." for i in range(400))
    inferred = with_inferred(read(":p a owl:TransitiveProperty . " + chain))
    proof = prove(inferred, triple(":n0 :p :n400"))
    assert proof is not None
    assert len(proof.leaves()) == 401
    assert str(proof).count("\n") >= 401
