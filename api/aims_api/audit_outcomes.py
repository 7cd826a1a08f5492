"""What a sign-off brings about: an audit finding and, for a failing, a nonconformity."""

import secrets
from datetime import UTC, datetime
from typing import Final

from pyoxigraph import Literal, NamedNode, Quad

from aims_api.audits import AGAINST, GRAPH, NONCONFORMITIES, Examination, examination_iri
from aims_api.records import TYPE
from aims_graph.assessment import Requirement
from aims_graph.vocabulary import RDFS, XSD, aims
from aims_graph.workspace.sign_offs import DESCRIPTION, ESTABLISHES, HAS_FINDING, RAISES

_LABEL: Final = NamedNode(RDFS + "label")
_MOMENT: Final = NamedNode(XSD + "dateTime")


def finding_quads(
    audit: NamedNode, requirement: Requirement, exam: Examination, name: str, today: Literal
) -> list[Quad]:
    assert exam.verdict is not None
    node = examination_iri(audit, requirement.iri)
    finding, nonconformity = outcome_of(node)
    text = Literal("\n".join(note.text for note in exam.notes))
    label = Literal(f"{requirement.number} {requirement.title} ({name})")
    said = [
        Quad(node, ESTABLISHES, finding, GRAPH),
        Quad(audit, HAS_FINDING, finding, GRAPH),
        Quad(finding, TYPE, aims("AuditFinding"), GRAPH),
        Quad(finding, _LABEL, label, GRAPH),
        Quad(finding, DESCRIPTION, text, GRAPH),
        Quad(finding, AGAINST, requirement.iri, GRAPH),
        Quad(finding, aims("findingGrade"), exam.verdict, GRAPH),
    ]
    if exam.verdict in NONCONFORMITIES:
        said += [
            Quad(finding, RAISES, nonconformity, GRAPH),
            Quad(nonconformity, TYPE, aims("Nonconformity"), GRAPH),
            Quad(nonconformity, _LABEL, label, GRAPH),
            Quad(nonconformity, DESCRIPTION, text, GRAPH),
            Quad(nonconformity, AGAINST, requirement.iri, GRAPH),
            Quad(nonconformity, aims("detectedOn"), today, GRAPH),
            Quad(nonconformity, aims("nonconformityStatus"), aims("NonconformityOpen"), GRAPH),
        ]
    return said


def outcome_of(exam: NamedNode) -> tuple[NamedNode, NamedNode]:
    """The finding and the nonconformity: made again after a reopening, they have the same names."""
    tail = exam.value.removeprefix("urn:aims:examination:")
    return NamedNode(f"urn:aims:audit-finding:{tail}"), NamedNode(f"urn:aims:nonconformity:{tail}")


def new(kind: str) -> NamedNode:
    return NamedNode(f"urn:aims:{kind}:{secrets.token_hex(8)}")


def now() -> Literal:
    return Literal(datetime.now(UTC).isoformat(timespec="milliseconds"), datatype=_MOMENT)
