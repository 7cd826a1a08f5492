"""The journal folder: appending entries so that they last, reading them, mending what a crash left.

An entry is committed when its line is on disk (fsync). What a crash leaves after the last whole line was
never acknowledged: the next writer moves it to ``dropped/``. Anything else that does not fit is damage.
"""

import errno
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, NamedTuple, Self

from aims_graph.errors import InputError
from aims_graph.journal.acknowledgement import read_acknowledged, write_acknowledged
from aims_graph.journal.blobs import read_blob, write_blob
from aims_graph.journal.disk import sync_folder, write_at, write_durably
from aims_graph.journal.entry import (
    Draft,
    Entry,
    canonical,
    entry_from,
    header_of,
    inline_payload,
    read_line,
    write_line,
)
from aims_graph.journal.errors import JournalError, ReadOnlyError
from aims_graph.journal.identity import read_identity, write_identity
from aims_graph.journal.lock import locked
from aims_graph.journal.merkle import hash_leaf
from aims_graph.journal.payload import Payload

ENTRIES: Final = "entries.jsonl"
IDENTITY: Final = "journal.json"
BLOBS: Final = "blobs"
DROPPED: Final = "dropped"
_ACKNOWLEDGED: Final = "acknowledged"
_LOCK: Final = "lock"

#: Payloads above this become blobs.
INLINE_LIMIT: Final = 64 << 10
#: A quad of N-Quads has no fewer bytes: ``<a:> <a:> <a:> .``
_SHORTEST: Final = 16
#: No line is longer, so neither is what a crash can leave of one.
MAX_LINE: Final = 16 << 20
#: After the disk was full, writing goes on when this much is free.
_SPARE: Final = 1 << 16


class Position(NamedTuple):
    """A place between entries: after the entry ``sequence``, whose line is [start, end)."""

    sequence: int
    hash: str
    start: int
    end: int
    time: str


@dataclass(slots=True)
class Tail:
    """Bytes after the last entry. ``damage`` says why they are no leftover of a crash, if they are none."""

    offset: int
    size: int
    damage: str = ""


class Journal:
    """Readers need no lock. ``position`` is how far this object has read; one thread uses it at a time."""

    _handle = -1  # also of one whose making failed

    def __init__(self, folder: Path) -> None:
        """Raises InputError when the folder holds no journal of a format known here."""
        self.folder = folder
        self.file = folder / ENTRIES
        self.identity = read_identity(folder / IDENTITY)
        self.notices: list[str] = []
        self.read_only = ""
        self.tail: Tail | None = None
        self.rewind()

    @classmethod
    def create(cls, folder: Path) -> Self:
        """Raises InputError when there is one already."""
        folder.mkdir(parents=True, exist_ok=True)
        if (folder / ENTRIES).exists() or (folder / IDENTITY).exists():
            raise InputError("there is a journal already", file=folder)
        write_identity(folder / IDENTITY)
        write_durably(folder / ENTRIES, b"")
        sync_folder(folder.parent)
        return cls(folder)

    def close(self) -> None:
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1

    def __del__(self) -> None:
        self.close()

    @property
    def genesis(self) -> Position:
        """Before the first entry, whose ``previous`` is the hash of the journal's identity."""
        return Position(0, hash_leaf(canonical(self.identity)).hex(), 0, 0, "")

    # Reading

    def rewind(self) -> None:
        """Back to the beginning, of the file as it is now."""
        self.close()
        try:
            self._handle = os.open(self.file, os.O_RDONLY | os.O_CLOEXEC)
        except OSError as error:
            raise JournalError(f"cannot be read: {error.strerror}", file=self.file) from None
        self.position = self.genesis

    @property
    def was_rewritten(self) -> bool:
        """Whether a redaction put another file in place; then the past has to be read again."""
        try:
            return self.file.stat().st_ino != os.fstat(self._handle).st_ino
        except OSError as error:
            raise JournalError(f"cannot be read: {error.strerror}", file=self.file) from None

    def resume(self, position: Position) -> bool:
        """Moves to a remembered position if the entry there is still the same one."""
        if position.sequence == 0:
            return position == self.genesis
        parts = read_line(os.pread(self._handle, position.end - position.start, position.start))
        if parts is None or parts["hash"] != position.hash:
            return False
        self.position = position
        return True

    def advance(self, *, until: int | None = None) -> Iterator[Entry]:
        """Entries after ``position``, which moves along; stops at the end or after entry ``until``.

        ``tail`` tells what stands after the last one. Raises JournalError when that is damage.
        """
        while True:
            acknowledged = read_acknowledged(self.folder / _ACKNOWLEDGED)
            yield from self._whole_entries(until)
            if self.position.sequence == until:
                return
            self.tail = self._look_at_tail(acknowledged)
            if self.tail is None or not self.tail.damage:
                return
            line, end, _ = os.pread(self._handle, MAX_LINE, self.position.end).partition(b"\n")
            if self._fit(line + end) is None:  # else a writer finished it meanwhile
                raise JournalError(
                    f"the journal is damaged after entry {self.position.sequence}: {self.tail.damage}",
                    file=self.file,
                    line=self.position.sequence + 1,
                    hint="Restore a backup; nothing after this line can be trusted",
                )

    def _whole_entries(self, until: int | None) -> Iterator[Entry]:
        with open(self._handle, "rb", closefd=False) as file:
            file.seek(self.position.end)
            while self.position.sequence != until:
                line = file.readline(MAX_LINE + 1)
                entry = self._fit(line) if line else None
                if entry is None:
                    return
                yield entry
                end = self.position.end + len(line)
                self.position = Position(
                    entry.sequence, entry.hash, self.position.end, end, entry.time
                )

    def entries(self) -> Iterator[Entry]:
        """All entries in order, whatever ``position`` is."""
        other = type(self)(self.folder)
        try:
            yield from other.advance()
            self.tail = other.tail
        finally:
            other.close()

    def _fit(self, line: bytes) -> Entry | None:
        """The entry of the line, if it is whole and follows on the present position."""
        parts = read_line(line)
        if parts is None:
            return None
        entry = self.entry_of(parts)
        follows = entry.previous == self.position.hash
        return entry if follows and entry.sequence == self.position.sequence + 1 else None

    def entry_of(self, parts: Mapping[str, Any]) -> Entry:
        return entry_from(parts, lambda stored: read_blob(self.folder / BLOBS, stored))

    def _look_at_tail(self, acknowledged: int) -> Tail | None:
        start = self.position.end
        size = os.fstat(self._handle).st_size - start
        if self.position.sequence < acknowledged:
            return Tail(start, size, f"entry {acknowledged} was committed and is not there")
        if size == 0:
            return None
        if size > MAX_LINE:
            return Tail(start, size, "what follows is longer than any entry")
        *lines, cut = os.pread(self._handle, size, start).split(b"\n")
        if not lines and self._fit(cut + b"\n"):  # only its end is missing: never acknowledged
            return Tail(start, size)
        if any(read_line(line + b"\n") for line in (*lines, cut)):
            return Tail(start, size, "what follows holds an entry that does not fit")
        return Tail(start, size)

    # Writing

    @contextmanager
    def writing(self, wait: float = 0.0) -> Iterator[None]:
        """Holds the lock. Raises LockedError when it is not free within ``wait`` seconds, and
        ReadOnlyError while the disk is still as full as it was.
        """
        if self.read_only:
            self._try_again()
        with locked(self.folder / _LOCK, wait):
            yield

    def _try_again(self) -> None:
        space = os.statvfs(self.folder)
        if space.f_bavail * space.f_frsize < _SPARE:
            raise ReadOnlyError(self.read_only, file=self.file)
        self.read_only = ""

    def recover(self) -> None:
        """Moves what a crash left to a side file, and says so. Needs the lock, and all entries read."""
        if self.tail is None:
            return
        tail, self.tail = self.tail, None
        rest = os.pread(self._handle, tail.size, tail.offset)
        try:
            folder = self.folder / DROPPED
            folder.mkdir(exist_ok=True)
            sync_folder(self.folder)
            side = folder / f"after-{self.position.sequence}-{secrets.token_hex(4)}.bin"
            write_durably(side, rest)
            self._truncate()
        except OSError as error:
            raise self.refuse(error) from None
        self.notices.append(
            f"{tail.size} bytes after entry {self.position.sequence}, left by a crash and never "
            f"acknowledged, were moved to {side}"
        )

    def _truncate(self) -> None:
        handle = os.open(self.file, os.O_RDWR | os.O_CLOEXEC)
        try:
            os.ftruncate(handle, self.position.end)
            os.fsync(handle)
        finally:
            os.close(handle)

    def append(self, draft: Draft, payload: Payload) -> Entry:
        """Writes one entry; when this returns it is on disk. Needs the lock, and all entries read.

        Raises ReadOnlyError when the disk does not take it; the journal is then as it was before.
        """
        handle = os.open(self.file, os.O_RDWR | os.O_CLOEXEC)
        try:
            if os.fstat(handle).st_size != self.position.end:
                raise JournalError("the journal has entries that were not read", file=self.file)
            line = self.write_entry(draft, payload)
            write_at(handle, line, self.position.end)
        except OSError as error:
            # What was half written must go before others read it; if it cannot, it is no whole
            # line, or one that nobody was promised.
            with suppress(OSError):
                os.ftruncate(handle, self.position.end)
                os.fsync(handle)
            raise self.refuse(error) from None
        finally:
            os.close(handle)
        entry = self._fit(line)
        assert entry is not None
        self.position = Position(
            entry.sequence,
            entry.hash,
            self.position.end,
            self.position.end + len(line),
            entry.time,
        )
        self.note_acknowledged()
        return entry

    def write_entry(self, draft: Draft, payload: Payload) -> bytes:
        """The line of the next entry; a blob that it needs is on disk when this returns."""
        draft.check()
        if fits_line(payload):
            stored, commitments = inline_payload(payload), payload.commitments()
        else:
            stored, commitments = write_blob(self.folder / BLOBS, payload)
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        header = header_of(
            draft,
            payload,
            commitments,
            sequence=self.position.sequence + 1,
            time=max(now, self.position.time),  # a clock set back does not turn the order round
            previous=self.position.hash,
        )
        line = write_line(header, stored)
        if len(line) > MAX_LINE:
            raise InputError("the entry is too large for one line")
        return line

    def store(self, payload: Payload, *, inline: bool) -> dict[str, Any]:
        """What an entry's line says of its payload; a blob is on disk when this returns."""
        return inline_payload(payload) if inline else write_blob(self.folder / BLOBS, payload)[0]

    def note_acknowledged(self) -> None:
        write_acknowledged(self.folder / _ACKNOWLEDGED, self.position.sequence)

    def refuse(self, error: OSError) -> ReadOnlyError:
        """The error to raise when the disk did not take something; writing stops for now."""
        cause = "the disk is full" if error.errno == errno.ENOSPC else (error.strerror or "error")
        self.read_only = f"nothing was recorded: {cause}"
        return ReadOnlyError(
            self.read_only,
            file=self.file,
            hint="What was recorded before is safe; writing goes on when the disk takes it",
        )


def fits_line(payload: Payload) -> bool:
    """Whether the payload stands in the line of its entry; many lines are not gone through for that."""
    count = len(payload.added) + len(payload.removed)
    if count * _SHORTEST > INLINE_LIMIT:
        return False
    return sum(map(len, payload.added)) + sum(map(len, payload.removed)) <= INLINE_LIMIT
