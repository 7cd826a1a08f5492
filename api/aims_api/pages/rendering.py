"""What every page has: who looks, the evaluation they look at, and the templates."""

from collections.abc import Callable, Coroutine
from typing import Annotated, Any, Final
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.routing import APIRoute
from jinja2 import Environment, PackageLoader, StrictUndefined

from aims_api.access import CoreOf, Reading, authenticate
from aims_api.answering import latest
from aims_api.boundary import SAFE_METHODS
from aims_api.callers import Caller, Permission
from aims_api.core import Core
from aims_api.evaluation import Snapshot
from aims_api.looking import AsOf, At
from aims_api.pages.links import ROOT, Links
from aims_api.pages.moments import Moment
from aims_api.problems import TITLES, ProblemError, from_input_error
from aims_graph.characters import reveal
from aims_graph.errors import InputError
from aims_graph.views.looks import look

SIGN_IN: Final = ROOT + "/sign-in"


class Exact(str):
    """Text of a field: given back as it is, or saving a form would change it."""

    __slots__ = ()


def _plain(value: Any) -> Any:
    """No text on a page hides characters or turns their order round."""
    return reveal(value) if type(value) is str else value


_TEMPLATES: Final = Environment(
    loader=PackageLoader("aims_api", "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    finalize=_plain,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES.globals["look"] = look
_TEMPLATES.filters["exact"] = Exact
#: "2026-06-30T09:15:00.000+00:00" -> "2026-06-30 09:15 UTC"
_TEMPLATES.filters["moment"] = lambda text: (
    f"{text[:16].replace('T', ' ')} UTC" if "T" in text else text
)


class Visit:
    """One look of a caller at an evaluation, of the present or of another moment."""

    def __init__(self, core: Core, caller: Caller, snapshot: Snapshot, moment: Moment) -> None:
        self.core = core
        self.caller = caller
        self.snapshot = snapshot
        self.moment = moment
        self.links = Links(snapshot)

    def show(self, template: str, title: str, status: int = 200, **context: Any) -> Response:
        return _show(
            template,
            status,
            title=title,
            caller=self.caller,
            snapshot=self.snapshot,
            links=self.links,
            moment=self.moment,
            **context,
        )


def _visit(core: CoreOf, caller: Reading, as_of: AsOf = None, at: At = None) -> Visit:
    moment = Moment(as_of, at)
    snapshot = core.snapshots.past(caller, day=as_of, at=at) if moment else latest(core, caller)
    return Visit(core, caller, snapshot, moment)


Visiting = Annotated[Visit, Depends(_visit)]


def show_plain(template: str, title: str, status: int = 200, **context: Any) -> Response:
    """A page without an evaluation, for whoever it may be."""
    defaults: dict[str, Any] = {"caller": None, "snapshot": None, "links": None, "moment": None}
    return _show(template, status, title=title, **{**defaults, **context})


def _show(template: str, status: int, **context: Any) -> Response:
    caller: Caller | None = context["caller"]
    sees_journal = caller is not None and caller.may(Permission.JOURNAL) and caller.reads_all
    rights = frozenset() if caller is None else {right.value for right in caller.permissions}
    text = _TEMPLATES.get_template(template).render(
        sees_journal=sees_journal, rights=rights, **context
    )
    moment: Moment | None = context["moment"]
    return HTMLResponse(moment.keep_in(text) if moment else text, status)


def render(template: str, **context: Any) -> str:
    """What is part of no page."""
    return _TEMPLATES.get_template(template).render(**context)


class PageRoute(APIRoute):
    """Errors are pages too; who has not signed in is led to where that is done, before a form or a file of
    theirs is read.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def shown(request: Request) -> Response:
            try:
                if request.method not in SAFE_METHODS and request.url.path != SIGN_IN:
                    await authenticate(request)
                return await handle(request)
            except ProblemError as error:
                return _error_page(request, error)
            except InputError as error:
                return _error_page(request, from_input_error(error))
            except RequestValidationError as error:
                detail = "; ".join(
                    f"{item['loc'][-1]}: {item['msg']}" for item in error.errors()[:3]
                )
                return _error_page(request, ProblemError(422, "validation-failed", detail))

        return shown


def page_router() -> APIRouter:
    return APIRouter(prefix=ROOT, route_class=PageRoute, include_in_schema=False)


def _error_page(request: Request, error: ProblemError) -> Response:
    if error.status == 401:
        address = request.url.path + ("?" + request.url.query if request.url.query else "")
        return RedirectResponse(f"{SIGN_IN}?next={quote(address, safe='/')}", 303)
    answer = show_plain(
        "error.html",
        TITLES[error.kind],
        error.status,
        caller=request.scope["state"].get("caller"),
        detail=error.detail,
        hint=error.members.get("hint"),
        line=error.members.get("line"),
        code=error.status,
    )
    answer.headers.update(error.headers)
    return answer
