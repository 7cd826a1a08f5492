"""The statement of applicability (6.1.3): every Annex A control, what was declared and what is true of it."""

from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode

from aims_graph.assessment.conformity import Assessment, Conformity
from aims_graph.assessment.requirements import Requirement
from aims_graph.assessment.states import State
from aims_graph.columns.reader import Reader, Term
from aims_graph.vocabulary import aims

# The states of a control, each resting on the ones before it; rules say which of them they judge.
STATES = (
    "ControlDeclared",
    "ControlImplemented",
    "ControlEvidenced",
    "ControlEvidenceCurrent",
    "ControlEffective",
)


@dataclass(frozen=True, slots=True)
class ControlRow:
    """One control. ``applicable`` is None where no entry says so.

    ``reached`` has one answer a state of STATES: declared, implemented, evidenced, currently evidenced,
    effective. None means that it does not matter (the control is excluded) or no rule in use judges it.
    """

    requirement: Requirement
    applicable: bool | None
    justification: str
    implementation_state: str
    owner: str
    evidence: tuple[Term, ...]
    risks: tuple[Term, ...]
    reached: tuple[bool | None, ...]
    state: State


def read_statement(assessment: Assessment) -> list[ControlRow]:
    """All 38 controls in the order of their numbers, also those no statement mentions."""
    judged = {rule.judges_state for rule in assessment.rules.values()}
    return [
        _row(assessment, requirement, conformity, judged)
        for requirement, conformity in assessment.controls().items()
    ]


def _row(
    assessment: Assessment,
    requirement: Requirement,
    conformity: Conformity,
    judged: set[NamedNode | None],
) -> ControlRow:
    data = assessment.data
    control = requirement.iri
    entries = data.subjects(aims("forControl"), control)
    implementations = data.subjects(aims("implements"), control)
    said = _first(data, [*implementations, *entries], aims("implementationState"))
    owner = _first(data, [*entries, *implementations], aims("owner"))
    applicable = _applicable(data, entries)
    return ControlRow(
        requirement=requirement,
        applicable=applicable,
        justification=next((t for e in entries if (t := data.text(e, aims("justification")))), ""),
        implementation_state="" if said is None else data.label(said),
        owner="" if owner is None else data.label(owner),
        evidence=_evidence(assessment, control, implementations),
        risks=tuple(
            data.subjects_of_any(
                aims("hasTreatment"), data.subjects(aims("appliesControl"), control)
            )
        ),
        reached=_reached(conformity, applicable, judged),
        state=conformity.state,
    )


def _reached(
    conformity: Conformity, applicable: bool | None, judged: set[NamedNode | None]
) -> tuple[bool | None, ...]:
    """A state is reached when nothing was found against it or against one it rests on."""
    if applicable is False:
        return (True, *[None] * (len(STATES) - 1))
    failed = {f.rule.judges_state for f in conformity.findings if f.counts}
    reached: list[bool | None] = []
    holds = applicable is not None
    for name in STATES:
        holds = holds and aims(name) not in failed
        reached.append(holds if aims(name) in judged else None)
    return tuple(reached)


def _evidence(
    assessment: Assessment, control: Term, implementations: list[Term]
) -> tuple[Term, ...]:
    """Evidence of the control: of an implementation of it, or a record that says it serves it."""
    data = assessment.data
    found = data.objects_of_any(implementations, aims("evidencedBy"))
    records = (n for n in data.subjects(aims("addresses"), control) if n in assessment.evidence)
    return tuple(dict.fromkeys([*found, *records]))


def _first(data: Reader, nodes: list[Term], predicate: NamedNode) -> Term | None:
    values = (data.value(node, predicate) for node in nodes)
    return next((value for value in values if value is not None), None)


def _applicable(data: Reader, entries: list[Term]) -> bool | None:
    said = data.objects_of_any(entries, aims("applicable"))
    return any(map(_is_true, said)) if said else None


def _is_true(term: Term | None) -> bool:
    return isinstance(term, Literal) and term.value in {"true", "1"}
