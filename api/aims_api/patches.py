"""RDF that somebody sends, as quads; and what a change of quads does to the union of graphs."""

import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from pyoxigraph import BlankNode, DefaultGraph, NamedNode, Quad

from aims_api.callers import DEFAULT_GRAPH
from aims_api.evaluation import Snapshot
from aims_graph.columns import Triple
from aims_graph.errors import InputError
from aims_graph.ingest.rdf import read_rdf
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
        quads = read_rdf(path)
    name = NamedNode(graph)
    return [
        Quad(q.subject, q.predicate, q.object, name)
        if isinstance(q.graph_name, DefaultGraph)
        else q
        for q in quads
    ]


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
