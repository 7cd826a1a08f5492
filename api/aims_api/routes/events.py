"""Server-sent events: findings as they appear, change and close."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Header, Request, Response
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from aims_api.access import CoreOf, Reading
from aims_api.core import Core
from aims_api.events import Event
from aims_api.problems import ERRORS
from aims_api.snapshots import key_of

router = APIRouter(tags=["events"], responses=ERRORS)

_PAUSE = 15.0
_STREAM: dict[int | str, dict[str, Any]] = {200: {"content": {"text/event-stream": {}}}}


@router.get("/events", responses=_STREAM, response_class=Response)
async def events(
    request: Request,
    core: CoreOf,
    caller: Reading,
    last_event_id: Annotated[str | None, Header(max_length=20)] = None,
) -> Response:
    """A stream that stays open. With Last-Event-ID it begins after that event, as far as it is known."""
    await run_in_threadpool(core.snapshots.of, caller)
    after = int(last_event_id) if last_event_id and last_event_id.isdigit() else None
    body = _stream(request, core, key_of(caller.read), after)
    return StreamingResponse(body, media_type="text/event-stream")


async def _stream(
    request: Request, core: Core, key: tuple[str, ...], after: int | None
) -> AsyncIterator[str]:
    queue, missed = core.feeds.listen(key, after)
    try:
        yield "retry: 3000\n\n"
        for event in missed:
            yield _text(event)
        while True:
            try:
                event_or_end = await asyncio.wait_for(queue.get(), _PAUSE)
            except TimeoutError:
                yield ": still here\n\n"
                if await request.is_disconnected():
                    return
                continue
            if event_or_end is None:
                return
            yield _text(event_or_end)
    finally:
        core.feeds.leave(key, queue)


def _text(event: Event) -> str:
    data = json.dumps(event.content(), ensure_ascii=False)
    return f"id: {event.number}\nevent: {event.kind}\ndata: {data}\n\n"
