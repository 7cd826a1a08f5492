"""What waits for approval, and the approval of one record; who did the work does not approve it."""

from typing import Annotated

from fastapi import Form, Response
from fastapi.responses import RedirectResponse
from pyoxigraph import NamedNode

from aims_api.access import Approving
from aims_api.answers import ENTRY_HEADER
from aims_api.callers import Caller
from aims_api.duties import APPROVALS, APPROVED_BY, DRAFT, STATUS, WORK, approval_refusal
from aims_api.evaluation import Snapshot
from aims_api.pages.editing import editable
from aims_api.pages.forms import as_problems, sentence
from aims_api.pages.links import ROOT
from aims_api.pages.rendering import Visit, Visiting, page_router
from aims_api.pages.requirements import MOST
from aims_api.pages.statements import classes, said
from aims_api.problems import ProblemError
from aims_api.record_changes import approve
from aims_api.things import coded
from aims_graph.columns.reader import Term

router = page_router()


def waiting(snapshot: Snapshot) -> dict[Term, list[str]]:
    """Records without an approval that a rule asks for, and drafts; with what the rules say."""
    reader = snapshot.reader
    found: dict[Term, list[str]] = {}
    for finding in snapshot.findings:
        asked = not APPROVALS.isdisjoint(finding.rule.asks_for)
        if asked and not reader.objects(finding.focus, APPROVED_BY):
            found.setdefault(finding.focus, []).append(finding.message)
    for draft in reader.subjects(STATUS, DRAFT):
        is_approved = bool(reader.objects(draft, APPROVED_BY))
        text = "It is a draft, with an approval." if is_approved else "It is a draft."
        found.setdefault(draft, []).append(text)
    return {node: texts for node, texts in found.items() if isinstance(node, NamedNode)}


@router.get("/approvals")
def approvals_page(visit: Visiting) -> Response:
    rows = sorted(
        waiting(visit.snapshot).items(), key=lambda row: visit.links.name(row[0]).casefold()
    )
    return visit.show(
        "approvals.html",
        "Waiting for approval",
        total=len(rows),
        rows=[
            (node, classes(visit.snapshot.reader, node), list(dict.fromkeys(texts)))
            for node, texts in rows[:MOST]
        ],
    )


@router.get("/approve/{name:path}")
def approve_page(visit: Visiting, caller: Approving, name: str) -> Response:
    return _show(visit, caller, editable(visit, name))


@router.post("/approve/{name:path}")
def approve_record(
    visit: Visiting, caller: Approving, name: str,
    reason: Annotated[str, Form(max_length=1000)] = "",
) -> Response:  # fmt: skip
    node = editable(visit, name)
    if _refusal(visit, caller, node) is not None:
        return _show(visit, caller, node, status=403)
    if not reason.strip():
        return _show(visit, caller, node, error="Say why: the journal keeps it.")
    try:
        with as_problems():
            answer = approve(visit.core, caller, node, reason.strip(), visit.core.snapshots.day)
    except ProblemError as error:
        return _show(visit, caller, node, error=sentence(error.detail), status=error.status)
    entry = answer.headers.get(ENTRY_HEADER, "0")
    return RedirectResponse(f"{ROOT}/things/{coded(node)}?saved={entry}", 303)


def _show(
    visit: Visit, caller: Caller, node: NamedNode, *, error: str = "", status: int = 422
) -> Response:
    refusal = _refusal(visit, caller, node)
    return visit.show(
        "approve.html",
        f"Approve: {visit.links.name(node)}",
        status if error or (refusal and status == 403) else 200,
        node=node,
        kinds=classes(visit.snapshot.reader, node),
        said=said(visit.snapshot, visit.links, node),
        is_draft=DRAFT in visit.snapshot.reader.objects(node, STATUS),
        asked=list(dict.fromkeys(waiting(visit.snapshot).get(node, ()))),
        refusal=None if refusal is None else sentence(refusal),
        errors={"reason": error},
        person="" if caller.person is None else visit.links.name(NamedNode(caller.person)),
        action=f"{ROOT}/approve/{coded(node)}",
    )


def _refusal(visit: Visit, caller: Caller, node: NamedNode) -> str | None:
    if caller.person is None:
        return "the key does not say which person it stands for: ask for one that does"
    reader, person = visit.snapshot.reader, NamedNode(caller.person)
    is_worker = any(person in reader.objects(node, predicate) for predicate in WORK)
    return approval_refusal(visit.core, caller, node, is_worker=is_worker)
