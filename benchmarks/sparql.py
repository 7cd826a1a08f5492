"""What a worker costs, what a runaway query does to the others, and how long an index takes to follow.

Run ``python benchmarks/sparql.py [overhead] [runaway] [refresh] [update] [--triples N]``; all when none is
named. N is 60,000 if it is not given.
"""

import argparse
import statistics
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
from aims_graph.sparql.update import evaluate_text

GRAPH = ox.NamedNode("urn:source")
NAME, OWNER, PART = (ox.NamedNode(f"urn:{word}") for word in ("name", "owner", "part"))
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


#: What a small commit and a form on a page do.
CHANGED = 10
COMMITS = 40
UPDATES = {
    "a value of one entity": "DELETE {{ <urn:e5> <urn:name> ?n }} INSERT {{ <urn:e5> <urn:name> 'Round {0}' }} WHERE {{ <urn:e5> <urn:name> ?n }}",
    "ten quads of data": "INSERT DATA {{ GRAPH <urn:source> {{ <urn:new> <urn:part> 0{0}, 1{0}, 2{0}, 3{0}, 4{0}, 5{0}, 6{0}, 7{0}, 8{0}, 9{0} }} }}",
}


def quads(triples: int) -> Iterator[ox.Quad]:
    for i in range(triples // 3):
        entity = ox.NamedNode(f"urn:e{i}")
        yield ox.Quad(entity, NAME, ox.Literal(f"Entity {i}"), GRAPH)
        yield ox.Quad(entity, OWNER, ox.NamedNode(f"urn:e{i % 500}"), GRAPH)
        yield ox.Quad(entity, PART, ox.NamedNode(f"urn:e{i // 7}"), GRAPH)


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


def table(title: str, rows: dict[str, list[float]]) -> None:
    print(f"{title:30}      p50      p95    worst (ms)")
    for label, times in rows.items():
        found = (milliseconds(times, 0.5), milliseconds(times, 0.95), max(times) * 1000)
        print(f"{label:30}" + "".join(f" {value:8.1f}" for value in found))


def refresh(folder: Path) -> None:
    """From a commit's quads to a snapshot that shows them, and to the first answer from it."""
    store = SnapshotStore(folder)
    start = time.perf_counter()
    store.apply([ox.Quad(NAME, NAME, NAME, GRAPH)], [], "first")
    first = time.perf_counter() - start
    shown: list[float] = []
    answered: list[float] = []
    with QueryPool(folder, workers=1) as pool:
        pool.query("ASK {}").read()
        for round_ in range(COMMITS):
            come = [
                ox.Quad(ox.NamedNode(f"urn:e{7 * i}"), NAME, ox.Literal(f"{round_} {i}"), GRAPH)
                for i in range(CHANGED)
            ]
            start = time.perf_counter()
            store.apply(come, [], str(round_))
            middle = time.perf_counter()
            found = pool.query(f"ASK {{ <urn:e7> <urn:name> '{round_} 1' }}", "csv").read()
            answered.append(time.perf_counter() - middle)
            shown.append(middle - start)
            assert found == b"true"
    store.close()
    print(f"first commit of a process: {first * 1000:.0f} ms")
    rows = {f"snapshot with {CHANGED} more quads": shown, "first answer from it": answered}
    table(f"{COMMITS} commits", rows)


def update(folder: Path) -> None:
    """From the text of an update to the quads that it would change; nothing is written."""
    rows: dict[str, list[float]] = {}
    for label, text in UPDATES.items():
        times = rows[label] = []
        for round_ in range(COMMITS // 2):
            start = time.perf_counter()
            change = evaluate_text(text.format(round_), folder, limits=Limits(seconds=60))
            times.append(time.perf_counter() - start)
            assert change.added
    table("SPARQL update", rows)


PARTS = {"overhead": overhead, "runaway": runaway, "refresh": refresh, "update": update}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], metavar="PART")
    parser.add_argument("--triples", type=int, default=60_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        store = SnapshotStore(Path(folder))
        start = time.perf_counter()
        store.rebuild(quads(given.triples), "0")
        print(f"{given.triples} triples; index made in {time.perf_counter() - start:.1f} s")
        store.close()
        for name in given.parts or PARTS:
            PARTS[name](Path(folder))


if __name__ == "__main__":
    main()
