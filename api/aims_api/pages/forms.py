"""What happens after a form was sent."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Annotated, Any, Final

from fastapi import Query, Response
from fastapi.responses import RedirectResponse

from aims_api.callers import Permission
from aims_api.pages.rendering import Visit
from aims_api.problems import ProblemError, from_input_error
from aims_graph.columns.reader import Term
from aims_graph.errors import InputError
from aims_graph.journal import Entry

SavedEntry = Annotated[int, Query(ge=0, le=2**53)]
Numbers = Annotated[list[str] | None, Query(alias="requirement", max_length=50)]
#: Names that one field suggests.
_SUGGESTED: Final = 500


@contextmanager
def as_problems() -> Iterator[None]:
    """What the engine refuses inside is refused as a problem, so that a form has one thing to tell."""
    try:
        yield
    except InputError as error:
        raise from_input_error(error) from None


def after(
    work: Callable[[], Entry | None], address: str, again: Callable[[str, int], Response]
) -> Response:
    """To the page that shows it; where it is refused, the same page says why."""
    try:
        with as_problems():
            work()
    except ProblemError as error:
        return again(sentence(error.detail), error.status)
    return RedirectResponse(address, 303)


def labels(visit: Visit, nodes: Iterable[Term]) -> list[str]:
    found = {visit.links.name(node) for node in islice(nodes, _SUGGESTED)}
    return sorted(found, key=str.casefold)


def saved_content(visit: Visit, entry: int, numbers: list[str] | None) -> dict[str, Any] | None:
    """What a page says after something was saved: the entry, and how requirements stand now."""
    if not 0 < entry <= visit.core.workspace.sequence:
        return None
    results = visit.snapshot.assessment.by_requirement.items()
    return {
        "entry": entry,
        "is_open": visit.caller.may(Permission.JOURNAL) and visit.caller.reads_all,
        "requirements": [(r, c) for r, c in results if r.number in (numbers or ())],
    }


def sentence(text: str) -> str:
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "?", "…")) else text + "."
