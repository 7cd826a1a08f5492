"""What is signed off in an audit stays as it is, on whatever road a change comes, until the sign-off is
withdrawn. Asked before an entry is written; only a redaction of personal data is not asked.

Audits are written down in one graph, and read from there alone: what other graphs say changes nothing in
them, and is not held fast.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from pyoxigraph import NamedNode, Quad

from aims_graph.columns.reader import Reader, Term
from aims_graph.errors import InputError
from aims_graph.vocabulary import AIMS, DCT
from aims_graph.workspace.dataset import Dataset

AUDITS: Final = NamedNode("urn:aims:source:audit")
HAS_EXAMINATION: Final = NamedNode(AIMS + "hasExamination")
HAS_NOTE: Final = NamedNode(AIMS + "hasNote")
HAS_SAMPLE: Final = NamedNode(AIMS + "hasSample")
HAS_SIGN_OFF: Final = NamedNode(AIMS + "hasSignOff")
ESTABLISHES: Final = NamedNode(AIMS + "establishes")
HAS_FINDING: Final = NamedNode(AIMS + "hasAuditFinding")
RAISES: Final = NamedNode(AIMS + "raises")
PERFORMED_BY: Final = NamedNode(AIMS + "performedBy")
WITHDRAWN_BY: Final = NamedNode(AIMS + "withdrawnBy")
WITHDRAWN_ON: Final = NamedNode(AIMS + "withdrawnOn")
JUSTIFICATION: Final = NamedNode(AIMS + "justification")
DESCRIPTION: Final = NamedNode(DCT + "description")
CREATED: Final = NamedNode(DCT + "created")
_SIGN_OFF: Final = NamedNode(AIMS + "SignOff")
#: From an audit down to all that belongs to it.
_PARTS: Final = (
    HAS_EXAMINATION, HAS_NOTE, HAS_SAMPLE, HAS_SIGN_OFF, ESTABLISHES, HAS_FINDING, RAISES,
)  # fmt: skip
_WITHDRAWAL: Final = frozenset({WITHDRAWN_BY, WITHDRAWN_ON, JUSTIFICATION})
_HINT: Final = (
    "Begin a new audit, or withdraw the sign-off first: reopen it in the service, or say of the sign-off "
    "<{node}> in the graph <{graph}> by whom, on which day and why (aims:withdrawnBy, "
    "aims:withdrawnOn, aims:justification)"
)


class SignedOffError(InputError):
    """The commit would change what is signed off; nothing was written."""


@dataclass(frozen=True, slots=True)
class SignOff:
    node: NamedNode
    by: Term | None
    at: str
    statement: str
    withdrawn_by: Term | None
    withdrawn_on: str
    reason: str

    @property
    def stands(self) -> bool:
        return not self.withdrawn_on


def read_sign_offs(notes: Reader, node: Term) -> list[SignOff]:
    """Of an audit, or of what an audit found for one requirement; ``notes``: the graph of audits."""
    found = [
        SignOff(
            node=sign_off,
            by=notes.value(sign_off, PERFORMED_BY),
            at=notes.text(sign_off, CREATED),
            statement=notes.text(sign_off, DESCRIPTION),
            withdrawn_by=notes.value(sign_off, WITHDRAWN_BY),
            withdrawn_on=notes.text(sign_off, WITHDRAWN_ON),
            reason=notes.text(sign_off, JUSTIFICATION),
        )
        for sign_off in notes.objects(node, HAS_SIGN_OFF)
        if isinstance(sign_off, NamedNode)
    ]
    return sorted(found, key=lambda sign_off: (sign_off.at, sign_off.node.value))


def check_sign_offs(dataset: Dataset, added: Iterable[Quad], removed: Iterable[Quad]) -> None:
    """``added`` and ``removed``: the effective change. Raises SignedOffError."""
    come = [quad for quad in added if quad.graph_name == AUDITS]
    gone = [quad for quad in removed if quad.graph_name == AUDITS]
    if come or gone:
        _Change(Reader(dataset.graph(AUDITS)), come, gone).check()


class _Change:
    def __init__(self, notes: Reader, come: list[Quad], gone: list[Quad]) -> None:
        self._notes = notes
        self._come = come
        self._gone = gone
        self._withdrawn = _withdrawn(come)

    def check(self) -> None:
        for quad in self._gone:
            self._check_sign_off(quad.subject)  # type: ignore[arg-type]  # no triple terms
        for quad in self._come:
            if quad.predicate not in _WITHDRAWAL:
                self._check_sign_off(quad.subject)  # type: ignore[arg-type]  # no triple terms
        changed: dict[object, None] = {}
        for quad in (*self._come, *self._gone):
            changed[quad.subject] = None
            if quad.predicate in _PARTS:
                changed[quad.object] = None
        for node in changed:
            self._check_part(node)  # type: ignore[arg-type]  # subjects and objects

    def _is_sign_off(self, node: Term) -> bool:
        return _SIGN_OFF in self._notes.types(node)

    def _check_sign_off(self, node: Term) -> None:
        """Nothing of it goes, and nothing but a withdrawal comes."""
        if self._is_sign_off(node):
            holder = next(iter(self._notes.subjects(HAS_SIGN_OFF, node)), node)
            found = [s for s in read_sign_offs(self._notes, holder) if s.node == node]
            raise self._error(holder, found, "a sign-off is never altered")

    def _check_part(self, node: Term) -> None:
        for holder in self._holders(node):
            signed = [s for s in read_sign_offs(self._notes, holder) if s.stands]
            if any(s.node not in self._withdrawn for s in signed):
                raise self._error(holder, signed, "what is signed is not changed")
        if self._is_sign_off(node) and self._notes.objects(node, WITHDRAWN_ON):
            raise SignedOffError("this sign-off was withdrawn already: it stays as it is")

    def _holders(self, node: Term) -> Iterator[Term]:
        """The node and all that it is a part of."""
        seen: set[Term] = set()
        waiting: list[Term] = [node]
        while waiting:
            current = waiting.pop()
            if current not in seen:
                seen.add(current)
                yield current
                for predicate in _PARTS:
                    waiting += self._notes.subjects(predicate, current)

    def _error(self, holder: Term, signed: list[SignOff], rule: str) -> SignedOffError:
        label = self._notes.label
        audits = [a for a in self._holders(holder) if self._notes.objects(a, HAS_EXAMINATION)]
        of = "" if not audits or holder in audits else f" of the audit {label(audits[0])}"
        said = f"{label(holder)}{of} is signed off"
        if not signed:
            return SignedOffError(f"{said}: {rule}")
        by = "somebody" if signed[0].by is None else label(signed[0].by)
        when = signed[0].at[:16].replace("T", " ") or "a day that is not recorded"
        return SignedOffError(
            f"{said}, by {by} on {when}: {rule}",
            hint=_HINT.format(node=signed[0].node.value, graph=AUDITS.value),
        )


def _withdrawn(added: list[Quad]) -> set[object]:
    """Sign-offs that the change withdraws in full: by whom, when and why."""
    said: dict[object, set[NamedNode]] = {}
    for quad in added:
        if quad.predicate in _WITHDRAWAL:
            said.setdefault(quad.subject, set()).add(quad.predicate)
    return {node for node, predicates in said.items() if predicates == _WITHDRAWAL}
