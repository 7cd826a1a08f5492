"""Signing in with an API key or at an OIDC issuer, and out."""

from pathlib import Path
from typing import Annotated, Final, Literal

from fastapi import Form, Query, Request, Response
from fastapi.responses import FileResponse, RedirectResponse

from aims_api.access import CoreOf, Reading
from aims_api.boundary import COOKIE
from aims_api.core import Core
from aims_api.pages.links import ROOT, local_address
from aims_api.pages.rendering import SIGN_IN, page_router, show_plain
from aims_api.problems import ProblemError
from aims_api.sign_ins import SECONDS

router = page_router()
TICKET: Final = "aims_sign_in"
Word = Annotated[str, Query(max_length=4000)]
_FOLDER: Final = Path(__file__).parent.parent / "static"
_STATIC: Final = {
    path.relative_to(_FOLDER).as_posix(): path for path in _FOLDER.rglob("*") if path.is_file()
}


@router.get("/sign-in")
def ask_for_key(
    core: CoreOf,
    next_: Annotated[str, Query(alias="next", max_length=2000)] = "",
    ended: bool = False,
) -> Response:
    issuer = core.sign_ins
    end = issuer.end_address() if ended and issuer is not None else ""
    return _ask(core, local_address(next_), end=end)


def _ask(core: Core, target: str, status: int = 200, problem: str = "", end: str = "") -> Response:
    issuer = "" if core.sign_ins is None else core.sign_ins.name
    return show_plain(
        "sign-in.html", "Sign in", status, next=target, problem=problem, issuer=issuer, end=end
    )


@router.post("/sign-in")
def sign_in(
    request: Request,
    core: CoreOf,
    key: Annotated[str, Form(max_length=400)] = "",
    next_: Annotated[str, Form(alias="next", max_length=2000)] = "",
) -> Response:
    """Other sites cannot send this form: the origin of every request is checked."""
    core.anonymous_limit.take(request.client.host if request.client else "")
    caller = core.keys.caller(key.strip())
    target = local_address(next_)
    if caller is None:
        return _ask(core, target, 401, "This key is not valid, or no longer.")
    seconds = core.settings.session_seconds
    session = core.keys.start_session(caller, seconds)
    response = RedirectResponse(target, 303)
    _set(response, request, core, COOKIE, session.token, seconds)
    return response


@router.get("/sign-in/issuer")
def begin(
    request: Request,
    core: CoreOf,
    next_: Annotated[str, Query(alias="next", max_length=2000)] = "",
) -> Response:
    """To the issuer, who sends the browser back to ``/pages/sign-in/callback``."""
    core.anonymous_limit.take(request.client.host if request.client else "")
    if core.sign_ins is None:
        raise ProblemError(404, "not-found", "no issuer is set up here")
    begun = core.sign_ins.begin(local_address(next_))
    response = RedirectResponse(begun.address, 303)
    # Lax: the browser comes back from another site.
    _set(response, request, core, TICKET, begun.ticket, SECONDS, "lax")
    return response


@router.get("/sign-in/callback")
def finish(
    request: Request,
    core: CoreOf,
    code: Word = "",
    state: Word = "",
    iss: Word = "",
    error: Word = "",
) -> Response:
    core.anonymous_limit.take(request.client.host if request.client else "")
    if core.sign_ins is None:
        raise ProblemError(404, "not-found", "no issuer is set up here")
    if error or not code:
        return _ask(core, ROOT + "/", 401, "the issuer did not let you in")
    try:
        caller, target = core.sign_ins.finish(
            request.cookies.get(TICKET, ""), state, code, issuer=iss
        )
    except ProblemError as problem:
        return _ask(core, ROOT + "/", problem.status, problem.detail)
    seconds = core.settings.session_seconds
    session = core.keys.start_issued_session(caller, seconds)
    # A page, not a redirect: a strict cookie is not sent where another site has led to.
    response = show_plain("signed-in.html", "Signed in", target=target)
    _set(response, request, core, COOKIE, session.token, seconds)
    response.delete_cookie(TICKET)
    return response


def _set(
    response: Response,
    request: Request,
    core: Core,
    name: str,
    value: str,
    seconds: int,
    site: Literal["strict", "lax"] = "strict",
) -> None:
    response.set_cookie(
        name,
        value,
        max_age=seconds,
        httponly=True,
        secure=core.settings.secure_cookies or request.url.scheme == "https",
        samesite=site,
    )


@router.post("/sign-out")
def sign_out(request: Request, core: CoreOf, _: Reading) -> Response:
    token = request.cookies.get(COOKIE)
    if token is not None:
        core.keys.end_session(token)
    response = RedirectResponse(SIGN_IN + "?ended=true", 303)
    response.delete_cookie(COOKIE)
    return response


@router.get("/static/{name:path}")
def static_file(name: str) -> Response:
    path = _STATIC.get(name)
    if path is None:
        raise ProblemError(404, "not-found", "there is no such file")
    return FileResponse(path, headers={"Cache-Control": "no-cache"})
