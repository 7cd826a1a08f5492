"""The journal file: one JSON line an entry, each holding the hash of the one before.

An entry is committed when its line is on disk (fsync). A last line that is torn or does not fit the chain
was never acknowledged and is dropped at the next open; anything wrong before it is damage and refused.
"""

import fcntl
import hashlib
import json
import os
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pyoxigraph import Quad, RdfFormat, parse, serialize

from aims_graph.errors import InputError

_ZERO = "0" * 64


class JournalError(InputError):
    """The journal is damaged, or somebody else is writing to it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One commit. Quads are N-Quads lines with the terms exactly as given."""

    sequence: int
    time: str
    actor: str
    reason: str
    source: str
    added: tuple[str, ...]
    removed: tuple[str, ...]
    previous: str
    hash: str

    def added_quads(self) -> list[Quad]:
        return _read_quads(self.added)

    def removed_quads(self) -> list[Quad]:
        return _read_quads(self.removed)


def _read_quads(lines: tuple[str, ...]) -> list[Quad]:
    return list(parse("\n".join(lines).encode(), format=RdfFormat.N_QUADS))


def quad_line(quad: Quad) -> str:
    """A quad as one N-Quads line; the terms' own spelling is kept."""
    data = serialize([quad], format=RdfFormat.N_QUADS)
    assert data is not None
    return data.decode().rstrip("\n")


class Journal:
    """A folder with ``entries.jsonl``. Readers need no lock; a writer holds ``lock`` while it appends."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file = folder / "entries.jsonl"
        self.dropped_tail = 0

    @classmethod
    def create(cls, folder: Path) -> "Journal":
        """Raises InputError when there is one already."""
        folder.mkdir(parents=True, exist_ok=True)
        journal = cls(folder)
        if journal._file.exists():
            raise InputError("there is a journal already", file=journal._file)
        journal._file.touch()
        _sync_folder(folder)
        return journal

    def entries(self) -> Iterator[Entry]:
        """Verified entries in order. Raises JournalError on damage before the last line."""
        previous = _ZERO
        with self._file.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                entry = self._read(line, previous, number)
                if entry is None:
                    if lines.read(1):
                        message = (
                            "the journal is damaged: this entry does not fit the one before it"
                        )
                        hint = "Restore a backup; nothing after this line can be trusted"
                        raise JournalError(message, file=self._file, line=number, hint=hint)
                    self.dropped_tail = len(line)
                    return
                previous = entry.hash
                yield entry

    def _read(self, line: bytes, previous: str, number: int) -> Entry | None:
        if not line.endswith(b"\n"):
            return None
        try:
            fields = json.loads(line)
            entry = Entry(
                **{**fields, "added": tuple(fields["added"]), "removed": tuple(fields["removed"])}
            )
        except (ValueError, TypeError, KeyError):
            return None
        fits = entry.previous == previous and entry.sequence == number
        return entry if fits and entry.hash == _hash(fields) else None

    def append(
        self,
        *,
        actor: str,
        reason: str,
        source: str,
        added: Iterable[Quad],
        removed: Iterable[Quad],
    ) -> Entry:
        """Writes one entry; when this returns it is on disk.

        Raises JournalError when another writer holds the journal.
        """
        with self._locked():
            last = next(iter(deque(self.entries(), maxlen=1)), None)
            fields: dict[str, object] = {
                "sequence": 1 if last is None else last.sequence + 1,
                "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
                "actor": actor,
                "reason": reason,
                "source": source,
                "added": sorted(map(quad_line, added)),
                "removed": sorted(map(quad_line, removed)),
                "previous": _ZERO if last is None else last.hash,
            }
            fields["hash"] = _hash(fields)
            line = json.dumps(fields, ensure_ascii=False, separators=(",", ":")) + "\n"
            with self._file.open("r+b") as file:
                file.seek(0, os.SEEK_END)
                file.truncate(file.tell() - self.dropped_tail)
                file.seek(0, os.SEEK_END)
                file.write(line.encode())
                file.flush()
                os.fsync(file.fileno())
            self.dropped_tail = 0
        entry = self._read(line.encode(), str(fields["previous"]), int(str(fields["sequence"])))
        assert entry is not None
        return entry

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with (self._folder / "lock").open("a+", encoding="utf-8") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                lock.seek(0)
                owner = lock.read().strip() or "another process"
                raise JournalError(f"the workspace is being written by {owner}") from None
            lock.truncate(0)
            lock.write(f"process {os.getpid()}")
            lock.flush()
            yield


def _hash(fields: dict[str, object]) -> str:
    body = {name: value for name, value in fields.items() if name != "hash"}
    text = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
