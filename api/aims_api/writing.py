"""The one way in: what a caller may change, and that duties stay separated."""

from collections.abc import Callable, Iterable
from typing import Final

from pyoxigraph import NamedNode, Quad

from aims_api.callers import AUDIT_GRAPH, Caller, Permission
from aims_api.core import Core
from aims_api.patches import graph_of
from aims_api.problems import ProblemError
from aims_api.sign_offs import check_sign_offs
from aims_graph.journal import Entry
from aims_graph.vocabulary import AIMS, SHAPES
from aims_graph.workspace import Workspace
from aims_graph.workspace.dataset import Dataset

_APPROVALS: Final = frozenset({NamedNode(AIMS + "approvedBy"), NamedNode(AIMS + "approvedOn")})
WORK: Final = tuple(NamedNode(AIMS + name) for name in ("performedBy", "author", "responsible"))
#: Terms of the vocabulary and results of evaluations: nobody's to describe.
RESERVED: Final = (AIMS, SHAPES, "urn:aims:finding:", "urn:aims:conformity:", "urn:audit:")
_WAIT_SECONDS: Final = 10.0

Work = Callable[[Dataset], tuple[Iterable[Quad], Iterable[Quad]]]


def actor_of(caller: Caller) -> str:
    """What the journal says: the name for people, the id since names repeat."""
    return f"{caller.name} <{caller.id}>"


def change(core: Core, caller: Caller, work: Work, *, reason: str, source: str) -> Entry | None:
    """Commits what ``work`` makes of the data, if it is the caller's to change; None when nothing changes.

    Raises ProblemError 403, InputError and its kinds as the workspace does.
    """

    def checked(dataset: Dataset) -> tuple[list[Quad], list[Quad]]:
        added, removed = work(dataset)
        come = [quad for quad in dict.fromkeys(added) if quad not in dataset]
        gone = [quad for quad in dict.fromkeys(removed) if quad in dataset]
        check(core, caller, dataset, come, gone)
        return come, gone

    entry = core.workspace.change(
        checked, reason=reason, source=source, actor=actor_of(caller), wait=_WAIT_SECONDS
    )
    if entry is not None:
        core.written[caller.id] = entry.sequence
        core.snapshots.notice()
    return entry


def check(
    core: Core, caller: Caller, dataset: Dataset, added: list[Quad], removed: list[Quad]
) -> None:
    """Raises ProblemError 403, 409."""
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
    check_sign_offs(dataset, added, removed)
    approved = {quad.subject for quad in changed if quad.predicate in _APPROVALS}
    others = [quad for quad in changed if quad.predicate not in _APPROVALS]
    if approved:
        _check_approval(core, caller, dataset, approved)
    if others and not caller.may(Permission.WRITE):
        in_audit = all(graph_of(quad) == AUDIT_GRAPH for quad in others)
        if not (caller.may(Permission.AUDIT) and in_audit):
            raise ProblemError(403, "forbidden", "this takes the right to write")


def _check_approval(core: Core, caller: Caller, dataset: Dataset, nodes: Iterable[object]) -> None:
    if caller.may(Permission.MANAGE):
        return  # takes in records of approvals given elsewhere
    if not caller.may(Permission.APPROVE):
        raise ProblemError(403, "forbidden", "approvals take the right to approve")
    names = dataset.names()
    for node in nodes:
        workers = [
            predicate
            for predicate in WORK
            for name in names
            if caller.person is not None
            and Quad(node, predicate, NamedNode(caller.person), name) in dataset  # type: ignore[arg-type]
        ]
        refusal = approval_refusal(core, caller, node, is_worker=bool(workers))
        if refusal is not None:
            raise ProblemError(403, "policy-denied", refusal)


def approval_refusal(core: Core, caller: Caller, node: object, *, is_worker: bool) -> str | None:
    """Why the node is not the caller's to approve; None when it is."""
    if is_worker:
        return "who did the work does not approve it: duties are separated"
    if _has_written(core.workspace, _actors(core, caller), str(node).encode()):
        return "who wrote the record does not approve it: duties are separated"
    return None


def _actors(core: Core, caller: Caller) -> set[str]:
    """As whom the caller stands in the journal: by this key, and by others of the same person."""
    own = {actor_of(caller)}
    if caller.person is not None:
        own |= {
            f"{key['name']} <{key['id']}>"
            for key in core.keys.list()
            if key["person"] == caller.person
        }
    return own


def _has_written(workspace: Workspace, actors: set[str], node: bytes) -> bool:
    """Whether one of the actors has changed more of the node than its approval."""
    approvals = tuple(str(predicate).encode() for predicate in _APPROVALS)
    for entry in workspace.journal.entries():
        if entry.actor not in actors:
            continue
        payload = entry.load()
        for line in (*payload.added, *payload.removed):
            if line.startswith(node + b" ") and not any(p in line for p in approvals):
                return True
    return False
