"""Putting a record out of use, and storing the file of a document."""

from typing import Annotated, Final

from fastapi import Form, Response, UploadFile
from fastapi.responses import RedirectResponse
from pyoxigraph import NamedNode

from aims_api.access import Writing
from aims_api.pages.editing import editable
from aims_api.pages.forms import as_problems, sentence
from aims_api.pages.links import ROOT
from aims_api.pages.rendering import Visit, Visiting, page_router
from aims_api.problems import ProblemError
from aims_api.record_changes import retirement, set_statements
from aims_api.records import read_properties
from aims_api.routes.evidence import check_type, store_evidence
from aims_api.things import KINDS, coded, members

router = page_router()
#: What people call the types of files.
_SHORT: Final = {
    "application/pdf": "PDF", "application/json": "JSON", "application/xml": "XML", "application/zip": "ZIP",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "Excel (XLSX)",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "Word (DOCX)",
    "image/jpeg": "JPEG", "image/png": "PNG", "message/rfc822": "e-mail (EML)", "text/csv": "CSV",
    "text/markdown": "Markdown", "text/plain": "plain text",
}  # fmt: skip
Reason = Annotated[str, Form(max_length=1000)]


@router.get("/retire/{name:path}")
def retire_page(visit: Visiting, _: Writing, name: str) -> Response:
    return _retire(visit, editable(visit, name))


@router.post("/retire/{name:path}")
def retire(visit: Visiting, caller: Writing, name: str, reason: Reason = "") -> Response:
    node = editable(visit, name)
    if not reason.strip():
        return _retire(visit, node, "Say why: the journal keeps it.")
    stated = read_properties(node, retirement(_kind(visit, node), visit.core.snapshots.day))
    try:
        with as_problems():
            _, entry = set_statements(
                visit.core, caller, node, stated, reason.strip(), None, match=False
            )
    except ProblemError as error:
        return _retire(visit, node, sentence(error.detail))
    return _to(node, None if entry is None else entry.sequence)


def _retire(visit: Visit, node: NamedNode, error: str = "") -> Response:
    stated = read_properties(node, retirement(_kind(visit, node), visit.core.snapshots.day))
    return visit.show(
        "retire.html",
        f"Retire: {visit.links.name(node)}",
        422 if error else 200,
        said=[
            (visit.links.to(quad.predicate), visit.links.to(quad.object))  # type: ignore[arg-type]
            for quads in stated.values()
            for quad in quads
        ],
        node=node,
        action=f"{ROOT}/retire/{coded(node)}",
        address=visit.links.href(node),
        errors={"reason": error},
    )


def _kind(visit: Visit, node: NamedNode) -> str:
    return next((kind for kind in KINDS if node in members(visit.snapshot, kind)), "")


@router.get("/upload/{name:path}")
def upload_page(visit: Visiting, _: Writing, name: str) -> Response:
    return _upload(visit, _document(visit, name))


@router.post("/upload/{name:path}")
def upload(
    visit: Visiting, caller: Writing, name: str, file: UploadFile | None = None, reason: Reason = ""
) -> Response:
    node = _document(visit, name)
    errors = {"file": "", "reason": ""}
    if file is None or not file.filename:
        errors["file"] = "Choose a file."
    if not reason.strip():
        errors["reason"] = "Say why: the journal keeps it."
    if file is None or any(errors.values()):
        return _upload(visit, node, errors)
    try:
        with as_problems():
            media_type = check_type(visit.core, file.content_type or "")
            stored = store_evidence(
                visit.core, caller, node,
                file.file.read(), file.filename or "", media_type, reason.strip(),
            )  # fmt: skip
    except ProblemError as error:
        return _upload(visit, node, {"file": sentence(error.detail), "reason": ""}, error.status)
    return _to(node, stored["entry"])


def _document(visit: Visit, name: str) -> NamedNode:
    """Raises ProblemError 404."""
    node = editable(visit, name)
    if node not in members(visit.snapshot, "documents"):
        raise ProblemError(404, "not-found", "files belong to documents and evidence")
    return node


def _upload(
    visit: Visit, node: NamedNode, errors: dict[str, str] | None = None, status: int = 422
) -> Response:
    settings = visit.core.settings
    return visit.show(
        "upload.html",
        f"Store the file: {visit.links.name(node)}",
        status if errors else 200,
        node=node,
        action=f"{ROOT}/upload/{coded(node)}",
        kinds=[_SHORT.get(name, name) for name in settings.evidence_types],
        address=visit.links.href(node),
        types=settings.evidence_types,
        megabytes=settings.evidence_limit // (1 << 20),
        errors=errors or {"file": "", "reason": ""},
    )


def _to(node: NamedNode, entry: int | None) -> Response:
    return RedirectResponse(f"{ROOT}/things/{coded(node)}?saved={entry or 0}", 303)
