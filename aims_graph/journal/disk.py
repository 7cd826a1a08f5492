"""Writing files so that they are still there after a power cut."""

import os
from pathlib import Path


def sync_folder(folder: Path) -> None:
    """Makes names created, renamed or deleted in the folder durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_at(handle: int, data: bytes, offset: int) -> None:
    """Writes all of it, then fsyncs."""
    view = memoryview(data)
    while view:
        written = os.pwrite(handle, view, offset)
        view, offset = view[written:], offset + written
    os.fsync(handle)


def write_durably(path: Path, data: bytes, mode: int = 0o644) -> None:
    """The file appears whole under its name, or not at all."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    try:
        write_at(handle, data, 0)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    finally:
        os.close(handle)
    sync_folder(path.parent)
