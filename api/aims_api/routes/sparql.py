"""SPARQL 1.1 Protocol: query by GET and POST, update by POST, service description."""

from collections.abc import Iterable
from typing import Annotated, Any, Final
from urllib.parse import parse_qs

from fastapi import APIRouter, Query, Request, Response
from pyoxigraph import BlankNode, NamedNode, Quad, Triple
from starlette.concurrency import run_in_threadpool

from aims_api.access import CoreOf, Reading
from aims_api.answering import ask, asking, respond
from aims_api.callers import Caller, Permission
from aims_api.core import Core
from aims_api.negotiation import RDF_FORMATS, choose, write_graph
from aims_api.problems import ERRORS, ProblemError
from aims_api.snapshots import key_of
from aims_api.writing import change
from aims_graph.journal import Entry
from aims_graph.sparql.formats import GRAPHS, SOLUTIONS
from aims_graph.sparql.update import evaluate_text
from aims_graph.vocabulary import RDF
from aims_graph.workspace.dataset import Dataset

router = APIRouter(tags=["sparql"], responses=ERRORS)

_SD: Final = "http://www.w3.org/ns/sparql-service-description#"
_FORMATS: Final = "http://www.w3.org/ns/formats/"
_EXAMPLE: Final = "SELECT ?system { ?system a aims:AISystem }"
ANSWERS: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {media_type: {} for media_type in (*SOLUTIONS, *GRAPHS)}}
}
_BODY: Final = {
    "requestBody": {
        "required": True,
        "content": {
            "application/sparql-query": {"schema": {"type": "string"}, "example": _EXAMPLE},
            "application/sparql-update": {
                "schema": {"type": "string"},
                "example": "INSERT DATA { GRAPH <urn:aims:source:records> { <urn:x> aims:owner <urn:y> } }",
            },
            "application/x-www-form-urlencoded": {
                "schema": {
                    "type": "object",
                    "properties": {"query": {"type": "string"}, "update": {"type": "string"}},
                }
            },
        },
    }
}
_ATTEMPTS: Final = 3


@router.get("/sparql", responses=ANSWERS, response_class=Response)
async def query(
    request: Request,
    core: CoreOf,
    caller: Reading,
    query: Annotated[str | None, Query(examples=[_EXAMPLE])] = None,
    default_graph_uri: Annotated[list[str], Query(alias="default-graph-uri")] = [],  # noqa: B006
    named_graph_uri: Annotated[list[str], Query(alias="named-graph-uri")] = [],  # noqa: B006
) -> Response:
    """Ask. Without a query: the service description. The data set holds the graphs that the caller
    may read, the ontology, the rules and the findings; the default graph is their union.
    """
    if query is None:
        media_type = choose(request.headers.get("accept"), list(RDF_FORMATS))
        return Response(write_graph(_description(), media_type), media_type=media_type)
    graphs = [*default_graph_uri, *named_graph_uri] or None
    return await asking(core, _answer, core, caller, query, request, graphs)


@router.post(
    "/sparql", responses={**ANSWERS, 204: {}}, response_class=Response, openapi_extra=_BODY
)
async def query_or_update(
    request: Request,
    core: CoreOf,
    caller: Reading,
    reason: Annotated[str, Query(max_length=1000)] = "SPARQL update",
) -> Response:
    """Ask or change, as the content type says. A change takes the right to write."""
    text, kind, graphs = await _read(request)
    if kind == "query":
        return await asking(core, _answer, core, caller, text, request, graphs)
    if not (caller.may(Permission.WRITE) or caller.may(Permission.APPROVE)):
        raise ProblemError(403, "forbidden", "this takes the right to write")
    entry = await run_in_threadpool(update, core, caller, text, reason)
    headers = {} if entry is None else {"Aims-Entry": str(entry.sequence)}
    return Response(status_code=204, headers=headers)


def _answer(
    core: Core, caller: Caller, text: str, request: Request, graphs: list[str] | None
) -> Response:
    result, snapshot = ask(core, caller, text, request.headers.get("accept"), graphs)
    return respond(result, snapshot)


async def _read(request: Request) -> tuple[str, str, list[str] | None]:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    body = await request.body()
    try:
        text = body.decode()
        if media_type == "application/sparql-query":
            names = request.query_params
            graphs = names.getlist("default-graph-uri") + names.getlist("named-graph-uri")
            return text, "query", graphs or None
        if media_type == "application/sparql-update":
            return text, "update", None
        if media_type == "application/x-www-form-urlencoded":
            fields = parse_qs(text, keep_blank_values=True, errors="strict", max_num_fields=100)
            return _read_form(fields)
    except ValueError:
        raise ProblemError(400, "parse-error", "the body is not UTF-8 text") from None
    accepted = ", ".join(_BODY["requestBody"]["content"])  # type: ignore[arg-type]
    raise ProblemError(415, "unsupported-media-type", f"accepted: {accepted}")


def _read_form(fields: dict[str, list[str]]) -> tuple[str, str, list[str] | None]:
    found = [(kind, text) for kind in ("query", "update") for text in fields.get(kind, ())]
    if len(found) != 1:
        raise ProblemError(400, "validation-failed", "give one query or one update")
    if {"using-graph-uri", "using-named-graph-uri"} & fields.keys():
        raise ProblemError(400, "validation-failed", "write USING in the text of the update")
    kind, text = found[0]
    graphs = fields.get("default-graph-uri", []) + fields.get("named-graph-uri", [])
    return text, kind, graphs or None


def update(core: Core, caller: Caller, text: str, reason: str) -> Entry | None:
    """Works the change out on what the caller may read, and commits it if nobody else has written
    meanwhile; else once more. Raises InputError and its kinds, ProblemError 403, 409.
    """
    for _ in range(_ATTEMPTS):
        snapshot = core.snapshots.after(caller, core.workspace.sequence)
        folder = core.questions.folder(key_of(caller.read), snapshot)
        made = evaluate_text(text, folder)
        stale = False

        def work(_: Dataset) -> tuple[Iterable[Quad], Iterable[Quad]]:
            nonlocal stale
            stale = core.workspace.journal.position.sequence != snapshot.sequence  # noqa: B023
            return ((), ()) if stale else (made.added, made.removed)  # noqa: B023

        entry = change(core, caller, work, reason=reason, source="SPARQL update")
        if not stale:
            return entry
    raise ProblemError(409, "conflict", "others kept writing: try again")


def _description() -> Iterable[Triple]:
    """SPARQL 1.1 Service Description; it says nothing of the graphs there are."""

    def sd(name: str) -> NamedNode:
        return NamedNode(_SD + name)

    service, dataset, graph = BlankNode(), BlankNode(), BlankNode()
    kind = NamedNode(RDF + "type")
    yield Triple(service, kind, sd("Service"))
    for name in ("SPARQL11Query", "SPARQL11Update"):
        yield Triple(service, sd("supportedLanguage"), sd(name))
    yield Triple(service, sd("feature"), sd("UnionDefaultGraph"))
    for name in ("SPARQL_Results_JSON", "SPARQL_Results_XML", "SPARQL_Results_CSV",
                 "SPARQL_Results_TSV", "Turtle", "N-Triples", "JSON-LD", "RDF_XML"):  # fmt: skip
        yield Triple(service, sd("resultFormat"), NamedNode(_FORMATS + name))
    yield Triple(service, sd("defaultDataset"), dataset)
    yield Triple(dataset, kind, sd("Dataset"))
    yield Triple(dataset, sd("defaultGraph"), graph)
    yield Triple(graph, kind, sd("Graph"))
