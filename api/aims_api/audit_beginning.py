"""How an audit begins: its record, with the person who audits."""

from collections.abc import Sequence
from typing import Final

from pyoxigraph import Literal, NamedNode, Quad

from aims_api.audit_status import IN_PROGRESS, STATUS
from aims_api.audits import AUDITOR, GRAPH, SCOPE
from aims_api.callers import Caller
from aims_api.core import Core
from aims_api.problems import ProblemError
from aims_api.records import TYPE, new_iri
from aims_api.writing import change
from aims_graph.journal import Entry
from aims_graph.vocabulary import RDFS, XSD, aims

_LABEL: Final = NamedNode(RDFS + "label")
_DATE: Final = NamedNode(XSD + "date")


def begin_audit(
    core: Core,
    caller: Caller,
    label: str,
    criteria: str,
    scope: Sequence[NamedNode],
    programme: NamedNode | None,
) -> tuple[NamedNode, Entry | None]:
    person, node = person_of(caller), new_iri(label)
    said = [
        Quad(node, TYPE, aims("InternalAudit"), GRAPH),
        Quad(node, _LABEL, Literal(label), GRAPH),
        Quad(node, aims("auditCriteria"), Literal(criteria), GRAPH),
        Quad(node, AUDITOR, person, GRAPH),
        Quad(node, STATUS, IN_PROGRESS, GRAPH),
        Quad(
            node, aims("startedOn"),
            Literal(core.snapshots.day.isoformat(), datatype=_DATE), GRAPH,
        ),
        *(Quad(node, SCOPE, part, GRAPH) for part in scope),
    ]  # fmt: skip
    if programme is not None:
        said.append(Quad(programme, aims("hasAudit"), node, GRAPH))
    entry = change(
        core, caller, lambda _: (said, ()), reason=f"Begin of the audit {label}", source="audit"
    )
    return node, entry


def person_of(caller: Caller) -> NamedNode:
    """Raises ProblemError 403: what auditors write has a name under it."""
    if caller.person is None:
        raise ProblemError(
            403, "forbidden",
            "the key does not say which person it stands for: ask for one that does",
        )  # fmt: skip
    return NamedNode(caller.person)
