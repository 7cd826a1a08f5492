"""Kill -9 of a writing process, again and again on one workspace: are acknowledged entries there?

    python benchmarks/journal_kills.py --rounds 1000 [--folder DIR]

This shows that the lock dies with its owner and that a half-written entry is put aside. It says nothing
about power cuts, since the kernel keeps what a killed process wrote: journal_cuts.py is for those.
"""

import argparse
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

from aims_graph.journal import Draft, Journal, Payload, Position
from aims_graph.journal.verification import verify


def _write_on(folder: Path, position: Position, pipe: int, seed: int) -> None:
    """Commits until killed; says the number of each entry once it is acknowledged."""
    rng = random.Random(seed)
    journal = Journal(folder)
    assert journal.resume(position)  # else each round would read what all before it wrote
    while True:
        with journal.writing(wait=5.0):
            for _ in journal.advance():
                pass
            journal.recover()
            size = rng.choice([1, 5, 2000])
            lines = [f'<urn:s> <urn:p> "{n}" .'.encode() for n in range(size)]
            entry = journal.append(Draft("kill", "test", "test"), Payload(lines, []))
        os.write(pipe, b"%d\n" % entry.sequence)


def run(folder: Path, rounds: int, seed: int) -> int:
    """The number of acknowledged entries. Raises AssertionError when one is lost."""
    rng = random.Random(seed)
    watcher = Journal.create(folder)
    total = 0
    for number in range(rounds):
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reading)
            try:
                _write_on(folder, watcher.position, writing, seed * rounds + number)
            finally:
                os._exit(1)
        os.close(writing)
        with os.fdopen(reading, "rb") as pipe:
            # Before the first acknowledgement, or at any time after it.
            said = pipe.readline() if rng.random() < 0.8 else b""
            time.sleep(rng.uniform(0.0, 0.03))
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            said += pipe.read()
        acknowledged = [int(line) for line in said.split(b"\n") if line]
        found = {}
        for entry in watcher.advance():
            found[entry.sequence] = len(entry.added)
        missing = [sequence for sequence in acknowledged if sequence not in found]
        assert not missing, f"round {number}: entries {missing} were acknowledged and are lost"
        total += len(acknowledged)
    checked = verify(folder)
    assert checked.good, checked.problems
    return total


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--rounds", type=int, default=1000)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--folder", type=Path, default=None)
    given = options.parse_args()
    folder = Path(tempfile.mkdtemp(dir=given.folder))
    try:
        total = run(folder / "journal", given.rounds, given.seed)
    finally:
        shutil.rmtree(folder)
    print(f"{given.rounds} kills, {total} acknowledged entries: none lost, the chain is whole")


if __name__ == "__main__":
    sys.exit(main())
