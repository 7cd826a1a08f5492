"""The one way in: what a caller may change, and that duties stay separated."""

from collections.abc import Callable, Iterable
from typing import Final

from pyoxigraph import NamedNode, Quad

from aims_api.audit_status import given_way
from aims_api.callers import AUDIT_GRAPH, Caller, Permission
from aims_api.core import Core
from aims_api.duties import APPROVALS, actor_of, check_approval, note_writer, releases
from aims_api.patches import graph_of
from aims_api.problems import ProblemError
from aims_graph.journal import Entry
from aims_graph.sparql.graphs import RESERVED as ENGINE_GRAPHS
from aims_graph.sparql.graphs import UNNAMED
from aims_graph.vocabulary import AIMS, BASE, ISO42001, RDF, SHAPES
from aims_graph.workspace import CommitBlockedError
from aims_graph.workspace.dataset import Dataset

#: Terms of the vocabulary and of the standard, what the engine makes, entries of the journal: nobody's to
#: describe.
RESERVED: Final = (
    AIMS, SHAPES, ISO42001, BASE + "ontology/", "urn:aims:finding:", "urn:aims:conformity:",
    "urn:aims:entry:", "urn:audit:", *sorted(graph.value for graph in ENGINE_GRAPHS),
)  # fmt: skip
#: What only the engine says of things.
_RESULTS: Final = frozenset(
    NamedNode(AIMS + name) for name in ("conformityState", "resultFor", "ofRule", "fingerprint")
)
_RESULT_CLASSES: Final = frozenset(
    NamedNode(AIMS + name) for name in ("Finding", "ConformityResult")
)
_TYPE: Final = NamedNode(RDF + "type")
_WAIT_SECONDS: Final = 10.0

Work = Callable[[Dataset], tuple[Iterable[Quad], Iterable[Quad]]]


def change(core: Core, caller: Caller, work: Work, *, reason: str, source: str) -> Entry | None:
    """Commits what ``work`` makes of the data, if it is the caller's to change; None when nothing changes.

    Raises ProblemError 403, InputError and its kinds as the workspace does.
    """

    def checked(dataset: Dataset) -> tuple[list[Quad], list[Quad]]:
        added, removed = work(dataset)
        come = [quad for quad in dict.fromkeys(added) if quad not in dataset]
        gone = [quad for quad in dict.fromkeys(removed) if quad in dataset]
        check(core, caller, dataset, come, gone)
        note_writer(core, caller)
        return come, gone

    try:
        entry = core.workspace.change(
            checked, reason=reason, source=source, actor=actor_of(caller), wait=_WAIT_SECONDS
        )
    except CommitBlockedError:
        if caller.reads_all:
            raise
        # It is made from all graphs, so what blocks may be of another.
        raise ProblemError(409, "policy-denied", "the policy of the workspace blocks it") from None
    if entry is not None:
        core.written[caller.id] = entry.sequence
        core.snapshots.notice()
    return entry


def check(
    core: Core, caller: Caller, dataset: Dataset, added: list[Quad], removed: list[Quad]
) -> None:
    """Raises ProblemError 403."""
    changed = [*added, *removed]
    for graph in {graph_of(quad) for quad in changed}:
        if not caller.may_write(graph):
            raise ProblemError(403, "policy-denied", f"the graph {graph} is not yours to write")
    for quad in changed:
        subject = quad.subject
        if isinstance(subject, NamedNode) and subject.value.startswith(RESERVED):
            raise ProblemError(
                403, "policy-denied", f"{subject.value} stands in a reserved namespace"
            )
        if quad.graph_name == UNNAMED:
            raise ProblemError(403, "policy-denied", "that name stands for the graph without one")
    for quad in added:
        is_result = quad.predicate == _TYPE and quad.object in _RESULT_CLASSES
        if is_result or quad.predicate in _RESULTS:
            raise ProblemError(
                403, "policy-denied", "findings and states are made from the record, not part of it"
            )
    approvals = {quad for quad in changed if quad.predicate in APPROVALS}
    if not caller.may(Permission.WRITE):
        approvals |= releases(caller, dataset, added, removed)
    others = [quad for quad in changed if quad not in approvals]
    if approvals:
        check_approval(core, caller, dataset, {quad.subject for quad in approvals}, added)
    if others and not caller.may(Permission.WRITE):
        statuses = given_way(dataset, added, removed)
        in_audit = all(graph_of(q) == AUDIT_GRAPH or q in statuses for q in others)
        if not (caller.may(Permission.AUDIT) and in_audit):
            raise ProblemError(403, "forbidden", "this takes the right to write")
