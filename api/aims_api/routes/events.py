"""Server-sent events: findings as they appear, change and close."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from typing import Annotated, Any, Final

from fastapi import APIRouter, Header, Request, Response
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from aims_api.access import CoreOf, Reading, find_caller
from aims_api.callers import Caller
from aims_api.core import Core
from aims_api.events import Event, Key, Place
from aims_api.problems import ProblemError
from aims_api.snapshots import key_of

router = APIRouter(tags=["events"])

#: Without an event, a line is sent so often: it shows that the other end is still there.
PAUSE: Final = 15.0
#: Then a stream ends, and who listens shows anew who they are.
_LONGEST: Final = 15 * 60.0
#: Streams of one caller at the same time.
MOST: Final = 20
_STREAM: Final[dict[int | str, dict[str, Any]]] = {200: {"content": {"text/event-stream": {}}}}


@router.get("/events", responses=_STREAM, response_class=Response)
async def events(
    request: Request,
    core: CoreOf,
    caller: Reading,
    last_event_id: Annotated[
        str | None,
        Header(
            max_length=40,
            description="``id`` of the last event that was received.",
            examples=["0a1b2c3d4e5f.17"],
        ),
    ] = None,
) -> Response:
    """A stream that stays open. With Last-Event-ID it begins after that event, also when the service was
    started anew meanwhile. ``events.missed`` says that events are not known any more: read /findings.
    """
    if core.listening[caller.id] >= MOST:
        raise ProblemError(429, "rate-limited", f"a caller has {MOST} streams at most")
    key = key_of(caller.read)
    await run_in_threadpool(begin_feed, core, key)
    body = _stream(request, core, caller, key, last_event_id)
    return StreamingResponse(body, media_type="text/event-stream")


def begin_feed(core: Core, key: Key) -> None:
    """From now on events of these graphs are noted."""
    core.feeds.open(key, core.snapshots.of_graphs(key))
    core.feeds.notice(key, None, core.snapshots.of_graphs(key))  # what came before it was open


async def _stream(
    request: Request, core: Core, caller: Caller, key: Key, last: str | None
) -> AsyncIterator[str]:
    feeds = core.feeds
    wake = feeds.listen(key)
    core.listening[caller.id] += 1
    try:
        yield "retry: 3000\n\n"
        place = None if last is None else Place.read(last)
        end = time.monotonic() + _LONGEST
        while not feeds.closed and time.monotonic() < end:
            wake.clear()
            if not await _may_listen(request, core, key):
                return
            found = None
            if place is not None:
                found = await run_in_threadpool(feeds.after, key, place)
            if found is None:
                place = await run_in_threadpool(feeds.place, key)
                if place is None:
                    return
                yield beginning(place, missed=last is not None)
                last = str(place)
                continue
            for event in found:
                yield text_of(event)
                place = event.place
            if found:
                continue
            try:
                await asyncio.wait_for(wake.wait(), PAUSE)
            except TimeoutError:
                yield ": still here\n\n"
                if await request.is_disconnected():
                    return
    finally:
        feeds.leave(wake)
        core.listening[caller.id] -= 1


async def _may_listen(request: Request, core: Core, key: Key) -> bool:
    """Whether what the request came with is still good: it may be revoked, expired, signed out."""
    caller = await find_caller(request, core)
    return caller is not None and key_of(caller.read) == key


def beginning(place: Place, *, missed: bool) -> str:
    """Where a listener is from now on, so that one who is cut off before the first event loses none."""
    data = "event: events.missed\ndata: {}\n" if missed else ""
    return f"id: {place}\n{data}\n"


def text_of(event: Event) -> str:
    data = json.dumps(event.content(), ensure_ascii=False)
    return f"id: {event.place}\nevent: {event.kind}\ndata: {data}\n\n"
