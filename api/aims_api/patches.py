"""RDF that somebody sends, as quads; and what a change of quads does to the union of graphs."""

import hashlib
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from pyoxigraph import BlankNode, DefaultGraph, NamedNode, Quad

from aims_api.callers import DEFAULT_GRAPH
from aims_api.evaluation import Snapshot
from aims_graph.columns import Triple
from aims_graph.errors import InputError
from aims_graph.sparql.untrusted import parse_untrusted
from aims_graph.workspace.dataset import has, triple_of

SUFFIXES: Final = {
    "turtle": ".ttl", "trig": ".trig", "ntriples": ".nt", "nquads": ".nq", "jsonld": ".jsonld",
    "rdfxml": ".rdf",
}  # fmt: skip


def read_patch(data: bytes, fmt: str, graph: str) -> list[Quad]:
    """Checked parse; triples outside of graphs go into ``graph``. Raises InputError."""
    if not data.strip():
        return []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"body{SUFFIXES[fmt]}"
        path.write_bytes(data)
        try:
            quads = parse_untrusted(path)
        except InputError as error:
            error.file = None  # it is the request
            raise
    labels = _Labels(data)
    name = NamedNode(graph)
    return list(dict.fromkeys(_placed(quad, labels, name) for quad in quads))


class _Labels(dict[BlankNode, BlankNode]):
    """Blank nodes of one body are told apart from those of others, and are the same each time."""

    def __init__(self, data: bytes) -> None:
        super().__init__()
        self._stem = hashlib.sha256(data).hexdigest()[:16]

    def __missing__(self, node: BlankNode) -> BlankNode:
        made = self[node] = BlankNode(f"b{self._stem}n{len(self)}")
        return made


def _placed(quad: Quad, labels: _Labels, graph: NamedNode) -> Quad:
    subject, value = (
        labels[term] if isinstance(term, BlankNode) else term
        for term in (quad.subject, quad.object)
    )
    name = graph if isinstance(quad.graph_name, DefaultGraph) else quad.graph_name
    return Quad(subject, quad.predicate, value, name)  # type: ignore[arg-type]  # subjects are no literals


def graph_of(quad: Quad) -> str:
    name = quad.graph_name
    if isinstance(name, BlankNode):
        raise InputError("a graph is named by an IRI")
    return DEFAULT_GRAPH if isinstance(name, DefaultGraph) else name.value


def effect(
    snapshot: Snapshot, added: Iterable[Quad], removed: Iterable[Quad]
) -> tuple[list[Triple], list[Triple]]:
    """Which triples come into the union of the snapshot's graphs, and which leave it."""
    added, removed = list(added), set(removed)
    data, ontology = snapshot.data, snapshot.rules.ontology
    stay = {triple_of(quad) for quad in added}
    come = dict.fromkeys(t for t in map(triple_of, added) if not has(data, t))
    gone: dict[Triple, None] = {}
    for quad in removed:
        triple = triple_of(quad)
        graphs = [name for name, graph in snapshot.graphs.items() if has(graph, triple)]
        left = [
            name
            for name in graphs
            if Quad(quad.subject, quad.predicate, quad.object, _node(name)) not in removed
        ]
        if graphs and not left and triple not in stay and not has(ontology, triple):
            gone[triple] = None
    return list(come), list(gone)


def _node(name: str) -> NamedNode | DefaultGraph:
    return DefaultGraph() if name == DEFAULT_GRAPH else NamedNode(name)
