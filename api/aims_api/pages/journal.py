"""The journal: every change with its proof."""

from typing import Annotated, Final

from fastapi import APIRouter, Query, Response

from aims_api.access import SeeingJournal
from aims_api.pages.rendering import PageRoute, Visiting
from aims_api.routes import journal as routes

router = APIRouter(route_class=PageRoute, include_in_schema=False)
_PAGE: Final = 50
#: Lines of one entry that a page shows.
_LINES: Final = 500


@router.get("/journal")
def journal_page(
    visit: Visiting, caller: SeeingJournal, offset: Annotated[int, Query(ge=0, le=2**31)] = 0
) -> Response:
    found = routes.journal(visit.core, caller, offset, _PAGE)
    return visit.show("journal.html", "Journal", offset=offset, size=_PAGE, **found)


@router.get("/journal/{sequence}")
def entry_page(visit: Visiting, caller: SeeingJournal, sequence: int) -> Response:
    entry = routes.journal_entry(visit.core, caller, sequence)
    added, removed = entry["added_quads"], entry["removed_quads"]
    return visit.show(
        "entry.html",
        f"Entry {sequence}",
        entry=entry,
        added_lines=added[:_LINES],
        removed_lines=removed[:_LINES],
        more=max(0, len(added) - _LINES) + max(0, len(removed) - _LINES),
        last=visit.core.workspace.sequence,
    )
