"""Records: listed, searched, read."""

from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel
from pyoxigraph import NamedNode

from aims_api.evaluation import Snapshot
from aims_api.looking import KeptView, View, answer, entry_headers, find_soon, lasting
from aims_api.negotiation import JSON, RDF_FORMATS, choose, write_graph
from aims_api.parameters import Key, Offset, limit_of
from aims_api.records import (
    are_few,
    etag_of,
    record_content,
    record_row,
    statements_of,
    with_ontology,
)
from aims_api.searching import TEXTS, is_ready, search
from aims_api.things import KINDS
from aims_api.turns import worked_out

router = APIRouter(tags=["records"])

_FEW_ROWS: Final = 50
_FORMATS: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {media_type: {} for media_type in RDF_FORMATS}},
    304: {"description": "As in If-None-Match"},
}

Kind = Literal[
    "systems", "models", "model-versions", "datasets", "risks", "treatments", "controls",
    "implementations", "entries", "evidence", "documents", "roles", "people", "suppliers",
    "assessments", "audits", "incidents", "nonconformities", "corrective-actions", "objectives",
    "changes",
]  # fmt: skip


KindOf = Annotated[Kind, Path(description="Which kind of record.", examples=["systems"])]
Words = Annotated[
    str,
    Query(
        min_length=1,
        max_length=200,
        description="Words that must all be there, in any order; case and accents do not matter.",
        examples=["recommendations"],
    ),
]


class Record(BaseModel):
    kind: str
    key: str
    iri: str
    label: str
    types: list[str]
    graphs: list[str]
    properties: dict[str, list[dict[str, Any]]]


class RecordRow(BaseModel):
    kind: str
    key: str
    iri: str
    label: str
    types: list[str]


class RecordPage(BaseModel):
    total: int
    records: list[RecordRow]


@router.get("/search", response_model=RecordPage)
def search_all(
    snapshot: View,
    q: Words,
    offset: Offset = 0,
    limit: Annotated[int, limit_of(500)] = 20,
) -> Response:
    """Things of every kind whose label, identifier or description has all the words."""
    rows = [
        record_row(snapshot, kind, node) for kind in KINDS for node in search(snapshot, kind, q)
    ]
    once = list({row["iri"]: row for row in rows}.values())
    return answer(snapshot, {"total": len(once), "records": once[offset : offset + limit]})


@router.get("/{kind}", response_model=RecordPage)
async def list_records(
    request: Request,
    snapshot: KeptView,
    kind: KindOf,
    q: Annotated[
        str | None,
        Query(max_length=200, description="Words to look for.", examples=["recommendations"]),
    ] = None,
    offset: Offset = 0,
    limit: Annotated[int, limit_of(500)] = 50,
) -> Response:
    """Records of a kind, by label."""

    def make() -> Response:
        found = search(snapshot, kind, q)
        rows = [record_row(snapshot, kind, node) for node in found[offset : offset + limit]]
        return answer(snapshot, {"total": len(found), "records": rows})

    lasting(request, lambda change: change.same_names and change.predicates.isdisjoint(TEXTS))
    short = q is None and limit <= _FEW_ROWS and is_ready(snapshot, kind)
    return await worked_out(make, "record", short=short)


@router.get("/{kind}/{key}", response_model=Record, responses=_FORMATS)
async def read_record(request: Request, snapshot: KeptView, kind: KindOf, key: Key) -> Response:
    """One record: plain JSON, or RDF as the Accept header asks."""
    node = await find_soon(snapshot, kind, key)
    assert isinstance(node, NamedNode)
    lasting(request, lambda change: change.same_names and node not in change.subjects)
    return await worked_out(
        lambda: _record(request, snapshot, kind, node),
        "record",
        short=are_few(snapshot, node),
    )


def _record(request: Request, snapshot: Snapshot, kind: str, node: NamedNode) -> Response:
    media_type = choose(request.headers.get("accept"), [JSON, *RDF_FORMATS])
    quads = statements_of(snapshot, node)
    headers = {"ETag": etag_of(quads), "Vary": "Accept", **entry_headers(snapshot)}
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    said = with_ontology(snapshot, node, quads)
    if media_type == JSON:
        found = answer(snapshot, record_content(snapshot, kind, node, said))
        found.headers.update(headers)
        return found
    return Response(write_graph(said, media_type), headers=headers, media_type=media_type)
