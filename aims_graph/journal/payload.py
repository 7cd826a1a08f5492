"""What an entry adds and removes: lines of N-Quads, bound to the entry by salted commitments.

Each line has a salt of its own. An entry's hash covers SHA-256 over the hashes of salt + line, so a
line can be withheld later (its hash stays, line and salt go) and the entry still verifies. The salts
come from one seed until something is withheld; then those that remain are written out.
"""

import hashlib
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from aims_graph.journal.errors import JournalError

SALT_SIZE: Final = 16
_WITHHELD: Final = b"# withheld "


def derive_salts(seed: bytes, count: int) -> bytes:
    """One salt a line, joined; added lines come first, then removed ones."""
    return hashlib.shake_256(seed).digest(SALT_SIZE * count)


def is_withheld(line: bytes) -> bool:
    """Whether a comment stands for the line."""
    return line.startswith(_WITHHELD)


def leaf_of(salt: bytes, line: bytes) -> bytes:
    """Raises JournalError when a withheld line has no hash."""
    if not line.startswith(_WITHHELD):
        return hashlib.sha256(salt + line).digest()
    try:
        leaf = bytes.fromhex(line[len(_WITHHELD) :].decode())
    except ValueError:
        leaf = b""
    if len(leaf) != 32:
        raise JournalError("the journal is damaged: a withheld line has no hash")
    return leaf


def commit_to(lines: Sequence[bytes], salts: bytes, *, any_withheld: bool) -> str:
    """The commitment to the lines, in hex."""
    each = range(0, SALT_SIZE * len(lines), SALT_SIZE)
    if any_withheld:
        leaves = [
            leaf_of(salts[i : i + SALT_SIZE], line) for i, line in zip(each, lines, strict=True)
        ]
    else:  # the same without a call a line, for imports of millions
        sha = hashlib.sha256
        leaves = [
            sha(salts[i : i + 16] + line).digest() for i, line in zip(each, lines, strict=True)
        ]
    return hashlib.sha256(b"".join(leaves)).hexdigest()


@dataclass(frozen=True, slots=True)
class Payload:
    """Lines without their line ends. ``salts`` is given once a line was withheld, else ``seed``."""

    added: Sequence[bytes]
    removed: Sequence[bytes]
    seed: bytes = field(default_factory=lambda: os.urandom(32), repr=False)
    salts: bytes = field(default=b"", repr=False)

    def commitments(self) -> tuple[str, str]:
        """Of the added and of the removed lines."""
        salts = self.all_salts()
        border = SALT_SIZE * len(self.added)
        withheld = bool(self.salts)
        return (
            commit_to(self.added, salts[:border], any_withheld=withheld),
            commit_to(self.removed, salts[border:], any_withheld=withheld),
        )

    def all_salts(self) -> bytes:
        """One salt a line; raises JournalError when some are missing."""
        count = len(self.added) + len(self.removed)
        salts = self.salts or derive_salts(self.seed, count)
        if len(salts) != SALT_SIZE * count:
            raise JournalError("the journal is damaged: a payload has not one salt a line")
        return salts

    @property
    def withheld(self) -> int:
        return sum(map(is_withheld, self.added)) + sum(map(is_withheld, self.removed))

    def without(self, concerns: Callable[[bytes], bool]) -> "Payload":
        """The payload with the lines concerned withheld; itself when there is none."""
        salts = self.all_salts()
        lines = [*self.added, *self.removed]
        kept: list[bytes] = []
        new: list[bytes] = []
        for index, line in enumerate(lines):
            salt = salts[SALT_SIZE * index : SALT_SIZE * (index + 1)]
            if is_withheld(line) or not concerns(line):
                new.append(line)
                kept.append(salt)
            else:
                new.append(_WITHHELD + leaf_of(salt, line).hex().encode())
                kept.append(bytes(SALT_SIZE))
        if new == lines:
            return self
        border = len(self.added)
        return Payload(new[:border], new[border:], b"", b"".join(kept))
