"""How far an audit has come: one status, in the graph of audits, in place of what other graphs say."""

from collections.abc import Iterable, Sequence
from typing import Final

from pyoxigraph import NamedNode, Quad

from aims_api.audits import GRAPH
from aims_api.callers import Caller
from aims_api.patches import graph_of
from aims_graph.columns.reader import Reader, local_name
from aims_graph.vocabulary import AIMS
from aims_graph.workspace.dataset import Dataset
from aims_graph.workspace.sign_offs import HAS_SIGN_OFF, WITHDRAWN_ON

STATUS: Final = NamedNode(AIMS + "status")
IN_PROGRESS: Final = NamedNode(AIMS + "InProgress")
COMPLETED: Final = NamedNode(AIMS + "Completed")


def others(said: Iterable[Quad], status: NamedNode) -> list[Quad]:
    """What gives way to the status, of all that the caller sees said of an audit."""
    return [quad for quad in said if quad.predicate == STATUS and quad.object != status]


def refusal(said: Iterable[Quad], status: NamedNode, caller: Caller) -> str | None:
    """Why the caller cannot give the audit the status; None when they can."""
    for quad in others(said, status):
        graph = graph_of(quad)
        if not caller.may_write(graph):
            return (
                f"the audit has the status {local_name(quad.object)} in the graph {graph}, which is not "  # type: ignore[arg-type]  # no triple terms
                "yours to write: have that status taken away there, or take a key that may write it"
            )
    return None


def given_way(dataset: Dataset, added: Sequence[Quad], removed: Sequence[Quad]) -> set[Quad]:
    """Which removals are old statuses of audits that the same change signs off or reopens."""
    notes = Reader(dataset.graph(GRAPH))
    ended = [q.subject for q in added if (q.predicate, q.graph_name) == (WITHDRAWN_ON, GRAPH)]
    audits = {q.subject for q in added if (q.predicate, q.graph_name) == (HAS_SIGN_OFF, GRAPH)}
    audits |= {holder for node in ended for holder in notes.subjects(HAS_SIGN_OFF, node)}  # type: ignore[arg-type,misc]  # subjects
    renewed = {q.subject for q in added if (q.predicate, q.graph_name) == (STATUS, GRAPH)}
    return {q for q in removed if q.predicate == STATUS and q.subject in audits & renewed}
