"""What a worker costs, and what a runaway query does to the others.

Run ``python benchmarks/sparql.py [overhead] [runaway]``; both when none is named.
"""

import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox

from aims_graph.errors import InputError
from aims_graph.sparql.limits import Limits
from aims_graph.sparql.pool import QueryPool
from aims_graph.sparql.snapshot import SnapshotStore, current_snapshot

ENTITIES = 20_000
CLIENTS = 7
ROUNDS = 3
SECONDS = 6.0
DEADLINE = 4.0
QUERIES = {
    "one entity": "SELECT * { <urn:e5> ?p ?o }",
    "join, 20 rows": "SELECT * { ?a <urn:owner> <urn:e3> . ?a <urn:name> ?n } LIMIT 20",
    "1,000 rows": "SELECT * { ?a <urn:name> ?n } LIMIT 1000",
}
RUNAWAY = "SELECT (COUNT(*) AS ?c) { ?a <urn:name> ?b . ?c <urn:name> ?d . ?e <urn:name> ?f }"


def quads() -> Iterator[ox.Quad]:
    graph = ox.NamedNode("urn:source")
    name, owner, part = (ox.NamedNode(f"urn:{word}") for word in ("name", "owner", "part"))
    for i in range(ENTITIES):
        entity = ox.NamedNode(f"urn:e{i}")
        yield ox.Quad(entity, name, ox.Literal(f"Entity {i}"), graph)
        yield ox.Quad(entity, owner, ox.NamedNode(f"urn:e{i % 500}"), graph)
        yield ox.Quad(entity, part, ox.NamedNode(f"urn:e{i // 7}"), graph)


def milliseconds(times: list[float], share: float) -> float:
    return sorted(times)[min(len(times) - 1, int(len(times) * share))] * 1000


def overhead(folder: Path) -> None:
    """The same query in this process and through the pool, by turns, so that noise meets both."""
    store = ox.Store.read_only(str(current_snapshot(folder)))
    print("query               in-process p50   worker p50   more (ms)")
    with QueryPool(folder, workers=1) as pool:
        for label, text in QUERIES.items():
            inside: list[float] = []
            outside: list[float] = []
            for _ in range(300):
                start = time.perf_counter()
                expected = store.query(text).serialize(format=ox.QueryResultsFormat.JSON)  # type: ignore[union-attr]
                middle = time.perf_counter()
                found = pool.query(text).read()
                outside.append(time.perf_counter() - middle)
                inside.append(middle - start)
                assert len(found) == len(expected or b"")
            direct, through = milliseconds(inside, 0.5), milliseconds(outside, 0.5)
            print(f"{label:18} {direct:15.2f} {through:12.2f} {through - direct:11.2f}")


def clients(pool: QueryPool, seconds: float) -> list[float]:
    """Latencies of CLIENTS that each ask every 50 ms."""
    times: list[float] = []
    end = time.perf_counter() + seconds

    def ask() -> None:
        while (start := time.perf_counter()) < end:
            pool.query(QUERIES["join, 20 rows"]).read()
            took = time.perf_counter() - start
            times.append(took)
            time.sleep(max(0.0, 0.05 - took))

    threads = [threading.Thread(target=ask) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return times


def runaway(folder: Path) -> None:
    late: list[float] = []
    quiet: list[float] = []
    beside: list[float] = []
    with QueryPool(folder, workers=CLIENTS + 1) as pool:
        pool.warm()
        clients(pool, 1.0)

        def run() -> None:
            start = time.perf_counter()
            try:
                pool.query(RUNAWAY, limits=Limits(seconds=DEADLINE)).read()
            except InputError:
                late.append(time.perf_counter() - start - DEADLINE)

        for _ in range(ROUNDS):  # by turns, so that noise meets both
            quiet += clients(pool, SECONDS)
            thread = threading.Thread(target=run)
            thread.start()
            beside += clients(pool, SECONDS)
            thread.join()
    print(f"{CLIENTS} clients        p50      p99 (ms)")
    for label, times in (("alone", quiet), ("beside a runaway", beside)):
        print(f"{label:16} {milliseconds(times, 0.5):7.2f} {milliseconds(times, 0.99):8.2f}")
    ratio = milliseconds(beside, 0.99) / milliseconds(quiet, 0.99)
    print(f"p99 grows by a factor of {ratio:.2f}")
    print(f"runaway ended {max(late) * 1000:.0f} ms after its deadline, at most; median "
          f"{statistics.median(late) * 1000:.0f} ms ({len(late)} of {ROUNDS} were stopped)")  # fmt: skip


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = SnapshotStore(Path(folder))
        store.rebuild(quads(), "0")
        store.close()
        chosen = sys.argv[1:] or ["overhead", "runaway"]
        if "overhead" in chosen:
            overhead(Path(folder))
        if "runaway" in chosen:
            runaway(Path(folder))


if __name__ == "__main__":
    main()
