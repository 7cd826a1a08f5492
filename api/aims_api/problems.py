"""Errors as RFC 9457 problem details. Nothing of the machine stands in them: no trace, no path."""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from aims_graph.errors import InputError
from aims_graph.journal import JournalError, LockedError, ReadOnlyError
from aims_graph.sparql.errors import (
    BusyError,
    LimitError,
    MemoryLimitError,
    RefusedError,
    TimeLimitError,
    UpdateError,
)
from aims_graph.workspace import CommitBlockedError, SignedOffError

PROBLEM_JSON: Final = "application/problem+json"
_LOG = logging.getLogger("aims_api")

#: Kind of problem -> title. The type of a problem is /problems/<kind>.
TITLES: Final[Mapping[str, str]] = {
    "unauthenticated": "No valid credential",
    "forbidden": "Not allowed",
    "policy-denied": "The policy of the workspace does not allow it",
    "not-found": "There is no such thing",
    "method-not-allowed": "The method is not allowed here",
    "not-acceptable": "No such format",
    "conflict": "It has changed, or is there already",
    "precondition-failed": "It has changed since it was read",
    "precondition-required": "Say which version the change is made to",
    "limit-exceeded": "Too large or too deep",
    "unsupported-media-type": "The content type is not accepted",
    "parse-error": "The text cannot be read",
    "validation-failed": "The request is not what is asked for",
    "rate-limited": "Too many requests",
    "query-timeout": "The query took too long",
    "resource-limit": "The query needed too much",
    "issuer-unavailable": "The issuer of sign-ins does not answer",
    "read-only": "Nothing can be written at the moment",
    "internal": "Something went wrong here",
}


class Problem(BaseModel):
    """What every error answers with."""

    type: str = Field(examples=["/problems/not-found"])
    title: str = Field(examples=["There is no such thing"])
    status: int = Field(examples=[404])
    detail: str = Field(default="", examples=["no system is called 'x'"])
    hint: str | None = None
    file: str | None = None
    line: int | None = None
    column: int | None = None


class ProblemError(HTTPException):
    """Ends a request with a problem of one of TITLES."""

    detail: str
    headers: dict[str, str]

    def __init__(
        self,
        status: int,
        kind: str,
        detail: str = "",
        *,
        headers: Mapping[str, str] | None = None,
        **members: Any,
    ) -> None:
        super().__init__(status, detail, dict(headers or {}))
        self.status = status
        self.kind = kind
        self.members = members


def problem_content(status: int, kind: str, detail: str, **members: Any) -> dict[str, Any]:
    known = {name: value for name, value in members.items() if value is not None}
    return {
        "type": f"/problems/{kind}",
        "title": TITLES[kind],
        "status": status,
        "detail": detail,
        **known,
    }


def problem_response(error: ProblemError) -> Response:
    content = problem_content(error.status, error.kind, error.detail, **error.members)
    return JSONResponse(content, error.status, error.headers, media_type=PROBLEM_JSON)


_OF_STATUS: Final = {
    400: "validation-failed", 401: "unauthenticated", 403: "forbidden", 404: "not-found",
    405: "method-not-allowed", 406: "not-acceptable", 409: "conflict", 412: "precondition-failed",
    413: "limit-exceeded", 415: "unsupported-media-type", 422: "validation-failed",
    428: "precondition-required", 429: "rate-limited", 503: "read-only",
}  # fmt: skip


_CAUSES: Final[Mapping[type[InputError], tuple[int, str]]] = {
    RefusedError: (403, "policy-denied"),
    LimitError: (413, "limit-exceeded"),
    TimeLimitError: (503, "query-timeout"),
    MemoryLimitError: (503, "resource-limit"),
    BusyError: (503, "resource-limit"),
    UpdateError: (422, "validation-failed"),
    SignedOffError: (409, "conflict"),
}


def from_input_error(error: InputError) -> ProblemError:
    """A file is named by its name only: where it was put on this machine is nobody's business."""
    place: dict[str, Any] = {
        "file": None if error.file is None else error.file.replace("\\", "/").rpartition("/")[2],
        "line": error.line,
        "column": error.column,
        "hint": error.hint,
    }
    if isinstance(error, CommitBlockedError):
        blocking = [{"fingerprint": f.fingerprint, "message": f.message} for f in error.findings]
        return ProblemError(409, "policy-denied", error.message, blocking=blocking)
    if isinstance(error, LockedError):
        return ProblemError(
            503, "read-only", "another writer is at work", headers={"Retry-After": "1"}
        )
    if isinstance(error, ReadOnlyError | JournalError):
        _LOG.error("journal", extra={"fields": {"error": str(error)}})
        return ProblemError(503, "read-only", "the journal takes no entries at the moment")
    for cause, (status, kind) in _CAUSES.items():
        if isinstance(error, cause):
            headers = {"Retry-After": "2"} if status == 503 else None
            return ProblemError(status, kind, error.message, headers=headers, **place)
    kind = "parse-error" if error.line is not None or error.file else "validation-failed"
    status = 400 if kind == "parse-error" else 422
    return ProblemError(status, kind, error.message, **place)


def register(app: FastAPI) -> None:
    @app.exception_handler(ProblemError)
    async def _problem(_: Request, error: ProblemError) -> Response:
        return problem_response(error)

    @app.exception_handler(InputError)
    async def _input(_: Request, error: InputError) -> Response:
        return problem_response(from_input_error(error))

    @app.exception_handler(RequestValidationError)
    async def _validation(_: Request, error: RequestValidationError) -> Response:
        errors = [
            {"where": ".".join(map(str, item["loc"])), "message": str(item["msg"])}
            for item in error.errors()[:20]
        ]
        if any(item["loc"][:1] == ("path",) for item in error.errors()):
            return problem_response(ProblemError(404, "not-found", "there is no such address"))
        detail = "; ".join(f"{item['where']}: {item['message']}" for item in errors[:3])
        return problem_response(ProblemError(422, "validation-failed", detail, errors=errors))

    @app.exception_handler(HTTPException)
    async def _http(_: Request, error: HTTPException) -> Response:
        kind = _OF_STATUS.get(error.status_code, "validation-failed")
        known = HTTPStatus(error.status_code).phrase
        detail = "" if error.detail == known else str(error.detail)
        headers = dict(error.headers or {})
        return problem_response(ProblemError(error.status_code, kind, detail, headers=headers))
