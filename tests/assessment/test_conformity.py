"""Findings become states by the rules of the three states, checked on graphs small enough to judge by eye."""

from datetime import date
from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, parse

from aims_graph.assessment import Assessment, State, evaluate, to_triples
from aims_graph.columns import Columns

PREFIXES = """
@prefix aims: <https://w3id.org/aims-graph/ns#> .
@prefix iso42001: <https://w3id.org/aims-graph/iso42001#> .
@prefix aimssh: <https://w3id.org/aims-graph/shapes#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix ex: <https://shop.example/> .
"""
CATALOGUE = """
iso42001:4.3 a aims:RequirementClause ; dct:identifier "4.3" ; rdfs:label "Scope"@en ;
  aims:assessedAtLevel aims:WholeAIMS .
iso42001:8.4 a aims:RequirementClause ; dct:identifier "8.4" ; rdfs:label "Impact assessment"@en .
iso42001:5.1 a aims:RequirementClause ; dct:identifier "5.1" ; rdfs:label "Leadership"@en ;
  aims:needsEvidence true .
iso42001:7.3 a aims:RequirementClause ; dct:identifier "7.3" ; rdfs:label "Awareness"@en ;
  aims:notJudgedBecause "Only people can tell"@en .
iso42001:A.2.2 a aims:AnnexAControl ; dct:identifier "A.2.2" ; rdfs:label "AI policy"@en .
"""
SHAPES = """
aimssh:AimsHasScope a sh:NodeShape ; sh:targetClass aims:AIManagementSystem ; sh:property aimssh:ScopeExists .
aimssh:ScopeExists a sh:PropertyShape ; sh:path aims:hasScope ; sh:minCount 1 ; dct:source iso42001:4.3 ;
  sh:severity sh:Violation ; sh:message "The AIMS has no scope statement: write one."@en ; aims:level aims:WholeAIMS .
aimssh:AimsHasLeader a sh:NodeShape ; sh:targetClass aims:AIManagementSystem ; dct:source iso42001:5.1 ;
  sh:property [ sh:path aims:accountablePerson ; sh:minCount 1 ] .
aimssh:SystemHasAssessment a sh:NodeShape ; sh:targetClass aims:AISystem ; sh:property aimssh:AssessmentIsDone .
aimssh:AssessmentIsDone a sh:PropertyShape ; sh:path aims:hasImpactAssessment ; dct:source iso42001:8.4 ;
  sh:qualifiedValueShape [ sh:property [ sh:path aims:status ; sh:hasValue aims:Completed ] ] ;
  sh:qualifiedMinCount 1 ; sh:severity sh:Violation ; sh:message "Complete an impact assessment."@en .
aimssh:SystemHasNote a sh:NodeShape ; sh:targetClass aims:AISystem ; dct:source iso42001:8.4 ;
  sh:severity sh:Warning ; sh:property aimssh:NoteExists .
aimssh:NoteExists a sh:PropertyShape ; sh:path dct:description ; sh:minCount 1 ; sh:severity sh:Warning ;
  sh:message "Describe the system."@en .
aimssh:EntryHasOwner a sh:NodeShape ; sh:targetClass aims:ApplicabilityEntry ; aims:requirementPath aims:forControl ;
  sh:property aimssh:OwnerExists .
aimssh:OwnerExists a sh:PropertyShape ; sh:path aims:owner ; sh:minCount 1 ; aims:requirementPath aims:forControl ;
  sh:severity sh:Violation ; sh:message "Name an owner."@en .
aimssh:PolicyIsApproved a sh:NodeShape ; sh:targetClass aims:AIPolicy ; dct:source iso42001:A.2.2 ;
  sh:property aimssh:ApproverExists .
aimssh:ApproverExists a sh:PropertyShape ; sh:path aims:approvedBy ; sh:minCount 1 ; dct:source iso42001:A.2.2 ;
  sh:severity sh:Violation ; sh:message "Have the policy approved."@en .
"""


def columns(text: str) -> Columns:
    quads = parse((PREFIXES + text).encode(), format=RdfFormat.TURTLE)
    return Columns.from_triples(quad.triple for quad in quads)


def assess(data: str) -> Assessment:
    return evaluate(
        columns(data),
        as_of=date(2026, 6, 30),
        ontology=columns(CATALOGUE),
        shapes=columns(SHAPES),
    )


def state(assessment: Assessment, number: str) -> State:
    return next(c.state for r, c in assessment.by_requirement.items() if r.number == number)


def test_without_an_aims_a_whole_aims_requirement_is_not_met() -> None:
    assessment = assess("ex:s a aims:AISystem .")
    assert state(assessment, "4.3") is State.NOT_MET


def test_an_aims_without_scope_does_not_meet_the_scope_clause() -> None:
    assert state(assess("ex:a a aims:AIManagementSystem ."), "4.3") is State.NOT_MET


def test_an_aims_with_scope_meets_the_scope_clause() -> None:
    assert (
        state(assess("ex:a a aims:AIManagementSystem ; aims:hasScope ex:s ."), "4.3") is State.MET
    )


def test_a_requirement_on_systems_is_unknown_when_no_system_is_described() -> None:
    assert state(assess("ex:a a aims:AIManagementSystem ."), "8.4") is State.UNKNOWN


def test_a_requirement_no_rule_can_judge_is_unknown_with_its_reason() -> None:
    assessment = assess("ex:a a aims:AIManagementSystem .")
    result = next(c for r, c in assessment.by_requirement.items() if r.number == "7.3")
    assert (result.state, result.reason) == (State.UNKNOWN, "Only people can tell")


def test_met_by_structure_is_unknown_until_evidence_is_current() -> None:
    base = "ex:a a aims:AIManagementSystem ; aims:accountablePerson ex:p ."
    record = "ex:e a aims:Evidence ; aims:addresses iso42001:5.1 ; aims:validUntil '{}'^^xsd:date ."
    assert state(assess(base), "5.1") is State.UNKNOWN
    assert state(assess(base + record.format("2026-06-29")), "5.1") is State.UNKNOWN
    assert state(assess(base + record.format("2026-06-30")), "5.1") is State.MET


@pytest.mark.parametrize(
    ("said", "expected", "progress"),
    [
        ("aims:hasImpactAssessment [ aims:status aims:Completed ]", State.MET, False),
        ("aims:hasImpactAssessment [ aims:status aims:InProgress ]", State.NOT_MET, True),
        ("aims:hasImpactAssessment [ aims:status aims:NotDone ]", State.NOT_MET, False),
        ("rdfs:label 'nothing said'", State.NOT_MET, False),
        ("aims:notReported aims:hasImpactAssessment", State.UNKNOWN, False),
        ("aims:recordCompleteness aims:PartialRecord", State.UNKNOWN, False),
        (
            "aims:recordCompleteness aims:PartialRecord ; "
            "aims:hasImpactAssessment [ aims:status aims:InProgress ]",
            State.NOT_MET,
            True,
        ),
    ],
)
def test_not_done_in_progress_and_not_reported_are_told_apart(
    said: str, expected: State, progress: bool
) -> None:
    result = next(
        c
        for r, c in assess(f"ex:s a aims:AISystem ; {said} .").by_requirement.items()
        if r.number == "8.4"
    )
    assert result.state is expected
    assert bool(result.in_progress) is progress
    assert result.met + result.not_met + result.unknown == result.checked


def test_a_warning_changes_no_state() -> None:
    assessment = assess(
        "ex:s a aims:AISystem ; aims:hasImpactAssessment [ aims:status aims:Completed ] ."
    )
    assert [f.severity for f in assessment.findings] == ["warning"]
    assert state(assessment, "8.4") is State.MET


def test_a_common_rule_counts_for_the_control_of_its_entry() -> None:
    assessment = assess("ex:e a aims:ApplicabilityEntry ; aims:forControl iso42001:A.2.2 .")
    finding = next(f for f in assessment.findings if f.rule.name == "OwnerExists")
    assert assessment.numbers(finding) == ["A.2.2"]
    assert state(assessment, "A.2.2") is State.NOT_MET


def test_of_an_excluded_control_only_the_exclusion_is_judged() -> None:
    assessment = assess(
        "ex:e a aims:ApplicabilityEntry ; aims:forControl iso42001:A.2.2 ; aims:applicable false ;"
        " aims:owner ex:p . ex:policy a aims:AIPolicy ."
    )
    assert [f.rule.name for f in assessment.findings] == ["ApproverExists"]
    assert state(assessment, "A.2.2") is State.MET


def test_a_finding_belongs_to_the_system_whose_record_holds_its_focus() -> None:
    assessment = assess("ex:s a aims:AISystem ; aims:owner ex:maria .")
    system = assessment.systems[0]
    finding = next(f for f in assessment.findings if f.rule.name == "AssessmentIsDone")
    assert finding.systems == (system,)
    assert str(finding.owner) == "<https://shop.example/maria>"
    assert assessment.by_system[system].state is State.NOT_MET


def test_a_fingerprint_survives_another_order_and_other_blank_labels() -> None:
    first = "_:x a aims:AISystem ; rdfs:label 'A' . ex:s a aims:AISystem ."
    second = "ex:s a aims:AISystem . _:other rdfs:label 'A' ; a aims:AISystem ."
    fingerprints = [{f.fingerprint for f in assess(text).findings} for text in (first, second)]
    assert fingerprints[0] == fingerprints[1]
    assert len(fingerprints[0]) == 4


def test_the_findings_graph_states_every_requirement(root: Path) -> None:
    assessment = assess("ex:s a aims:AISystem .")
    triples = list(to_triples(assessment))
    results = [t for t in triples if t[1].value.endswith("#conformityState")]
    findings = len(assessment.findings)
    assert len(results) == len(assessment.requirements) + len(assessment.systems) + findings


def test_a_fingerprint_is_the_same_for_a_blank_node_and_the_iri_a_workspace_makes_of_it() -> None:
    genid = "<https://w3id.org/aims-graph/.well-known/genid/{}>"
    said = "{} a aims:AISystem ; rdfs:label 'A' . {} rdfs:label 'near' ."
    texts = [
        said.format("_:x", "_:y"),
        said.format(genid.format("g-1"), genid.format("g-2")),
        said.format(genid.format("g-7"), genid.format("g-8")),
    ]
    found = [{f.fingerprint for f in assess(text).findings} for text in texts]
    assert found[0] == found[1] == found[2]
