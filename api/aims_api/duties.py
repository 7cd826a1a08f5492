"""Duties are separated: who did or wrote the work does not approve it."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final

from pyoxigraph import Literal, NamedNode, Quad

from aims_api.callers import Caller, Permission
from aims_api.core import Core
from aims_api.problems import ProblemError
from aims_graph.vocabulary import AIMS, XSD
from aims_graph.workspace import Workspace
from aims_graph.workspace.dataset import Dataset

APPROVED_BY: Final = NamedNode(AIMS + "approvedBy")
APPROVED_ON: Final = NamedNode(AIMS + "approvedOn")
APPROVALS: Final = frozenset({APPROVED_BY, APPROVED_ON})
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


def check_approval(
    core: Core, caller: Caller, dataset: Dataset, nodes: Iterable[object], added: Iterable[Quad]
) -> None:
    """``nodes``: what is approved, or is no more. Raises ProblemError 403."""
    if caller.may(Permission.MANAGE):
        return  # takes in records of approvals given elsewhere
    if not caller.may(Permission.APPROVE):
        raise ProblemError(403, "forbidden", "approvals take the right to approve")
    if caller.person is None:
        raise ProblemError(403, "forbidden", "the key does not say which person it stands for")
    _check_own(caller.person, core.snapshots.day, added)
    names = dataset.names()
    for node in nodes:
        workers = [
            predicate
            for predicate in WORK
            for name in names
            if Quad(node, predicate, NamedNode(caller.person), name) in dataset  # type: ignore[arg-type]
        ]
        refusal = approval_refusal(core, caller, node, is_worker=bool(workers))
        if refusal is not None:
            raise ProblemError(403, "policy-denied", refusal)


def _check_own(person: str, day: date, added: Iterable[Quad]) -> None:
    """Nobody approves for somebody else, or on a day that is gone."""
    today = Literal(day.isoformat(), datatype=NamedNode(XSD + "date"))
    for quad in added:
        if quad.predicate == APPROVED_BY and quad.object != NamedNode(person):
            raise ProblemError(403, "policy-denied", "one approves in one's own name only")
        if quad.predicate == APPROVED_ON and quad.object != today:
            raise ProblemError(403, "policy-denied", f"an approval given now is of {day}")


def approval_refusal(core: Core, caller: Caller, node: object, *, is_worker: bool) -> str | None:
    """Why the node is not the caller's to approve; None when it is."""
    if is_worker:
        return "who did the work does not approve it: duties are separated"
    if _has_written(core.workspace, _own_ids(core, caller), str(node).encode()):
        return "who wrote the record does not approve it: duties are separated"
    return None


def note_writer(core: Core, caller: Caller) -> None:
    """Keeps for which person somebody writes: what a token says of its bearer is nowhere else."""
    pair = caller.id, caller.person
    known = core.store.row("SELECT 1 FROM writers WHERE id = ? AND person = ?", *pair)
    if caller.person is not None and known is None:
        core.store.write("INSERT OR IGNORE INTO writers VALUES (?,?)", *pair)


def _own_ids(core: Core, caller: Caller) -> tuple[str, ...]:
    """How actors end that are the caller, by this key or token or by others of the same person. Names
    before that may change, and are not one's own.
    """
    own = {caller.id}
    if caller.person is not None:
        own |= {key["id"] for key in core.keys.list() if key["person"] == caller.person}
        rows = core.store.rows("SELECT id FROM writers WHERE person = ?", caller.person)
        own |= {row["id"] for row in rows}
    return tuple(f" <{name}>" for name in own)


def _has_written(workspace: Workspace, actors: tuple[str, ...], node: bytes) -> bool:
    """Whether one of the actors has changed more of the node than its approval, of which it is a part
    that a draft becomes current.
    """
    said = {p: node + b" " + str(p).encode() + b" " for p in (*APPROVALS, STATUS)}
    approvals = tuple(said[predicate] for predicate in APPROVALS)
    release = said[STATUS] + str(DRAFT).encode() + b" ", said[STATUS] + str(CURRENT).encode() + b" "
    have_approved = False
    for entry in workspace.journal.entries():
        if not entry.actor.endswith(actors):
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
