"""SHACL rules: what they conclude (pyshacl as oracle), what is refused, proofs, changes."""

import re

import pyshacl
import pytest
import rdflib
from owlrl_oracle import term_of
from pyoxigraph import NamedNode, RdfFormat, parse

from aims_graph.columns import Columns, load
from aims_graph.errors import InputError
from aims_graph.inference import find_contradictions, our_rules, prove, read_rules, with_inferred
from aims_graph.resources import folder, ontology_files
from aims_graph.vocabulary import AIMS, PREFIXES

RULES = "https://w3id.org/aims-graph/rules#"
HEAD = (
    "".join(f"@prefix {prefix}: <{space}> .\n" for prefix, space in PREFIXES.items())
    + "@prefix : <urn:x#> .\n"
)
DECLARED = '<urn:p> sh:declare [ sh:prefix "" ; sh:namespace "urn:x#"^^xsd:anyURI ] .\n'


def sparql(text: str, more: str = "") -> str:
    return (
        f'sh:rule [ a sh:SPARQLRule ; sh:prefixes <urn:p> ; sh:construct """{text}""" ; {more} ] .'
    )


def triple(subject: str, predicate: str, value: str, more: str = "") -> str:
    return (
        f"sh:rule [ a sh:TripleRule ; sh:subject {subject} ; sh:predicate {predicate} ;"
        f" sh:object {value} ; {more} ] ."
    )


DATA = """
    :w :p :x . :x a :A ; :p :y ; :n 1 . :y a :B ; :p :z ; :n 2 . :z a :A ; :n 3 .
    :A rdfs:subClassOf :B .
"""
SHAPE = ":S a sh:NodeShape ; sh:targetClass :A ; "
CASES = {
    "this": SHAPE + triple("sh:this", "rdf:type", ":C"),
    "subclass": SHAPE.replace(":A", ":B") + triple("sh:this", ":r", '"text"@en'),
    "path": SHAPE + triple("sh:this", ":r", "[ sh:path :p ]"),
    "inverse": SHAPE + triple("[ sh:path [ sh:inversePath :p ] ]", ":r", "sh:this"),
    "sequence": SHAPE + triple("sh:this", ":r", "[ sh:path ( :p :n ) ]"),
    "closure": SHAPE + triple("sh:this", ":r", "[ sh:path [ sh:oneOrMorePath :p ] ]"),
    "no literal as subject": SHAPE + triple("[ sh:path :n ]", ":r", "sh:this"),
    "subjects": ":S a sh:NodeShape ; sh:targetSubjectsOf :p ; " + triple("sh:this", ":r", "1"),
    "objects": ":S a sh:NodeShape ; sh:targetObjectsOf :p ; " + triple("sh:this", ":r", "1"),
    "node": ":S a sh:NodeShape ; sh:targetNode :y ; " + triple("sh:this", ":r", "1"),
    "deactivated": SHAPE + triple("sh:this", ":r", "1", "sh:deactivated true"),
    "condition": SHAPE
    + triple("sh:this", ":r", "1", "sh:condition [ sh:property [ sh:path :p ; sh:minCount 1 ] ]"),
    "construct": SHAPE + sparql("CONSTRUCT { $this :r ?y . ?y :s $this } WHERE { $this :p ?y }"),
    "filter": SHAPE + sparql("CONSTRUCT { $this :r ?n } WHERE { $this :n ?n FILTER (?n > 1) }"),
    "computed": SHAPE
    + sparql("CONSTRUCT { $this :r ?m } WHERE { $this :n ?n BIND (?n + 10 AS ?m) }"),
    "negated": SHAPE
    + sparql("CONSTRUCT { $this :r 1 } WHERE { FILTER NOT EXISTS { $this :p ?y } }"),
    "order": SHAPE
    + triple("sh:this", ":t", "[ sh:path :s ]", "sh:order 2")
    + SHAPE
    + triple("sh:this", ":s", "[ sh:path :r ]", "sh:order 1")
    + SHAPE
    + triple("sh:this", ":r", ":w"),
    "against the order": SHAPE
    + triple("sh:this", ":t", "[ sh:path :s ]", "sh:order 0")
    + SHAPE
    + triple("sh:this", ":s", "[ sh:path :r ]", "sh:order 1")
    + SHAPE
    + triple("sh:this", ":r", ":w", "sh:order 2"),
    "again and again": ":S a sh:NodeShape ; sh:targetSubjectsOf :p ; "
    + sparql("CONSTRUCT { $this :p ?z } WHERE { $this :p ?y . ?y :p ?z }"),
}


def pyshacl_closure(data: str, rules: str) -> set:
    graph = rdflib.Graph().parse(data=HEAD + data, format="turtle")
    shapes = rdflib.Graph().parse(data=HEAD + rules, format="turtle")
    pyshacl.validate(
        graph, shacl_graph=shapes, advanced=True, iterate_rules=True, inplace=True, inference="none"
    )
    # It also makes triples about literals.
    return {tuple(map(term_of, each)) for each in graph if not isinstance(each[0], rdflib.Literal)}


def columns(turtle: str) -> Columns:
    quads = parse(HEAD + turtle, format=RdfFormat.TURTLE)
    return Columns.from_triples((q.subject, q.predicate, q.object) for q in quads)


@pytest.mark.parametrize("name", CASES)
def test_rules_conclude_what_pyshacl_says(name: str) -> None:
    rules = DECLARED + CASES[name]
    found = with_inferred(columns(DATA), read_rules(columns(rules))).inferred
    # Members of :A are members of :B by OWL, which pyshacl has not been asked for.
    by_owl = set(with_inferred(columns(DATA), ()).inferred.triples())
    plain = set(columns(DATA).triples())
    assert set(found.triples()) - by_owl == pyshacl_closure(DATA, rules) - plain - by_owl


def test_cases_conclude_something() -> None:
    idle = {
        name
        for name, rule in CASES.items()
        if pyshacl_closure(DATA, DECLARED + rule) == set(columns(DATA).triples())
    }
    assert idle == {"deactivated", "no literal as subject"}


def test_rules_of_deactivated_shapes_do_not_run() -> None:
    """Other than in pyshacl."""
    rule = SHAPE + "sh:deactivated true ; " + triple("sh:this", ":r", "1")
    assert read_rules(columns(rule)) == ()


REFUSED = {
    "neither a sh:TripleRule nor": SHAPE + "sh:rule [ a sh:JSRule ] .",
    "sh:object is neither": SHAPE + triple("sh:this", ":r", "[ sh:path :p ; sh:limit 1 ]"),
    "sh:subject is neither": SHAPE + triple("[ sh:union ( sh:this ) ]", ":r", ":y"),
    "one sh:object is needed": SHAPE + triple("sh:this", ":r", ":y , :z"),
    "sh:limit is not supported": SHAPE + triple("sh:this", ":r", ":y", "sh:limit 1"),
    "custom targets": ":S a sh:NodeShape ; sh:target [ a sh:SPARQLTarget ] ; "
    + triple("sh:this", ":r", ":y"),
    "property shapes": ":S sh:path :p ; " + triple("sh:this", ":r", ":y"),
    "sh:order is one number": SHAPE + triple("sh:this", ":r", ":y", 'sh:order "first"'),
    "SERVICE is refused": SHAPE
    + sparql("CONSTRUCT { $this :r ?y } WHERE { SERVICE <urn:s> { $this :p ?y } }"),
    "expected CONSTRUCT": SHAPE + sparql("SELECT $this WHERE { $this :p ?y }"),
    "without blank nodes": SHAPE + sparql("CONSTRUCT { $this :r [ ] } WHERE { $this :p ?y }"),
    "MINUS is not allowed": SHAPE
    + sparql("CONSTRUCT { $this :r ?y } WHERE { $this :p ?y MINUS { $this :n ?y } }"),
    "one string as sh:construct": SHAPE + "sh:rule [ a sh:SPARQLRule ] .",
    "entailment": "<urn:s> sh:entailment <http://www.w3.org/ns/entailment/RDFS> .",
}


@pytest.mark.parametrize("message", REFUSED)
def test_what_is_not_supported_is_refused(message: str) -> None:
    with pytest.raises(InputError, match=re.escape(message)):
        read_rules(columns(DECLARED + REFUSED[message]))


def test_rules_that_never_rest_are_refused() -> None:
    rule = ":S a sh:NodeShape ; sh:targetNode :x ; " + sparql(
        "CONSTRUCT { $this :n ?m } WHERE { $this :n ?n BIND (?n + 1 AS ?m) }"
    )
    with pytest.raises(InputError, match="in each of 100 rounds"):
        with_inferred(columns(DATA), read_rules(columns(DECLARED + rule)))


def test_owl_and_rules_feed_each_other() -> None:
    data = ":q a owl:TransitiveProperty . :r rdfs:subPropertyOf :q . :x a :A ; :p :y . :y :q :z ."
    rules = read_rules(
        columns(
            SHAPE
            + triple("sh:this", ":r", "[ sh:path :p ]")
            + SHAPE
            + triple("sh:this", ":s", "[ sh:path :q ]")
        )
    )
    inferred = with_inferred(columns(data), rules)
    wanted = (NamedNode("urn:x#x"), NamedNode("urn:x#s"), NamedNode("urn:x#z"))
    proof = prove(inferred, wanted)
    assert {part.rule for part in proof.parts()} == {"urn:x#S", "prp-trp", "prp-spo1", "asserted"}
    assert all(not inferred.is_inferred(t) for t in proof.leaves())


def test_a_proof_does_not_rest_on_itself_where_things_are_the_same() -> None:
    data = """
        :f a owl:FunctionalProperty . :q a owl:SymmetricProperty .
        :x a :A ; :f :y , :w ; :p :y .
    """
    rules = read_rules(
        columns(
            SHAPE
            + triple("[ sh:path :p ]", ":q", "sh:this")
            + SHAPE
            + triple("sh:this", ":p", "[ sh:path :q ]", "sh:order 1")
        )
    )
    inferred = with_inferred(columns(data), rules)
    found = list(inferred.inferred.triples())
    assert len(found) > 5
    for each in found:
        proof = prove(inferred, each)
        again = with_inferred(columns("").with_change([*proof.leaves()], []), rules)
        assert again.holds(each)


@pytest.mark.parametrize(
    ("added", "removed"),
    [
        (":v a :A ; :p :x .", ""),
        ("", ":x :p :y ."),
        (":x :r :y .", ""),
        (":z :p :x .", ":y :p :z ."),
        ("", ":z a :A ."),
        (":x owl:sameAs :z .", ""),
    ],
)
def test_a_change_gives_what_starting_anew_gives(added: str, removed: str) -> None:
    rules = read_rules(
        columns(
            DECLARED
            + SHAPE
            + triple("sh:this", ":r", "[ sh:path :p ]")
            + SHAPE
            + sparql(
                "CONSTRUCT { $this :s 1 } WHERE { FILTER NOT EXISTS { $this :r ?y } }", "sh:order 1"
            )
        )
    )
    inferred = with_inferred(columns(DATA), rules)
    before = set(inferred.columns.triples())
    come, gone = (list(columns(text).triples()) for text in (added, removed))
    done = inferred.apply(come, gone)
    now = (set(columns(DATA).triples()) - set(gone)) | set(come)
    anew = with_inferred(columns("").with_change(now, []), rules)
    after = set(inferred.columns.triples())
    assert after == set(anew.columns.triples())
    assert set(done.appeared) == after - before
    assert set(done.gone) == before - after
    assert set(inferred.inferred.triples()) == set(anew.inferred.triples())


def test_conclusions_that_hold_each_other_up_go_with_their_reason() -> None:
    data = ":k rdfs:subPropertyOf :p . :r rdfs:subPropertyOf :p . :x a :A ; :k :y ."
    rules = read_rules(columns(SHAPE + triple("sh:this", ":r", "[ sh:path :p ]")))
    inferred = with_inferred(columns(data), rules)
    done = inferred.apply([], [*columns(":x :k :y .").triples()])
    assert {predicate.value for _, predicate, _ in done.gone} == {"urn:x#k", "urn:x#p", "urn:x#r"}


OURS = """
    :low aims:rank 1 . :high aims:rank 3 . :worst aims:rank 5 .
    :s a aims:AISystem ; aims:hasRisk :r1 , :r2 , :r3 .
    :r1 aims:riskLevel :low . :r2 aims:riskLevel :high .
    :r3 aims:riskLevel :worst ; aims:riskStatus aims:RiskClosed .
    :a a aims:Dataset ; aims:forbidsUse aims:TrainingUse .
    :b a aims:Dataset ; aims:derivedFrom :a . :c a aims:Dataset ; aims:derivedFrom :b .
    :d a aims:Dataset ; aims:hasPreparation :made . :made aims:preparationInput :c .
    :t a aims:AISystem ; aims:hasRisk :r1 ; aims:usesModel :m . :m aims:hasRisk :r2 .
    :u a aims:AISystem ; aims:hasRisk :r2 ; aims:usesModel :n . :n aims:hasRisk :r1 .
    :v a aims:AISystem ; aims:hasDeployment :live . :live aims:deploysVersion :v1 . :v1 aims:hasRisk :r2 .
    :k aims:hasVersion :v1 , :v2 ; aims:hasRisk :r4 . :v2 aims:hasRisk :r5 .
    :r4 aims:riskLevel :low . :r5 aims:riskLevel :worst .
    :w a aims:AISystem ; aims:usesModel :o . :o aims:hasRisk :r3 .
    :x a aims:AISystem ; aims:hasDeployment :old . :old aims:deploysVersion :v3 .
    :p aims:hasVersion :v3 ; aims:hasRisk :r5 .
"""


def named(subject: str, predicate: str, value: str):
    return (
        NamedNode("urn:x#" + subject),
        NamedNode(AIMS + predicate),
        NamedNode(value if ":" in value else "urn:x#" + value),
    )


def test_our_rules_conclude_what_pyshacl_says() -> None:
    rules = (folder("ontology") / "rules.ttl").read_text("utf-8")
    assert set(with_inferred(columns(OURS)).columns.triples()) == pyshacl_closure(OURS, rules)


def test_a_system_has_the_highest_level_of_its_open_risks() -> None:
    inferred = with_inferred(columns(OURS))
    assert inferred.is_inferred(named("s", "highestRiskLevel", "high"))
    assert not inferred.holds(named("s", "highestRiskLevel", "low"))
    assert not inferred.holds(named("s", "highestRiskLevel", "worst"))
    inferred.apply([], [*columns(":r3 aims:riskStatus aims:RiskClosed .").triples()])
    assert inferred.holds(named("s", "highestRiskLevel", "worst"))
    assert not inferred.holds(named("s", "highestRiskLevel", "high"))


def test_a_system_inherits_the_highest_level_of_its_models_and_of_the_versions_it_deploys() -> None:
    inferred = with_inferred(columns(OURS))
    found = {
        (s.value[-1], o.value.removeprefix("urn:x#"))
        for s, p, o in inferred.columns.triples()
        if p.value == AIMS + "highestRiskLevel"
    }
    # A version that is not deployed counts for nothing, nor does a closed risk.
    assert found == {("s", "high"), ("t", "high"), ("u", "high"), ("v", "high"), ("x", "worst")}
    proof = prove(inferred, named("t", "highestRiskLevel", "high"))
    assert {named("t", "usesModel", "m"), named("m", "hasRisk", "r2")} <= set(proof.leaves())


def test_inverses_and_subclasses_lead_to_risks_of_models_too() -> None:
    ontology = load(ontology_files())
    data = columns(
        """:low aims:rank 1 . :high aims:rank 3 .
        :s a aims:AISystem ; aims:hasRisk :r1 . :m aims:modelUsedIn :s . :r2 aims:riskOf :m .
        :r1 aims:riskLevel :low . :r2 aims:riskLevel :high .
        :a a aims:Dataset ; aims:forbidsUse aims:TrainingUse ; aims:sourceOf :b . :b aims:sourceOf :c .
        :c a aims:Dataset ."""
    )
    inferred = with_inferred(data.union(ontology))
    assert inferred.is_inferred(named("s", "highestRiskLevel", "high"))
    assert not inferred.holds(named("s", "highestRiskLevel", "low"))
    assert inferred.is_inferred(named("c", "forbidsUse", AIMS + "TrainingUse"))
    assert not find_contradictions(inferred)


def test_a_forbidden_use_reaches_what_is_derived_and_its_proof_names_the_rule() -> None:
    inferred = with_inferred(columns(OURS))
    proof = prove(inferred, named("c", "forbidsUse", AIMS + "TrainingUse"))
    assert proof.rule == RULES + "forbidden-use-is-inherited"
    assert named("a", "forbidsUse", AIMS + "TrainingUse") in proof.leaves()
    assert named("b", "derivedFrom", "a") in proof.leaves()
    assert inferred.is_inferred(named("d", "forbidsUse", AIMS + "TrainingUse"))


def test_our_rules_have_iris_of_their_own() -> None:
    assert {rule.name.removeprefix(RULES) for rule in our_rules()} == {
        "forbidden-use-is-inherited",
        "forbidden-use-passes-preparation",
        "highest-risk-level",
    }
