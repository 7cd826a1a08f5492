"""Sessions of browsers: begun with an API key, seen and revoked by an admin."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from aims_api.access import PUBLIC, CoreOf, Managing, Reading
from aims_api.boundary import COOKIE
from aims_api.openapi_problems import also
from aims_api.problems import ProblemError

router = APIRouter(tags=["access"])


class Credential(BaseModel):
    key: str = Field(max_length=400, examples=["aims_0a1b2c3d4e5f_…"])


class Session(BaseModel):
    """``csrf`` goes into the header X-CSRF-Token of every request that changes something."""

    name: str
    roles: list[str]
    csrf: str


class OpenSession(BaseModel):
    """``key``: of which key; none where somebody signed in at the issuer, whom ``caller`` names."""

    id: str
    key: str | None
    caller: str
    name: str
    roles: list[str]
    person: str | None
    expires: datetime


SessionId = Annotated[
    str,
    Path(description="Id of the session, as it is listed.", examples=["9f2c41d07ab35e68"]),
]


class Self(BaseModel):
    id: str
    name: str
    roles: list[str]
    read: list[str]
    write: list[str]
    person: str | None


@router.post("/session", responses=also(401, 429), openapi_extra=PUBLIC)
async def begin_session(
    request: Request, response: Response, core: CoreOf, credential: Credential
) -> Session:
    """Exchange a key for a cookie that scripts cannot read and other sites cannot send."""
    core.anonymous_limit.take(request.client.host if request.client else "")
    caller = await run_in_threadpool(core.keys.caller, credential.key)
    if caller is None:
        raise ProblemError(401, "unauthenticated")
    seconds = core.settings.session_seconds
    session = await run_in_threadpool(core.keys.start_session, caller, seconds)
    response.set_cookie(
        COOKIE,
        session.token,
        max_age=seconds,
        httponly=True,
        secure=core.settings.secure_cookies or request.url.scheme == "https",
        samesite="strict",
    )
    return Session(name=caller.name, roles=sorted(caller.roles), csrf=session.csrf)


@router.delete("/session", status_code=204)
async def end_session(request: Request, response: Response, core: CoreOf, _: Reading) -> None:
    """Sign out."""
    token = request.cookies.get(COOKIE)
    if token is not None:
        await run_in_threadpool(core.keys.end_session, token)
    response.delete_cookie(COOKIE)


@router.get("/sessions", response_model=list[OpenSession])
def list_sessions(core: CoreOf, _: Managing) -> Sequence[dict[str, Any]]:
    """Sessions that are open, of keys and of those who signed in at the OIDC issuer."""
    return core.keys.sessions()


@router.delete("/sessions/{session_id}", status_code=204)
def revoke_session(core: CoreOf, session_id: SessionId, _: Managing) -> Response:
    """End somebody's session at once. Their key, or their account at the issuer, stays good."""
    if not core.keys.revoke_session(session_id):
        raise ProblemError(404, "not-found", "there is no such session, or it has ended")
    return Response(status_code=204)


@router.get("/self")
async def describe_self(caller: Reading) -> Self:
    """Who I am here, and which graphs are mine to read and write."""
    return Self(
        id=caller.id,
        name=caller.name,
        roles=sorted(caller.roles),
        read=list(caller.read),
        write=list(caller.write),
        person=caller.person,
    )
