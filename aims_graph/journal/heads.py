"""Tree heads: what to keep elsewhere so that no later change of the journal goes unseen.

A head names the journal, how many entries it has and the Merkle root over them; it may be signed
(keys.py).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

from aims_graph.journal import merkle

_HASH_DIGITS = 64


@dataclass(frozen=True, slots=True)
class Head:
    """``journal`` is the hash of the journal's identity, all hashes in hex."""

    journal: str
    size: int
    root: str
    time: str
    key: str = ""
    signature: str = ""

    @classmethod
    def of(cls, journal: str, leaves: Sequence[bytes]) -> Self:
        now = datetime.now(UTC).isoformat(timespec="seconds")
        return cls(journal, len(leaves), merkle.root(leaves).hex(), now)

    def statement(self) -> dict[str, Any]:
        """The part that is signed."""
        return {
            "journal": self.journal,
            "size": self.size,
            "root": self.root,
            "time": self.time,
        }

    def to_json(self) -> dict[str, Any]:
        signed = {"key": self.key, "signature": self.signature} if self.signature else {}
        return {**self.statement(), **signed}


def head_from(fields: Mapping[str, Any]) -> Head:
    """Raises ValueError on fields that are missing or of the wrong kind."""
    texts = {name: fields.get(name, "") for name in ("journal", "root", "time", "key", "signature")}
    size: Any = fields.get("size")
    right = (
        isinstance(size, int)
        and size >= 0
        and all(isinstance(text, str) for text in texts.values())
        and len(texts["journal"]) == len(texts["root"]) == _HASH_DIGITS
    )
    if not right:
        raise ValueError("no tree head")
    return Head(size=size, **texts)
