"""The closure is that of owlrl: for each construct alone, and for random graphs of all of them."""

import pytest
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st
from inference_graphs import read
from owlrl_oracle import kept, owlrl_closure

from aims_graph.inference import with_inferred

#: For each construct: axioms and data, and one triple that follows.
CONSTRUCTS = {
    "cax-sco": (":A rdfs:subClassOf :B . :B rdfs:subClassOf :C . :x a :A .", ":x a :C"),
    "cax-eqc": (":A owl:equivalentClass :B . :x a :B .", ":x a :A"),
    "prp-dom": (":p rdfs:domain :A . :x :p :y .", ":x a :A"),
    "prp-rng": (":p rdfs:range :A . :x :p :y , 3 .", ":y a :A"),
    "prp-spo1": (":p rdfs:subPropertyOf :q . :x :p :y , 3 .", ":x :q 3"),
    "prp-eqp": (":p owl:equivalentProperty :q . :x :q :y .", ":x :p :y"),
    "prp-inv": (":p owl:inverseOf :q . :x :p :y , 3 . :z :q :x .", ":x :p :z"),
    "prp-symp": (":p a owl:SymmetricProperty . :x :p :y .", ":y :p :x"),
    "prp-trp": (":p a owl:TransitiveProperty . :a :p :b . :b :p :c . :c :p :d .", ":a :p :d"),
    "prp-trp, cycle": (
        ":p a owl:TransitiveProperty . :a :p :b . :b :p :c . :c :p :a , :d . :z :p :a .",
        ":z :p :d",
    ),
    "prp-trp, inverse": (
        ":p a owl:TransitiveProperty ; owl:inverseOf :q . :q a owl:TransitiveProperty . "
        ":a :p :b . :c :q :b . :c :p :d .",
        ":d :q :a",
    ),
    "prp-spo2": (
        ":p owl:propertyChainAxiom ( :q :r :q ) . :a :q :b . :b :r :c . :c :q :d .",
        ":a :p :d",
    ),
    "prp-spo2, recursive": (
        ":p owl:propertyChainAxiom ( :p :q ) . :a :p :b . :b :q :c . :c :q :d .",
        ":a :p :d",
    ),
    "prp-fp": (":p a owl:FunctionalProperty . :x :p :y , :z . :y :q 1 .", ":z :q 1"),
    "prp-ifp": (":p a owl:InverseFunctionalProperty . :x :p 1 . :y :p 1 . :x a :A .", ":y a :A"),
    "cls-int": (
        ":A owl:intersectionOf ( :B :C ) . :x a :B , :C . :y a :A .",
        ":x a :A",
    ),
    "cls-uni": (":A owl:unionOf ( :B :C ) . :x a :B .", ":x a :A"),
    "cls-oo": (":A owl:oneOf ( :x :y ) .", ":y a :A"),
    "cls-svf1": (":A owl:someValuesFrom :B ; owl:onProperty :p . :x :p :y . :y a :B .", ":x a :A"),
    "cls-svf2": (":A owl:someValuesFrom owl:Thing ; owl:onProperty :p . :x :p :y .", ":x a :A"),
    "cls-avf": (":A owl:allValuesFrom :B ; owl:onProperty :p . :x a :A ; :p :y .", ":y a :B"),
    "cls-hv1": (":A owl:hasValue :v ; owl:onProperty :p . :x a :A .", ":x :p :v"),
    "cls-hv2": (":A owl:hasValue 5 ; owl:onProperty :p . :x :p 5 .", ":x a :A"),
    "cls-maxc2": (
        ':A owl:maxCardinality "1"^^xsd:nonNegativeInteger ; owl:onProperty :p . :x a :A ; :p :y , :z .',
        ":y owl:sameAs :z",
    ),
    "cls-maxqc3": (
        ':A owl:maxQualifiedCardinality "1"^^xsd:nonNegativeInteger ; owl:onProperty :p ; owl:onClass :B .'
        ":x a :A ; :p :y , :z , :w . :y a :B . :z a :B .",
        ":y owl:sameAs :z",
    ),
    "cls-maxqc4": (
        ':A owl:maxQualifiedCardinality "1"^^xsd:nonNegativeInteger ; owl:onProperty :p ; owl:onClass owl:Thing .'
        ":x a :A ; :p :y , :z .",
        ":y owl:sameAs :z",
    ),
    "eq-rep": (":x owl:sameAs :y . :x :p :z . :z :q :y . :p owl:sameAs :r .", ":y :r :z"),
    "scm-svf1": (
        ":A owl:someValuesFrom :B ; owl:onProperty :p . :C owl:someValuesFrom :D ; owl:onProperty :p ."
        ":B rdfs:subClassOf :D . :x a :A .",
        ":x a :C",
    ),
    "scm-avf2": (
        ":A owl:allValuesFrom :B ; owl:onProperty :p . :C owl:allValuesFrom :B ; owl:onProperty :q ."
        ":p rdfs:subPropertyOf :q . :x a :C .",
        ":x a :A",
    ),
    "scm-hv": (
        ":A owl:hasValue :v ; owl:onProperty :p . :C owl:hasValue :v ; owl:onProperty :q ."
        ":p rdfs:subPropertyOf :q . :x a :A .",
        ":x a :C",
    ),
    "a property below rdf:type": (
        ":isA rdfs:subPropertyOf rdf:type . :A rdfs:subClassOf :B . :x :isA :A .",
        ":x a :B",
    ),
    "an inferred axiom": (
        ":below rdfs:subPropertyOf rdfs:subClassOf . :A :below :B . :x a :A .",
        ":x a :B",
    ),
    "a property below sameAs": (
        ":is rdfs:subPropertyOf owl:sameAs . :x :is :y . :x a :A .",
        ":y a :A",
    ),
    "equal classes": (":A owl:sameAs :B . :C rdfs:subClassOf :A . :x a :C .", ":x a :B"),
}


@pytest.mark.parametrize("name", CONSTRUCTS)
def test_each_construct_gives_what_owlrl_gives(name: str, triple) -> None:
    turtle, follows = CONSTRUCTS[name]
    data = read(turtle)
    inferred = with_inferred(data)
    assert inferred.is_inferred(triple(follows))
    assert kept(inferred.columns.triples()) == kept(owlrl_closure(data))


def test_a_key_of_two_properties_needs_both(triple) -> None:
    """Owlrl 7.6 takes things for the same that share none of them."""
    data = ":A owl:hasKey ( :p :q ) . :x a :A ; :p 1 ; :q 2 . :y a :A ; :p 1 ; :q 2 . :z a :A ; :p 1 ; :q 3 ."
    inferred = with_inferred(read(data + ":v a :A ; :p 1 ."))
    assert inferred.is_inferred(triple(":x owl:sameAs :y"))
    assert not inferred.holds(triple(":x owl:sameAs :z"))
    assert not inferred.holds(triple(":x owl:sameAs :v"))


AXIOMS = [
    ":{A} rdfs:subClassOf :{B} .",
    ":{A} owl:equivalentClass :{B} .",
    ":{p} rdfs:subPropertyOf :{q} .",
    ":{p} owl:equivalentProperty :{q} .",
    ":{p} owl:inverseOf :{q} .",
    ":{p} a owl:SymmetricProperty .",
    ":{p} a owl:TransitiveProperty .",
    ":{p} rdfs:domain :{A} .",
    ":{p} rdfs:range :{A} .",
    ":{p} owl:propertyChainAxiom ( :{q} :{r} ) .",
    ":{A} owl:intersectionOf ( :{B} :{C} ) .",
    ":{A} owl:unionOf ( :{B} :{C} ) .",
    ":{A} owl:oneOf ( :{x} ) .",
    ":{A} owl:someValuesFrom :{B} ; owl:onProperty :{p} .",
    ":{A} owl:allValuesFrom :{B} ; owl:onProperty :{p} .",
    ":{A} owl:hasValue :{x} ; owl:onProperty :{p} .",
]
EQUALITY = [
    ":{p} a owl:FunctionalProperty .",
    ":{p} a owl:InverseFunctionalProperty .",
    ':{A} owl:maxCardinality "1"^^xsd:nonNegativeInteger ; owl:onProperty :{p} .',
    ":{x} owl:sameAs :{y} .",
]
DATA = [":{x} :{p} :{y} .", ":{x} :{p} :{y} .", ":{x} :{p} :{y} .", ":{x} a :{A} ."]


def statements(templates: list[str], most: int):
    names = {
        **dict.fromkeys("ABC", tuple(f"C{i}" for i in range(5))),
        **dict.fromkeys("pqr", tuple(f"p{i}" for i in range(5))),
        **dict.fromkeys("xy", tuple(f"i{i}" for i in range(7))),
    }
    slots = st.fixed_dictionaries({slot: st.sampled_from(found) for slot, found in names.items()})
    one = st.builds(
        lambda template, slot: template.format(**slot), st.sampled_from(templates), slots
    )
    return st.lists(one, min_size=1, max_size=most)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # owlrl is too slow to shrink with
)
@given(statements(AXIOMS, 8), statements(EQUALITY, 2), statements(DATA, 14), st.booleans())
def test_random_graphs_give_what_owlrl_gives(axioms, equality, data, with_equality) -> None:
    lines = axioms + (equality if with_equality else []) + data
    columns = read("\n".join(lines))
    note("\n".join(lines))
    assert kept(with_inferred(columns).columns.triples()) == kept(owlrl_closure(columns))
