"""How two things are connected: the shortest chain of relations that explains it."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import networkx as nx
import numpy as np

from aims_graph.columns import Columns, joins
from aims_graph.columns.joins import Ids
from aims_graph.columns.reader import Reader, Term
from aims_graph.trace.relations import (
    Relation,
    all_relations,
    declared,
    lineage_relations,
    traced_relations,
    vocabulary_ids,
)
from aims_graph.trace.selection import reach_within, relation_pairs
from aims_graph.trace.steps import ids_of
from aims_graph.vocabulary import aims

_DEPTH = 10
#: How much longer than the shortest chain one may be that avoids people and other requirements.
_DETOUR = 3
# A chain through them says little: a person owns many things, a requirement asks for many.
_COSTS = {"Agent": 4.0, "AIManagementSystem": 4.0, "Requirement": 2.0}


@dataclass(frozen=True, slots=True)
class Step:
    """``forwards``: whether the relation reads from ``source`` to ``target``."""

    source: Term
    label: str
    target: Term
    forwards: bool


def find_path(data: Columns, start: Term, end: Term) -> list[Step]:
    """The chain between two things; [] if there is none. ``data`` includes the ontology.

    Preferred is one that always reads towards systems, data and people; next one that turns; last one
    along any relation of the vocabulary.
    """
    source, target = data.terms.id_of(start), data.terms.id_of(end)
    if source < 0 or target < 0 or source == target:
        return []
    reader = Reader(data)
    costs = {
        node: cost
        for name, cost in _COSTS.items()
        for node in ids_of(data, reader.instances(aims(name))).tolist()
        if node not in (source, target)
    }
    words = vocabulary_ids(data, reader)
    traced = (*traced_relations(reader), *lineage_relations(reader))
    for relations in (traced, all_relations(data, reader)):
        graph = _between(data, declared(data, relations), source, target, words)
        for view in (graph, graph.reverse(copy=False), graph.to_undirected(as_view=True)):
            nodes = _shortest(view, source, target, costs)
            if nodes:
                return list(_steps(data, graph, nodes))
    return []


def _shortest(
    graph: "nx.Graph[int]", source: int, target: int, costs: dict[int, float]
) -> list[int]:
    def weight(left: int, right: int, _: object) -> float:
        return 1.0 + (costs.get(left, 0.0) + costs.get(right, 0.0)) / 2

    try:
        nodes: list[int] = nx.shortest_path(graph, source, target, weight=weight)
    except (nx.NetworkXNoPath, nx.NodeNotFound):
        return []
    return nodes


def _steps(data: Columns, graph: "nx.DiGraph[int]", nodes: list[int]) -> Iterator[Step]:
    for left, right in pairwise(nodes):
        forwards = right in graph[left]
        label = graph.edges[(left, right) if forwards else (right, left)]["label"]
        yield Step(data.terms.term(left), label, data.terms.term(right), forwards)


def _between(
    data: Columns, steps: list[tuple[Relation, int]], source: int, target: int, words: Ids
) -> "nx.DiGraph[int]":
    """Everything on a chain between the two that is hardly longer than the shortest."""
    graph: nx.DiGraph[int] = nx.DiGraph()
    from_source = reach_within(data, steps, source, _DEPTH, without=words)
    from_target = reach_within(data, steps, target, _DEPTH, without=words)
    both = from_source.keys() & from_target.keys()
    if not both:
        return graph
    longest = min(from_source[node] + from_target[node] for node in both) + _DETOUR
    near = [node for node in both if from_source[node] + from_target[node] <= longest]
    nodes: Ids = joins.unique_ids(np.array(near, np.int32))
    for relation, left, right in relation_pairs(data, steps, nodes):
        for a, b in zip(left.tolist(), right.tolist(), strict=True):
            if (a, b) not in graph.edges:
                graph.add_edge(a, b, label=relation.label)
    return graph
