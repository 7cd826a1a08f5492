"""What cannot all be true is reported with its axiom and triples."""

import pytest
from inference_graphs import read
from pyoxigraph import NamedNode

from aims_graph.inference import find_contradictions, with_inferred
from aims_graph.vocabulary import SH

CASES = {
    "cls-nothing2": ":A rdfs:subClassOf owl:Nothing . :x a :A .",
    "cax-dw": ":A owl:disjointWith :B . :C rdfs:subClassOf :B . :x a :A , :C .",
    "cax-adc": "[] a owl:AllDisjointClasses ; owl:members ( :A :B :C ) . :x a :A , :C .",
    "cls-com": ":A owl:complementOf :B . :x a :A , :B .",
    "prp-pdw": ":p owl:propertyDisjointWith :q . :x :p :y ; :q :y .",
    "prp-adp": "[] a owl:AllDisjointProperties ; owl:members ( :p :q ) . :x :p :y ; :q :y .",
    "prp-asyp": ":p a owl:AsymmetricProperty . :x :p :y . :y :p :x .",
    "prp-irp": ":p a owl:IrreflexiveProperty . :x :p :x .",
    "prp-npa1": "[] owl:sourceIndividual :x ; owl:assertionProperty :p ; owl:targetIndividual :y . :x :p :y .",
    "prp-npa2": "[] owl:sourceIndividual :x ; owl:assertionProperty :p ; owl:targetValue 1 . :x :p 1 .",
    "cls-maxc1": ':A owl:maxCardinality "0"^^xsd:nonNegativeInteger ; owl:onProperty :p . :x a :A ; :p :y .',
    "cls-maxqc1": ':A owl:maxQualifiedCardinality "0"^^xsd:nonNegativeInteger ; owl:onProperty :p ; '
    "owl:onClass :B . :x a :A ; :p :y . :y a :B .",
    "cls-maxqc2": ':A owl:maxQualifiedCardinality "0"^^xsd:nonNegativeInteger ; owl:onProperty :p ; '
    "owl:onClass owl:Thing . :x a :A ; :p :y .",
    "eq-diff1": ":x owl:differentFrom :y . :p a owl:FunctionalProperty . :z :p :x , :y .",
    "eq-diff2": "[] a owl:AllDifferent ; owl:members ( :x :y ) . :x owl:sameAs :y .",
    "eq-diff3": "[] a owl:AllDifferent ; owl:distinctMembers ( :x :y ) . :x owl:sameAs :y .",
    "dt-diff": ":p a owl:FunctionalProperty . :x :p 1 , 2 .",
    "dt-diff, zeros": ':p a owl:FunctionalProperty . :x :p "0.0"^^xsd:float , "-0.0"^^xsd:float .',
    "dt-not-type, inferred": ":p rdfs:range xsd:integer . :x a [ owl:onProperty :p ; owl:hasValue 'a' ] .",
    "dt-not-type": ":p rdfs:range xsd:integer . :x :p true .",
}


@pytest.mark.parametrize("rule", CASES)
def test_a_contradiction_is_a_finding_with_its_reason(rule: str) -> None:
    found = find_contradictions(with_inferred(read(CASES[rule])))
    text, rule = CASES[rule], rule.split(",", maxsplit=1)[0]
    assert [contradiction.rule for contradiction in found] == [rule]
    result = found[0].result
    assert result.focus in {NamedNode("urn:x#x"), *(t[2] for t in read(text).triples())}
    assert result.severity == NamedNode(SH + "Violation")
    assert result.component.value.endswith("#" + rule)
    assert "{" not in found[0].message
    assert found[0].axioms or rule == "cls-nothing2"


def test_what_is_no_contradiction_is_not_reported() -> None:
    data = (
        ":A owl:disjointWith :B . :x a :A . :y a :B . :p a owl:FunctionalProperty ; rdfs:range xsd:decimal ."
        ":x :p 1 , 1.0 . :y :p 0 , -0 . :q a owl:AsymmetricProperty . :x :q :y ."
    )
    assert find_contradictions(with_inferred(read(data))) == []


def test_the_reason_names_axiom_and_triples(triple) -> None:
    (found,) = find_contradictions(with_inferred(read(CASES["cax-dw"])))
    assert found.axioms == (triple(":A owl:disjointWith :B"),)
    assert set(found.triples) == {triple(":x a :A"), triple(":x a :B")}
    assert found.message.startswith("x is both A and B, which share no members.")
