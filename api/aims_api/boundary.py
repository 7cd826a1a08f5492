"""What every request passes: size, encoding and origin checks on the way in; headers, log and
measures on the way out.
"""

import logging
import random
import time
from typing import Any, Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from aims_api.measures import Measures
from aims_api.problems import ProblemError, problem_response
from aims_api.settings import Settings

#: The interface answers below this too, for proxies that forward a part of a site.
PREFIX: Final = "/api"
COOKIE: Final = "aims_session"
SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_LOG = logging.getLogger("aims_api")
#: For the ids of requests, which are no secrets.
_NUMBERS: Final = random.Random()  # noqa: S311 - see above

CONTENT_SECURITY_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
#: Of every answer that does not say otherwise, as they are sent.
_HEADERS: Final[tuple[tuple[bytes, bytes], ...]] = (
    (b"content-security-policy", CONTENT_SECURITY_POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    # With no-referrer a browser gives the origin of forms as null, so that they would be refused.
    (b"referrer-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
)
_FILES: Final = ("/evidence-files", "/pages/upload/")
_LARGE: Final = ("/imports", "/import", "/graphs")


class Boundary:
    def __init__(self, app: ASGIApp, settings: Settings, measures: Measures) -> None:
        self._app = app
        self._settings = settings
        self._measures = measures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = scope["path"]
        if path == PREFIX or path.startswith(PREFIX + "/"):
            path = path[len(PREFIX) :] or "/"
            scope = {**scope, "path": path, "raw_path": path.encode()}
        scope.setdefault("state", {})["request_id"] = f"{_NUMBERS.getrandbits(64):016x}"
        exchange = _Exchange(scope, send, self._measures)
        try:
            limit = self._limit(path)
            _check(scope, limit)
            await self._app(scope, _counted(receive, limit), exchange.send)
        except ProblemError as error:  # raised here or while a body was read
            if exchange.started:
                raise
            await problem_response(error)(scope, receive, exchange.send)
        except Exception as error:  # noqa: BLE001 - logged here, without what it quotes
            fields = {"method": scope["method"], "path": path}
            _LOG.error("unexpected", extra={"fields": fields}, exc_info=error)
            if not exchange.started:  # else the answer ends short, and the connection with it
                problem = ProblemError(500, "internal", "it was logged")
                await problem_response(problem)(scope, receive, exchange.send)
        finally:
            exchange.log()

    def _limit(self, path: str) -> int:
        if path.startswith(_FILES):
            return self._settings.evidence_limit
        return self._settings.import_limit if path.startswith(_LARGE) else self._settings.body_limit


def _check(scope: Scope, limit: int) -> None:
    headers = Headers(scope=scope)
    length = headers.get("content-length", "0")
    if not (length.isascii() and length.isdigit()):
        raise ProblemError(400, "validation-failed", "Content-Length must be a number")
    if int(length) > limit:
        raise _too_large(limit)
    if headers.get("content-encoding", "identity").lower() != "identity":
        raise ProblemError(
            415, "unsupported-media-type", "encoded bodies are not accepted: send it plain"
        )
    if scope["method"] not in SAFE_METHODS:
        _check_origin(headers)


def _check_origin(headers: Headers) -> None:
    """A page of another site may not act with a visitor's session (or anything else)."""
    origin = headers.get("origin")
    foreign = origin is not None and urlsplit(origin).netloc != headers.get("host", "")
    if foreign or headers.get("sec-fetch-site") == "cross-site":
        raise ProblemError(403, "forbidden", "the origin of the request is another site")


def _too_large(limit: int) -> ProblemError:
    return ProblemError(
        413,
        "limit-exceeded",
        f"the body limit is {limit} bytes here",
        headers={"Connection": "close"},
    )


def _counted(receive: Receive, limit: int) -> Receive:
    """Bodies without a length are cut off too."""
    size = 0

    async def counted() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > limit:
            raise _too_large(limit)
        return message

    return counted


class _Exchange:
    def __init__(self, scope: Scope, send: Send, measures: Measures) -> None:
        self._scope = scope
        self._send = send
        self._measures = measures
        self._start = time.perf_counter()
        self._seconds = 0.0
        self._status = 0

    @property
    def started(self) -> bool:
        return self._status > 0

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            self._seconds = time.perf_counter() - self._start
            said = {name.lower() for name, _ in message["headers"]}
            message["headers"] = [
                *message["headers"],
                *(header for header in _HEADERS if header[0] not in said),
                (b"x-request-id", self._scope["state"]["request_id"].encode()),
            ]
        await self._send(message)

    def log(self) -> None:
        route: Any = self._scope.get("route")
        template = getattr(route, "path", "unknown")
        method = self._scope["method"]
        self._measures.requests.labels(method, template, self._status).inc()
        self._measures.seconds.labels(template).observe(self._seconds)
        caller = self._scope["state"].get("caller")
        _LOG.info(
            "request",
            extra={
                "fields": {
                    "id": self._scope["state"]["request_id"],
                    "method": method,
                    "route": template,
                    "status": self._status,
                    "milliseconds": round(self._seconds * 1000, 2),
                    "caller": getattr(caller, "id", None),
                }
            },
        )
