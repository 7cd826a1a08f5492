"""Answers given again while the evaluation that they follow from is the last one.

An answer is kept when its route says which evaluation it follows from, as those that take a ``KeptView`` do: then
it follows from that, the address and the Accept header alone, and whoever may read the graphs may have it.
"""

from collections.abc import Mapping
from typing import Final

from fastapi import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from aims_api.access import authenticate
from aims_api.answers import LARGEST, Answer, Question
from aims_api.lasting import LASTS
from aims_api.snapshots import Snapshots

#: In the state of a request: the evaluation that the answer follows from.
FOLLOWS_FROM: Final = "follows_from"


class Repeating:
    def __init__(self, app: ASGIApp, snapshots: Snapshots, written: Mapping[str, int]) -> None:
        """``written``: caller -> the last entry of theirs, which no answer to them leaves out."""
        self._app = app
        self._snapshots = snapshots
        self._written = written

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET":
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        headers = request.headers
        if "authorization" not in headers or "if-none-match" in headers:
            await self._app(scope, receive, send)
            return
        question = (scope["path"], scope["query_string"], headers.get("accept", ""))
        found = None
        if self._snapshots.has_answer(question):
            caller = await authenticate(request)
            found = self._snapshots.answer(caller, question)
            if found is not None and found[1] < self._written.get(caller.id, 0):
                found = None
        if found is None:
            await self._app(scope, receive, _Recorder(scope, question, send))
            return
        answer, entry = found
        scope["route"] = answer.route
        headers_now = answer.headers_at(entry)
        await send({"type": "http.response.start", "status": 200, "headers": headers_now})
        await send({"type": "http.response.body", "body": answer.body})


class _Recorder:
    def __init__(self, scope: Scope, question: Question, send: Send) -> None:
        self._scope, self._question, self._send = scope, question, send
        self._headers: list[tuple[bytes, bytes]] | None = None

    async def __call__(self, message: Message) -> None:
        snapshot = self._scope["state"].get(FOLLOWS_FROM)
        if snapshot is not None:
            if message["type"] == "http.response.start":
                self._headers = [*message["headers"]] if message["status"] == 200 else None
            elif message.get("more_body"):
                self._headers = None  # only what is sent whole is kept
            elif self._headers is not None:
                body = message.get("body", b"")
                if len(body) <= LARGEST:
                    answer = Answer(
                        self._scope.get("route"),
                        self._headers,
                        body,
                        self._scope["state"].get(LASTS),
                    )
                    snapshot.answers.keep(self._question, answer)
        await self._send(message)
