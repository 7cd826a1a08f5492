"""Who the caller of a request is, and whether the route is theirs to use."""

import base64
import binascii
import hmac
from typing import Annotated, Final

from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool

from aims_api.boundary import COOKIE, SAFE_METHODS
from aims_api.callers import Caller, Permission
from aims_api.core import Core
from aims_api.problems import ProblemError

CSRF_HEADER: Final = "X-CSRF-Token"
#: Routes that need no credential carry this in OpenAPI.
PUBLIC: Final = {"x-permission": "none"}


def core_of(request: Request) -> Core:
    core: Core = request.app.state.core
    return core


async def _core(request: Request) -> Core:
    """A coroutine, since FastAPI runs plain functions in a thread, which costs more than they do."""
    return core_of(request)


CoreOf = Annotated[Core, Depends(_core)]


async def authenticate(request: Request) -> Caller:
    """By API key or bearer token, by Basic with a key as password, or by a session's cookie. Once a request.

    Raises ProblemError 401, 403 (CSRF), 429.
    """
    known: Caller | None = request.scope["state"].get("caller")
    if known is not None:
        return known
    core = core_of(request)
    caller = await find_caller(request, core)
    if caller is None:
        core.anonymous_limit.take(request.client.host if request.client else "")
        raise ProblemError(
            401,
            "unauthenticated",
            headers={"WWW-Authenticate": 'Bearer realm="aims", Basic realm="aims"'},
        )
    core.limit.take(caller.id)
    request.scope["state"]["caller"] = caller
    return caller


async def find_caller(request: Request, core: Core) -> Caller | None:
    """By what the request came with, as far as that is good now."""
    scheme, _, credential = request.headers.get("authorization", "").partition(" ")
    credential = credential.strip()
    if scheme.lower() == "bearer":
        if core.tokens is not None and credential.count(".") == 2:
            return await run_in_threadpool(core.tokens.caller, credential)  # may ask the issuer
        return core.keys.caller(credential)
    if scheme.lower() == "basic":
        return _basic(credential, core)
    token = request.cookies.get(COOKIE)
    return None if token is None or scheme else core.keys.session_caller(token)


def _basic(credential: str, core: Core) -> Caller | None:
    try:
        text = base64.b64decode(credential, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None
    return core.keys.caller(text.partition(":")[2])


async def check_csrf(request: Request, caller: Caller) -> None:
    """A request that rides on a cookie proves with the session's token that a page of ours made it."""
    if caller.csrf is None or request.method in SAFE_METHODS:
        return
    given = request.headers.get(CSRF_HEADER, "")
    kind = request.headers.get("content-type", "")
    if not given and kind.startswith(("application/x-www-form-urlencoded", "multipart/form-data")):
        form = await request.form()
        given = str(form.get("csrf", ""))
    if not hmac.compare_digest(given.encode(), caller.csrf.encode()):
        raise ProblemError(403, "forbidden", "the token against cross-site requests is missing")


class Needs:
    """A dependency: the caller, who must hold the permission. Shows in OpenAPI by ``permission``."""

    def __init__(self, permission: Permission) -> None:
        self.permission = permission

    async def __call__(
        self, request: Request, caller: Annotated[Caller, Depends(authenticate)]
    ) -> Caller:
        await check_csrf(request, caller)
        if not caller.may(self.permission):
            raise ProblemError(403, "forbidden", f"this takes the right to {self.permission.words}")
        return caller


Reading = Annotated[Caller, Depends(Needs(Permission.READ))]
SeeingJournal = Annotated[Caller, Depends(Needs(Permission.JOURNAL))]
Auditing = Annotated[Caller, Depends(Needs(Permission.AUDIT))]
Writing = Annotated[Caller, Depends(Needs(Permission.WRITE))]
Approving = Annotated[Caller, Depends(Needs(Permission.APPROVE))]
Managing = Annotated[Caller, Depends(Needs(Permission.MANAGE))]
