"""The W3C's OWL 2 test cases of the profile RL, and those of the RDF-based semantics.

``w3c-owl2-cases.json`` says where they are from and their licence. OWL 2 RL/RDF promises assertions about
individuals only; cases that ask for more are listed here with the reason, and must go on failing.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import BlankNode, NamedNode, Quad, RdfFormat, Store, parse

from aims_graph.columns import Columns, Triple
from aims_graph.inference import Inferred, find_contradictions, with_inferred
from aims_graph.vocabulary import OWL, RDF, RDFS

CASES: list[dict[str, Any]] = json.loads(
    Path(__file__).with_name("w3c-owl2-cases.json").read_text("utf-8")
)["cases"]

AXIOM = "no rule concludes such an axiom"
CLASS = "the class or list asked for is not in the premises"
DIFFERENT = "no rule concludes owl:differentFrom"
DATATYPES = "we do not compute with the value spaces of datatypes"
TRIVIAL = "it says nothing; left out"
NOT_CONCLUDED = {
    "chain2trans1": AXIOM,
    "Disjoint_Props_via_Disjoint_Domains": AXIOM,
    "Disjoint_Props_via_Disjoint_Ranges": AXIOM,
    "New-Feature-ObjectPropertyChain-BJP-002": AXIOM,
    "DisjointClasses-001": CLASS,
    "DisjointClasses-003": CLASS,
    "New-Feature-ObjectQCR-002": CLASS,
    "WebOnt-I5.5-005": CLASS,
    "New-Feature-DisjointDataProperties-002": DIFFERENT,
    "New-Feature-DisjointObjectProperties-001": DIFFERENT,
    "New-Feature-DisjointObjectProperties-002": DIFFERENT,
    "WebOnt-differentFrom-001": DIFFERENT,
    "owl2-rl-rules-fp-differentFrom": DIFFERENT,
    "owl2-rl-rules-ifp-differentFrom": DIFFERENT,
    "WebOnt-I5.8-006": DATATYPES,
    "WebOnt-I5.8-008": DATATYPES,
    "WebOnt-I5.8-009": DATATYPES,
    "New-Feature-ReflexiveProperty-001": "OWL 2 RL has no reflexive properties",
    "WebOnt-I4.6-003": "that a class is its own equivalent is left out, and so what equality makes of it",
    "WebOnt-I4.6-005-Direct": "holds under the Direct Semantics only",
    "WebOnt-equivalentClass-008-Direct": "holds under the Direct Semantics only",
    "rdfbased-sem-class-nothing-term": TRIVIAL,
    "rdfbased-sem-class-thing-term": TRIVIAL,
    "rdfbased-sem-eqdis-eqclass-rflxv": TRIVIAL,
    "rdfbased-sem-eqdis-eqprop-rflxv": TRIVIAL,
    "rdfbased-sem-eqdis-sameas-rflxv": TRIVIAL,
    "rdfbased-sem-rdfsext-domain-subprop": TRIVIAL,
    "rdfbased-sem-rdfsext-domain-superclass": TRIVIAL,
    "rdfbased-sem-rdfsext-range-subprop": TRIVIAL,
    "rdfbased-sem-rdfsext-range-superclass": TRIVIAL,
}  # fmt: skip
# What a conclusion says beside what is asked for.
DECLARED = {
    *(OWL + name for name in (
        "Ontology", "Class", "ObjectProperty", "DatatypeProperty", "AnnotationProperty", "NamedIndividual",
        "Thing",
    )),
    RDFS + "Class", RDFS + "Datatype", RDFS + "Resource", RDF + "Property",
}  # fmt: skip


def of_kind(kind: str) -> list[Any]:
    return [pytest.param(case, id=case["name"]) for case in CASES if kind in case["kinds"]]


def read(text: str) -> list[Triple]:
    base = "http://owl.semanticweb.org/"
    quads = parse(text.encode(), format=RdfFormat.RDF_XML, base_iri=base)
    return [(quad.subject, quad.predicate, quad.object) for quad in quads]


@cache
def infer(name: str) -> Inferred:
    case = next(case for case in CASES if case["name"] == name)
    texts = [case["premise"], *case.get("imports", ())]
    return with_inferred(Columns.from_triples(t for text in texts for t in read(text)), ())


def holds(name: str, conclusion: str) -> bool:
    """Whether the closure has the triples asked for, blank nodes standing for anything."""
    store = Store()
    store.extend(Quad(*triple) for triple in infer(name).columns.triples())
    asked = [
        " ".join("?" + t.value if isinstance(t, BlankNode) else str(t) for t in triple)
        for triple in read(conclusion)
        if not is_declaration(*triple)
    ]
    return bool(store.query("ASK { " + " . ".join(asked) + " }"))


def is_declaration(_, predicate, value) -> bool:
    if predicate.value == OWL + "imports":
        return True
    declared = isinstance(value, NamedNode) and value.value in DECLARED
    return predicate.value == RDF + "type" and declared


def test_the_cases_are_those_of_the_suite() -> None:
    assert len(CASES) == 180
    assert sum(case["profile"] == "RL" for case in CASES) == 93
    assert {case["name"] for case in CASES} >= NOT_CONCLUDED.keys()


@pytest.mark.parametrize("case", of_kind("PositiveEntailmentTest"))
def test_what_is_entailed_is_concluded(case) -> None:
    assert holds(case["name"], case["conclusion"]) is (case["name"] not in NOT_CONCLUDED)


@pytest.mark.parametrize("case", of_kind("NegativeEntailmentTest"))
def test_what_is_not_entailed_is_not_concluded(case) -> None:
    assert not holds(case["name"], case["nonconclusion"])


@pytest.mark.parametrize("case", of_kind("InconsistencyTest"))
def test_an_inconsistent_ontology_has_a_contradiction(case) -> None:
    assert find_contradictions(infer(case["name"]))


@pytest.mark.parametrize("case", of_kind("ConsistencyTest"))
def test_a_consistent_ontology_has_none(case) -> None:
    assert find_contradictions(infer(case["name"])) == []
