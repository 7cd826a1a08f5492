"""Files of evidence: stored by their hash, linked to a record, given out as downloads."""

import re
from collections.abc import Iterable
from typing import Annotated, Any, Final
from urllib.parse import quote

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel
from pyoxigraph import Literal, NamedNode, Quad
from starlette.concurrency import run_in_threadpool

from aims_api.access import CoreOf, Reading, Writing
from aims_api.callers import RECORDS_GRAPH, Caller
from aims_api.core import Core
from aims_api.evidence import looks_like
from aims_api.looking import View, find
from aims_api.openapi_problems import also
from aims_api.parameters import Reason
from aims_api.patches import graph_of
from aims_api.problems import ProblemError
from aims_api.record_changes import current, difference
from aims_api.records import TYPE
from aims_api.writing import change
from aims_graph.vocabulary import AIMS
from aims_graph.workspace.dataset import Dataset

router = APIRouter(tags=["records"])

_HASH: Final = NamedNode(AIMS + "fileHash")
_NAME: Final = NamedNode(AIMS + "fileName")
_FORMAT: Final = NamedNode(AIMS + "documentFormat")
_ODD: Final = re.compile(r"[\x00-\x1f\x7f/\\\"<>|:*?]+")
_BODY: Final = {
    "requestBody": {
        "required": True,
        "content": {
            "application/pdf": {
                "schema": {"type": "string", "format": "binary"},
                "example": "%PDF-1.7 …",
            },
            "text/csv": {
                "schema": {"type": "string", "format": "binary"},
                "example": "name,day\nAmara Okafor,2026-03-02\n",
            },
        },
    }
}


EvidenceKey = Annotated[
    str,
    Path(
        description="Key of the record of evidence, its IRI (percent-encoded) or its label.",
        examples=["evidence-awareness"],
    ),
]


class StoredFile(BaseModel):
    sha256: str
    size: int
    evidence: str
    entry: int | None


@router.post(
    "/evidence-files",
    status_code=201,
    response_model=StoredFile,
    responses=also(404),
    openapi_extra=_BODY,
)
async def store_file(
    request: Request,
    core: CoreOf,
    snapshot: View,
    caller: Writing,
    evidence: Annotated[
        str,
        Query(
            description="Key or IRI of the record.",
            max_length=2000,
            examples=["evidence-awareness"],
        ),
    ],
    file_name: Annotated[
        str,
        Query(
            min_length=1,
            max_length=200,
            description="Its name when it is taken away again.",
            examples=["attendance.pdf"],
        ),
    ],
    reason: Reason,
) -> dict[str, Any]:
    """Store the body and link it to a record of evidence."""
    media_type = check_type(core, request.headers.get("content-type", ""))
    node = find(snapshot, "documents", evidence)
    assert isinstance(node, NamedNode)
    body = await request.body()
    return await run_in_threadpool(
        store_evidence, core, caller, node, body, file_name, media_type, reason
    )


def check_type(core: Core, content_type: str) -> str:
    """Raises ProblemError 415."""
    media_type = content_type.partition(";")[0].strip().lower()
    accepted = core.settings.evidence_types
    if media_type not in accepted:
        raise ProblemError(415, "unsupported-media-type", f"accepted: {', '.join(accepted)}")
    return media_type


def store_evidence(
    core: Core,
    caller: Caller,
    node: NamedNode,
    body: bytes,
    file_name: str,
    media_type: str,
    reason: str,
) -> dict[str, Any]:
    """Raises ProblemError 422 and as writing does."""
    name = _ODD.sub("-", file_name).strip(". -")
    if not name:
        raise ProblemError(422, "validation-failed", "the file needs a name")
    if not body or not looks_like(media_type, body):
        raise ProblemError(422, "validation-failed", f"the body does not look like {media_type}")
    digest = core.evidence.store(body)
    said = {_HASH: digest, _NAME: name, _FORMAT: media_type}

    def work(dataset: Dataset) -> tuple[Iterable[Quad], Iterable[Quad]]:
        old = current(dataset, node, caller)
        home = next((q.graph_name for q in old if q.predicate == TYPE), NamedNode(RECORDS_GRAPH))
        new = [Quad(node, predicate, Literal(text), home) for predicate, text in said.items()]
        for graph in set(map(graph_of, new)):  # before the entry, so that a crash hides no file
            core.evidence.belongs(digest, graph)
        return difference(old, [q for q in old if q.predicate not in said] + new, caller)

    entry = change(core, caller, work, reason=reason, source="records")
    return {
        "sha256": digest,
        "size": len(body),
        "evidence": node.value,
        "entry": None if entry is None else entry.sequence,
    }


@router.get(
    "/evidence/{key}/file",
    responses={200: {"description": "The file", "content": {"application/octet-stream": {}}}},
    response_class=Response,
)
def read_file(core: CoreOf, snapshot: View, caller: Reading, key: EvidenceKey) -> Response:
    """The file of a record, as a download: nothing in it is shown or run here."""
    node = find(snapshot, "documents", key)
    digest = snapshot.reader.text(node, _HASH)
    path = core.evidence.open_to(caller, digest)
    if path is None:
        raise ProblemError(404, "not-found", "the record has no file here")
    name = snapshot.reader.text(node, _NAME) or digest
    media_type = snapshot.reader.text(node, _FORMAT)
    if media_type not in core.settings.evidence_types:
        media_type = "application/octet-stream"
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Content-Length": str(path.stat().st_size),
        "ETag": f'"{digest}"',
    }
    return StreamingResponse(core.evidence.read(path), headers=headers, media_type=media_type)
