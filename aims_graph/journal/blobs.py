"""Payloads too large for a line: compressed files under the SHA-256 of their bytes.

Content: a first line of JSON (salts and counts), then N-Quads, added before removed. All of it is
Zstandard-compressed, so that any tool with ``zstd`` can read it.
"""

import hashlib
import json
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, Final

import zstandard

from aims_graph.journal.disk import sync_folder, write_durably
from aims_graph.journal.entry import canonical
from aims_graph.journal.errors import JournalError
from aims_graph.journal.payload import Payload

#: A blob that says it unpacks to more than this is not unpacked.
MAX_UNPACKED: Final = 8 << 30
_LEVEL: Final = 1


def blob_path(folder: Path, name: str) -> Path:
    """Raises JournalError when the name is no hash, and so might lead elsewhere."""
    if len(name) != 64 or not set(name) <= set("0123456789abcdef"):
        raise JournalError("the journal is damaged: a blob's name is no hash")
    return folder / f"{name}.zst"


def write_blob(folder: Path, payload: Payload) -> tuple[dict[str, Any], tuple[str, str]]:
    """Durable when this returns; gives what the entry's line says of it, and the commitments."""
    salts = {"salts": payload.salts.hex()} if payload.salts else {"seed": payload.seed.hex()}
    head = canonical({**salts, "added": len(payload.added), "removed": len(payload.removed)})
    packer = zstandard.ZstdCompressor(level=_LEVEL).compressobj()
    parts = [packer.compress(head + b"\n")]
    size = len(head) + 1

    def pack(lines: list[bytes]) -> None:
        nonlocal size
        data = b"\n".join(lines)
        size += len(data) + 1
        parts.extend((packer.compress(data), packer.compress(b"\n")))

    commitments = payload.commitments(pack)
    packed = b"".join([*parts, packer.flush()])
    name = hashlib.sha256(packed).hexdigest()
    if not folder.exists():
        folder.mkdir()
        sync_folder(folder.parent)
    write_durably(blob_path(folder, name), packed)
    return {"blob": name, "unpacked": size}, commitments


def read_blob(folder: Path, stored: Mapping[str, Any]) -> Payload:
    """Raises JournalError when the blob is missing or changed."""
    path = blob_path(folder, str(stored["blob"]))
    try:
        packed = path.read_bytes()
    except OSError as error:
        raise JournalError(f"a payload cannot be read: {error.strerror}", file=path) from None
    if hashlib.sha256(packed).hexdigest() != stored["blob"]:
        raise JournalError("the journal is damaged: a payload was changed", file=path)
    try:
        return _unpack(packed, int(stored["unpacked"]))
    except (ValueError, KeyError, TypeError, AttributeError, zstandard.ZstdError):
        raise JournalError("the journal is damaged: a payload cannot be read", file=path) from None


def _unpack(packed: bytes, size: int) -> Payload:
    """Raises one of many errors when the content is not what it should be."""
    if not 0 < size <= MAX_UNPACKED:
        raise ValueError("wrong size")
    body = zstandard.ZstdDecompressor().decompress(packed, max_output_size=size)
    if len(body) != size:
        raise ValueError("wrong size")
    head, *lines = body.split(b"\n")
    fields = json.loads(head)
    added, removed = int(fields["added"]), int(fields["removed"])
    if lines.pop() or len(lines) != added + removed or min(added, removed) < 0:
        raise ValueError("wrong number of lines")
    seed, salts = bytes.fromhex(fields.get("seed", "")), bytes.fromhex(fields.get("salts", ""))
    return Payload(lines[:added], lines[added:], seed, salts)


def unreferenced(folder: Path, used: Collection[str]) -> list[Path]:
    """Blobs that no entry names: left by a crash before the entry, or by a redaction."""
    keep = {f"{name}.zst" for name in used}
    if not folder.exists():
        return []
    return sorted(path for path in folder.iterdir() if path.name not in keep)
