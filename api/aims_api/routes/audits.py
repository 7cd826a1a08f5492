"""Internal audits: begun, gone through requirement by requirement, signed off."""

from collections.abc import Callable
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Header, Path, Response
from pydantic import BaseModel, ConfigDict, Field
from pyoxigraph import NamedNode

from aims_api import models
from aims_api.access import Auditing, CoreOf, Reading
from aims_api.audit_beginning import begin_audit
from aims_api.audit_changes import Desk
from aims_api.audit_content import (
    audit_content,
    audit_named,
    audit_row,
    audits_of,
    examination_content,
    part_named,
    requirement_in,
)
from aims_api.audits import VERDICTS
from aims_api.callers import Caller
from aims_api.core import Core
from aims_api.evaluation import Snapshot
from aims_api.looking import View, answer, find
from aims_graph.assessment import Requirement
from aims_graph.journal import Entry

router = APIRouter(tags=["audit"], prefix="/internal-audits")

IfMatch = Annotated[
    str | None,
    Header(
        description="ETag of the examination that was read.",
        examples=['"6a1f0c2b9d3e4f5061728394"'],
    ),
]
AuditKey = Annotated[str, Path(description="Key of the audit.", examples=["audit-2027"])]
Number = Annotated[
    str, Path(description="Clause or control in the scope of the audit.", examples=["6.1.3"])
]
VerdictName = Literal[
    "Conforming", "Observation", "MinorNonconformity", "MajorNonconformity", "NotAudited"
]
_STRICT: Final = ConfigDict(extra="forbid")


class AuditDraft(BaseModel):
    """``scope``: numbers of clauses, control groups or controls; none means all requirements."""

    model_config = _STRICT
    label: str = Field(min_length=1, max_length=200, examples=["Internal audit, June 2026"])
    criteria: str = Field(
        default="ISO/IEC 42001:2023", max_length=2000, examples=["ISO/IEC 42001:2023"]
    )
    scope: list[str] = Field(default=[], max_length=100, examples=[["6.1.3"]])
    programme: str | None = Field(default=None, max_length=2000, examples=[None])


class NoteDraft(BaseModel):
    model_config = _STRICT
    text: str = Field(
        min_length=1, max_length=10_000, examples=["Two treatments have no date yet."]
    )


class SampleDraft(BaseModel):
    model_config = _STRICT
    document: str = Field(max_length=2000, examples=["ai-policy"])
    remark: str = Field(default="", max_length=2000, examples=["Rows 1 to 20 were read."])


class VerdictDraft(BaseModel):
    model_config = _STRICT
    verdict: VerdictName = Field(examples=["MinorNonconformity"])


class ReopeningDraft(BaseModel):
    model_config = _STRICT
    reason: str = Field(min_length=1, max_length=1000, examples=["A record was overlooked."])


class ConclusionDraft(BaseModel):
    model_config = _STRICT
    conclusion: str = Field(
        min_length=1, max_length=10_000, examples=["The system works; two failings are minor."]
    )
    reported_to: list[str] = Field(default=[], max_length=50, examples=[["ingrid-halden"]])


class SignOffRow(BaseModel):
    by: str | None
    at: str
    statement: str
    stands: bool
    withdrawn_by: str | None
    withdrawn_on: str
    reason: str


class NoteRow(BaseModel):
    text: str
    by: str | None
    at: str


class SampleRow(BaseModel):
    document: str
    label: str
    by: str | None
    at: str
    sha256: str
    remark: str


class EvidenceRow(BaseModel):
    iri: str
    label: str
    file: str | None = Field(description="Address of the file, when it is stored here.")


class ExaminationRow(BaseModel):
    number: str = Field(examples=["6.1.3"])
    title: str
    state: models.StateName
    verdict: VerdictName | None
    notes: int
    samples: int
    signed_off: bool


class AuditRow(BaseModel):
    key: str
    iri: str
    label: str
    done: int
    requirements: int
    next: str | None = Field(description="The first requirement that is not signed off.")
    signed_off: bool


class AuditContent(AuditRow):
    sign_offs: list[SignOffRow]
    examinations: list[ExaminationRow]


class ExaminationContent(BaseModel):
    number: str
    title: str
    state: models.StateName
    findings: list[models.Finding]
    evidence: list[EvidenceRow]
    verdict: VerdictName | None
    notes: list[NoteRow]
    samples: list[SampleRow]
    sign_offs: list[SignOffRow]
    etag: str


class Done(BaseModel):
    audit: str
    entry: int | None = Field(description="The journal entry; none when nothing was to be changed.")


@router.get("", response_model=list[AuditRow])
def list_audits(snapshot: View) -> Response:
    """Audits with how far each one is."""
    rows = [audit_row(snapshot, audit) for audit in audits_of(snapshot)]
    return answer(snapshot, rows)


@router.post("", status_code=201, response_model=Done)
def begin(core: CoreOf, snapshot: View, caller: Auditing, draft: AuditDraft) -> dict[str, Any]:
    """Begin an audit as the person that the key stands for."""
    programme = draft.programme
    node, entry = begin_audit(
        core, caller, draft.label, draft.criteria,
        [part_named(snapshot, number) for number in draft.scope],
        None if programme is None else find(snapshot, "documents", programme),  # type: ignore[arg-type]
    )  # fmt: skip
    return _done(node, entry)


@router.get("/{key}", response_model=AuditContent)
def show_audit(snapshot: View, key: AuditKey) -> Response:
    """How far the audit is, and each of its requirements."""
    return answer(snapshot, audit_content(snapshot, audit_named(snapshot, key)))


@router.post("/{key}/sign-off", response_model=Done)
def close(
    core: CoreOf, snapshot: View, caller: Auditing, key: AuditKey, draft: ConclusionDraft
) -> dict[str, Any]:
    """Sign off the whole: all its requirements must be signed off before."""
    people = [find(snapshot, "people", name) for name in draft.reported_to]
    return _act(
        core, snapshot, caller, key,
        lambda desk: desk.close(draft.conclusion, [p for p in people if isinstance(p, NamedNode)]),
    )  # fmt: skip


@router.post("/{key}/reopening", response_model=Done)
def reopen_audit(
    core: CoreOf, snapshot: View, caller: Auditing, key: AuditKey, draft: ReopeningDraft
) -> dict[str, Any]:
    """Withdraw the sign-off of the whole. It stays on record with the reason."""
    return _act(core, snapshot, caller, key, lambda desk: desk.reopen_audit(draft.reason))


@router.get("/{key}/requirements/{number}", response_model=ExaminationContent)
def show_examination(
    core: CoreOf, snapshot: View, caller: Reading, key: AuditKey, number: Number
) -> Response:
    """A requirement in an audit: its state and evidence, and what the auditors have written down."""
    audit = audit_named(snapshot, key)
    content = examination_content(core, caller, snapshot, audit, requirement_in(audit, number))
    response = answer(snapshot, content)
    response.headers["ETag"] = content["etag"]
    return response


@router.post("/{key}/requirements/{number}/notes", status_code=201, response_model=Done)
def write_note(
    core: CoreOf, snapshot: View, caller: Auditing, key: AuditKey, number: Number, draft: NoteDraft
) -> dict[str, Any]:
    """Write a note."""
    r = _requirement(snapshot, key, number)
    return _act(core, snapshot, caller, key, lambda desk: desk.note(r, draft.text))


@router.post("/{key}/requirements/{number}/samples", status_code=201, response_model=Done)
def mark_sample(
    core: CoreOf,
    snapshot: View,
    caller: Auditing,
    key: AuditKey,
    number: Number,
    draft: SampleDraft,
) -> dict[str, Any]:
    """Say that a document was looked at."""
    r = _requirement(snapshot, key, number)
    node = find(snapshot, "documents", draft.document)
    assert isinstance(node, NamedNode)
    return _act(core, snapshot, caller, key, lambda desk: desk.sample(r, node, draft.remark))


@router.put("/{key}/requirements/{number}/verdict", response_model=Done)
def judge(
    core: CoreOf, snapshot: View, caller: Auditing, key: AuditKey, number: Number, draft: VerdictDraft,
    if_match: IfMatch = None,
) -> dict[str, Any]:  # fmt: skip
    """Give a verdict. Takes the ETag of the examination."""
    r = _requirement(snapshot, key, number)
    verdict = VERDICTS[draft.verdict]
    return _act(core, snapshot, caller, key, lambda desk: desk.judge(r, verdict, if_match))


@router.post("/{key}/requirements/{number}/sign-off", response_model=Done)
def sign(
    core: CoreOf,
    snapshot: View,
    caller: Auditing,
    key: AuditKey,
    number: Number,
    if_match: IfMatch = None,
) -> dict[str, Any]:
    """Sign off a requirement. Takes the ETag of what is signed."""
    r = _requirement(snapshot, key, number)
    return _act(core, snapshot, caller, key, lambda desk: desk.sign(r, if_match))


@router.post("/{key}/requirements/{number}/reopening", response_model=Done)
def reopen(
    core: CoreOf,
    snapshot: View,
    caller: Auditing,
    key: AuditKey,
    number: Number,
    draft: ReopeningDraft,
) -> dict[str, Any]:
    """Withdraw the sign-off of a requirement. It stays on record with the reason."""
    r = _requirement(snapshot, key, number)
    return _act(core, snapshot, caller, key, lambda desk: desk.reopen(r, draft.reason))


def _requirement(snapshot: Snapshot, key: str, number: str) -> Requirement:
    return requirement_in(audit_named(snapshot, key), number)


def _act(
    core: Core, snapshot: Snapshot, caller: Caller, key: str,
    act: Callable[[Desk], Entry | None],
) -> dict[str, Any]:  # fmt: skip
    node = audit_named(snapshot, key).node
    return _done(node, act(Desk(core, caller, snapshot, node)))


def _done(node: NamedNode, entry: Entry | None) -> dict[str, Any]:
    return {"audit": node.value, "entry": None if entry is None else entry.sequence}
