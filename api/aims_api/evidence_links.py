"""What shows that a requirement is met, and where the files of it are."""

from collections.abc import Iterator
from typing import Final
from urllib.parse import quote

from pyoxigraph import NamedNode

from aims_api.callers import Caller
from aims_api.core import Core
from aims_api.evaluation import Snapshot
from aims_api.things import members
from aims_graph.assessment import Requirement, read_statement
from aims_graph.assessment.applicability import ControlRow
from aims_graph.columns.reader import Term
from aims_graph.vocabulary import AIMS

_DOCUMENT_CLASS: Final = NamedNode(AIMS + "DocumentedInformation")
_REQUIRES: Final = NamedNode(AIMS + "requiresDocument")
_DOCUMENTS: Final = NamedNode(AIMS + "documents")
_ADDRESSES: Final = NamedNode(AIMS + "addresses")
_SHOWN_BY: Final = NamedNode(AIMS + "evidencedBy")
_SHOWS: Final = NamedNode(AIMS + "evidences")
_FILE_HASH: Final = NamedNode(AIMS + "fileHash")
_FILE_NAME: Final = NamedNode(AIMS + "fileName")


def file_of(core: Core, caller: Caller, snapshot: Snapshot, node: Term) -> tuple[str, str] | None:
    """Name and address of the file that the record has here, if it is the caller's to read."""
    digest = snapshot.reader.text(node, _FILE_HASH)
    key = members(snapshot, "documents").get(node) if isinstance(node, NamedNode) else None
    if not digest or key is None or core.evidence.open_to(caller, digest) is None:
        return None
    name = snapshot.reader.text(node, _FILE_NAME) or digest
    return name, f"/evidence/{quote(key, safe='~')}/file"


def control_row(snapshot: Snapshot, requirement: Requirement) -> ControlRow | None:
    return next((row for row in statement(snapshot) if row.requirement == requirement), None)


def statement(snapshot: Snapshot) -> list[ControlRow]:
    rows: list[ControlRow] | None = snapshot.cache.get("statement")
    if rows is None:
        rows = snapshot.cache["statement"] = read_statement(snapshot.assessment)
    return rows


def evidence_of(snapshot: Snapshot, requirement: Requirement) -> list[Term]:
    """Documents and evidence that serve the requirement, or that a control's record points to."""
    documents = set(snapshot.reader.instances(_DOCUMENT_CLASS))
    return [term for term in dict.fromkeys(_shown(snapshot, requirement)) if term in documents]


def _shown(snapshot: Snapshot, requirement: Requirement) -> Iterator[Term]:
    reader = snapshot.reader
    row = control_row(snapshot, requirement)
    if row is not None:
        yield from row.evidence
    for predicate in (_ADDRESSES, _SHOWS):
        yield from reader.subjects(predicate, requirement.iri)
    for document in reader.objects(requirement.iri, _REQUIRES):
        yield from reader.subjects(_DOCUMENTS, document)
    for serving in reader.subjects(_ADDRESSES, requirement.iri):
        yield from reader.objects(serving, _SHOWN_BY)
