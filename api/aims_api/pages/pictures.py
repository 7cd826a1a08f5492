"""Traceability and lineage of a thing, as a picture and as a table that says the same."""

from collections.abc import Callable
from typing import Final

from fastapi import Response
from markupsafe import Markup

from aims_api.evaluation import Snapshot
from aims_api.pages.rendering import Visit, Visiting, page_router
from aims_api.problems import ProblemError
from aims_api.things import node_named
from aims_graph.columns.reader import Term
from aims_graph.trace import TraceGraph, lineage, trace
from aims_graph.views import write_svg
from aims_graph.views.folding import Box

router = page_router()
#: Rows of the table; a picture folds what is too much for it.
_MOST: Final = 500
_ABOUT: Final = {
    "Traceability": "From what is required, on the left, to what shows it and who answers for it, on the right. Each box leads to its page.",
    "Lineage": "What it was made from, on the left, and what is made from it, on the right. Each box leads to its page.",
}


@router.get("/trace/{name:path}")
def trace_page(visit: Visiting, name: str) -> Response:
    return _draw(visit, name, "Traceability", trace)


@router.get("/lineage/{name:path}")
def lineage_page(visit: Visiting, name: str) -> Response:
    return _draw(visit, name, "Lineage", lineage)


def _draw(visit: Visit, name: str, what: str, follow: Callable[..., TraceGraph]) -> Response:
    node = node_named(name)
    columns = visit.snapshot.reader.columns
    if node is None or columns.terms.id_of(node) < 0:
        raise ProblemError(404, "not-found", "nothing that you may read is said of this")
    graph = follow(columns, node, states=states(visit.snapshot))
    edges: dict[Term, list[tuple[str, Term]]] = {}
    for edge in graph.edges:
        edges.setdefault(edge.source, []).append((edge.label, edge.target))
    nodes = sorted(graph.nodes, key=lambda n: (n.column, n.label.casefold()))
    return visit.show(
        "picture.html",
        f"{what} of {visit.links.name(node)}",
        node=node,
        about=_ABOUT[what],
        other=("lineage", "Lineage") if follow is trace else ("trace", "Traceability"),
        # Written by an XML writer: labels are text in it, and links lead to pages of ours.
        picture=Markup(write_svg(graph, link=lambda box: _target(visit, box))),  # noqa: S704
        nodes=nodes[:_MOST],
        more=max(0, len(nodes) - _MOST),
        columns=graph.columns,
        edges=edges,
    )


def _target(visit: Visit, box: Box) -> str:
    return "" if box.is_group else visit.links.href(box.nodes[0].term)


def states(snapshot: Snapshot) -> dict[Term, str]:
    """Of what is judged by itself: requirements and systems."""
    assessment = snapshot.assessment
    found: dict[Term, str] = {r.iri: str(c.state) for r, c in assessment.by_requirement.items()}
    found |= {system: str(c.state) for system, c in assessment.by_system.items()}
    return found
