"""The page of any one thing: risk, dataset, evidence, person, model, document and all others."""

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from aims_api.evidence_links import file_of
from aims_api.pages.forms import Numbers, SavedEntry, saved_content
from aims_api.pages.kinds import title_of
from aims_api.pages.links import web_address
from aims_api.pages.rendering import Visiting, page_router
from aims_api.pages.requirements import MOST
from aims_api.pages.statements import classes, pointing, said
from aims_api.problems import ProblemError
from aims_api.selecting import Choice, choose
from aims_api.things import KINDS, members, node_named

router = page_router()


@router.get("/things/{name:path}")
def thing_page(
    request: Request, visit: Visiting, name: str, saved: SavedEntry = 0, requirement: Numbers = None
) -> Response:
    """By coded name, IRI or prefixed name; what has a page of its own is shown there."""
    node = node_named(name)
    own = visit.links.href(node)
    if own and not own.startswith("/pages/things/"):
        # What it says of the moment, and of what was saved, goes with it.
        return RedirectResponse(f"{own}?{request.url.query}".rstrip("?"), 303)
    rows = [] if node is None else said(visit.snapshot, visit.links, node)
    backwards = [] if node is None else pointing(visit.snapshot, visit.links, node)
    kinds = [] if node is None else classes(visit.snapshot.reader, node)
    if node is None or not (rows or backwards or kinds):
        raise ProblemError(404, "not-found", "nothing that you may read is said of this")
    return visit.show(
        "thing.html",
        visit.links.name(node),
        node=node,
        address=web_address(node.value),
        kinds=kinds,
        kind=next(
            ((kind, title_of(kind)) for kind in KINDS if node in members(visit.snapshot, kind)),
            None,
        ),
        said=rows,
        saved=saved_content(visit, saved, requirement),
        is_document=node in members(visit.snapshot, "documents"),
        pointing=backwards,
        findings=choose(visit.snapshot, Choice(focus=node))[:MOST],
        file=file_of(visit.core, visit.caller, visit.snapshot, node),
    )
