"""A note of the last entry known to be committed: it tells damage from what a crash left.

It is only a hint. Not fsynced, it may lag behind, but never runs ahead; a torn one says nothing.
"""

import os
import zlib
from contextlib import suppress
from pathlib import Path


def read_acknowledged(path: Path) -> int:
    """0 when nothing is known."""
    try:
        data = path.read_bytes()
        sequence = int(data[:20])
    except (OSError, ValueError):
        return 0
    return sequence if data == _note(sequence) else 0  # else torn by a power cut


def write_acknowledged(path: Path, sequence: int) -> None:
    """Does nothing when the disk does not take it."""
    with suppress(OSError):
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            os.pwrite(handle, _note(sequence), 0)
        finally:
            os.close(handle)


def _note(sequence: int) -> bytes:
    digits = b"%020d" % sequence
    return b"%b %08x\n" % (digits, zlib.crc32(digits))
