"""What is signed off stays as it is, on whatever road a change comes, until the sign-off is withdrawn."""

from collections.abc import Iterable, Iterator
from typing import Final

from pyoxigraph import NamedNode, Quad

from aims_api.audits import (
    ESTABLISHES,
    GRAPH,
    HAS_EXAMINATION,
    HAS_FINDING,
    HAS_NOTE,
    HAS_SAMPLE,
    HAS_SIGN_OFF,
    JUSTIFICATION,
    RAISES,
    WITHDRAWN_BY,
    WITHDRAWN_ON,
    read_sign_offs,
)
from aims_api.problems import ProblemError
from aims_graph.columns.reader import Reader, Term
from aims_graph.vocabulary import AIMS, RDF
from aims_graph.workspace.dataset import Dataset

_TYPE: Final = NamedNode(RDF + "type")
_SIGN_OFF: Final = NamedNode(AIMS + "SignOff")
#: From an audit down to all that belongs to it.
_PARTS: Final = (
    HAS_EXAMINATION, HAS_NOTE, HAS_SAMPLE, HAS_SIGN_OFF, ESTABLISHES, HAS_FINDING, RAISES,
)  # fmt: skip
_WITHDRAWAL: Final = frozenset({WITHDRAWN_BY, WITHDRAWN_ON, JUSTIFICATION})


def check_sign_offs(dataset: Dataset, added: Iterable[Quad], removed: Iterable[Quad]) -> None:
    """Raises ProblemError 409 on a change of what is signed off."""
    come = [quad for quad in added if quad.graph_name == GRAPH]
    gone = [quad for quad in removed if quad.graph_name == GRAPH]
    if not come and not gone:
        return
    notes = Reader(dataset.graph(GRAPH))
    withdrawn = _withdrawn(come)
    for quad in (*come, *gone):
        is_old = _SIGN_OFF in notes.types(quad.subject)  # type: ignore[arg-type]
        if is_old and (quad in gone or quad.predicate not in _WITHDRAWAL):
            raise ProblemError(
                409, "conflict", "a sign-off is never altered: withdraw it, and sign anew"
            )
        for holder in _holders(notes, quad.subject):  # type: ignore[arg-type]
            for sign_off in read_sign_offs(notes, holder):
                if sign_off.stands and sign_off.node not in withdrawn:
                    raise ProblemError(
                        409, "conflict", "this is signed off: reopen it first, and say why"
                    )
        if is_old and notes.objects(quad.subject, WITHDRAWN_ON):  # type: ignore[arg-type]
            raise ProblemError(409, "conflict", "this sign-off was withdrawn already")


def _withdrawn(added: list[Quad]) -> set[object]:
    """Sign-offs that the change withdraws in full: by whom, when and why."""
    said: dict[object, set[NamedNode]] = {}
    for quad in added:
        if quad.predicate in _WITHDRAWAL:
            said.setdefault(quad.subject, set()).add(quad.predicate)
    return {node for node, predicates in said.items() if predicates == _WITHDRAWAL}


def _holders(notes: Reader, node: Term) -> Iterator[Term]:
    """The node and all that it is a part of."""
    seen: set[Term] = set()
    waiting: list[Term] = [node]
    while waiting:
        current = waiting.pop()
        if current not in seen:
            seen.add(current)
            yield current
            for predicate in _PARTS:
                waiting += notes.subjects(predicate, current)
