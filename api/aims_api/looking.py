"""Which evaluation a request is about, and answers made from it."""

import json
from collections.abc import Iterable
from datetime import date
from operator import attrgetter
from typing import Annotated, Any, Final

from fastapi import Depends, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from aims_api.access import Reading, core_of
from aims_api.answers import ENTRY_HEADER
from aims_api.evaluation import Snapshot
from aims_api.lasting import LASTS, Lasts
from aims_api.problems import ProblemError
from aims_api.repeating import FOLLOWS_FROM
from aims_api.things import find_in, named_at_once
from aims_graph.assessment import Finding
from aims_graph.columns.reader import Term
from aims_graph.errors import InputError

#: In the state of a request: that it asks for no other date or moment.
_PRESENT: Final = "present"

#: Test of an answer that follows from the findings and what they are about.
SAME_STATE: Final[Lasts] = attrgetter("same_state")

AsOf = Annotated[
    date | None,
    Query(description="Date the data are judged at; default: today.", examples=["2026-06-30"]),
]
At = Annotated[
    str | None,
    Query(
        description="Look at the data as they were: number of a journal entry, or a date or time.",
        examples=["1", "2026-06-30"],
        max_length=40,
    ),
]
After = Annotated[
    int | None,
    Query(
        description="Wait until this journal entry is part of the answer.",
        examples=[1],
        ge=0,
        le=2**53,
    ),
]


async def _view(
    request: Request, caller: Reading, as_of: AsOf = None, at: At = None, after: After = None
) -> Snapshot:
    snapshots = core_of(request).snapshots
    if as_of is None and at is None:
        request.scope["state"][_PRESENT] = True
    if at is not None and after is not None:
        raise ProblemError(422, "validation-failed", "at and after exclude each other")
    if after is not None:
        found = await run_in_threadpool(snapshots.after, caller, after)
        if as_of is None:
            return found
    return (
        await run_in_threadpool(snapshots.past, caller, day=as_of, at=at)
        if (as_of is not None or at is not None or not snapshots.has(caller))
        else snapshots.of(caller)
    )


View = Annotated[Snapshot, Depends(_view)]


async def _kept_view(request: Request, snapshot: View) -> Snapshot:
    if request.scope["state"].get(_PRESENT):
        request.scope["state"][FOLLOWS_FROM] = snapshot
    return snapshot


#: For routes that take the right to read, and whose answer follows from the evaluation and the address.
KeptView = Annotated[Snapshot, Depends(_kept_view)]


def lasting(request: Request, lasts: Lasts) -> None:
    """Keeps the answer for the next evaluations too, as long as the test says so of each change."""
    request.scope["state"][LASTS] = lasts


def answer(snapshot: Snapshot, content: Any, status: int = 200) -> Response:
    """JSON, with the entry that it holds up to."""
    return json_answer(json.dumps(content, ensure_ascii=False).encode(), snapshot, status)


def answer_with_findings(
    snapshot: Snapshot, content: dict[str, Any], found: Iterable[Finding]
) -> Response:
    """The content with ``findings``, which have been written already."""
    rows = ", ".join(map(snapshot.row_text, found))
    head = json.dumps(content, ensure_ascii=False)[:-1]
    return json_answer(f'{head}, "findings": [{rows}]}}'.encode(), snapshot)


def json_answer(body: bytes, snapshot: Snapshot, status: int = 200) -> Response:
    return Response(body, status, entry_headers(snapshot), media_type="application/json")


def entry_headers(snapshot: Snapshot) -> dict[str, str]:
    return {ENTRY_HEADER: str(snapshot.sequence), "Aims-As-Of": snapshot.day.isoformat()}


async def find_soon(snapshot: Snapshot, kind: str, name: str) -> Term:
    """As ``find``, in a thread when it has to be looked for."""
    found = named_at_once(snapshot, kind, name)
    return await run_in_threadpool(find, snapshot, kind, name) if found is None else found


def find(snapshot: Snapshot, kind: str, name: str) -> Term:
    """A thing of a kind by key, IRI, identifier or label. Raises ProblemError 404."""
    try:
        return find_in(snapshot, kind, name)
    except InputError as error:
        raise ProblemError(404, "not-found", error.message, hint=error.hint) from None
