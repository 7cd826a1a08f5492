"""An assessment as triples, so that queries and other tools can ask for states and findings."""

import hashlib
from collections.abc import Iterator

from pyoxigraph import BlankNode, Literal, NamedNode

from aims_graph.assessment.conformity import Assessment, Conformity
from aims_graph.assessment.findings import Finding
from aims_graph.assessment.requirements import CONTROL
from aims_graph.assessment.states import State
from aims_graph.columns import Term, Triple
from aims_graph.vocabulary import AIMS, RDF, SH, XSD

_TYPE = NamedNode(RDF + "type")
_STATES = {
    State.MET: NamedNode(AIMS + "Met"),
    State.NOT_MET: NamedNode(AIMS + "NotMet"),
    State.UNKNOWN: NamedNode(AIMS + "Unknown"),
}
_AIMS_CLASS = NamedNode(AIMS + "AIManagementSystem")


def _aims(name: str) -> NamedNode:
    return NamedNode(AIMS + name)


def to_triples(assessment: Assessment) -> Iterator[Triple]:
    """Every finding, and the state of every requirement, system and of the AIMS as a whole."""
    for finding in assessment.findings:
        yield from _finding(finding)
    for requirement, result in assessment.by_requirement.items():
        node = NamedNode(f"urn:aims:conformity:{requirement.number}")
        yield from _result(node, requirement.iri, result)
        if requirement.kind == CONTROL:
            excluded = requirement.iri in assessment.excluded_controls
            yield (node, _aims("excludedFromScope"), _boolean(excluded))
    for system, result in assessment.by_system.items():
        # The same label each time, so that only what changes differs from one evaluation to the next.
        name = hashlib.sha256(str(system).encode()).hexdigest()[:16]
        yield from _result(BlankNode(f"s{name}"), system, result)
    for management_system in assessment.data.instances(_AIMS_CLASS):
        name = hashlib.sha256(str(management_system).encode()).hexdigest()[:16]
        subject = BlankNode(f"m{name}")
        yield (subject, _TYPE, _aims("ConformityResult"))
        yield (subject, _aims("resultFor"), management_system)
        yield (subject, _aims("conformityState"), _STATES[assessment.overall])


def _result(node: NamedNode | BlankNode, of: Term, result: Conformity) -> Iterator[Triple]:
    yield (node, _TYPE, _aims("ConformityResult"))
    yield (node, _aims("resultFor"), of)
    yield (node, _aims("conformityState"), _STATES[result.state])
    counts = {
        "checkedCount": result.checked,
        "metCount": result.met,
        "notMetCount": result.not_met,
        "unknownCount": result.unknown,
        "inProgressCount": result.in_progress,
    }
    for name, count in counts.items():
        yield (node, _aims(name), Literal(count))
    if result.reason:
        yield (node, _aims("reason"), Literal(result.reason, language="en"))


def _finding(finding: Finding) -> Iterator[Triple]:
    node = NamedNode(f"urn:aims:finding:{finding.fingerprint}")
    yield (node, _TYPE, _aims("Finding"))
    yield (node, _aims("fingerprint"), Literal(finding.fingerprint))
    yield (node, _aims("ofRule"), finding.rule.shape)
    yield (node, _aims("focusNode"), finding.focus)
    yield (node, _aims("findingSeverity"), NamedNode(SH + finding.severity.capitalize()))
    yield (node, _aims("findingMessage"), Literal(finding.message, language="en"))
    yield (node, _aims("conformityState"), _STATES[finding.state])
    for requirement in finding.requirements:
        yield (node, _aims("againstRequirement"), requirement)
    for system in finding.systems:
        yield (node, _aims("aboutSystem"), system)
    if finding.path:
        yield (node, _aims("findingPath"), Literal(finding.path))
    if finding.value is not None:
        yield (node, _aims("findingValue"), finding.value)
    if finding.progress:
        yield (node, _aims("progress"), _aims("InProgress"))
    if finding.owner is not None:
        yield (node, _aims("owner"), finding.owner)


def _boolean(value: bool) -> Literal:
    return Literal("true" if value else "false", datatype=NamedNode(XSD + "boolean"))
