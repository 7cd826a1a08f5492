"""Withholding lines, for personal data that must be erased. The chain stays as it was: entry hashes cover
commitments to lines, not the lines. What is withheld, where and why, is itself an entry.
"""

import os
import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from aims_graph.journal.blobs import unreferenced
from aims_graph.journal.disk import sync_folder
from aims_graph.journal.entry import Draft, Entry, read_line, write_line
from aims_graph.journal.errors import JournalError
from aims_graph.journal.log import BLOBS, DROPPED, MAX_LINE, Journal
from aims_graph.journal.payload import Payload


def redact(
    journal: Journal,
    draft: Draft,
    removed: Sequence[bytes],
    concerns: Callable[[bytes], bool],
) -> Entry | None:
    """Withholds every line that ``concerns`` names, from all entries, in one step (a new file is put in
    place of the old one), and adds the entry that says so. That entry also removes ``removed``, the
    lines still in effect, which must be among those concerned. None when no line is concerned.

    Needs the lock and all entries read; ``journal`` stands at the beginning afterwards.
    """
    temporary = journal.folder / f".entries.{secrets.token_hex(4)}.tmp"
    try:
        with temporary.open("xb") as file:
            redacts: dict[int, int] = {}
            for entry, line, count in _rewritten(journal, concerns):
                file.write(line)
                if count:
                    redacts[entry.sequence] = count
            if not redacts and not removed:
                return None
            number = journal.position.sequence + 1
            if removed:
                redacts[number] = len(removed)
            payload = Payload([], removed).without(lambda _: True)
            line = journal.write_entry(replace(draft, redacts=redacts), payload)
            file.write(line)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(journal.file)
        sync_folder(journal.folder)
    except OSError as error:
        raise journal.refuse(error) from None
    finally:
        temporary.unlink(missing_ok=True)
    parts = read_line(line)
    assert parts is not None
    journal.rewind()
    sweep(journal, dropped=True)
    return journal.entry_of(parts)


def _rewritten(
    journal: Journal, concerns: Callable[[bytes], bool]
) -> Iterator[tuple[Entry, bytes, int]]:
    """Each entry with its line as it will be, and how many lines of it are newly withheld."""
    with journal.file.open("rb") as lines:
        end = 0
        for line in iter(lambda: lines.readline(MAX_LINE + 1), b""):
            end += len(line)
            parts = read_line(line)
            if parts is None or end > journal.position.end:
                raise JournalError("the journal is damaged: it is not redacted", file=journal.file)
            entry = journal.entry_of(parts)
            payload = entry.load()
            changed = payload.without(concerns)
            if changed is payload:
                yield entry, line, 0
            else:
                stored = journal.store(changed, inline=not entry.blob)
                yield entry, write_line(parts["entry"], stored), changed.withheld - payload.withheld


def sweep(journal: Journal, *, dropped: bool = False) -> list[Path]:
    """Deletes blobs that no entry names and, with ``dropped``, what crashes left. Needs the lock."""
    used = {entry.blob for entry in journal.entries() if entry.blob}
    gone = unreferenced(journal.folder / BLOBS, used)
    if dropped and (journal.folder / DROPPED).exists():
        gone += sorted((journal.folder / DROPPED).iterdir())
    for path in gone:
        path.unlink()
    for folder in {path.parent for path in gone}:
        sync_folder(folder)
    return gone
