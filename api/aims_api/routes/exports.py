"""Documents to take away."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response

from aims_api.access import CoreOf, SeeingJournal
from aims_api.documents import DOCUMENTS, audit_pack
from aims_api.looking import View, entry_headers
from aims_api.problems import ERRORS, ProblemError
from aims_api.routes.journal import entry_row
from aims_api.tables import WRITERS
from aims_graph.journal.verification import verify

router = APIRouter(tags=["documents"], responses=ERRORS)

Document = Literal["statement-of-applicability", "gap-report", "risk-register", "findings"]
_FILES: dict[int | str, dict[str, Any]] = {
    200: {"content": {media_type: {} for media_type, _ in WRITERS.values()}}
}
_PACK: dict[int | str, dict[str, Any]] = {200: {"content": {"application/zip": {}}}}


@router.get("/exports/audit-pack", responses=_PACK, response_class=Response)
def export_audit_pack(core: CoreOf, snapshot: View, caller: SeeingJournal) -> Response:
    """All documents, the findings as data, the journal and its head, as a ZIP."""
    if not caller.reads_all:
        raise ProblemError(403, "forbidden", "the pack is for those who may read all graphs")
    checked = verify(core.workspace.journal.folder)
    journal = [entry_row(entry) for entry in core.workspace.journal.entries()]
    body = audit_pack(snapshot, journal, checked.head.to_json())
    return _file(body, "application/zip", "audit-pack.zip", snapshot)


@router.get("/exports/{document}", responses=_FILES, response_class=Response)
def export_document(
    snapshot: View,
    document: Document,
    fmt: Annotated[Literal["xlsx", "csv", "html", "json"], Query(alias="format")] = "xlsx",
) -> Response:
    """A document as XLSX, CSV, HTML or JSON."""
    media_type, write = WRITERS[fmt]
    table = DOCUMENTS[document](snapshot)
    return _file(write(table), media_type, f"{document}.{fmt}", snapshot)


def _file(body: bytes, media_type: str, name: str, snapshot: Any) -> Response:
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        **entry_headers(snapshot),
    }
    return Response(body, headers=headers, media_type=media_type)
