"""A trace as people read it: nodes with label, kind and column; networkx for algorithms on the selection."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

import networkx as nx
from pyoxigraph import BlankNode, NamedNode

from aims_graph.columns import Columns
from aims_graph.columns.joins import Ids
from aims_graph.columns.reader import Reader, Term, local_name
from aims_graph.trace.naming import best_class, labels_of, texts_of
from aims_graph.trace.relations import Relation, lineage_relations, traced_relations
from aims_graph.trace.selection import BOTH, Edge, select
from aims_graph.vocabulary import DCT, aims

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
    ("Process and other", ()),
)  # fmt: skip
_TITLES = tuple(title for title, _ in COLUMNS)
_OTHER = len(COLUMNS) - 1
AGENTS = _TITLES.index("Who answers")
# Clauses and controls are called by number and title.
_NUMBERED = 2


@dataclass(frozen=True, slots=True)
class Node:
    """``column`` counts from 0; ``distance`` is in steps from the start, negative towards requirements."""

    term: Term
    label: str
    kind: str
    column: int
    distance: int
    state: str
    agent: bool = False

    @property
    def iri(self) -> str:
        return str(self.term) if isinstance(self.term, BlankNode) else self.term.value


@dataclass(frozen=True, slots=True)
class TraceGraph:
    """Nodes by column then label; every edge joins two of them. ``columns`` are the titles by number.

    ``turned``: edges lead from right to left, so pictures draw them the other way round.
    """

    start: Term
    title: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    columns: tuple[str, ...] = _TITLES
    turned: bool = False

    def to_networkx(self) -> "nx.MultiDiGraph[Term]":
        """Terms as nodes, with label, kind, column and state; the label of the relation on each edge."""
        graph: nx.MultiDiGraph[Term] = nx.MultiDiGraph()
        for node in self.nodes:
            graph.add_node(
                node.term,
                label=node.label,
                kind=node.kind,
                column=self.columns[node.column],
                state=node.state,
            )
        for edge in self.edges:
            graph.add_edge(edge.source, edge.target, label=edge.label)
        return graph


def trace(
    data: Columns, start: Term, *, states: Mapping[Term, str] | None = None, direction: str = BOTH
) -> TraceGraph:
    """Everything ``start`` traces to and is traced from. ``data`` includes the ontology."""
    reader = Reader(data)
    return read_graph(
        reader, start, traced_relations(reader), states or {}, direction, "Traceability of "
    )


def lineage(
    data: Columns, start: Term, *, states: Mapping[Term, str] | None = None, direction: str = BOTH
) -> TraceGraph:
    """Down the relations is upstream: what ``start`` is made of; up is what is made of it.

    Columns follow the flow of data: sources on the left, decisions on the right.
    """
    reader = Reader(data)
    graph = read_graph(
        reader, start, lineage_relations(reader), states or {}, direction, "Lineage of "
    )
    return _in_order_of_flow(graph)


def read_graph(
    reader: Reader,
    start: Term,
    relations: tuple[Relation, ...],
    states: Mapping[Term, str],
    direction: str,
    title: str,
    *,
    at_start: tuple[Relation, ...] = (),
) -> TraceGraph:
    """Selects along the relations and puts every node in its column."""
    data = reader.columns
    selected = select(data, start, relations, at_start, direction=direction)
    ids = selected.nodes
    terms = data.terms.terms_of(ids) if len(ids) else [start]
    labels = labels_of(data, ids, terms) if len(ids) else [local_name(start)]
    distances = selected.distances.tolist() or [0]
    numbers = texts_of(data, ids, _IDENTIFIER)
    nodes = []
    for row, (column, kind) in enumerate(_Columns(reader).of(ids) or [(_OTHER, "")]):
        term, label = terms[row], labels[row]
        if column < _NUMBERED and (number := numbers.get(row)) and number not in label:
            label = f"{number} {label}"
        state = states.get(term, "")
        nodes.append(Node(term, label, kind, column, distances[row], state, column == AGENTS))
    nodes.sort(key=lambda node: (node.column, node.label, str(node.term)))
    title += next(node.label for node in nodes if node.term == start)
    of_id = dict(zip(ids.tolist(), terms, strict=True)) if len(ids) else {}
    edges = tuple(Edge(of_id[left], label, of_id[right]) for left, label, right in selected.edges)
    return TraceGraph(start, title, tuple(nodes), edges)


def _in_order_of_flow(graph: TraceGraph) -> TraceGraph:
    """Columns by the longest way from a source."""
    flow: nx.DiGraph[Term] = nx.DiGraph()
    flow.add_nodes_from(node.term for node in graph.nodes)
    flow.add_edges_from((edge.target, edge.source) for edge in graph.edges)
    # Data derived from each other in a circle stand in one column.
    circles = nx.condensation(flow)
    depth: dict[Term, int] = {}
    for column, components in enumerate(nx.topological_generations(circles)):
        for component in components:
            depth.update(dict.fromkeys(circles.nodes[component]["members"], column))
    nodes = sorted(
        (replace(node, column=depth[node.term]) for node in graph.nodes),
        key=lambda node: (node.column, node.label, str(node.term)),
    )
    titles = []
    for column in range(max(depth.values()) + 1):
        kinds = Counter(node.kind for node in nodes if node.column == column)
        titles.append(" and ".join(kind for kind, _ in kinds.most_common(2)))
    return TraceGraph(
        graph.start, graph.title, tuple(nodes), graph.edges, tuple(titles), turned=True
    )


class _Columns:
    """Which column the instances of a class stand in."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._of_class: dict[Term, int] = {}
        for index, (_, names) in enumerate(COLUMNS):
            for cls in reader.subclasses(*(aims(name) for name in names)):
                self._of_class.setdefault(cls, index)

    def of(self, ids: Ids) -> list[tuple[int, str]]:
        """Column and name of the class that puts each of the ascending ids there."""
        classes = best_class(self._reader.columns, ids, self._rank)
        names = {cls: self._reader.label(cls) for cls in set(classes) if cls is not None}
        return [
            (self._of_class.get(cls, _OTHER), names[cls]) if cls is not None else (_OTHER, "")
            for cls in classes
        ]

    def _rank(self, cls: Term) -> tuple[int, str]:
        column = self._of_class.get(cls)
        return (len(COLUMNS), "") if column is None else (column, str(cls))
