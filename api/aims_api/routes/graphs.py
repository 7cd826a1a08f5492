"""SPARQL 1.1 Graph Store HTTP Protocol, indirect identification: ?graph=IRI or ?default."""

from collections.abc import Iterable
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel
from pyoxigraph import DefaultGraph, NamedNode, Quad
from starlette.concurrency import run_in_threadpool

from aims_api.access import CoreOf, Reading, Writing
from aims_api.answering import latest
from aims_api.answers import ENTRY_HEADER
from aims_api.callers import DEFAULT_GRAPH, FINDINGS_GRAPH, ONTOLOGY_GRAPH, Caller
from aims_api.core import Core
from aims_api.negotiation import RDF_FORMATS, body_format, choose, write_graph
from aims_api.openapi_examples import rdf_bodies
from aims_api.openapi_problems import also
from aims_api.parameters import ReasonIfAny
from aims_api.patches import graph_of, read_patch
from aims_api.problems import ProblemError
from aims_api.things import node_of
from aims_api.writing import change
from aims_graph.workspace.dataset import Dataset

router = APIRouter(tags=["sparql"])

Graph = Annotated[
    str | None,
    Query(description="IRI of the graph.", max_length=2000, examples=["urn:aims:source:shop"]),
]
Default = Annotated[
    str | None, Query(description="The graph without a name.", max_length=10, examples=[""])
]
_BODY = {
    "requestBody": {
        "required": True,
        "content": rdf_bodies(
            "@prefix aims: <https://w3id.org/aims-graph/ns#> .\n"
            "<https://shop.example/aims#ranking-drift> a aims:Risk .\n"
        ),
    }
}
_ANSWER: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {media_type: {} for media_type in RDF_FORMATS}},
    **also(400, 404),
}


class GraphRow(BaseModel):
    graph: str
    triples: int
    writable: bool


def _name(graph: str | None, default: str | None) -> str:
    if (graph is None) == (default is None):
        raise ProblemError(400, "validation-failed", "give graph=IRI or default, and not both")
    if graph is None:
        return DEFAULT_GRAPH
    node = node_of(graph)
    if node is None:
        raise ProblemError(400, "validation-failed", "graph must be an IRI")
    return node.value


@router.get("/graph-names")
def list_graphs(core: CoreOf, caller: Reading) -> list[GraphRow]:
    """The graphs that the caller may read."""
    graphs = latest(core, caller).graphs
    return [
        GraphRow(graph=name, triples=len(graph), writable=caller.may_write(name))
        for name, graph in sorted(graphs.items())
    ]


@router.get("/graphs", responses=_ANSWER, response_class=Response)
def read_graph(
    request: Request, core: CoreOf, caller: Reading, graph: Graph = None, default: Default = None
) -> Response:
    """The triples of a graph. One that the caller may not read is one that is not there."""
    name = _name(graph, default)
    media_type = choose(request.headers.get("accept"), list(RDF_FORMATS))
    snapshot = latest(core, caller)
    columns = {ONTOLOGY_GRAPH: snapshot.rules.ontology, **snapshot.graphs}.get(name)
    if columns is None:
        raise ProblemError(404, "not-found", "there is no such graph")
    quads = (Quad(s, p, o) for s, p, o in columns.triples())  # type: ignore[arg-type]
    return Response(write_graph(quads, media_type), media_type=media_type)


@router.put(
    "/graphs",
    status_code=204,
    response_class=Response,
    responses=also(400, 404),
    openapi_extra=_BODY,
)
async def replace_graph(
    request: Request, core: CoreOf, caller: Writing, graph: Graph = None, default: Default = None,
    reason: ReasonIfAny = "Graph replaced",
) -> Response:  # fmt: skip
    """Make a graph hold the triples of the body and no others."""
    body, name = await request.body(), _name(graph, default)
    return await run_in_threadpool(_write, core, caller, name, request, body, reason, replace=True)


@router.post(
    "/graphs", status_code=204, response_class=Response, responses=also(400), openapi_extra=_BODY
)
async def add_to_graph(
    request: Request, core: CoreOf, caller: Writing, graph: Graph = None, default: Default = None,
    reason: ReasonIfAny = "Added to a graph",
) -> Response:  # fmt: skip
    """Add the triples of the body to a graph."""
    body, name = await request.body(), _name(graph, default)
    return await run_in_threadpool(_write, core, caller, name, request, body, reason, replace=False)


@router.delete("/graphs", status_code=204, response_class=Response, responses=also(400, 404))
def empty_graph(
    core: CoreOf, caller: Writing, graph: Graph = None, default: Default = None,
    reason: ReasonIfAny = "Graph emptied",
) -> Response:  # fmt: skip
    """Take all triples out of a graph. The journal keeps them."""
    return _commit(core, caller, _name(graph, default), [], reason, replace=True)


def _write(
    core: Core, caller: Caller, name: str, request: Request, body: bytes, reason: str, *,
    replace: bool,
) -> Response:  # fmt: skip
    quads = read_patch(body, body_format(request.headers.get("content-type")), name)
    if any(graph_of(quad) != name for quad in quads):
        raise ProblemError(422, "validation-failed", "the body names other graphs")
    if name == DEFAULT_GRAPH:
        quads = [Quad(q.subject, q.predicate, q.object) for q in quads]
    return _commit(core, caller, name, quads, reason, replace=replace)


def _commit(
    core: Core, caller: Caller, name: str, quads: list[Quad], reason: str, *, replace: bool
) -> Response:
    if not caller.may_write(name) or name == FINDINGS_GRAPH:
        raise ProblemError(403, "policy-denied", f"the graph {name} is not yours to write")
    place = DefaultGraph() if name == DEFAULT_GRAPH else NamedNode(name)

    def work(dataset: Dataset) -> tuple[Iterable[Quad], Iterable[Quad]]:
        old = [Quad(s, p, o, place) for s, p, o in dataset.graph(place).triples()]  # type: ignore[arg-type]
        if replace and not old and not quads:
            raise ProblemError(404, "not-found", "there is no such graph")
        new = set(quads)
        return quads, [quad for quad in old if quad not in new] if replace else []

    entry = change(core, caller, work, reason=reason, source="graph store")
    headers = {} if entry is None else {ENTRY_HEADER: str(entry.sequence)}
    return Response(status_code=204, headers=headers)
