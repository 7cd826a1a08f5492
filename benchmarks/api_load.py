"""Load on the service over a large workspace, beside a bare FastAPI route and one that asks rdflib.

    python benchmarks/api_load.py [--triples 1000000] [--seconds 20] [--connections 64] [--folder DIR]
    python benchmarks/api_load.py --minutes 30 --rate 20     # memory only
    python benchmarks/api_load.py --restarts                 # first SPARQL questions only

The data are copies of the shop example under names of their own, every fifth the one with gaps, so that
all rules have something to judge. The server is ``aims-api serve`` in a process of its own; so are the
client (``load_client.py``) and the two peers, which run with the same settings of uvicorn. Times are from
the first byte sent to the last byte read; each connection has a key of its own.
"""

import argparse
import contextlib
import json
import os
import re
import select
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from pyoxigraph import Literal, NamedNode, Quad

from aims_graph.cli.graph import expand
from aims_graph.ingest import ingest
from aims_graph.workspace import Workspace

HERE: Final = Path(__file__).resolve().parent
SHOP: Final = HERE.parent / "examples" / "shop"
BASE: Final = "https://shop.example/aims#"
PAGE: Final = os.sysconf("SC_PAGE_SIZE")
DAY: Final = date(2026, 6, 30)
SERVE: Final = (sys.executable, "-c", "from aims_api.cli import main; main()", "serve")


# Data


def write_data(path: Path, triples: int) -> tuple[int, int]:
    """Triples and copies written."""
    texts = []
    for version in ("with-gaps", *["conforming"] * 4):
        quads = ingest(expand([SHOP / "common", SHOP / version])).quads
        texts.append("".join(f"{q.subject} {q.predicate} {q.object} .\n" for q in quads))
    count = copies = 0
    with path.open("w", encoding="utf-8") as file:
        while count < triples:
            text = texts[copies % len(texts)].replace(BASE, f"https://shop-{copies}.example/aims#")
            file.write(text)
            count += text.count("\n")
            copies += 1
    return count, copies


def make_workspace(folder: Path, triples: int) -> None:
    data = folder / "data.nt"
    count, copies = write_data(data, triples)
    workspace = Workspace.create(folder / "workspace")
    workspace.import_rdf([data], reason="Load", source="shops")
    (folder / "workspace" / "service.toml").write_text(f"day = {DAY}\n")
    workspace.write_views()
    print(f"{count} triples, {copies} copies of the shop")


# Processes


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def running(command: list[str], port: int, ready: str) -> Iterator[tuple[int, str]]:
    """Process id and first line printed, if any, once ``ready`` answers 200. Ends with what the process said when it
    ends before that.
    """
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
        try:
            assert process.stdout is not None
            while not answers(port, ready):
                if process.poll() is not None:
                    log.seek(0)
                    raise SystemExit(f"{' '.join(command)} has ended:\n{log.read()[-4000:]}")
                time.sleep(0.5)
            says = select.select([process.stdout], [], [], 0)[0]
            yield process.pid, process.stdout.readline() if says else ""
        finally:
            process.terminate()
            process.wait()


def answers(port: int, path: str) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=60):
            return True
    except OSError:
        return False


def call(port: int, path: str, key: str, body: Any = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", data, headers)
    with urllib.request.urlopen(request, timeout=600) as answer:
        return json.load(answer)


def tree(pid: int) -> list[int]:
    """The process and all that its threads have started."""
    children: list[str] = []
    for file in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):  # the thread has ended
            children += file.read_text().split()
    return [pid, *(below for child in children for below in tree(int(child)))]


def memory(pid: int) -> tuple[float, float]:
    """Resident MB of the process, and of it with all it started."""
    sizes = []
    for one in tree(pid):
        try:
            sizes.append(int(Path(f"/proc/{one}/statm").read_text().split()[1]) * PAGE / 1e6)
        except OSError:
            continue  # it ended meanwhile
    return sizes[0], sum(sizes)


def seconds_used(pid: int) -> float:
    """Processor time of the process."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


# Load


def routes(port: int, key: str) -> list[dict[str, Any]]:
    """What is asked, by weight; the first question of each kind is asked once before."""
    names = {
        kind: call(port, f"/{kind}?limit=500", key)["records"]
        for kind in ("systems", "datasets", "risks", "controls", "evidence")
    }
    systems = [row["iri"] for row in names["systems"]]
    numbers = (
        "4",
        "5",
        "6.1",
        "7",
        "8",
        "9",
        "10",
        "A.2",
        "A.3",
        "A.4",
        "A.5",
        "A.6",
        "A.7",
        "A.8",
    )
    ask = f"SELECT ?p ?o {{ <{systems[0]}> ?p ?o }}"
    mix: list[tuple[str, int, list[str]]] = [
        ("status", 25, ["/status"]),
        (
            "findings",
            20,
            ["/findings?limit=50"]
            + [
                f"/findings?requirement={n}&sort={s}"
                for n in numbers
                for s in ("severity", "-owner")
            ]
            + [f"/findings?state={quote(s)}&limit=100" for s in ("not met", "unknown")]
            + [f"/findings?system={quote(s, safe='')}" for s in systems[:50]],
        ),
        ("findings, next page", 5, ["/findings?limit=50"]),
        ("gaps", 10, [f"/gaps?by={by}" for by in ("clause", "control", "system", "rule")]),
        ("systems", 10, [f"/systems?offset={n}" for n in range(0, len(systems), 50)]),
        ("state of a system", 5, [f"/systems/{row['key']}/status" for row in names["systems"]]),
        ("record", 20, [f"/{k}/{row['key']}" for k, rows in names.items() for row in rows]),
        (
            "catalogue query",
            1,
            [f"/queries/risk-register/results?system={quote(s, safe='')}" for s in systems[:200]],
        ),
        ("SPARQL", 4, [f"/sparql?query={quote(ask.replace(systems[0], s))}" for s in systems]),
    ]
    for _, _, paths in mix:
        call(port, paths[0], key)
    return [{"name": name, "weight": weight, "paths": paths} for name, weight, paths in mix]


def load(plan: dict[str, Any]) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, str(HERE / "load_client.py")],
        input=json.dumps(plan), stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def measured(title: str, pid: int, plan: dict[str, Any]) -> None:
    before, started = seconds_used(pid), time.perf_counter()
    found = load(plan)
    used, wall = seconds_used(pid) - before, time.perf_counter() - started
    count = sum(found["statuses"].values())
    print(
        f"\n{title}: {count} requests in {wall:.0f} s, answers {found['statuses']}, "
        f"server CPU {used:.1f} s ({1000 * used / max(1, count):.2f} ms a request), "
        f"client CPU {found['cpu']:.1f} s, machine load {os.getloadavg()[0]:.1f}"
    )
    print(f"{'route':22}{'requests':>9}{'p50 ms':>9}{'p95 ms':>9}{'p99 ms':>9}{'max ms':>9}")
    for name, times in found["times"].items():
        ordered = sorted(1000 * t for t in times)
        at = [ordered[min(len(ordered) - 1, int(len(ordered) * q))] for q in (0.5, 0.95, 0.99)]
        cells = "".join(f"{value:9.1f}" for value in (*at, ordered[-1]))
        print(f"{name:22}{len(ordered):9}{cells}", flush=True)


def simple(path: str) -> list[dict[str, Any]]:
    return [{"name": path, "weight": 1, "paths": [path]}]


# Memory


def watch(pid: int, plan: dict[str, Any], minutes: float) -> None:
    """Resident memory every ten seconds while a client asks and a writer writes."""
    client = subprocess.Popen(
        [sys.executable, str(HERE / "load_client.py")],
        stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    assert client.stdin is not None
    client.stdin.write(json.dumps({**plan, "seconds": minutes * 60}))
    client.stdin.close()
    started = time.perf_counter()
    samples: list[tuple[float, float, float]] = []
    print("minute, server MB, with workers MB")
    while client.poll() is None:
        minute = (time.perf_counter() - started) / 60
        samples.append((minute, *memory(pid)))
        if len(samples) % 6 == 1:
            print("{:.1f}, {:.0f}, {:.0f}".format(*samples[-1]), flush=True)
        time.sleep(10)
    half = samples[len(samples) // 2 :]
    for name, column in (("server", 1), ("with workers", 2)):
        print(
            f"{name}: first {samples[0][column]:.0f} MB, last {samples[-1][column]:.0f} MB, highest "
            f"{max(s[column] for s in samples):.0f} MB, slope {slope(samples, column):+.2f} MB a minute, "
            f"in the second half {slope(half, column):+.2f}"
        )


def slope(samples: list[tuple[float, float, float]], column: int) -> float:
    """Of the straight line with the least squares."""
    middle = sum(s[0] for s in samples) / len(samples)
    mean = sum(s[column] for s in samples) / len(samples)
    spread = sum((s[0] - middle) ** 2 for s in samples)
    return sum((s[0] - middle) * (s[column] - mean) for s in samples) / spread


def main() -> None:
    parser = argparse.ArgumentParser(description="Load on the service")
    parser.add_argument("--triples", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--rate", type=float, default=0, help="requests a second; 0: all they can")
    parser.add_argument("--minutes", type=float, default=0, help="watch memory for so long, only")
    parser.add_argument("--every", type=float, default=1.0, help="seconds between two writes")
    parser.add_argument("--restarts", action="store_true", help="time first questions, only")
    parser.add_argument("--no-peers", action="store_true")
    parser.add_argument("--folder", type=Path, help="kept, and used again when it is there")
    given = parser.parse_args()
    folder = given.folder or Path(tempfile.mkdtemp())
    if not (folder / "workspace").exists():
        folder.mkdir(exist_ok=True)
        make_workspace(folder, given.triples)
    if given.restarts:
        restart(folder)
    else:
        compare(folder, given)
    if given.folder is None:
        shutil.rmtree(folder)


def compare(folder: Path, given: argparse.Namespace) -> None:
    """The service beside its peers."""
    plan = {
        "connections": given.connections,
        "seconds": given.seconds,
        "rate": given.rate,
        "keys": [""],
    }
    if not given.minutes and not given.no_peers:
        port = free_port()
        with running(
            [sys.executable, str(HERE / "load_peers.py"), "ping", str(port)], port, "/ping"
        ) as peer:
            measured("bare FastAPI", peer[0], {**plan, "port": port, "routes": simple("/ping")})
    serve(folder, plan, given)
    if not given.minutes and not given.no_peers:
        port = free_port()
        command = [sys.executable, str(HERE / "load_peers.py"), "rdflib", str(port), str(folder)]
        with running(command, port, "/status") as (pid, line):
            print(f"\nrdflib: {line.strip()}")
            measured("rdflib", pid, {**plan, "port": port, "routes": simple("/status")})


def restart(folder: Path) -> None:
    """The first SPARQL question to a service that has just begun, without an index and with one of an earlier run."""
    workspace, key = folder / "workspace", ""
    shutil.rmtree(workspace / "service", ignore_errors=True)
    shutil.rmtree(workspace / "views" / "service", ignore_errors=True)
    for title in ("no index", "begun again", "begun again, after a write", "begun again"):
        if "write" in title:
            name, node = NamedNode("urn:aims:source:restart"), NamedNode(f"urn:n:{time.time_ns()}")
            quad = Quad(node, NamedNode("http://purl.org/dc/terms/description"), Literal("x"), name)
            Workspace(workspace).commit([quad], reason="restart", source="benchmark")
        port = free_port()
        started = time.perf_counter()
        with running([*SERVE, str(workspace), "--port", str(port)], port, "/readyz") as (
            pid,
            line,
        ):
            ready = time.perf_counter() - started
            found = re.search(r"aims_\S+", line)
            key = found.group() if found else key
            text = "SELECT (COUNT(*) AS ?n) { ?f a aims:Finding }"
            used, started = seconds_used(pid), time.perf_counter()
            call(port, f"/sparql?query={quote(text)}", key)
            print(
                f"{title}: ready after {ready:.1f} s, first question {time.perf_counter() - started:.2f} s"
                f" ({seconds_used(pid) - used:.2f} s of CPU, {memory(pid)[1]:.0f} MB with workers)",
                flush=True,
            )


def serve(folder: Path, plan: dict[str, Any], given: argparse.Namespace) -> None:
    port = free_port()
    shutil.rmtree(folder / "workspace" / "service", ignore_errors=True)
    started = time.perf_counter()
    with running([*SERVE, str(folder / "workspace"), "--port", str(port)], port, "/readyz") as (
        pid,
        line,
    ):
        found = re.search(r"aims_\S+", line)
        assert found is not None, line
        admin = found.group()
        print(
            f"\nready after {time.perf_counter() - started:.1f} s, {memory(pid)[0]:.0f} MB",
            flush=True,
        )
        drafts = (
            {"name": f"reader {n}", "roles": ["reader"], "read": ["*"]}
            for n in range(given.connections)
        )
        keys = [call(port, "/keys", admin, draft)["key"] for draft in drafts]
        started = time.perf_counter()
        plan = {**plan, "port": port, "keys": keys, "routes": routes(port, admin)}
        print(f"first questions of each kind: {time.perf_counter() - started:.1f} s", flush=True)
        system = next(r["paths"] for r in plan["routes"] if r["name"] == "state of a system")[0]
        writer = {"key": admin, "path": system.removesuffix("/status"), "every": given.every}
        if given.minutes:
            watch(pid, {**plan, "writer": {**writer, "every": 10 * given.every}}, given.minutes)
            return
        measured("the service", pid, plan)
        measured("the service, with a writer", pid, {**plan, "writer": writer})
        print(f"memory: {memory(pid)[0]:.0f} MB, with workers {memory(pid)[1]:.0f} MB")


if __name__ == "__main__":
    main()
