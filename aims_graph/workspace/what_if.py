"""What a change would do to findings and to the states of requirements, without making it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from pyoxigraph import DefaultGraph, NamedNode, Quad

from aims_graph.assessment import suppose, with_ontology
from aims_graph.columns import Columns, Triple
from aims_graph.workspace.dataset import has, triple_of
from aims_graph.workspace.history import Conformance, difference_of
from aims_graph.workspace.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Foresight:
    """Triples that would come into the union of all graphs and leave it, and what follows."""

    added: list[Triple]
    removed: list[Triple]
    conformance: Conformance


def everywhere(workspace: Workspace, quads: Iterable[Quad]) -> list[Quad]:
    """The quads to remove: one without a graph stands for its triple in every graph that has it."""
    found: list[Quad] = []
    graphs = workspace.graphs()
    for quad in quads:
        if not isinstance(quad.graph_name, DefaultGraph):
            found.append(quad)
            continue
        triple = triple_of(quad)
        found += (
            Quad(quad.subject, quad.predicate, quad.object, NamedNode(name) if name else None)
            for name, graph in graphs.items()
            if has(graph, triple)
        )
    return found


def foresee(
    workspace: Workspace,
    added: Iterable[Quad],
    removed: Iterable[Quad],
    *,
    ontology: Columns,
    shapes: Columns,
    as_of: date,
) -> Foresight:
    """Evaluates what is recorded, then only what the change touches. Writes nothing."""
    come, gone = workspace.effect(added, removed)
    gone = [triple for triple in gone if not has(ontology, triple)]  # what it says stays said
    graph = with_ontology(workspace.columns(), ontology, as_of)
    before, after = suppose(graph, ontology, come, gone, as_of=as_of, shapes=shapes)
    return Foresight(come, gone, difference_of(before, after))
