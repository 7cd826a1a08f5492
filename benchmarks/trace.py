"""Times a trace in a large graph: selection on columns, labels, picture.

    python benchmarks/generate.py --triples 1000000 --seed 7 bench.nt
    python benchmarks/trace.py bench.nt
    python benchmarks/trace.py --shops 145

Thirty systems, picked at even distances, are traced both ways; the first trace sorts the predicates it
meets by object and is told apart. Beside it networkx selects the same nodes from the whole graph.

--shops makes as many copies of examples/shop, each with IRIs of its own, which share the ontology, the clauses and
the controls: what the command and the service call, on the vocabulary that they know.
"""

import argparse
import math
import statistics
import tempfile
import time
from datetime import date
from pathlib import Path

import networkx as nx
import numpy as np
from generate import DATA, VOCABULARY
from pyoxigraph import NamedNode, RdfFormat, Triple, serialize

from aims_graph.assessment import load_ontology, with_ontology
from aims_graph.columns import LITERAL, Columns, load
from aims_graph.columns.reader import Reader, Term
from aims_graph.ingest import read_columns
from aims_graph.trace import lineage, touched, trace
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
SHOP = Path(__file__).resolve().parents[1] / "examples" / "shop"
SHOP_IRI = "https://shop.example/aims"
THINGS = (
    "fraud", "pricing", "recommender", "fraud-train", "orders-raw", "samir-haddad", "evidence-A.8",
)  # fmt: skip
CONTROL = NamedNode("https://w3id.org/aims-graph/iso42001#A.7.4")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, nargs="?")
    parser.add_argument("--shops", type=int, default=0, help="copies of the example instead")
    parser.add_argument("--starts", type=int, default=30)
    arguments = parser.parse_args()
    if arguments.shops:
        _trace_shops(arguments.shops)
    if arguments.data:
        _trace_generated(arguments.data, arguments.starts)


def _trace_shops(copies: int) -> None:
    shop = sorted(file for name in ("common", "with-gaps") for file in (SHOP / name).iterdir())
    once = serialize(
        (Triple(*triple) for triple in read_columns(shop).triples()), format=RdfFormat.N_TRIPLES
    ).decode()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "shops.nt"
        with file.open("w", encoding="utf-8") as out:
            for copy in range(copies):
                out.write(
                    once.replace(SHOP_IRI + "#", f"{SHOP_IRI}{copy}#").replace("_:", f"_:s{copy}x")
                )
        data = with_ontology(load([file]), load_ontology(), date(2026, 11, 24))
    print(f"{len(data):,} triples, {copies} copies of the example")
    starts = [
        NamedNode(f"{SHOP_IRI}{copy}#{name}")
        for copy in np.linspace(0, copies - 1, 10).astype(int)
        for name in THINGS
    ]
    for follow in (trace, lineage, touched):
        first, _ = _timed(lambda f=follow: f(data, starts[0]))
        runs = [_timed(lambda s=start, f=follow: f(data, s)) for start in starts]
        sizes = [len(graph.nodes) for _, graph in runs]
        print(f"{follow.__name__}: things median {statistics.median(sizes):.0f}, most {max(sizes)}")
        _report(f"{follow.__name__}, the first", [first])
        _report(f"{follow.__name__}, labels and kinds included", [seconds for seconds, _ in runs])
    seconds, graph = _timed(lambda: trace(data, CONTROL))
    _report(f"trace of a control of all, {len(graph.nodes):,} things", [seconds])


def _trace_generated(file: Path, count: int) -> None:
    data = load([file])
    relations = tuple(
        Relation(NamedNode(VOCABULARY + name), inverse=False, label=name)
        for name in PROPERTIES
        if data.terms.id_of(NamedNode(VOCABULARY + name)) >= 0
    )
    starts = _systems(data, count)
    print(f"{len(data):,} triples, {len(relations)} relations, {len(starts)} systems traced")
    first = _timed(lambda: select(data, starts[0], relations, direction=BOTH))[0]
    selection, whole, picture, sizes = [], [], [], []
    for start in starts:
        seconds, selected = _timed(lambda s=start: select(data, s, relations, direction=BOTH))
        selection.append(seconds)
        sizes.append(len(selected.nodes))
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
    times = sorted(1000 * s for s in seconds)
    late = times[math.ceil(0.95 * len(times)) - 1]
    print(
        f"{name:44} median {statistics.median(times):7.1f} ms   p95 {late:7.1f} ms   worst {times[-1]:7.1f} ms"
    )


if __name__ == "__main__":
    main()
