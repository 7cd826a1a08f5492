"""Commit latency, import and opening of a large workspace.

    python benchmarks/generate.py --triples 1000000 --seed 7 bench.nt
    python benchmarks/journal.py bench.nt [--commits 300] [--folder DIR]

The disk's own fsync is timed in the same folder, since nothing can be faster; parsing alone is what the
import is compared with; opening is timed in new processes.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Quad

from aims_graph.columns import Columns
from aims_graph.vocabulary import AIMS
from aims_graph.workspace import Workspace

_OPEN = """
import sys, time
from pathlib import Path
from aims_graph.workspace import Workspace
started = time.perf_counter()
columns = Workspace(Path(sys.argv[1])).columns()
print(time.perf_counter() - started, len(columns))
"""


def timed(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def show(name: str, seconds: list[float]) -> None:
    ordered = sorted(seconds)
    p99 = ordered[int(len(ordered) * 0.99) - 1]
    print(f"{name:28} p50 {statistics.median(ordered) * 1e3:7.2f} ms, p99 {p99 * 1e3:7.2f} ms")


def time_fsync(folder: Path, count: int) -> list[float]:
    """Appends of the size of a small entry."""
    handle = os.open(folder / "fsync.tmp", os.O_WRONLY | os.O_CREAT)
    result = []
    for number in range(count):
        os.pwrite(handle, bytes(900), 900 * number)
        result.append(timed(lambda: os.fsync(handle)))
    os.close(handle)
    return result


def time_commits(workspace: Path, count: int) -> list[float]:
    """Each changes one value: one quad out, one in."""
    opened = Workspace(workspace)
    opened.columns()
    subject, predicate = NamedNode("urn:bench:system"), NamedNode(AIMS + "dueDate")
    result = []
    for number in range(count):
        old, new = (Quad(subject, predicate, Literal(str(n))) for n in (number, number + 1))
        result.append(
            timed(lambda old=old, new=new: opened.commit([new], [old], reason="b", source="bench"))
        )
    return result


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("data", type=Path)
    options.add_argument("--commits", type=int, default=300)
    options.add_argument("--folder", type=Path, default=None)
    given = options.parse_args()
    folder = Path(tempfile.mkdtemp(dir=given.folder))
    path = folder / "workspace"
    try:
        parse = min(timed(lambda: Columns.from_files([given.data])) for _ in range(3))
        imports = []
        for _ in range(3):
            shutil.rmtree(path, ignore_errors=True)
            made = Workspace.create(path)
            imports.append(
                timed(lambda made=made: made.import_rdf([given.data], reason="b", source="bench"))
            )
        print(
            f"parse {parse:.2f} s, import {min(imports):.2f} s ({min(imports) / parse:.2f} times)"
        )
        print(f"writing the views {timed(made.write_views):.2f} s")
        opened = []
        for _ in range(5):
            done = subprocess.run(
                [sys.executable, "-c", _OPEN, path], capture_output=True, text=True, check=True
            )
            seconds, triples = done.stdout.split()
            opened.append(float(seconds))
        print(f"opening {triples} triples with views {min(opened):.2f} s")
        show("fsync of the disk", time_fsync(folder, given.commits))
        show("commit", time_commits(path, given.commits))
        show("fsync of the disk, again", time_fsync(folder, given.commits))
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    sys.exit(main())
