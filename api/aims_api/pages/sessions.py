"""Signing in with an API key, and out."""

from pathlib import Path
from typing import Annotated, Final

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import FileResponse, RedirectResponse

from aims_api.access import CoreOf, Reading
from aims_api.boundary import COOKIE
from aims_api.pages.links import local_address
from aims_api.pages.rendering import SIGN_IN, PageRoute, show_plain
from aims_api.problems import ProblemError

router = APIRouter(route_class=PageRoute, include_in_schema=False)
_FOLDER: Final = Path(__file__).parent.parent / "static"
_STATIC: Final = {
    path.relative_to(_FOLDER).as_posix(): path for path in _FOLDER.rglob("*") if path.is_file()
}


@router.get("/sign-in")
def ask_for_key(next_: Annotated[str, Query(alias="next", max_length=2000)] = "") -> Response:
    return show_plain("sign-in.html", "Sign in", next=local_address(next_), failed=False)


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
        return show_plain("sign-in.html", "Sign in", 401, next=target, failed=True)
    seconds = core.settings.session_seconds
    session = core.keys.start_session(caller, seconds)
    response = RedirectResponse(target, 303)
    response.set_cookie(
        COOKIE,
        session.token,
        max_age=seconds,
        httponly=True,
        secure=core.settings.secure_cookies or request.url.scheme == "https",
        samesite="strict",
    )
    return response


@router.post("/sign-out")
def sign_out(request: Request, core: CoreOf, _: Reading) -> Response:
    token = request.cookies.get(COOKIE)
    if token is not None:
        core.keys.end_session(token)
    response = RedirectResponse(SIGN_IN, 303)
    response.delete_cookie(COOKIE)
    return response


@router.get("/static/{name:path}")
def static_file(name: str) -> Response:
    path = _STATIC.get(name)
    if path is None:
        raise ProblemError(404, "not-found", "there is no such file")
    return FileResponse(path, headers={"Cache-Control": "no-cache"})
