"""Records: made, changed, approved, retired, withdrawn."""

from collections.abc import Iterable
from typing import Annotated, Any, Final

from fastapi import APIRouter, Header, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from pyoxigraph import NamedNode, Quad
from starlette.concurrency import run_in_threadpool

from aims_api.access import Approving, CoreOf, Writing
from aims_api.callers import Caller
from aims_api.core import Core
from aims_api.evaluation import Snapshot
from aims_api.looking import View, find
from aims_api.negotiation import JSON
from aims_api.openapi_examples import rdf_bodies
from aims_api.openapi_problems import also
from aims_api.parameters import Key, Reason, ReasonIfAny
from aims_api.problems import ProblemError
from aims_api.record_changes import (
    Draft,
    approve,
    check_match,
    current,
    difference,
    read_body,
    retirement,
    set_properties,
    written,
)
from aims_api.records import quads_of
from aims_api.routes.records import KindOf
from aims_api.things import members
from aims_api.writing import change
from aims_graph.errors import InputError
from aims_graph.workspace.dataset import Dataset

router = APIRouter(tags=["records"])

IfMatch = Annotated[
    str | None,
    Header(
        description="ETag of the version that was read, or * for whichever there is.",
        examples=['"6a1f0c2b9d3e4f5061728394"'],
    ),
]


class Change(BaseModel):
    """A JSON merge patch (RFC 7396): a property is replaced as a whole; null takes it away."""

    model_config = ConfigDict(extra="forbid")

    properties: dict[str, Any] = Field(
        max_length=200, examples=[{"intendedUse": "Help shoppers find offers that fit."}]
    )


class Why(BaseModel):
    model_config = ConfigDict(extra="forbid")

    reason: str = Field(
        min_length=1,
        max_length=1000,
        description="The journal keeps it.",
        examples=["Replaced by another system."],
    )


class Written(BaseModel):
    iri: str
    entry: int | None = Field(description="None when nothing had to be changed.")
    etag: str


_TURTLE: Final = """\
@prefix aims: <https://w3id.org/aims-graph/ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
<https://shop.example/aims#recommender> a aims:AISystem ;
    rdfs:label "Product recommendations" ;
    aims:systemStage aims:OperationAndMonitoring .
"""
_RDF_BODY = {
    "requestBody": {
        "content": {
            JSON: {"schema": Draft.model_json_schema()},
            **rdf_bodies(_TURTLE),
        },
        "required": True,
    }
}


@router.post(
    "/{kind}", status_code=201, response_model=Written, responses=also(400), openapi_extra=_RDF_BODY
)
async def create_record(
    request: Request, core: CoreOf, snapshot: View, caller: Writing, kind: KindOf, reason: Reason
) -> Response:
    """Make a record, from JSON or RDF."""
    body = await request.body()
    return await run_in_threadpool(_create, core, snapshot, caller, kind, request, body, reason)


def _create(
    core: Core,
    snapshot: Snapshot,
    caller: Caller,
    kind: str,
    request: Request,
    body: bytes,
    reason: str,
) -> Response:
    node, quads = read_body(kind, request, body, None)

    def work(dataset: Dataset) -> tuple[Iterable[Quad], Iterable[Quad]]:
        if current(dataset, node, caller) or node in members(snapshot, kind):
            raise ProblemError(409, "conflict", "there is a thing of this IRI already")
        return quads, ()

    entry = change(core, caller, work, reason=reason, source="records")
    return written(node, quads, entry, 201)


@router.put("/{kind}/{key}", response_model=Written, responses=also(400), openapi_extra=_RDF_BODY)
async def replace_record(
    request: Request,
    core: CoreOf,
    snapshot: View,
    caller: Writing,
    kind: KindOf,
    key: Key,
    reason: ReasonIfAny = "Replaced",
    if_match: IfMatch = None,
) -> Response:
    """Say everything of a record anew. Takes the ETag of the version that was read."""
    body = await request.body()
    return await run_in_threadpool(
        _replace, core, snapshot, caller, kind, key, request, body, reason, if_match
    )


def _replace(
    core: Core, snapshot: Snapshot, caller: Caller, kind: str, key: str, request: Request, body: bytes,
    reason: str, if_match: str | None,
) -> Response:  # fmt: skip
    node = find(snapshot, kind, key)
    assert isinstance(node, NamedNode)
    try:
        _, quads = read_body(kind, request, body, node)
    except (ProblemError, InputError):
        check_match(if_match, quads_of(snapshot.graphs, node))  # that goes before
        raise
    made: list[Quad] = []

    def work(dataset: Dataset) -> tuple[Iterable[Quad], Iterable[Quad]]:
        old = current(dataset, node, caller)
        check_match(if_match, old)
        made[:] = quads
        return difference(old, quads, caller)

    entry = change(core, caller, work, reason=reason, source="records")
    return written(node, made, entry)


@router.patch("/{kind}/{key}", response_model=Written)
def change_record(
    core: CoreOf,
    snapshot: View,
    caller: Writing,
    kind: KindOf,
    key: Key,
    patch: Change,
    reason: Reason,
    if_match: IfMatch = None,
) -> Response:
    """Change some properties of a record. Takes the ETag of the version that was read."""
    node = find(snapshot, kind, key)
    assert isinstance(node, NamedNode)
    return set_properties(core, caller, node, patch.properties, reason, if_match)


@router.delete("/{kind}/{key}", response_model=Written)
def withdraw_record(
    core: CoreOf,
    snapshot: View,
    caller: Writing,
    kind: KindOf,
    key: Key,
    reason: Reason,
    if_match: IfMatch = None,
) -> Response:
    """Take back what is said of a thing, as said in error. The journal keeps it."""
    node = find(snapshot, kind, key)
    assert isinstance(node, NamedNode)

    def work(dataset: Dataset) -> tuple[Iterable[Quad], Iterable[Quad]]:
        old = current(dataset, node, caller)
        check_match(if_match, old)
        return (), old

    return written(node, [], change(core, caller, work, reason=reason, source="records"))


@router.post("/{kind}/{key}/retirement", response_model=Written)
def retire_record(
    core: CoreOf, snapshot: View, caller: Writing, kind: KindOf, key: Key, why: Why
) -> Response:
    """Put out of use from today on: a system is retired, a document withdrawn, a person has left, what
    was planned is cancelled. The record stays.
    """
    node = find(snapshot, kind, key)
    assert isinstance(node, NamedNode)
    properties = retirement(kind, core.snapshots.day)
    return set_properties(core, caller, node, properties, why.reason, None, match=False)


@router.post("/{kind}/{key}/approval", response_model=Written)
def approve_record(
    core: CoreOf, snapshot: View, caller: Approving, kind: KindOf, key: Key, why: Why
) -> Response:
    """Approve a record as the person that the key stands for; not one that the same person made."""
    if caller.person is None:
        raise ProblemError(403, "forbidden", "the key does not say which person it stands for")
    node = find(snapshot, kind, key)
    assert isinstance(node, NamedNode)
    return approve(core, caller, node, why.reason, core.snapshots.day)
