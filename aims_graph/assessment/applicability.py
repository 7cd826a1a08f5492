"""The statement of applicability (6.1.3): every Annex A control, what was declared and what is true of it."""

from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode

from aims_graph.assessment.conformity import Assessment
from aims_graph.assessment.requirements import Requirement
from aims_graph.assessment.states import State
from aims_graph.columns.reader import Reader, Term
from aims_graph.vocabulary import AIMS


def _aims(name: str) -> NamedNode:
    return NamedNode(AIMS + name)


@dataclass(frozen=True, slots=True)
class ControlRow:
    """One control. Declared, implemented, evidenced, currently evidenced and effective are told apart;
    ``applicable`` is None where no entry says so.
    """

    requirement: Requirement
    applicable: bool | None
    justification: str
    implementation_state: str
    owner: str
    evidence: tuple[Term, ...]
    risks: tuple[Term, ...]
    declared: bool
    implemented: bool
    evidenced: bool
    evidence_current: bool
    effective: bool
    state: State


def read_statement(assessment: Assessment) -> list[ControlRow]:
    """All 38 controls in the order of their numbers, also those no statement mentions."""
    return [
        _row(assessment, requirement, conformity.state)
        for requirement, conformity in assessment.controls().items()
    ]


def _row(assessment: Assessment, requirement: Requirement, state: State) -> ControlRow:
    data = assessment.data
    control = requirement.iri
    entries = data.subjects(_aims("forControl"), control)
    implementations = data.subjects(_aims("implements"), control)
    evidence = _evidence(data, control, implementations)
    current = tuple(
        node
        for node in evidence
        if (data.date(node, _aims("validUntil")) or assessment.as_of) >= assessment.as_of
    )
    states = [
        data.value(node, _aims("implementationState")) for node in (*implementations, *entries)
    ]
    said = next((node for node in states if node is not None), None)
    tests = [t for i in implementations for t in data.objects(i, _aims("hasEffectivenessTest"))]
    applicable = _applicable(data, entries)
    return ControlRow(
        requirement=requirement,
        applicable=applicable,
        justification=next((t for e in entries if (t := data.text(e, _aims("justification")))), ""),
        implementation_state="" if said is None else data.label(said),
        owner=_owner(data, [*entries, *implementations]),
        evidence=evidence,
        risks=tuple(
            dict.fromkeys(
                risk
                for treatment in data.subjects(_aims("appliesControl"), control)
                for risk in data.subjects(_aims("hasTreatment"), treatment)
            )
        ),
        declared=applicable is not None,
        implemented=_aims("Implemented") in states,
        evidenced=bool(evidence),
        evidence_current=bool(current),
        effective=any(_is_true(data.value(test, _aims("effective"))) for test in tests),
        state=state,
    )


def _evidence(data: Reader, control: Term, implementations: list[Term]) -> tuple[Term, ...]:
    """Evidence of the control: of an implementation of it, or a record that says it serves it."""
    found: dict[Term, None] = {}
    for implementation in implementations:
        found.update(dict.fromkeys(data.objects(implementation, _aims("evidencedBy"))))
    records = set(data.instances(_aims("Evidence")))
    for node in data.subjects(_aims("addresses"), control):
        if node in records:
            found[node] = None
    return tuple(found)


def _owner(data: Reader, nodes: list[Term]) -> str:
    owners = (data.value(node, _aims("owner")) for node in nodes)
    found = next((owner for owner in owners if owner is not None), None)
    return "" if found is None else data.label(found)


def _applicable(data: Reader, entries: list[Term]) -> bool | None:
    values = [data.value(entry, _aims("applicable")) for entry in entries]
    said = [_is_true(value) for value in values if value is not None]
    return any(said) if said else None


def _is_true(term: Term | None) -> bool:
    return isinstance(term, Literal) and term.value in {"true", "1"}
