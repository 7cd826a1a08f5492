"""Files of evidence, kept under the SHA-256 of their bytes, never written over."""

import hashlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from aims_api.callers import Caller
from aims_api.store import Store
from aims_graph.journal.disk import sync_folder
from aims_graph.workspace.folder import EVIDENCE

#: How files of some types begin; a file that says it is one must look like it.
_BEGINNINGS: Final = {
    "application/pdf": (b"%PDF-",),
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "image/jpeg": (b"\xff\xd8\xff",),
    "application/zip": (b"PK\x03\x04", b"PK\x05\x06"),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": (b"PK\x03\x04",),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": (b"PK\x03\x04",),
}


class EvidenceFiles:
    """A file belongs to the graphs it was stored for: who knows its hash, from an audit or from elsewhere,
    has not read it yet.
    """

    def __init__(self, workspace: Path, store: Store) -> None:
        self._folder = workspace / EVIDENCE
        self._store = store

    def open_to(self, caller: Caller, digest: str) -> Path | None:
        """None when there is no such file in a graph that the caller may read."""
        path = self._path(digest)
        if path is None or caller.reads_all:
            return path
        rows = self._store.rows("SELECT graph FROM files WHERE hash = ?", digest)
        return path if any(caller.may_read(row["graph"]) for row in rows) else None

    def belongs(self, digest: str, graph: str) -> None:
        """Somebody has shown the file who may write to the graph."""
        self._store.write("INSERT OR IGNORE INTO files VALUES (?,?)", digest, graph)

    def _path(self, digest: str) -> Path | None:
        """None when there is no such file, or the name is no hash."""
        if len(digest) != 64 or not set(digest) <= set("0123456789abcdef"):
            return None
        path = self._folder / digest[:2] / digest
        return path if path.is_file() else None

    def store(self, data: bytes) -> str:
        """Durable when this returns the hash."""
        digest = hashlib.sha256(data).hexdigest()
        if self._path(digest) is None:
            folder = self._folder / digest[:2]
            folder.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(prefix=".", dir=folder)
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(folder / digest)
            sync_folder(folder)
        return digest

    def read(self, path: Path) -> Iterator[bytes]:
        with path.open("rb") as file:
            while piece := file.read(1 << 16):
                yield piece


def looks_like(media_type: str, data: bytes) -> bool:
    beginnings = _BEGINNINGS.get(media_type)
    if beginnings is not None:
        return data.startswith(beginnings)
    if media_type.startswith("text/"):
        return b"\0" not in data[:4096]
    return True
