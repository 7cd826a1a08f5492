"""Audit mode: from requirement to requirement, with notes, samples, verdicts and sign-offs."""

from collections import defaultdict
from collections.abc import Callable
from functools import partial
from typing import Annotated, Any, Final
from urllib.parse import quote

from fastapi import Form, Query, Response
from fastapi.responses import RedirectResponse
from pyoxigraph import NamedNode

from aims_api.access import Auditing
from aims_api.audit_beginning import begin_audit
from aims_api.audit_changes import Desk, missing_for_sign_off
from aims_api.audit_content import audit_named, audit_row, audits_of, part_named, requirement_in
from aims_api.audit_status import COMPLETED, IN_PROGRESS, refusal
from aims_api.audits import VERDICTS, Audit
from aims_api.evidence_links import evidence_of, file_of
from aims_api.looking import find
from aims_api.pages.forms import after, labels, sentence
from aims_api.pages.links import ROOT
from aims_api.pages.rendering import Visit, Visiting, page_router
from aims_api.pages.requirements import MOST
from aims_api.problems import ProblemError
from aims_api.records import quads_of
from aims_api.things import members
from aims_graph.assessment import Requirement, number_key
from aims_graph.journal import Entry
from aims_graph.vocabulary import AIMS, ISO42001, SKOS

router = page_router()
Long = Annotated[str, Form(max_length=10_000)]
Short = Annotated[str, Form(max_length=2_000)]
_LOOKS_FOR: Final = NamedNode(AIMS + "auditorLooksFor")
_DEFINITION: Final = NamedNode(SKOS + "definition")
_PROGRAMME: Final = NamedNode(AIMS + "AuditProgramme")
#: What a page says after something was done.
_DONE: Final = {
    "begun": "The audit has begun.",
    "note": "The note is kept.",
    "sample": "The document is marked as looked at.",
    "verdict": "The verdict is kept. It counts when you sign off.",
    "sign-off": "Signed off.",
    "reopening": "Reopened. The reason is in the journal.",
}
#: Field that a message of each action belongs to.
_FIELD: Final = {
    "note": "text", "sample": "document", "verdict": "verdict", "sign-off": "sign-off",
    "reopening": "reason",
}  # fmt: skip


@router.get("/audits")
def audits_page(visit: Visiting) -> Response:
    return _audits(visit)


@router.post("/audits")
def begin(
    visit: Visiting,
    caller: Auditing,
    label: Short = "",
    criteria: Short = "",
    programme: Short = "",
    scope: Annotated[list[str] | None, Form(max_length=100)] = None,
) -> Response:
    given = {"label": label, "criteria": criteria, "programme": programme, "scope": scope or []}
    errors = {}
    if not label.strip():
        errors["label"] = "Give the audit a name."
    if not scope:
        errors["scope"] = "Choose what the audit goes through."
    if errors:
        return _audits(visit, given, errors)
    parts = [part_named(visit.snapshot, number) for number in scope or []]
    plan = find(visit.snapshot, "documents", programme) if programme else None
    node, _ = begin_audit(
        visit.core, caller, label.strip(), criteria.strip() or "ISO/IEC 42001:2023", parts,
        plan if isinstance(plan, NamedNode) else None,
    )  # fmt: skip
    return RedirectResponse(f"{ROOT}/audits/{quote(node.value, safe='')}?done=begun", 303)


def _audits(
    visit: Visit, given: dict[str, Any] | None = None, errors: dict[str, str] | None = None
) -> Response:
    snapshot = visit.snapshot
    numbers = {requirement.part for requirement in snapshot.assessment.by_requirement}
    parts = [
        (number, snapshot.reader.label(NamedNode(ISO42001 + number)))
        for number in sorted(numbers, key=number_key)
    ]
    default = {
        "label": "", "criteria": "ISO/IEC 42001:2023", "programme": "",
        "scope": [number for number, _ in parts],
    }  # fmt: skip
    return visit.show(
        "audits.html", "Internal audits", 422 if errors else 200,
        rows=[
            (audit, audit_row(snapshot, audit), _status(visit, audit))
            for audit in audits_of(snapshot)
        ],
        parts=parts,
        programmes=snapshot.reader.instances(_PROGRAMME)[:MOST],
        given=given or default,
        errors=defaultdict(str, errors or {}),
    )  # fmt: skip


@router.get("/audits/{key}")
def audit_page(
    visit: Visiting, key: str, done: Annotated[str, Query(max_length=20)] = ""
) -> Response:
    return _audit(visit, audit_named(visit.snapshot, key), done=done)


@router.post("/audits/{key}/sign-off")
def close(
    visit: Visiting, caller: Auditing, key: str, conclusion: Long = "", reported_to: Short = ""
) -> Response:
    audit = audit_named(visit.snapshot, key)
    given = {"conclusion": conclusion, "reported_to": reported_to}
    errors = {} if conclusion.strip() else {"conclusion": "Write what the audit came to."}
    try:
        people = [find(visit.snapshot, "people", reported_to)] if reported_to.strip() else []
    except ProblemError as error:
        errors["reported_to"] = sentence(error.detail)
    if errors:
        return _audit(visit, audit, given=given, errors=errors)
    named = [person for person in people if isinstance(person, NamedNode)]
    desk = Desk(visit.core, caller, visit.snapshot, audit.node)
    return after(
        lambda: desk.close(conclusion.strip(), named),
        f"{_address(visit, audit)}?done=sign-off",
        lambda said, status: _audit(visit, audit, given=given, errors={"sign-off": said}, status=status),
    )  # fmt: skip


@router.post("/audits/{key}/reopening")
def reopen_audit(visit: Visiting, caller: Auditing, key: str, reason: Short = "") -> Response:
    audit = audit_named(visit.snapshot, key)
    if not reason.strip():
        return _audit(visit, audit, errors={"reason": "Say why."})
    desk = Desk(visit.core, caller, visit.snapshot, audit.node)
    return after(
        lambda: desk.reopen_audit(reason.strip()),
        f"{_address(visit, audit)}?done=reopening",
        lambda said, status: _audit(visit, audit, errors={"reason": said}, status=status),
    )


def _audit(
    visit: Visit, audit: Audit, *, done: str = "", given: dict[str, str] | None = None,
    errors: dict[str, str] | None = None, status: int = 422,
) -> Response:  # fmt: skip
    parts: dict[str, list[Requirement]] = {}
    for requirement in audit.scope:
        parts.setdefault(requirement.part, []).append(requirement)
    return visit.show(
        "audit.html", visit.links.name(audit.node), status if errors else 200,
        **_common(visit, audit, done),
        parts=[
            (number, visit.snapshot.reader.label(NamedNode(ISO42001 + number)), rows)
            for number, rows in parts.items()
        ],
        people=labels(visit, members(visit.snapshot, "people")),
        hindrance=_hindrance(visit, audit),
        given=given or {"conclusion": "", "reported_to": ""},
        errors=defaultdict(str, errors or {}),
    )  # fmt: skip


def _hindrance(visit: Visit, audit: Audit) -> str:
    """Why the audit could not be signed off, or reopened, by who looks at it, whatever is still open."""
    status = COMPLETED if audit.signed is None else IN_PROGRESS
    found = refusal(quads_of(visit.snapshot.graphs, audit.node), status, visit.caller)
    return "" if found is None else sentence(found)


@router.get("/audits/{key}/report")
def report_page(visit: Visiting, key: str) -> Response:
    """All of it on one page, made to be printed."""
    audit = audit_named(visit.snapshot, key)
    return visit.show("audit-report.html", visit.links.name(audit.node), **_common(visit, audit))


@router.get("/audits/{key}/requirements/{number}")
def examination_page(
    visit: Visiting, key: str, number: str, done: Annotated[str, Query(max_length=20)] = ""
) -> Response:
    audit = audit_named(visit.snapshot, key)
    return _examination(visit, audit, requirement_in(audit, number), done=done)


@router.post("/audits/{key}/requirements/{number}/{action}")
def act(
    visit: Visiting, caller: Auditing, key: str, number: str, action: str, text: Long = "",
    document: Short = "", remark: Short = "", verdict: Short = "", version: Short = "", reason: Short = "",
) -> Response:  # fmt: skip
    """What an auditor does on the page of one requirement."""
    audit = audit_named(visit.snapshot, key)
    requirement = requirement_in(audit, number)
    given = {"text": text, "document": document, "remark": remark, "verdict": verdict, "reason": reason}  # fmt: skip
    field = _FIELD.get(action)
    if field is None:
        raise ProblemError(404, "not-found", f"there is no page {action[:40]!r}")

    def again(said: str, status: int) -> Response:
        return _examination(
            visit, audit, requirement, given=given, errors={field: said}, status=status
        )

    desk = Desk(visit.core, caller, visit.snapshot, audit.node)
    try:
        if action == "note":
            work = _needs(text, "Write something.", lambda: desk.note(requirement, text.strip()))
        elif action == "sample":
            _needs(document, "Name the document.")
            node = find(visit.snapshot, "documents", document.strip())
            assert isinstance(node, NamedNode)
            work = partial(desk.sample, requirement, node, remark.strip())
        elif action == "verdict":
            named = VERDICTS.get(verdict)
            if named is None:
                return again("Choose a verdict.", 422)
            work = partial(desk.judge, requirement, named, version)
        elif action == "sign-off":
            work = partial(desk.sign, requirement, version)
        else:
            work = _needs(reason, "Say why.", lambda: desk.reopen(requirement, reason.strip()))
    except ProblemError as error:
        return again(sentence(error.detail), 422)
    return after(work, f"{_address(visit, audit, number)}?done={action}", again)


def _needs(text: str, message: str, work: Callable[[], Entry | None] = lambda: None) -> Any:
    if not text.strip():
        raise ProblemError(422, "validation-failed", message)
    return work


def _examination(
    visit: Visit, audit: Audit, requirement: Requirement, *, done: str = "",
    given: dict[str, str] | None = None, errors: dict[str, str] | None = None, status: int = 422,
) -> Response:  # fmt: skip
    snapshot = visit.snapshot
    exam = audit.examinations[requirement.iri]
    result = snapshot.assessment.by_requirement[requirement]
    shown = evidence_of(snapshot, requirement)
    at = audit.scope.index(requirement)
    following = [r for r in (*audit.scope[at + 1 :], *audit.scope[:at]) if r in audit.open]
    return visit.show(
        "audit-requirement.html", f"{requirement.number} {requirement.title}",
        status if errors else 200,
        **_common(visit, audit, done),
        requirement=requirement,
        exam=exam,
        missing=missing_for_sign_off(exam),
        result=result,
        excluded=requirement.iri in snapshot.assessment.excluded_controls,
        findings=result.findings[:MOST],
        definition=snapshot.reader.text(requirement.iri, _DEFINITION),
        looks_for=snapshot.reader.text(requirement.iri, _LOOKS_FOR),
        evidence=[(node, file_of(visit.core, visit.caller, snapshot, node)) for node in shown[:MOST]],
        more=max(0, len(shown) - MOST),
        documents=labels(visit, members(snapshot, "documents")),
        before=audit.scope[at - 1] if at else None,
        after=audit.scope[at + 1] if at + 1 < len(audit.scope) else None,
        following=following[0] if following else None,
        given=given or {"text": "", "document": "", "remark": "", "verdict": "", "reason": ""},
        errors=defaultdict(str, errors or {}),
    )  # fmt: skip


def _common(visit: Visit, audit: Audit, done: str = "") -> dict[str, Any]:
    return {
        "audit": audit,
        "address": _address(visit, audit),
        "verdicts": VERDICTS,
        "results": visit.snapshot.assessment.by_requirement,
        "done": _DONE.get(done, ""),
    }


def _address(visit: Visit, audit: Audit, number: str | None = None) -> str:
    key = members(visit.snapshot, "audits")[audit.node]
    address = f"{ROOT}/audits/{quote(key, safe='~')}"
    return address if number is None else f"{address}/requirements/{quote(number, safe='')}"


def _status(visit: Visit, audit: Audit) -> str:
    found = visit.snapshot.reader.objects(audit.node, NamedNode(AIMS + "status"))
    return ", ".join(visit.links.name(status).lower() for status in found)
