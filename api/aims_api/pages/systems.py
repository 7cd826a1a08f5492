"""An AI system: its state, its record, what is wrong with it."""

from typing import Annotated, Final

from fastapi import Query, Response

from aims_api.looking import find
from aims_api.pages.forms import Numbers, SavedEntry, saved_content
from aims_api.pages.rendering import Visiting, page_router
from aims_api.pages.requirements import MOST
from aims_api.pages.statements import classes, pointing, said
from aims_graph.assessment import Conformity, State, judge_matrix

router = page_router()
#: Systems that one page of the heat map shows side by side.
_COLUMNS: Final = 40


@router.get("/systems/{key}")
def system_page(
    visit: Visiting, key: str, saved: SavedEntry = 0, requirement: Numbers = None
) -> Response:
    snapshot = visit.snapshot
    node = find(snapshot, "systems", key)
    result = snapshot.assessment.by_system[node]
    return visit.show(
        "system.html",
        visit.links.name(node),
        node=node,
        kinds=classes(snapshot.reader, node),
        result=result,
        saved=saved_content(visit, saved, requirement),
        is_document=False,
        findings=result.findings[:MOST],
        said=said(snapshot, visit.links, node),
        pointing=pointing(snapshot, visit.links, node),
    )


@router.get("/heat-map")
def heat_map(visit: Visiting, offset: Annotated[int, Query(ge=0, le=2**31)] = 0) -> Response:
    """Requirement by system; a cell leads to the findings behind it."""
    matrix = visit.snapshot.cache.get("matrix")
    if matrix is None:
        matrix = visit.snapshot.cache["matrix"] = judge_matrix(visit.snapshot.assessment)
    systems = matrix.systems[offset : offset + _COLUMNS]
    rows: list[tuple[object, Conformity, bool, list[Conformity | None]]] = [
        (
            requirement,
            result,
            requirement.iri in matrix.excluded,
            [matrix.cells.get((requirement.iri, system)) for system in systems],
        )
        for requirement, result in matrix.requirements.items()
    ]
    return visit.show(
        "heat-map.html",
        "Heat map: requirements by AI system",
        systems=systems,
        total=len(matrix.systems),
        offset=offset,
        size=_COLUMNS,
        rows=rows,
        met=State.MET,
    )
