"""Several processes count up one number in a workspace: is an update lost, does the chain fork?

    python benchmarks/journal_writers.py --writers 8 --increments 100000 [--folder DIR]

Each increment is a commit of its own that reads the number, adds one and writes it. The folder decides
what the disk costs; the default is memory, since this is about order, not about power cuts.
"""

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Quad

from aims_graph.journal.verification import verify
from aims_graph.vocabulary import XSD
from aims_graph.workspace import Workspace
from aims_graph.workspace.dataset import Dataset

COUNTER = NamedNode("urn:counter")
VALUE = NamedNode("urn:value")
INTEGER = NamedNode(XSD + "integer")


def number(value: int) -> Quad:
    return Quad(COUNTER, VALUE, Literal(str(value), datatype=INTEGER))


def increment(workspace: Workspace, wait: float = 300.0) -> None:
    def add_one(dataset: Dataset) -> tuple[Iterable[Quad], Iterable[Quad]]:
        # Read anew each time: the count of entries would be cheating.
        found = [quad for quad in dataset.quads() if quad.predicate == VALUE]
        present = int(found[0].object.value) if found else 0
        return [number(present + 1)], found

    workspace.change(add_one, reason="count", source="counter", actor="counter", wait=wait)


def run(folder: Path, writers: int, increments: int) -> float:
    """Seconds it took. Raises AssertionError when an update was lost or the chain is not whole."""
    Workspace.create(folder)
    share = [increments // writers + (n < increments % writers) for n in range(writers)]
    started = time.perf_counter()
    children = [_start(folder, count) for count in share]
    failed = [child for child in children if os.waitpid(child, 0)[1] != 0]
    seconds = time.perf_counter() - started
    assert not failed, f"{len(failed)} writers failed"
    quads = Workspace(folder).quads()
    assert quads == {number(increments)}, quads
    checked = verify(folder / "journal")
    assert checked.good, checked.problems
    assert len(checked.leaves) == increments
    assert len(set(checked.leaves)) == increments
    return seconds


def _start(folder: Path, count: int) -> int:
    child = os.fork()
    if child:
        return child
    status = 1
    try:
        workspace = Workspace(folder)
        for _ in range(count):
            increment(workspace)
        status = 0
    finally:
        os._exit(status)


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--writers", type=int, default=8)
    options.add_argument("--increments", type=int, default=100_000)
    options.add_argument("--folder", type=Path, default=Path("/dev/shm"))
    given = options.parse_args()
    folder = Path(tempfile.mkdtemp(dir=given.folder))
    try:
        seconds = run(folder / "workspace", given.writers, given.increments)
    finally:
        shutil.rmtree(folder)
    print(
        f"{given.writers} writers, {given.increments} increments in {seconds:.1f} s "
        f"({given.increments / seconds:.0f} a second): none lost, one unforked chain"
    )


if __name__ == "__main__":
    sys.exit(main())
