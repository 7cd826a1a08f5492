"""Times a trace in a large graph: selection on columns, labels, picture.

    python benchmarks/generate.py --triples 1000000 --seed 7 bench.nt
    python benchmarks/trace.py bench.nt

Thirty systems, picked at even distances, are traced both ways; the first trace sorts the predicates it
meets by object and is told apart. Beside it networkx selects the same nodes from the whole graph.
"""

import argparse
import statistics
import time
from pathlib import Path

import networkx as nx
import numpy as np
from generate import DATA, VOCABULARY
from pyoxigraph import NamedNode

from aims_graph.columns import LITERAL, Columns, load
from aims_graph.columns.reader import Reader, Term
from aims_graph.trace.graph import read_graph
from aims_graph.trace.relations import Relation
from aims_graph.trace.selection import BOTH, select
from aims_graph.views import write_svg

#: The object properties of the generated graph, each towards data, controls and people.
PROPERTIES = (
    "hasRisk", "treatedBy", "implements", "usesModel", "trainedOn", "derivedFrom", "partOf", "assesses",
    "about", "supports", "owner", "oversight", "provider", "custodian", "approvedBy", "author", "deputy",
    "manager",
)  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--starts", type=int, default=30)
    arguments = parser.parse_args()
    data = load([arguments.data])
    relations = tuple(
        Relation(NamedNode(VOCABULARY + name), inverse=False, label=name)
        for name in PROPERTIES
        if data.terms.id_of(NamedNode(VOCABULARY + name)) >= 0
    )
    starts = _systems(data, arguments.starts)
    print(f"{len(data):,} triples, {len(relations)} relations, {len(starts)} systems traced")
    first = _timed(lambda: select(data, starts[0], relations, direction=BOTH))[0]
    selection, whole, picture, sizes = [], [], [], []
    for start in starts:
        seconds, selected = _timed(lambda s=start: select(data, s, relations, direction=BOTH))
        selection.append(seconds)
        sizes.append(len(selected.distances))
        seconds, graph = _timed(
            lambda s=start: read_graph(Reader(data), s, relations, {}, BOTH, "Trace of ")
        )
        whole.append(seconds)
        picture.append(_timed(lambda g=graph: write_svg(g))[0])
    print(f"things in a trace: median {statistics.median(sizes):.0f}, most {max(sizes)}")
    _report("first selection, sorts included", [first])
    _report("selection", selection)
    _report("selection with labels and kinds", whole)
    _report("SVG picture of it", picture)
    _compare(data, relations, starts, sizes)


def _compare(
    data: Columns, relations: tuple[Relation, ...], starts: list[Term], sizes: list[int]
) -> None:
    """The same selection by networkx, once its graph of all relations is built."""
    seconds, graph = _timed(lambda: _whole_graph(data, relations))
    _report("networkx: build its graph", [seconds])
    times = []
    for start, size in zip(starts, sizes, strict=True):
        node = data.terms.id_of(start)
        seconds, found = _timed(
            lambda n=node: {n} | nx.descendants(graph, n) | nx.ancestors(graph, n)
        )
        times.append(seconds)
        assert len(found) >= size, "networkx, without a limit on depth, finds at least as much"
    _report("networkx: select", times)


def _whole_graph(data: Columns, relations: tuple[Relation, ...]) -> nx.DiGraph:
    graph: nx.DiGraph = nx.DiGraph()
    for relation in relations:
        pairs = data.pairs(data.terms.id_of(relation.predicate))
        kept = data.terms.kind[pairs.objects] != LITERAL
        graph.add_edges_from(
            zip(pairs.subjects[kept].tolist(), pairs.objects[kept].tolist(), strict=True)
        )
    return graph


def _systems(data: Columns, count: int) -> list[Term]:
    risks = data.pairs(data.terms.id_of(NamedNode(VOCABULARY + "hasRisk")))
    systems = np.unique(risks.subjects)
    picked = systems[np.linspace(0, len(systems) - 1, count).astype(int)]
    terms = [data.terms.term(int(node)) for node in picked]
    assert all(str(term).startswith(f"<{DATA}system/") for term in terms)
    return terms


def _timed(work):  # noqa: ANN001, ANN202 - a timer returns what it timed
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def _report(name: str, seconds: list[float]) -> None:
    milliseconds = sorted(1000 * s for s in seconds)
    print(
        f"{name:34} median {statistics.median(milliseconds):8.1f} ms   worst {milliseconds[-1]:8.1f} ms"
    )


if __name__ == "__main__":
    main()
