"""Documents to take away."""

from dataclasses import replace
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Response

from aims_api.access import CoreOf, Reading, SeeingJournal
from aims_api.callers import Caller
from aims_api.core import Core
from aims_api.documents import DOCUMENTS, audit_book, audit_pack
from aims_api.evaluation import Snapshot
from aims_api.looking import View, entry_headers
from aims_api.problems import ProblemError
from aims_api.routes.journal import entry_row
from aims_graph.journal.verification import verify
from aims_graph.report import WRITERS, Table
from aims_graph.workspace.history import find_entry

router = APIRouter(tags=["documents"])

Document = Literal["statement-of-applicability", "gap-report", "risk-register", "findings"]
_FILES: dict[int | str, dict[str, Any]] = {
    200: {"content": {media_type: {} for media_type, _ in WRITERS.values()}}
}
_PACK: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "A ZIP file, or a PDF",
        "content": {"application/zip": {}, "application/pdf": {}},
    }
}


@router.get("/exports/audit-pack", responses=_PACK, response_class=Response)
def export_audit_pack(
    core: CoreOf,
    snapshot: View,
    caller: SeeingJournal,
    fmt: Annotated[
        Literal["zip", "pdf"],
        Query(alias="format", description="Files of all formats, or one PDF.", examples=["zip"]),
    ] = "zip",
) -> Response:
    """All documents, the findings as data, the journal and its head, as a ZIP; or what of it is for
    reading, as one PDF.
    """
    if not caller.reads_all:
        raise ProblemError(403, "forbidden", "the pack is for those who may read all graphs")
    tables = {name: _table(core, caller, snapshot, name) for name in DOCUMENTS}
    journal = [entry_row(entry) for entry in core.workspace.journal.entries()]
    journal = journal[: snapshot.sequence]
    if fmt == "pdf":
        return _file(audit_book(tables, journal), "application/pdf", "audit-pack.pdf", snapshot)
    checked = verify(core.workspace.journal.folder)
    body = audit_pack(snapshot, tables, journal, checked.head.to_json())
    return _file(body, "application/zip", "audit-pack.zip", snapshot)


@router.get("/exports/{document}", responses=_FILES, response_class=Response)
def export_document(
    core: CoreOf,
    snapshot: View,
    caller: Reading,
    document: Annotated[Document, Path(description="Which one.", examples=["risk-register"])],
    fmt: Annotated[
        Literal["xlsx", "csv", "html", "json", "pdf"],
        Query(alias="format", description="How it is written.", examples=["json"]),
    ] = "xlsx",
) -> Response:
    """A document as XLSX, CSV, HTML, JSON or PDF."""
    media_type, write = WRITERS[fmt]
    table = _table(core, caller, snapshot, document)
    return _file(write(table), media_type, f"{document}.{fmt}", snapshot)


def _table(core: Core, caller: Caller, snapshot: Snapshot, document: str) -> Table:
    """With the head of the journal, which covers all graphs, for those who may read them all."""
    table = DOCUMENTS[document](snapshot)
    if not caller.reads_all or not snapshot.sequence:
        return table
    head = find_entry(core.workspace.journal, snapshot.sequence).hash
    return replace(table, subtitle=f"{table.subtitle}, hash {head}")


def _file(body: bytes, media_type: str, name: str, snapshot: Any) -> Response:
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        **entry_headers(snapshot),
    }
    return Response(body, headers=headers, media_type=media_type)
