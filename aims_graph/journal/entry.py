"""One commit as it stands in the journal: a line of JSON with a hashed header and its payload.

docs/journal.md is the specification of the format; whoever changes one changes the other.
"""

import json
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pyoxigraph import Quad, RdfFormat, parse

from aims_graph.errors import InputError
from aims_graph.journal.errors import JournalError
from aims_graph.journal.merkle import hash_leaf
from aims_graph.journal.payload import Lines, Payload, is_withheld

#: Longest actor, reason or source: they are for reading, and keep lines short.
MAX_TEXT: Final = 10_000


def canonical(value: object) -> bytes:
    """The bytes that are hashed and signed: JSON, keys sorted, no white space, UTF-8."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode()


@dataclass(frozen=True, slots=True)
class Draft:
    """What the writer of an entry says about it. ``rules``: hash of the shapes and ontology in force;
    ``redacts``: how many lines of which earlier entries are withheld from now on.
    """

    actor: str
    reason: str
    source: str
    rules: str = ""
    redacts: Mapping[int, int] = field(default_factory=dict)

    def check(self) -> None:
        """Raises InputError on text that cannot be kept."""
        for name in ("actor", "reason", "source", "rules"):
            text = getattr(self, name)
            if len(text) > MAX_TEXT:
                raise InputError(f"the {name} is longer than {MAX_TEXT} characters")
            try:
                text.encode()
            except UnicodeEncodeError:
                raise InputError(f"the {name} is not valid Unicode text") from None


@dataclass(frozen=True, slots=True)
class Entry:
    """A header (``header`` as it stands in the line) that the hash covers; the payload is read when it is asked for. ``blob``: the file it
    stands in, when it was too large for the line.
    """

    sequence: int
    time: str
    actor: str
    reason: str
    source: str
    rules: str
    added_count: int
    removed_count: int
    redacts: Mapping[int, int]
    previous: str
    hash: str
    blob: str
    header: Mapping[str, Any] = field(repr=False, compare=False)
    payload: Payload | Callable[[], Payload] = field(repr=False, compare=False)

    def load(self) -> Payload:
        """Raises JournalError when the payload is missing or not the one that was committed."""
        return self.payload if isinstance(self.payload, Payload) else self.payload()

    @property
    def added(self) -> Lines:
        """N-Quads lines with the terms exactly as given."""
        return self.load().added

    @property
    def removed(self) -> Lines:
        return self.load().removed

    def added_quads(self) -> list[Quad]:
        return read_quads(self.added)

    def removed_quads(self) -> list[Quad]:
        return read_quads(self.removed)


def read_quads(lines: Iterable[bytes]) -> list[Quad]:
    """Withheld lines are comments, so they give no quad."""
    return list(parse(b"\n".join(lines), format=RdfFormat.N_QUADS))


def quad_line(quad: Quad) -> bytes:
    """A quad as one N-Quads line; the terms' own spelling is kept."""
    subject, predicate, value, graph = quad
    name = str(graph)
    text = (
        f"{subject} {predicate} {value} ."
        if name == "DEFAULT"
        else f"{subject} {predicate} {value} {name} ."
    )
    return text.encode()


def header_of(
    draft: Draft,
    payload: Payload,
    commitments: tuple[str, str],
    *,
    sequence: int,
    time: str,
    previous: str,
) -> dict[str, Any]:
    """The hashed part of an entry."""
    added, removed = commitments
    header: dict[str, Any] = {
        "sequence": sequence,
        "time": time,
        "actor": draft.actor,
        "reason": draft.reason,
        "source": draft.source,
        "rules": draft.rules,
        "added": {"count": len(payload.added), "commitment": added},
        "removed": {"count": len(payload.removed), "commitment": removed},
        "previous": previous,
    }
    if draft.redacts:
        header["redacts"] = {str(number): count for number, count in draft.redacts.items()}
    return header


def header_hash(header: Mapping[str, Any]) -> str:
    """Also the leaf hash of the Merkle tree."""
    return hash_leaf(canonical(header)).hex()


def inline_payload(payload: Payload) -> dict[str, Any]:
    """The payload as it stands in the line of its entry."""
    return {
        **_salt_fields(payload),
        "added": [line.decode() for line in payload.added],
        "removed": [line.decode() for line in payload.removed],
    }


def _salt_fields(payload: Payload) -> dict[str, str]:
    return {"salts": payload.salts.hex()} if payload.salts else {"seed": payload.seed.hex()}


def write_line(header: Mapping[str, Any], payload: Mapping[str, Any]) -> bytes:
    """A line of the journal: the parts, and a CRC-32 that tells a torn line from a whole one."""
    body = canonical({"entry": header, "hash": header_hash(header), "payload": payload})
    return body[:-1] + b',"z":"%08x"}\n' % zlib.crc32(body)


def read_line(line: bytes) -> dict[str, Any] | None:
    """The parts of a line; None when it is not whole, or not exactly what ``write_line`` writes."""
    if not line.endswith(b'"}\n') or len(line) < 24:
        return None
    body = line[:-17] + b"}"
    if line[-17:] != b',"z":"%08x"}\n' % zlib.crc32(body):
        return None
    try:
        parts = json.loads(body)
        whole = isinstance(parts, dict) and parts.keys() == {"entry", "hash", "payload"}
        same = whole and canonical(parts) == body and header_hash(parts["entry"]) == parts["hash"]
    except (ValueError, RecursionError):
        return None
    return parts if same else None


def entry_from(
    parts: Mapping[str, Any], read_blob: Callable[[Mapping[str, Any]], Payload]
) -> Entry:
    """Raises JournalError when fields are missing or of the wrong kind."""
    header, stored = parts["entry"], parts["payload"]
    try:
        entry = Entry(
            sequence=int(header["sequence"]),
            time=str(header["time"]),
            actor=str(header["actor"]),
            reason=str(header["reason"]),
            source=str(header["source"]),
            rules=str(header["rules"]),
            added_count=int(header["added"]["count"]),
            removed_count=int(header["removed"]["count"]),
            redacts={int(number): int(n) for number, n in header.get("redacts", {}).items()},
            previous=str(header["previous"]),
            hash=str(parts["hash"]),
            blob=str(stored.get("blob", "")),
            header=header,
            payload=lambda: _checked(header, _read_payload(stored, read_blob)),
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        raise JournalError("the journal is damaged: an entry lacks fields") from None
    return entry


def _read_payload(
    stored: Mapping[str, Any], read_blob: Callable[[Mapping[str, Any]], Payload]
) -> Payload:
    return read_blob(stored) if "blob" in stored else read_payload(stored)


def read_payload(stored: Mapping[str, Any]) -> Payload:
    """The opposite of ``inline_payload``. Raises JournalError."""
    try:
        return Payload(
            [line.encode() for line in stored["added"]],
            [line.encode() for line in stored["removed"]],
            bytes.fromhex(stored.get("seed", "")),
            bytes.fromhex(stored.get("salts", "")),
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        raise JournalError("the journal is damaged: a payload cannot be read") from None


def belongs(header: Mapping[str, Any], payload: Payload) -> bool:
    """Whether the lines are those that the header commits to."""
    parts = header["added"], header["removed"]
    counts = (len(payload.added), len(payload.removed))
    return counts == tuple(part["count"] for part in parts) and payload.commitments() == tuple(
        part["commitment"] for part in parts
    )


def _checked(header: Mapping[str, Any], payload: Payload) -> Payload:
    if not belongs(header, payload):
        raise JournalError(
            f"the journal is damaged: the content of entry {header['sequence']} is not what was recorded",
            hint="Restore a backup",
        )
    return payload


__all__ = [
    "Draft",
    "Entry",
    "belongs",
    "canonical",
    "entry_from",
    "header_hash",
    "header_of",
    "inline_payload",
    "is_withheld",
    "quad_line",
    "read_line",
    "read_payload",
    "read_quads",
    "write_line",
]
