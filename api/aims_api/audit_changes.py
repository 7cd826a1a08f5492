"""What an auditor does: begins an audit, writes notes, marks samples, judges, signs off, reopens."""

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from pyoxigraph import Literal, NamedNode, Quad

from aims_api.audit_beginning import person_of
from aims_api.audit_outcomes import finding_quads, new, now, outcome_of
from aims_api.audit_status import COMPLETED, IN_PROGRESS, STATUS, others, refusal
from aims_api.audits import (
    AGAINST,
    AUDITOR,
    CONFORMING,
    CREATOR,
    GRAPH,
    NOT_AUDITED,
    PERFORMED_ON,
    SAMPLED,
    SAMPLED_HASH,
    VERDICT,
    Audit,
    Examination,
    examination_iri,
    read_audit,
)
from aims_api.callers import AUDIT_GRAPH, Caller
from aims_api.core import Core
from aims_api.evaluation import Snapshot
from aims_api.problems import ProblemError
from aims_api.record_changes import current
from aims_api.records import TYPE, quads_of
from aims_api.writing import change
from aims_graph.assessment import Requirement
from aims_graph.columns.reader import Reader
from aims_graph.journal import Entry
from aims_graph.vocabulary import AIMS, RDFS, XSD, aims
from aims_graph.workspace.dataset import Dataset
from aims_graph.workspace.sign_offs import (
    CREATED,
    DESCRIPTION,
    ESTABLISHES,
    HAS_EXAMINATION,
    HAS_FINDING,
    HAS_NOTE,
    HAS_SAMPLE,
    HAS_SIGN_OFF,
    JUSTIFICATION,
    PERFORMED_BY,
    WITHDRAWN_BY,
    WITHDRAWN_ON,
    SignOff,
)

_LABEL: Final = NamedNode(RDFS + "label")
_FILE_HASH: Final = NamedNode(AIMS + "fileHash")
_DATE: Final = NamedNode(XSD + "date")

Change = tuple[list[Quad], list[Quad]]


class Desk:
    """One auditor at one audit."""

    def __init__(self, core: Core, caller: Caller, snapshot: Snapshot, audit: NamedNode) -> None:
        self.core = core
        self.caller = caller
        self.person = person_of(caller)
        self.audit = audit
        self._requirements = snapshot.assessment.requirements
        self._name = snapshot.reader.label(audit)

    # On one requirement

    def note(self, requirement: Requirement, text: str) -> Entry | None:
        node = new("note")

        def work(_: Audit, __: Reader) -> Change:
            said = [
                Quad(self._exam(requirement), HAS_NOTE, node, GRAPH),
                Quad(node, TYPE, aims("AuditNote"), GRAPH),
                Quad(node, DESCRIPTION, Literal(text), GRAPH),
                Quad(node, CREATOR, self.person, GRAPH),
                Quad(node, CREATED, now(), GRAPH),
            ]
            return said, []

        return self._write(f"Note on {requirement.number}", work, requirement)

    def sample(self, requirement: Requirement, document: NamedNode, remark: str) -> Entry | None:
        """The hash of the file is kept with it, so that a later one is told apart."""
        node = new("sample")

        def work(_: Audit, records: Reader) -> Change:
            said = [
                Quad(self._exam(requirement), HAS_SAMPLE, node, GRAPH),
                Quad(node, TYPE, aims("AuditSample"), GRAPH),
                Quad(node, SAMPLED, document, GRAPH),
                *self._done(node),
            ]
            digest = records.text(document, _FILE_HASH)
            if digest:
                said.append(Quad(node, SAMPLED_HASH, Literal(digest), GRAPH))
            if remark:
                said.append(Quad(node, DESCRIPTION, Literal(remark), GRAPH))
            return said, []

        return self._write(f"Sample for {requirement.number}", work, requirement)

    def judge(
        self, requirement: Requirement, verdict: NamedNode, version: str | None
    ) -> Entry | None:
        def work(audit: Audit, _: Reader) -> Change:
            exam = audit.examinations[requirement.iri]
            _check_version(exam, version)
            node = self._exam(requirement)
            old = [] if exam.verdict is None else [Quad(node, VERDICT, exam.verdict, GRAPH)]
            return [Quad(node, VERDICT, verdict, GRAPH)], [q for q in old if q.object != verdict]

        name = verdict.value.removeprefix(AIMS)
        return self._write(f"Verdict on {requirement.number}: {name}", work, requirement)

    def sign(self, requirement: Requirement, version: str | None) -> Entry | None:
        """With the sign-off come an audit finding and, for a failing, a nonconformity."""

        def work(audit: Audit, _: Reader) -> Change:
            exam = audit.examinations[requirement.iri]
            _check_version(exam, version)
            verdict = missing_for_sign_off(exam)
            if verdict is not None:
                raise ProblemError(422, "validation-failed", verdict)
            node = self._exam(requirement)
            said = self._signed(node, "")
            if exam.verdict not in (CONFORMING, NOT_AUDITED):
                said += finding_quads(self.audit, requirement, exam, self._name, self._today())
            return said, []

        return self._write(f"Sign-off of {requirement.number}", work, requirement)

    def reopen(self, requirement: Requirement, reason: str) -> Entry | None:
        """What the sign-off brought about goes with it; made again it has the same names."""

        def work(audit: Audit, _: Reader) -> Change:
            signed = audit.examinations[requirement.iri].signed
            if signed is None:
                raise ProblemError(409, "conflict", f"{requirement.number} is not signed off")
            notes = {AUDIT_GRAPH: self._dataset.graph(GRAPH)}
            exam = self._exam(requirement)
            finding, nonconformity = outcome_of(exam)
            gone = [
                *quads_of(notes, finding), *quads_of(notes, nonconformity),
                Quad(exam, ESTABLISHES, finding, GRAPH), Quad(self.audit, HAS_FINDING, finding, GRAPH),
            ]  # fmt: skip
            return self._withdrawal(signed, reason), gone

        return self._write(reason, work, requirement, reopens=True)

    # On the whole

    def close(self, conclusion: str, reported_to: Sequence[NamedNode]) -> Entry | None:
        def work(audit: Audit, records: Reader) -> Change:
            left = [r.number for r in audit.open]
            if left:
                raise ProblemError(
                    409, "conflict",
                    f"{len(left)} of {len(audit.scope)} requirements are not signed off: "
                    + ", ".join(left[:12]) + (" …" if len(left) > 12 else ""),
                )  # fmt: skip
            said = self._signed(self.audit, conclusion)
            said += [Quad(self.audit, aims("reportedTo"), person, GRAPH) for person in reported_to]
            if not records.objects(self.audit, PERFORMED_ON):
                said.append(Quad(self.audit, PERFORMED_ON, self._today(), GRAPH))
            return self._become(COMPLETED, said)

        return self._write(f"Sign-off of the audit {self._name}", work, None)

    def reopen_audit(self, reason: str) -> Entry | None:
        def work(audit: Audit, _: Reader) -> Change:
            if audit.signed is None:
                raise ProblemError(409, "conflict", "the audit is not signed off")
            return self._become(IN_PROGRESS, self._withdrawal(audit.signed, reason))

        return self._write(reason, work, None, reopens=True)

    def _become(self, status: NamedNode, said: list[Quad]) -> Change:
        """What is said, and the status in place of every other that the caller sees."""
        old = current(self._dataset, self.audit, self.caller)
        why_not = refusal(old, status, self.caller)
        if why_not is not None:
            raise ProblemError(403, "policy-denied", why_not)
        return [*said, Quad(self.audit, STATUS, status, GRAPH)], others(old, status)

    # Shared

    def _write(
        self,
        reason: str,
        work: Callable[[Audit, Reader], Change],
        requirement: Requirement | None,
        *,
        reopens: bool = False,
    ) -> Entry | None:
        def checked(dataset: Dataset) -> tuple[Iterable[Quad], Iterable[Quad]]:
            self._dataset = dataset
            records = Reader(dataset.union())
            audit = read_audit(
                Reader(dataset.graph(GRAPH)), records, self.audit, self._requirements.values()
            )
            self._check_open(audit, requirement, reopens=reopens)
            added, removed = work(audit, records)
            if requirement is not None:
                added += self._begun(requirement)
            if self.person not in records.objects(self.audit, AUDITOR):
                added.append(Quad(self.audit, AUDITOR, self.person, GRAPH))
            return added, removed

        return change(self.core, self.caller, checked, reason=reason, source="audit")

    def _check_open(self, audit: Audit, requirement: Requirement | None, *, reopens: bool) -> None:
        if audit.signed is not None and not (reopens and requirement is None):
            raise ProblemError(
                409, "conflict", "the audit is signed off: reopen it first, and say why"
            )
        if requirement is None:
            return
        exam = audit.examinations.get(requirement.iri)
        if exam is None:
            raise ProblemError(
                409, "conflict", f"{requirement.number} is not in the scope of this audit"
            )
        if exam.signed is not None and not reopens:
            raise ProblemError(
                409, "conflict", f"{requirement.number} is signed off: reopen it first, and say why"
            )

    def _exam(self, requirement: Requirement) -> NamedNode:
        return examination_iri(self.audit, requirement.iri)

    def _begun(self, requirement: Requirement) -> list[Quad]:
        node = self._exam(requirement)
        return [
            Quad(self.audit, HAS_EXAMINATION, node, GRAPH),
            Quad(node, TYPE, aims("Examination"), GRAPH),
            Quad(node, _LABEL, Literal(f"{requirement.number} in {self._name}"), GRAPH),
            Quad(node, AGAINST, requirement.iri, GRAPH),
        ]

    def _today(self) -> Literal:
        return Literal(self.core.snapshots.day.isoformat(), datatype=_DATE)

    def _done(self, node: NamedNode) -> list[Quad]:
        """By whom, on which day, at which moment."""
        return [
            Quad(node, PERFORMED_BY, self.person, GRAPH),
            Quad(node, PERFORMED_ON, self._today(), GRAPH),
            Quad(node, CREATED, now(), GRAPH),
        ]

    def _signed(self, holder: NamedNode, statement: str) -> list[Quad]:
        node = new("sign-off")
        said = [
            Quad(holder, HAS_SIGN_OFF, node, GRAPH),
            Quad(node, TYPE, aims("SignOff"), GRAPH),
            *self._done(node),
        ]
        return [*said, Quad(node, DESCRIPTION, Literal(statement), GRAPH)] if statement else said

    def _withdrawal(self, sign_off: SignOff, reason: str) -> list[Quad]:
        return [
            Quad(sign_off.node, WITHDRAWN_BY, self.person, GRAPH),
            Quad(sign_off.node, WITHDRAWN_ON, self._today(), GRAPH),
            Quad(sign_off.node, JUSTIFICATION, Literal(reason), GRAPH),
        ]


def missing_for_sign_off(exam: Examination) -> str | None:
    """What has still to be written down, as a sentence; None when all is there."""
    if exam.verdict is None:
        return "There is no verdict yet: give one."
    if exam.verdict == CONFORMING and not (exam.notes or exam.samples):
        return "Nothing shows what the verdict rests on: mark a document that you looked at, or write a note."
    if exam.verdict != CONFORMING and not exam.notes:
        return "This verdict takes a note that says why."
    return None


def _check_version(exam: Examination, version: str | None) -> None:
    if version is None:
        raise ProblemError(428, "precondition-required", "send If-Match with the ETag you read")
    if version.strip() not in ("*", exam.version):
        raise ProblemError(
            412, "precondition-failed",
            "something was written down here since you read it: look at it again",
            headers={"ETag": exam.version},
        )  # fmt: skip
