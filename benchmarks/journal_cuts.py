"""Power cuts: what a disk may hold afterwards, and whether the journal keeps its promises on it.

    python benchmarks/journal_cuts.py --rounds 1000 [--seed 1]

A model of the disk follows the system calls of the journal. A file's bytes are safe once it was fsynced,
a name once its folder was. Each round stops the writer at a random call and makes a disk image of what
is safe plus a random part of what is not: cut at any byte, with a tail of zeros or garbage, with pages
that were not written in between, names there or not. Then the journal is opened on the image, sometimes
with another cut in the middle of the mending. All acknowledged entries must be there as they were
written, nothing half written may be seen, and the next entry must fit.
"""

import argparse
import os
import random
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

from aims_graph.journal import Draft, Entry, Journal, Payload, log

PAGE = 512  # smaller than that of a real disk, so that one entry has several
Seen = tuple[str, tuple[bytes, ...], tuple[bytes, ...]]


class PowerCut(BaseException):
    """Not an Exception: nobody may handle it, as nobody handles a real one."""


@dataclass(slots=True)
class Disk:
    """What is safe: contents by inode, names by folder. Calls are counted down to the cut."""

    root: Path
    contents: dict[int, bytes] = field(default_factory=dict)
    names: dict[str, dict[str, int]] = field(default_factory=dict)
    calls_left: int = -1

    def tick(self) -> None:
        if self.calls_left == 0:
            raise PowerCut
        self.calls_left -= 1

    def fsync(self, handle: int) -> None:
        self.tick()
        path = Path(f"/proc/self/fd/{handle}").readlink()
        if path.is_dir():
            entries = {entry.name: entry.inode() for entry in os.scandir(path)}
            self.names[str(path.relative_to(self.root))] = entries
        else:
            self.contents[os.fstat(handle).st_ino] = path.read_bytes()

    def keep_all(self) -> None:
        """Everything as it stands is safe, as after a long pause."""
        for folder, _, files in os.walk(self.root):
            path = Path(folder)
            entries = {entry.name: entry.inode() for entry in os.scandir(folder)}
            self.names[str(path.relative_to(self.root))] = entries
            for name in files:
                self.contents[(path / name).stat().st_ino] = (path / name).read_bytes()


@contextmanager
def watched(disk: Disk) -> Iterator[None]:
    """The journal's calls go through the model; no real fsync is made."""

    def ticking(call: Callable[..., Any]) -> Callable[..., Any]:
        def run(*args: Any, **kwargs: Any) -> Any:
            disk.tick()
            return call(*args, **kwargs)

        return run

    with (
        mock.patch.object(os, "fsync", disk.fsync),
        mock.patch.object(os, "pwrite", ticking(os.pwrite)),
        mock.patch.object(os, "ftruncate", ticking(os.ftruncate)),
        mock.patch.object(os, "replace", ticking(os.replace)),
        mock.patch.object(os, "rename", ticking(os.rename)),
    ):
        yield


def image(disk: Disk, target: Path, rng: random.Random) -> None:
    """One of the states that the disk may be in after the cut."""
    for folder, _, _ in os.walk(disk.root):
        path = Path(folder)
        local = str(path.relative_to(disk.root))
        safe = disk.names.get(local, {})
        out = target / local
        if not out.exists() and path != disk.root:
            continue  # its own name was lost
        out.mkdir(exist_ok=True)
        by_inode = {entry.inode(): Path(entry.path) for entry in os.scandir(folder)}
        present = {entry.name: entry.inode() for entry in os.scandir(folder)}
        for name in present.keys() | safe.keys():
            old, new = safe.get(name), present.get(name)
            inode = new if old == new else rng.choice([old, new])
            if inode is None:
                continue
            if (path / name).is_dir():
                (out / name).mkdir()
                continue
            now = by_inode.get(inode)
            written = now.read_bytes() if now is not None and now.exists() else b""
            (out / name).write_bytes(_torn(disk.contents.get(inode, b""), written, rng))


def _torn(safe: bytes, written: bytes, rng: random.Random) -> bytes:
    """``written`` may be shorter than ``safe`` (truncated since) or go on after it."""
    if written == safe:
        return safe
    if len(written) < len(safe):
        return rng.choice([written, safe])
    if not written.startswith(safe):
        return rng.choice([safe, written])
    tail = bytearray(written[len(safe) :][: rng.randint(0, len(written) - len(safe))])
    kind = rng.choice(["cut", "zeros", "garbage", "holes", "longer"])
    if kind in {"zeros", "garbage"} and tail:
        start = rng.randrange(len(tail))
        size = len(tail) - start
        tail[start:] = bytes(size) if kind == "zeros" else rng.randbytes(size)
    elif kind == "holes" and tail:
        for start in range(0, len(tail), PAGE):
            if rng.random() < 0.5:
                size = len(tail[start : start + PAGE])
                tail[start : start + PAGE] = bytes(size)
    elif kind == "longer":
        tail += rng.choice([bytes, rng.randbytes])(rng.randint(1, 3 * PAGE))
    return safe + bytes(tail)


def seen(entry: Entry) -> Seen:
    return entry.hash, tuple(entry.added), tuple(entry.removed)


def write(journal: Journal, number: int, rng: random.Random) -> Entry:
    count = rng.choice([1, 1, 3, 30])
    lines = [f'<urn:s{number}> <urn:p> "{n}" .'.encode() for n in range(count)]
    with journal.writing():
        for _ in journal.advance():
            pass
        journal.recover()
        return journal.append(Draft("cut", "test", "test"), Payload(lines, []))


@dataclass(slots=True)
class Outcome:
    rounds: int = 0
    acknowledged: int = 0
    dropped: int = 0
    kept_unacknowledged: int = 0


def run_round(folder: Path, rng: random.Random, outcome: Outcome) -> None:
    """Raises AssertionError when a promise was broken."""
    disk = Disk(folder / "before")
    disk.root.mkdir()
    Journal.create(disk.root / "journal")
    disk.keep_all()
    promised: list[Seen] = []
    disk.calls_left = rng.randint(1, 60)
    with watched(disk):
        try:
            journal = Journal(disk.root / "journal")
            for number in range(40):
                promised.append(seen(write(journal, number, rng)))  # noqa: PERF401 - cut off midway
        except PowerCut:
            pass
    outcome.acknowledged += len(promised)
    for step in range(rng.choice([1, 1, 1, 2, 3])):  # a cut while mending, too
        after = folder / f"after-{step}"
        after.mkdir()
        image(disk, after, rng)
        disk = Disk(after)
        disk.keep_all()
        disk.calls_left = rng.randint(0, 8)
        with watched(disk):
            try:
                journal = Journal(after / "journal")
                write(journal, 100, rng)
            except PowerCut:
                continue
        break
    _check(disk.root / "journal", promised, rng, outcome)
    outcome.rounds += 1


def _check(folder: Path, promised: list[Seen], rng: random.Random, outcome: Outcome) -> None:
    journal = Journal(folder)
    found = [seen(entry) for entry in journal.entries()]
    assert found[: len(promised)] == promised, "an acknowledged entry was lost or changed"
    assert len(found) <= len(promised) + 4, "more entries than were ever written"
    outcome.kept_unacknowledged += len(found) - len(promised)
    last = write(journal, 200, rng)
    outcome.dropped += len(journal.notices)
    again = list(Journal(folder).entries())
    assert [seen(entry) for entry in again[:-1]] == found
    assert again[-1].hash == last.hash


def run(rounds: int, seed: int) -> Outcome:
    rng = random.Random(seed)
    outcome = Outcome()
    with mock.patch.object(log, "INLINE_LIMIT", 500):
        for _ in range(rounds):
            folder = Path(tempfile.mkdtemp(dir="/dev/shm" if Path("/dev/shm").is_dir() else None))
            try:
                run_round(folder, rng, outcome)
            finally:
                shutil.rmtree(folder)
    return outcome


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--rounds", type=int, default=1000)
    options.add_argument("--seed", type=int, default=1)
    given = options.parse_args()
    outcome = run(given.rounds, given.seed)
    print(
        f"{outcome.rounds} cuts, {outcome.acknowledged} acknowledged entries: none lost, none torn; "
        f"{outcome.dropped} torn tails put aside, {outcome.kept_unacknowledged} entries kept that "
        "had reached the disk before they were acknowledged"
    )


if __name__ == "__main__":
    sys.exit(main())
