"""What auditors have written down: for each requirement notes, samples, a verdict, sign-offs.

It is read from the graph of audits alone: what is said elsewhere changes nothing in an audit.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from pyoxigraph import NamedNode, Quad

from aims_api.callers import AUDIT_GRAPH
from aims_api.evaluation import Snapshot
from aims_api.records import etag_of, quads_of
from aims_graph.assessment import Requirement
from aims_graph.columns import Columns, TermDictionary
from aims_graph.columns.reader import Reader, Term, local_name
from aims_graph.vocabulary import AIMS, DCT, ISO42001
from aims_graph.workspace.sign_offs import (
    AUDITS,
    CREATED,
    DESCRIPTION,
    HAS_NOTE,
    HAS_SAMPLE,
    HAS_SIGN_OFF,
    PERFORMED_BY,
    SignOff,
    read_sign_offs,
)

GRAPH: Final = AUDITS
#: Name in addresses and forms -> individual of the vocabulary.
VERDICTS: Final[Mapping[str, NamedNode]] = {
    name: NamedNode(AIMS + name)
    for name in (
        "Conforming",
        "Observation",
        "MinorNonconformity",
        "MajorNonconformity",
        "NotAudited",
    )
}
CONFORMING, NOT_AUDITED = VERDICTS["Conforming"], VERDICTS["NotAudited"]
NONCONFORMITIES: Final = (VERDICTS["MinorNonconformity"], VERDICTS["MajorNonconformity"])

AGAINST: Final = NamedNode(AIMS + "againstRequirement")
VERDICT: Final = NamedNode(AIMS + "auditVerdict")
SAMPLED: Final = NamedNode(AIMS + "sampledDocument")
SAMPLED_HASH: Final = NamedNode(AIMS + "sampledHash")
SCOPE: Final = NamedNode(AIMS + "auditScope")
AUDITOR: Final = NamedNode(AIMS + "auditor")
PERFORMED_ON: Final = NamedNode(AIMS + "performedOn")
CREATOR: Final = NamedNode(DCT + "creator")


@dataclass(frozen=True, slots=True)
class Note:
    text: str
    by: Term | None
    at: str


@dataclass(frozen=True, slots=True)
class Sample:
    """A document that an auditor looked at; ``digest`` is that of its file as it was then."""

    document: Term
    by: Term | None
    at: str
    digest: str
    remark: str


@dataclass(frozen=True, slots=True)
class Examination:
    """``version`` changes with everything that is written down in it."""

    requirement: NamedNode
    verdict: NamedNode | None
    notes: tuple[Note, ...]
    samples: tuple[Sample, ...]
    sign_offs: tuple[SignOff, ...]
    version: str

    @property
    def signed(self) -> SignOff | None:
        return next((s for s in self.sign_offs if s.stands), None)


@dataclass(frozen=True, slots=True)
class Audit:
    """``scope``: the requirements it goes through, in the order of the standard."""

    node: NamedNode
    scope: tuple[Requirement, ...]
    examinations: Mapping[NamedNode, Examination]
    sign_offs: tuple[SignOff, ...]

    @property
    def signed(self) -> SignOff | None:
        return next((s for s in self.sign_offs if s.stands), None)

    @property
    def done(self) -> int:
        return len(self.scope) - len(self.open)

    @property
    def open(self) -> list[Requirement]:
        """The requirements that nobody has signed off."""
        return [r for r in self.scope if self.examinations[r.iri].signed is None]


def examination_iri(audit: NamedNode, requirement: NamedNode) -> NamedNode:
    """One an audit and requirement, whoever begins it."""
    stem = hashlib.sha256(audit.value.encode()).hexdigest()[:16]
    return NamedNode(f"urn:aims:examination:{stem}:{local_name(requirement)}")


def audit_graph(snapshot: Snapshot) -> Reader:
    return Reader(snapshot.graphs.get(AUDIT_GRAPH) or Columns(TermDictionary(), {}))


def read_audit(
    notes: Reader, records: Reader, node: NamedNode, requirements: Iterable[Requirement]
) -> Audit:
    """``notes``: the graph of audits; ``records``: all graphs, which say what the scope is."""
    scope = scope_of(requirements, records.objects(node, SCOPE))
    return Audit(
        node=node,
        scope=tuple(scope),
        examinations={r.iri: _examination(notes, node, r.iri) for r in scope},
        sign_offs=tuple(read_sign_offs(notes, node)),
    )


def scope_of(requirements: Iterable[Requirement], covered: Iterable[Term]) -> list[Requirement]:
    """Those named, or standing under a clause or group that is named; all when none is."""
    every = list(requirements)
    numbers = {n.value.removeprefix(ISO42001) for n in covered if n.value.startswith(ISO42001)}
    found = [r for r in every if any(f"{r.number}.".startswith(f"{n}.") for n in numbers)]
    return found or every


def _examination(notes: Reader, audit: NamedNode, requirement: NamedNode) -> Examination:
    node = examination_iri(audit, requirement)
    verdict = notes.value(node, VERDICT)
    return Examination(
        requirement=requirement,
        verdict=verdict if isinstance(verdict, NamedNode) else None,
        notes=tuple(sorted(_notes(notes, node), key=lambda note: note.at)),
        samples=tuple(sorted(_samples(notes, node), key=lambda sample: sample.at)),
        sign_offs=tuple(read_sign_offs(notes, node)),
        version=etag_of(parts_of(notes, node)),
    )


def parts_of(notes: Reader, node: NamedNode) -> Iterator[Quad]:
    """What is said of the examination, its notes, samples and sign-offs."""
    graphs = {AUDIT_GRAPH: notes.columns}
    yield from quads_of(graphs, node)
    for predicate in (HAS_NOTE, HAS_SAMPLE, HAS_SIGN_OFF):
        for part in notes.objects(node, predicate):
            yield from quads_of(graphs, part)


def _notes(notes: Reader, node: Term) -> Iterator[Note]:
    for note in notes.objects(node, HAS_NOTE):
        yield Note(
            notes.text(note, DESCRIPTION), notes.value(note, CREATOR), notes.text(note, CREATED)
        )


def _samples(notes: Reader, node: Term) -> Iterator[Sample]:
    for sample in notes.objects(node, HAS_SAMPLE):
        document = notes.value(sample, SAMPLED)
        if document is not None:
            yield Sample(
                document=document,
                by=notes.value(sample, PERFORMED_BY),
                at=notes.text(sample, CREATED),
                digest=notes.text(sample, SAMPLED_HASH),
                remark=notes.text(sample, DESCRIPTION),
            )
