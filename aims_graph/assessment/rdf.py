"""An assessment as triples, so that queries and other tools can ask for states and findings."""

import hashlib
from collections.abc import Iterator

from pyoxigraph import BlankNode, Literal, NamedNode

from aims_graph.assessment.conformity import Assessment, Conformity
from aims_graph.assessment.findings import Finding
from aims_graph.assessment.requirements import CONTROL
from aims_graph.assessment.states import State
from aims_graph.columns import Term, Triple
from aims_graph.vocabulary import RDF, SH, XSD, aims

_TYPE = NamedNode(RDF + "type")
_STATES = {
    State.MET: aims("Met"),
    State.NOT_MET: aims("NotMet"),
    State.UNKNOWN: aims("Unknown"),
}
_AIMS_CLASS = aims("AIManagementSystem")


def to_triples(assessment: Assessment) -> Iterator[Triple]:
    """Every finding, and the state of every requirement, system and of the AIMS as a whole."""
    for finding in assessment.findings:
        yield from finding_triples(finding)
    yield from state_triples(assessment)


def state_triples(assessment: Assessment) -> Iterator[Triple]:
    for requirement, result in assessment.by_requirement.items():
        node = NamedNode(f"urn:aims:conformity:{requirement.number}")
        yield from _result(node, requirement.iri, result)
        if requirement.kind == CONTROL:
            excluded = requirement.iri in assessment.excluded_controls
            yield (node, aims("excludedFromScope"), _boolean(excluded))
    for system, result in assessment.by_system.items():
        # The same label each time, so that only what changes differs from one evaluation to the next.
        name = hashlib.sha256(str(system).encode()).hexdigest()[:16]
        yield from _result(BlankNode(f"s{name}"), system, result)
    for management_system in assessment.data.instances(_AIMS_CLASS):
        name = hashlib.sha256(str(management_system).encode()).hexdigest()[:16]
        subject = BlankNode(f"m{name}")
        yield (subject, _TYPE, aims("ConformityResult"))
        yield (subject, aims("resultFor"), management_system)
        yield (subject, aims("conformityState"), _STATES[assessment.overall])


def _result(node: NamedNode | BlankNode, of: Term, result: Conformity) -> Iterator[Triple]:
    yield (node, _TYPE, aims("ConformityResult"))
    yield (node, aims("resultFor"), of)
    yield (node, aims("conformityState"), _STATES[result.state])
    counts = {
        "checkedCount": result.checked,
        "metCount": result.met,
        "notMetCount": result.not_met,
        "unknownCount": result.unknown,
        "inProgressCount": result.in_progress,
    }
    for name, count in counts.items():
        yield (node, aims(name), Literal(count))
    if result.reason:
        yield (node, aims("reason"), Literal(result.reason, language="en"))


def finding_triples(finding: Finding) -> Iterator[Triple]:
    node = NamedNode(f"urn:aims:finding:{finding.fingerprint}")
    yield (node, _TYPE, aims("Finding"))
    yield (node, aims("fingerprint"), Literal(finding.fingerprint))
    yield (node, aims("ofRule"), finding.rule.shape)
    yield (node, aims("focusNode"), finding.focus)
    yield (node, aims("findingSeverity"), NamedNode(SH + finding.severity.capitalize()))
    yield (node, aims("findingMessage"), Literal(finding.message, language="en"))
    yield (node, aims("conformityState"), _STATES[finding.state])
    for requirement in finding.requirements:
        yield (node, aims("againstRequirement"), requirement)
    for system in finding.systems:
        yield (node, aims("aboutSystem"), system)
    if finding.path:
        yield (node, aims("findingPath"), Literal(finding.path))
    if finding.value is not None:
        yield (node, aims("findingValue"), finding.value)
    if finding.progress:
        yield (node, aims("progress"), aims("InProgress"))
    if finding.owner is not None:
        yield (node, aims("owner"), finding.owner)


def _boolean(value: bool) -> Literal:
    return Literal("true" if value else "false", datatype=NamedNode(XSD + "boolean"))
