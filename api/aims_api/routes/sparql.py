"""SPARQL 1.1 Protocol: query by GET and POST, update by POST, service description."""

from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Final
from urllib.parse import parse_qs

from fastapi import APIRouter, Query, Request, Response
from pyoxigraph import NamedNode, Quad
from starlette.concurrency import run_in_threadpool

from aims_api.access import CoreOf, Reading
from aims_api.answering import ask, asking, repeatable, respond
from aims_api.answers import ENTRY_HEADER
from aims_api.callers import Caller, Permission
from aims_api.core import Core
from aims_api.negotiation import RDF_FORMATS, choose, write_graph
from aims_api.openapi_problems import also
from aims_api.parameters import ReasonIfAny
from aims_api.problems import ProblemError
from aims_api.repeating import FOLLOWS_FROM
from aims_api.service_description import describe_service
from aims_api.snapshots import key_of
from aims_api.writing import change
from aims_graph.journal import Entry
from aims_graph.sparql.formats import GRAPHS, SOLUTIONS
from aims_graph.sparql.from_clauses import DataSet
from aims_graph.sparql.update import evaluate_text
from aims_graph.workspace.dataset import Dataset

router = APIRouter(tags=["sparql"])

_EXAMPLE: Final = "SELECT ?system { ?system a aims:AISystem }"
ANSWERS: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {media_type: {} for media_type in (*SOLUTIONS, *GRAPHS)}},
    **also(503),
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
                },
                "example": {"query": _EXAMPLE},
            },
        },
    }
}
_FORM: Final = "application/x-www-form-urlencoded"
_BODIES: Final = ("application/sparql-query", "application/sparql-update", _FORM)
#: Kind of request -> parameters that name the graphs of its default graph, and its named graphs.
_GRAPHS: Final = {
    "query": ("default-graph-uri", "named-graph-uri"),
    "update": ("using-graph-uri", "using-named-graph-uri"),
}
_ATTEMPTS: Final = 3


def _graphs_of(name: str, what: str) -> Any:
    return Query(
        alias=name,
        description=f"IRIs of the graphs that make the {what} of the query.",
        examples=[["urn:aims:source:shop"]],
    )


@router.get("/sparql", responses={**ANSWERS, **also(400)}, response_class=Response)
async def query(
    request: Request,
    core: CoreOf,
    caller: Reading,
    query: Annotated[str | None, Query(description="In SPARQL 1.1.", examples=[_EXAMPLE])] = None,
    default_graph_uri: Annotated[list[str], _graphs_of("default-graph-uri", "default graph")] = [],  # noqa: B006
    named_graph_uri: Annotated[list[str], _graphs_of("named-graph-uri", "named graphs")] = [],  # noqa: B006
) -> Response:
    """Ask. Without a query: the service description. The data set holds the graphs that the caller
    may read, the ontology, the rules and the findings; the default graph is their union.
    """
    given = request.query_params
    if len(given.getlist("query")) > 1 or "update" in given:
        raise ProblemError(400, "validation-failed", "give one query; an update is sent by POST")
    if query is None:
        media_type = choose(request.headers.get("accept"), list(RDF_FORMATS))
        address = str(request.url.replace(query=""))
        body = write_graph(describe_service(address), media_type)
        return Response(body, media_type=media_type, headers={"Vary": "Accept"})
    dataset = _data_set(default_graph_uri, named_graph_uri)
    return await asking(core, answer_to, core, caller, query, request, dataset)


@router.post(
    "/sparql",
    responses={**ANSWERS, 204: {"description": "Changed"}, **also(400, 409)},
    response_class=Response,
    openapi_extra=_BODY,
)
async def query_or_update(
    request: Request,
    core: CoreOf,
    caller: Reading,
    reason: ReasonIfAny = "SPARQL update",
) -> Response:
    """Ask or change, as the content type says. A change takes the right to write."""
    text, kind, dataset = await _read(request)
    if kind == "query":
        return await asking(core, answer_to, core, caller, text, request, dataset)
    if not (caller.may(Permission.WRITE) or caller.may(Permission.APPROVE)):
        raise ProblemError(403, "forbidden", "this takes the right to write")
    entry = await run_in_threadpool(update, core, caller, text, reason, dataset)
    headers = {} if entry is None else {ENTRY_HEADER: str(entry.sequence)}
    return Response(status_code=204, headers=headers)


def answer_to(
    core: Core, caller: Caller, text: str, request: Request, dataset: DataSet | None = None
) -> Response:
    """Kept for who asks the same by GET, as long as nothing is written. Raises as ``ask`` does."""
    result, snapshot = ask(core, caller, text, request.headers.get("accept"), dataset)
    answer = respond(result, snapshot)
    if repeatable(core, caller, text, snapshot):
        request.scope["state"][FOLLOWS_FROM] = snapshot
    return answer


async def _read(request: Request) -> tuple[str, str, DataSet | None]:
    """Text, query or update, and the graphs that stand beside it."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type not in _BODIES:
        raise ProblemError(
            415,
            "unsupported-media-type",
            f"accepted: {', '.join(_BODIES)}",
            headers={"Accept-Post": ", ".join(_BODIES)},
        )
    body = await request.body()
    try:
        text = body.decode()
        if media_type != _FORM:
            fields = parse_qs(request.url.query, keep_blank_values=True, max_num_fields=100)
            kind = media_type.removeprefix("application/sparql-")
        else:
            fields = parse_qs(text, keep_blank_values=True, errors="strict", max_num_fields=100)
            found = [(kind, text) for kind in _GRAPHS for text in fields.get(kind, ())]
            if len(found) != 1:
                raise ProblemError(400, "validation-failed", "give one query or one update")
            kind, text = found[0]
    except ValueError:
        raise ProblemError(400, "parse-error", "the body is not UTF-8 text") from None
    foreign = [name for other in _GRAPHS if other != kind for name in _GRAPHS[other]]
    if any(name in fields for name in foreign):
        raise ProblemError(
            400, "validation-failed", f"{' and '.join(foreign)} are not for a {kind}"
        )
    default, named = (fields.get(name, []) for name in _GRAPHS[kind])
    return text, kind, _data_set(default, named)


def _data_set(default: Sequence[str], named: Sequence[str]) -> DataSet | None:
    """Graphs that the caller may not read are not in the index, so they are as empty as any other."""
    if not default and not named:
        return None
    for name in (*default, *named):
        try:
            NamedNode(name)
        except ValueError:
            raise ProblemError(
                400, "validation-failed", f"{name[:200]!r} is no IRI of a graph"
            ) from None
    return DataSet(tuple(default), tuple(named))


def update(
    core: Core, caller: Caller, text: str, reason: str, using: DataSet | None = None
) -> Entry | None:
    """Works the change out on what the caller may read, and commits it if nobody else has written
    meanwhile; else once more. Raises InputError and its kinds, ProblemError 403, 409.
    """
    for _ in range(_ATTEMPTS):
        snapshot = core.snapshots.after(caller, core.workspace.sequence)
        folder = core.questions.folder(key_of(caller.read), snapshot)
        made = evaluate_text(text, folder, using=using)
        stale = False

        def work(_: Dataset) -> tuple[Iterable[Quad], Iterable[Quad]]:
            nonlocal stale
            stale = core.workspace.journal.position.sequence != snapshot.sequence  # noqa: B023
            return ((), ()) if stale else (made.added, made.removed)  # noqa: B023

        entry = change(core, caller, work, reason=reason, source="SPARQL update")
        if not stale:
            return entry
    raise ProblemError(409, "conflict", "others kept writing: try again")
