"""One writer at a time: an advisory lock that dies with its process and says whose it is."""

import fcntl
import json
import os
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from aims_graph.journal.errors import LockedError

_LONGEST_SLEEP = 0.01


@contextmanager
def locked(path: Path, wait: float = 0.0) -> Iterator[None]:
    """Holds the lock; raises LockedError naming its owner when it is not free within ``wait`` seconds."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        _acquire(handle, wait)
        # A note for others; a full disk is no reason not to hold the lock.
        with suppress(OSError):
            note = _owner_note()
            os.pwrite(handle, note, 0)
            os.ftruncate(handle, len(note))
        try:
            yield
        finally:
            with suppress(OSError):
                os.ftruncate(handle, 0)
    finally:
        os.close(handle)  # gives the lock back


def _acquire(handle: int, wait: float) -> None:
    deadline = time.monotonic() + wait
    pause = 0.0005
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            left = deadline - time.monotonic()
            if left <= 0:
                owner = _read_owner(handle)
                raise LockedError(
                    f"the workspace is being written by {owner}", hint="Try again in a moment"
                ) from None
            time.sleep(min(pause, left))
            pause = min(2 * pause, _LONGEST_SLEEP)
        else:
            return


def _owner_note() -> bytes:
    # Not the whole command: what is redacted may be named in it.
    words = [Path(sys.argv[0]).name, *sys.argv[1:]] if sys.argv else []
    command = " ".join(word for word in words[:2] if not word.startswith("-"))
    note = {
        "pid": os.getpid(),
        "host": socket.gethostname(),
        "since": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": command[:200],
    }
    return json.dumps(note).encode()


def _read_owner(handle: int) -> str:
    try:
        note = json.loads(os.pread(handle, 4096, 0))
        return f"process {note['pid']} on {note['host']} since {note['since']} ({note['command']})"
    except (ValueError, KeyError, TypeError):
        return "another process"
