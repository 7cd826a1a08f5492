"""A trace as people read it: nodes with label, kind and column; networkx for algorithms on the selection."""

from collections.abc import Mapping
from dataclasses import dataclass

import networkx as nx
from pyoxigraph import BlankNode, NamedNode

from aims_graph.columns import Columns
from aims_graph.columns.reader import Reader, Term
from aims_graph.trace.relations import Relation, lineage_relations, traced_relations
from aims_graph.trace.selection import BOTH, Edge, select
from aims_graph.vocabulary import AIMS, DCT

_IDENTIFIER = NamedNode(DCT + "identifier")

# Left to right; a node stands in the first column one of whose classes it is an instance of.
COLUMNS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Clause", ("Clause", "RequiredDocument")),
    ("Control", ("Control",)),
    ("Implementation and treatment", ("ApplicabilityEntry", "ControlImplementation", "RiskTreatment")),
    ("Risk", ("Risk", "ResidualRisk")),
    ("AI system", ("AISystem", "Deployment")),
    ("Model", ("AIModel", "ModelVersion", "TrainingRun")),
    ("Data", ("Dataset", "DataSource", "DataPreparation", "ProvenanceRecord", "DataAcquisition")),
    ("Assessment and check", ("Activity", "MonitoringArrangement")),
    ("Document and evidence", ("DocumentedInformation", "DecisionRecord", "EventLog")),
    ("Who answers", ("Agent",)),
)  # fmt: skip
OTHER = ("Process and other", ())


@dataclass(frozen=True, slots=True)
class Node:
    """``column`` counts from 0; ``distance`` is in steps from the start, negative towards requirements."""

    term: Term
    label: str
    kind: str
    column: int
    distance: int
    state: str

    @property
    def iri(self) -> str:
        return str(self.term) if isinstance(self.term, BlankNode) else self.term.value


@dataclass(frozen=True, slots=True)
class TraceGraph:
    """Nodes by column then label; every edge joins two of them."""

    start: Term
    title: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]

    def to_networkx(self) -> nx.MultiDiGraph:
        graph: nx.MultiDiGraph = nx.MultiDiGraph()
        for node in self.nodes:
            graph.add_node(node.term, label=node.label, kind=node.kind, state=node.state)
        for edge in self.edges:
            graph.add_edge(edge.source, edge.target, label=edge.label)
        return graph


def column_titles() -> list[str]:
    return [title for title, _ in COLUMNS] + [OTHER[0]]


def trace(
    data: Columns, start: Term, *, states: Mapping[Term, str] | None = None, direction: str = BOTH
) -> TraceGraph:
    """Everything ``start`` traces to and is traced from. ``data`` includes the ontology."""
    reader = Reader(data)
    return _read(
        reader, start, traced_relations(reader), states or {}, direction, "Traceability of "
    )


def lineage(
    data: Columns, start: Term, *, states: Mapping[Term, str] | None = None, direction: str = BOTH
) -> TraceGraph:
    """Down the relations is upstream: what ``start`` is made of; up is what is made of it."""
    reader = Reader(data)
    return _read(reader, start, lineage_relations(reader), states or {}, direction, "Lineage of ")


def _read(
    reader: Reader,
    start: Term,
    relations: tuple[Relation, ...],
    states: Mapping[Term, str],
    direction: str,
    title: str,
) -> TraceGraph:
    selected = select(reader.columns, start, relations, direction=direction)
    placed = _Columns(reader)
    nodes = []
    for term, distance in selected.distances.items():
        column, kind = placed.of(term)
        label = reader.label(term)
        number = reader.text(term, _IDENTIFIER)
        if column < 2 and number and number not in label:
            label = f"{number} {label}"
        nodes.append(Node(term, label, kind, column, distance, states.get(term, "")))
    nodes.sort(key=lambda node: (node.column, node.label))
    title += next(node.label for node in nodes if node.term == start)
    return TraceGraph(start, title, tuple(nodes), tuple(selected.edges))


class _Columns:
    """Which column the instances of a class stand in."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._of_class: dict[Term, int] = {}
        for index, (_, names) in enumerate(COLUMNS):
            for cls in reader.subclasses(*(NamedNode(AIMS + name) for name in names)):
                self._of_class.setdefault(cls, index)

    def of(self, term: Term) -> tuple[int, str]:
        """Column and name of the class that put it there."""
        kinds = [kind for kind in self._reader.types(term) if kind in self._of_class]
        if not kinds:
            kinds = self._reader.types(term)
            name = self._reader.label(kinds[0]) if kinds else ""
            return len(COLUMNS), name
        first = min(kinds, key=lambda kind: (self._of_class[kind], str(kind)))
        return self._of_class[first], self._reader.label(first)
