"""A change of a record, worked out on the data as they are when nobody else can write."""

import json
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final

from fastapi import Request, Response
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad

from aims_api.answers import ENTRY_HEADER
from aims_api.callers import DEFAULT_GRAPH, RECORDS_GRAPH, Caller
from aims_api.core import Core
from aims_api.duties import CURRENT, DRAFT, STATUS
from aims_api.negotiation import JSON, body_format
from aims_api.patches import graph_of, read_patch
from aims_api.problems import ProblemError
from aims_api.records import TYPE, etag_of, new_iri, quads_of, read_properties, read_types
from aims_api.things import node_of
from aims_api.writing import change
from aims_graph.journal import Entry
from aims_graph.vocabulary import AIMS, XSD
from aims_graph.workspace.dataset import Dataset

_EXAMPLE: dict[str, Any] = {
    "label": "Dynamic pricing",
    "types": ["AISystem"],
    "properties": {"systemStage": "OperationAndMonitoring", "owner": "urn:shop:maria"},
}


class Draft(BaseModel):
    """Values are text, numbers, booleans, maps with ``iri`` or ``value``, or lists of these. What is a
    date and what a link follows from the property.
    """

    model_config = ConfigDict(extra="ignore", json_schema_extra={"examples": [_EXAMPLE]})

    iri: str | None = Field(default=None, max_length=2000)
    label: str | None = Field(default=None, max_length=1000)
    types: list[str] = Field(default=[], max_length=10)
    properties: dict[str, Any] = Field(default={}, max_length=200)
    graph: str = Field(default=RECORDS_GRAPH, max_length=2000)


def current(dataset: Dataset, node: NamedNode, caller: Caller) -> list[Quad]:
    """What is said of the node now, in graphs the caller may read."""
    graphs = {
        name.value if isinstance(name, NamedNode) else DEFAULT_GRAPH: dataset.graph(name)
        for name in dataset.names()
    }
    readable = {n: g for n, g in graphs.items() if caller.may_read(n)}
    return quads_of(readable, node)


def difference(old: list[Quad], new: list[Quad], caller: Caller) -> tuple[list[Quad], list[Quad]]:
    """What to add and remove; statements of graphs that are not the caller's to write stay."""
    said = {(q.predicate, q.object) for q in old}
    wanted = {(q.predicate, q.object) for q in new}
    added = [q for q in new if (q.predicate, q.object) not in said]
    removed = [
        q
        for q in old
        if (q.predicate, q.object) not in wanted
        and caller.may_write(
            q.graph_name.value if isinstance(q.graph_name, NamedNode) else DEFAULT_GRAPH
        )
    ]
    return added, removed


def check_match(if_match: str | None, quads: list[Quad]) -> None:
    """Raises ProblemError 428, 412."""
    if if_match is None:
        raise ProblemError(428, "precondition-required", "send If-Match with the ETag you read")
    if if_match.strip() == "*":
        return
    etag = etag_of(quads)
    if etag not in [part.strip() for part in if_match.split(",")]:
        raise ProblemError(
            412, "precondition-failed", f"the current version is {etag}", headers={"ETag": etag}
        )


def read_body(
    kind: str, request: Request, body: bytes, node: NamedNode | None
) -> tuple[NamedNode, list[Quad]]:
    """The record that a body describes. Raises ProblemError 415, 422 and InputError."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != JSON:
        return _read_rdf(kind, read_patch(body, body_format(media_type), RECORDS_GRAPH), node)
    try:
        draft = Draft.model_validate_json(body)
    except ValidationError as error:
        raise ProblemError(422, "validation-failed", _first(error.errors())) from None
    if node is None:
        node = new_iri(draft.label or "") if draft.iri is None else node_of(draft.iri)
        if node is None:
            raise ProblemError(422, "validation-failed", "iri must be an IRI")
    graph = node_of(draft.graph)
    if graph is None:
        raise ProblemError(422, "validation-failed", "graph must be an IRI")
    quads = [Quad(node, TYPE, cls, graph) for cls in read_types(kind, draft.types)]
    properties = dict(draft.properties)
    if draft.label is not None:
        properties.setdefault("label", draft.label)
    for stated in read_properties(node, properties).values():
        quads += [Quad(q.subject, q.predicate, q.object, graph) for q in stated]
    return node, quads


def _read_rdf(kind: str, quads: list[Quad], node: NamedNode | None) -> tuple[NamedNode, list[Quad]]:
    subjects = {quad.subject for quad in quads}
    subject = next(iter(subjects), None)
    if len(subjects) != 1 or not isinstance(subject, NamedNode) or node not in (None, subject):
        raise ProblemError(
            422, "validation-failed", "the body must describe the record and only it"
        )
    types = [
        q.object.value for q in quads if q.predicate == TYPE and isinstance(q.object, NamedNode)
    ]
    read_types(kind, types)
    return subject, quads


def _first(errors: list[Any]) -> str:
    return "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in errors[:3])


def written(node: NamedNode, quads: list[Quad], entry: Entry | None, status: int = 200) -> Response:
    etag = etag_of(quads)
    content = {
        "iri": node.value,
        "entry": None if entry is None else entry.sequence,
        "etag": etag,
    }
    headers = {"ETag": etag}
    if entry is not None:
        headers[ENTRY_HEADER] = str(entry.sequence)
    return Response(json.dumps(content), status, headers, media_type=JSON)


def set_properties(
    core: Core, caller: Caller, node: NamedNode, properties: dict[str, Any],
    reason: str, if_match: str | None, *, match: bool = True,
) -> Response:  # fmt: skip
    stated = read_properties(node, properties)
    made, entry = set_statements(core, caller, node, stated, reason, if_match, match=match)
    return written(node, made, entry)


def set_statements(
    core: Core, caller: Caller, node: NamedNode, stated: Mapping[NamedNode, list[Quad]],
    reason: str, if_match: str | None, *, match: bool = True,
) -> tuple[list[Quad], Entry | None]:  # fmt: skip
    """Says these properties of the node anew; gives all that is said of it then."""
    made: list[Quad] = []

    def work(dataset: Dataset) -> tuple[Iterable[Quad], Iterable[Quad]]:
        old = current(dataset, node, caller)
        if match:
            check_match(if_match, old)
        made[:] = restated(old, stated, caller)
        return difference(old, made, caller)

    entry = change(core, caller, work, reason=reason, source="records")
    return made, entry


def restated(old: list[Quad], stated: Mapping[NamedNode, list[Quad]], caller: Caller) -> list[Quad]:
    """What is said of a node when some properties are said anew, in the graph that says what it is."""
    home = home_of(old, caller)
    kept = [quad for quad in old if quad.predicate not in stated]
    new = [Quad(q.subject, q.predicate, q.object, home) for qs in stated.values() for q in qs]
    return [*kept, *new]


def home_of(old: list[Quad], caller: Caller) -> NamedNode | DefaultGraph:
    """Where what is new of a node goes: beside its class, if that graph is the caller's to write."""
    for quad in old:
        name = quad.graph_name
        if quad.predicate != TYPE or isinstance(name, BlankNode):
            continue
        if caller.may_write(name.value if isinstance(name, NamedNode) else DEFAULT_GRAPH):
            return name
    return NamedNode(RECORDS_GRAPH)


_RETIRED: Final[Mapping[str, Mapping[str, str]]] = {
    "systems": {"systemStage": "Retirement", "retiredOn": ""},
    "documents": {"documentStatus": "Withdrawn"},
    "evidence": {"documentStatus": "Withdrawn"},
    "people": {"leftOn": ""},
}


def retirement(kind: str, day: date) -> dict[str, Any]:
    """What is said of a thing that is out of use from the day on."""
    said = _RETIRED.get(kind, {"status": "Cancelled"})
    return {name: value or day.isoformat() for name, value in said.items()}


def approve(core: Core, caller: Caller, node: NamedNode, reason: str, day: date) -> Response:
    """By the caller's person on the day; a draft becomes current with it.

    Raises ProblemError 403, also when the status of a draft is not the caller's to change.
    """
    by, on = NamedNode(AIMS + "approvedBy"), NamedNode(AIMS + "approvedOn")
    made: list[Quad] = []

    def work(dataset: Dataset) -> tuple[Iterable[Quad], Iterable[Quad]]:
        old = current(dataset, node, caller)
        drafts = [q for q in old if (q.predicate, q.object) == (STATUS, DRAFT)]
        for name in sorted({graph_of(quad) for quad in drafts}):
            if not caller.may_write(name):
                raise ProblemError(
                    403, "policy-denied",
                    f"the record is a draft by the graph {name}, which is not yours to write: "
                    "take a key that may, or have the status changed there first",
                )  # fmt: skip
        home = next((q.graph_name for q in old if q.predicate == TYPE), NamedNode(RECORDS_GRAPH))
        when = Literal(day.isoformat(), datatype=NamedNode(XSD + "date"))
        new = [Quad(node, by, NamedNode(caller.person or ""), home), Quad(node, on, when, home)]
        if not any((q.predicate, q.object) == (STATUS, CURRENT) for q in old):
            new += [Quad(node, STATUS, CURRENT, draft.graph_name) for draft in drafts]
        made[:] = [q for q in old if q.predicate not in (by, on) and q not in drafts] + new
        return difference(old, made, caller)

    return written(node, made, change(core, caller, work, reason=reason, source="records"))
