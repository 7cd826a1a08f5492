"""Duties are separated: who did or wrote the work does not approve it."""

from collections.abc import Iterable, Sequence
from typing import Final

from pyoxigraph import NamedNode, Quad

from aims_api.callers import Caller, Permission
from aims_api.core import Core
from aims_api.problems import ProblemError
from aims_graph.vocabulary import AIMS
from aims_graph.workspace import Workspace
from aims_graph.workspace.dataset import Dataset

APPROVED_BY: Final = NamedNode(AIMS + "approvedBy")
APPROVALS: Final = frozenset({APPROVED_BY, NamedNode(AIMS + "approvedOn")})
WORK: Final = tuple(NamedNode(AIMS + name) for name in ("performedBy", "author", "responsible"))
STATUS: Final = NamedNode(AIMS + "documentStatus")
DRAFT: Final = NamedNode(AIMS + "Draft")
CURRENT: Final = NamedNode(AIMS + "Current")


def actor_of(caller: Caller) -> str:
    """What the journal says: the name for people, the id since names repeat."""
    return f"{caller.name} <{caller.id}>"


def releases(
    caller: Caller, dataset: Dataset, added: Sequence[Quad], removed: Sequence[Quad]
) -> set[Quad]:
    """What of the change makes a draft current that, after the change, the caller has approved."""
    drafts = {q.subject for q in removed if (q.predicate, q.object) == (STATUS, DRAFT)}
    own = {node for node in drafts if _has_approved(caller, dataset, node, added, removed)}
    return {
        quad
        for quads, status in ((removed, DRAFT), (added, CURRENT))
        for quad in quads
        if (quad.predicate, quad.object) == (STATUS, status) and quad.subject in own
    }


def _has_approved(
    caller: Caller,
    dataset: Dataset,
    node: object,
    added: Sequence[Quad],
    removed: Sequence[Quad],
) -> bool:
    if caller.person is None:
        return False
    said = (Quad(node, APPROVED_BY, NamedNode(caller.person), g) for g in dataset.names())  # type: ignore[arg-type]  # a subject
    return any(
        (q.subject, q.predicate, q.object) == (node, APPROVED_BY, NamedNode(caller.person))
        for q in added
    ) or any(quad in dataset and quad not in removed for quad in said)


def check_approval(core: Core, caller: Caller, dataset: Dataset, nodes: Iterable[object]) -> None:
    """Raises ProblemError 403."""
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
    """Whether one of the actors has changed more of the node than its approval, of which it is a part
    that a draft becomes current.
    """
    said = {p: node + b" " + str(p).encode() + b" " for p in (*APPROVALS, STATUS)}
    approvals = tuple(said[predicate] for predicate in APPROVALS)
    release = said[STATUS] + str(DRAFT).encode() + b" ", said[STATUS] + str(CURRENT).encode() + b" "
    have_approved = False
    for entry in workspace.journal.entries():
        if entry.actor not in actors:
            continue
        payload = entry.load()
        added = [line for line in payload.added if line.startswith(node + b" ")]
        removed = [line for line in payload.removed if line.startswith(node + b" ")]
        have_approved |= any(line.startswith(said[APPROVED_BY]) for line in added)
        if have_approved and any(line.startswith(release[0]) for line in removed):
            removed = [line for line in removed if not line.startswith(release[0])]
            added = [line for line in added if not line.startswith(release[1])]
        if any(not line.startswith(approvals) for line in (*added, *removed)):
            return True
    return False
