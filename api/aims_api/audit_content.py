"""Audits as JSON, and the look-ups that its routes and pages share."""

from typing import Any

from pyoxigraph import NamedNode

from aims_api import models
from aims_api.audits import Audit, Examination, audit_graph, read_audit
from aims_api.callers import Caller
from aims_api.core import Core
from aims_api.evaluation import Snapshot
from aims_api.evidence_links import evidence_of, file_of
from aims_api.looking import find
from aims_api.problems import ProblemError
from aims_api.things import members
from aims_graph.assessment import Requirement
from aims_graph.assessment.findings import literal
from aims_graph.columns.reader import Term
from aims_graph.vocabulary import AIMS, ISO42001
from aims_graph.workspace.sign_offs import SignOff


def audits_of(snapshot: Snapshot) -> list[Audit]:
    """By label."""
    nodes = [node for node in members(snapshot, "audits") if isinstance(node, NamedNode)]
    nodes.sort(key=lambda node: (snapshot.reader.label(node).casefold(), node.value))
    return [_read(snapshot, node) for node in nodes]


def audit_named(snapshot: Snapshot, name: str) -> Audit:
    """Raises ProblemError 404."""
    node = find(snapshot, "audits", name)
    assert isinstance(node, NamedNode)
    return _read(snapshot, node)


def _read(snapshot: Snapshot, node: NamedNode) -> Audit:
    found: Audit | None = snapshot.cache.get(("audit", node))
    if found is None:
        requirements = snapshot.assessment.requirements.values()
        found = read_audit(audit_graph(snapshot), snapshot.reader, node, requirements)
        snapshot.cache["audit", node] = found
    return found


def requirement_in(audit: Audit, number: str) -> Requirement:
    """Raises ProblemError 404."""
    found = next((r for r in audit.scope if r.number == number), None)
    if found is None:
        raise ProblemError(
            404, "not-found", f"{number[:40]!r} is no requirement in the scope of this audit"
        )
    return found


def part_named(snapshot: Snapshot, number: str) -> NamedNode:
    """A clause, control group or control. Raises ProblemError 422."""
    known = snapshot.assessment.requirements.values()
    if any(f"{requirement.number}.".startswith(f"{number}.") for requirement in known):
        return NamedNode(ISO42001 + number)
    raise ProblemError(422, "validation-failed", f"{number[:40]!r} is no clause or control")


def audit_row(snapshot: Snapshot, audit: Audit) -> dict[str, Any]:
    left = audit.open
    return {
        "key": members(snapshot, "audits")[audit.node],
        "iri": audit.node.value,
        "label": snapshot.reader.label(audit.node),
        "done": audit.done,
        "requirements": len(audit.scope),
        "next": left[0].number if left else None,
        "signed_off": audit.signed is not None,
    }


def audit_content(snapshot: Snapshot, audit: Audit) -> dict[str, Any]:
    results = snapshot.assessment.by_requirement
    return {
        **audit_row(snapshot, audit),
        "sign_offs": [_sign_off(sign_off) for sign_off in audit.sign_offs],
        "examinations": [
            {
                "number": requirement.number,
                "title": requirement.title,
                "state": str(results[requirement].state),
                "verdict": verdict_name(exam),
                "notes": len(exam.notes),
                "samples": len(exam.samples),
                "signed_off": exam.signed is not None,
            }
            for requirement in audit.scope
            for exam in [audit.examinations[requirement.iri]]
        ],
    }


def examination_content(
    core: Core, caller: Caller, snapshot: Snapshot, audit: Audit, requirement: Requirement
) -> dict[str, Any]:
    exam, label = audit.examinations[requirement.iri], snapshot.reader.label
    result = snapshot.assessment.by_requirement[requirement]
    return {
        "number": requirement.number,
        "title": requirement.title,
        "state": str(result.state),
        "findings": [snapshot.row(finding) for finding in result.findings[: models.MOST]],
        "evidence": [
            {
                "iri": literal(node),
                "label": label(node),
                "file": None if file is None else file[1],
            }
            for node in evidence_of(snapshot, requirement)[: models.MOST]
            for file in [file_of(core, caller, snapshot, node)]
        ],
        "verdict": verdict_name(exam),
        "notes": [{"text": n.text, "by": _iri(n.by), "at": n.at} for n in exam.notes],
        "samples": [
            {
                "document": literal(sample.document),
                "label": label(sample.document),
                "by": _iri(sample.by),
                "at": sample.at,
                "sha256": sample.digest,
                "remark": sample.remark,
            }
            for sample in exam.samples
        ],
        "sign_offs": [_sign_off(sign_off) for sign_off in exam.sign_offs],
        "etag": exam.version,
    }


def verdict_name(exam: Examination) -> str | None:
    return None if exam.verdict is None else exam.verdict.value.removeprefix(AIMS)


def _sign_off(sign_off: SignOff) -> dict[str, Any]:
    return {
        "by": _iri(sign_off.by),
        "at": sign_off.at,
        "statement": sign_off.statement,
        "stands": sign_off.stands,
        "withdrawn_by": _iri(sign_off.withdrawn_by),
        "withdrawn_on": sign_off.withdrawn_on,
        "reason": sign_off.reason,
    }


def _iri(term: Term | None) -> str | None:
    return None if term is None else literal(term)
