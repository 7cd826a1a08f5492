"""What a change would do, without making it."""

from collections.abc import Iterable
from typing import Annotated

from fastapi import Form, Response
from pyoxigraph import DefaultGraph, NamedNode, Quad

from aims_api.callers import DEFAULT_GRAPH, RECORDS_GRAPH
from aims_api.evaluation import Snapshot
from aims_api.pages.rendering import Visiting, page_router
from aims_api.patches import effect, graph_of, read_patch
from aims_api.problems import ProblemError
from aims_graph.errors import InputError
from aims_graph.vocabulary import PREFIXES

router = page_router()
Turtle = Annotated[str, Form(max_length=200_000)]
#: On one line, so that the lines of errors are those of the form.
_HEADER = " ".join(f"@prefix {prefix}: <{base}> ." for prefix, base in PREFIXES.items()) + " "


@router.get("/what-if")
def ask(visit: Visiting) -> Response:
    return visit.show("what-if.html", "What if", added="", removed="", change=None, error=None)


@router.post("/what-if")
def what_if(visit: Visiting, added: Turtle = "", removed: Turtle = "") -> Response:
    """Statements are removed from every graph that holds them."""
    try:
        come, go = (_read(text) for text in (added, removed))
    except InputError as error:
        return visit.show(
            "what-if.html", "What if", 422, added=added, removed=removed, change=None, error=error
        )
    for quad in (*come, *go):
        if not visit.caller.may_read(graph_of(quad)):
            raise ProblemError(403, "forbidden", f"the graph {graph_of(quad)} is not yours to read")
    change = visit.snapshot.what_if(*effect(visit.snapshot, come, _everywhere(visit.snapshot, go)))
    return visit.show(
        "what-if.html", "What if", added=added, removed=removed, change=change, error=None
    )


def _read(text: str) -> list[Quad]:
    return read_patch((_HEADER + text).encode(), "turtle", RECORDS_GRAPH) if text.strip() else []


def _everywhere(snapshot: Snapshot, quads: Iterable[Quad]) -> list[Quad]:
    places = [
        DefaultGraph() if name == DEFAULT_GRAPH else NamedNode(name) for name in snapshot.graphs
    ]
    return [Quad(q.subject, q.predicate, q.object, place) for q in quads for place in places]
