"""All pages under one address."""

from typing import Final

from fastapi import APIRouter, Response
from fastapi.responses import RedirectResponse

from aims_api.pages import (
    approvals,
    audits,
    documents,
    editing,
    findings,
    journal,
    kinds,
    making,
    overview,
    pictures,
    questions,
    record_actions,
    requirements,
    rules,
    sessions,
    statement,
    systems,
    things,
    trend,
    vocabulary,
    what_if,
)
from aims_api.pages.links import ROOT
from aims_api.pages.rendering import Visiting, page_router
from aims_api.problems import ProblemError

_start = APIRouter(include_in_schema=False)


@_start.get("/")
def start() -> Response:
    return RedirectResponse(ROOT + "/", 307)


@_start.get(ROOT)
def without_slash() -> Response:
    return RedirectResponse(ROOT + "/", 307)


_rest = page_router()


@_rest.get("/{rest:path}")
def missing(_: Visiting, rest: str) -> Response:
    raise ProblemError(404, "not-found", f"there is no page {rest[:100]!r}")


ROUTERS: Final = (
    _start,
    sessions.router,
    overview.router,
    requirements.router,
    systems.router,
    findings.router,
    kinds.router,
    things.router,
    pictures.router,
    statement.router,
    audits.router,
    approvals.router,
    editing.router,
    making.router,
    record_actions.router,
    journal.router,
    rules.router,
    questions.router,
    trend.router,
    documents.router,
    what_if.router,
    vocabulary.router,
    _rest,
)
