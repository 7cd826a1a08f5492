"""Health, readiness, measures; and what the interface is: OpenAPI, readable with no network."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from aims_api.access import PUBLIC, CoreOf, Managing
from aims_api.documentation import write_documentation
from aims_api.openapi_problems import also
from aims_api.problems import ProblemError

router = APIRouter(tags=["service"])


@router.get("/healthz", openapi_extra=PUBLIC)
async def health() -> dict[str, str]:
    """The process is alive."""
    return {"status": "ok"}


@router.get("/readyz", openapi_extra=PUBLIC, responses=also(503))
async def readiness(core: CoreOf) -> dict[str, str]:
    """The workspace has been evaluated, so that questions are answered at once."""
    if not core.snapshots.ready:
        raise ProblemError(503, "read-only", "the workspace is being evaluated")
    return {"status": "ready"}


@router.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
async def metrics(core: CoreOf, _: Managing) -> Response:
    """Prometheus measures. They say how much there is, so they take an admin's key."""
    return Response(generate_latest(core.measures.registry), media_type=CONTENT_TYPE_LATEST)


@router.get("/docs", response_class=HTMLResponse, openapi_extra=PUBLIC)
async def documentation(request: Request) -> HTMLResponse:
    """All routes with their parameters, rights and examples, as a page."""
    return HTMLResponse(write_documentation(request.app.openapi()))
