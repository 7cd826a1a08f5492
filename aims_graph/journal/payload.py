"""What an entry adds and removes: lines of N-Quads, bound to the entry by salted commitments.

Each line has a salt of its own. An entry's hash covers SHA-256 over the hashes of salt + line, so a
line can be withheld later (its hash stays, line and salt go) and the entry still verifies. The salts
come from one seed until something is withheld; then those that remain are written out.
"""

import hashlib
import os
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Final, Protocol

from aims_graph.journal.errors import JournalError

SALT_SIZE: Final = 16
_WITHHELD: Final = b"# withheld "
_PIECE: Final = 5_000


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


class Lines(Protocol):
    """Lines without their line ends; they may be made anew each time they are gone through."""

    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[bytes]: ...


@dataclass(frozen=True, slots=True)
class Payload:
    """``salts`` is given once a line was withheld, else ``seed``."""

    added: Lines
    removed: Lines
    seed: bytes = field(default_factory=lambda: os.urandom(32), repr=False)
    salts: bytes = field(default=b"", repr=False)

    def commitments(self, see: Callable[[list[bytes]], None] | None = None) -> tuple[str, str]:
        """Of the added and of the removed lines. ``see`` is shown the lines in order, a piece at a time:
        what goes through them once needs little memory, and finds them in the processor's cache.
        """
        salts = struct.iter_unpack(f"{SALT_SIZE}s", self.all_salts())
        return self._commit_to(self.added, salts, see), self._commit_to(self.removed, salts, see)

    def _commit_to(
        self,
        lines: Lines,
        salts: Iterator[tuple[bytes]],
        see: Callable[[list[bytes]], None] | None,
    ) -> str:
        total = hashlib.sha256()
        remaining = iter(lines)
        while piece := list(islice(remaining, _PIECE)):
            if self.salts:  # some may be withheld
                leaves = [leaf_of(salt, line) for line, (salt,) in zip(piece, salts, strict=False)]
            else:  # the same without a call a line, for imports of millions
                sha = hashlib.sha256
                leaves = [
                    sha(salt + line).digest() for line, (salt,) in zip(piece, salts, strict=False)
                ]
            total.update(b"".join(leaves))
            if see is not None:
                see(piece)
        return total.hexdigest()

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
