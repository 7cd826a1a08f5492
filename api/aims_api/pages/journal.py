"""The journal: every change with its proof."""

from typing import Annotated, Final

from fastapi import Query, Response
from pyoxigraph import RdfFormat, parse

from aims_api.access import SeeingJournal
from aims_api.pages.links import Link
from aims_api.pages.rendering import Visit, Visiting, page_router
from aims_api.problems import ProblemError
from aims_api.routes import journal as routes
from aims_graph.journal.verification import verify

router = page_router()
_PAGE: Final = 50
#: Lines of one entry that a page shows.
_LINES: Final = 200


@router.get("/journal")
def journal_page(
    visit: Visiting, caller: SeeingJournal, offset: Annotated[int, Query(ge=0, le=2**31)] = 0
) -> Response:
    found = routes.journal(visit.core, caller, offset, _PAGE)
    return visit.show("journal.html", "Journal", offset=offset, size=_PAGE, **found)


@router.get("/journal/verification")
def verification_page(visit: Visiting, caller: SeeingJournal) -> Response:
    """Every byte of the record is read again. A journal that is damaged may give no entries."""
    if not caller.reads_all:
        raise ProblemError(403, "forbidden", "the journal is read by those who may read all graphs")
    checked = verify(visit.core.workspace.journal.folder)
    newest = routes.journal(visit.core, caller, 0, 1)["entries"] if checked.good else []
    return visit.show(
        "verification.html",
        "Proof of the journal",
        checked=checked,
        newest=newest[0] if newest else None,
    )


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
        added=_in_words(visit, added[:_LINES]),
        removed=_in_words(visit, removed[:_LINES]),
    )


def _in_words(visit: Visit, lines: list[str]) -> list[tuple[Link, list[tuple[Link, Link]]]]:
    """What lines of N-Quads say, by the thing that they are about; in the words of today."""
    found: dict[object, list[tuple[Link, Link]]] = {}
    for line in lines:
        for quad in parse(line, format=RdfFormat.N_QUADS):
            pair = visit.links.to(quad.predicate), visit.links.to(quad.object)
            found.setdefault(quad.subject, []).append(pair)
    return [(visit.links.to(subject), pairs) for subject, pairs in found.items()]  # type: ignore[arg-type]
