"""All pages under one address."""

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
from aims_api.pages.rendering import PageRoute, Visiting
from aims_api.problems import ProblemError

router = APIRouter(include_in_schema=False)


@router.get("/")
def start() -> Response:
    return RedirectResponse(ROOT + "/", 307)


@router.get(ROOT)
def without_slash() -> Response:
    return RedirectResponse(ROOT + "/", 307)


for _module in (
    sessions,
    overview,
    requirements,
    systems,
    findings,
    kinds,
    things,
    pictures,
    statement,
    audits,
    approvals,
    editing,
    making,
    record_actions,
    journal,
    rules,
    questions,
    trend,
    documents,
    what_if,
    vocabulary,
):
    router.include_router(_module.router, prefix=ROOT)

_rest = APIRouter(route_class=PageRoute, include_in_schema=False)


@_rest.get(ROOT + "/{rest:path}")
def missing(_: Visiting, rest: str) -> Response:
    raise ProblemError(404, "not-found", f"there is no page {rest[:100]!r}")


router.include_router(_rest)
