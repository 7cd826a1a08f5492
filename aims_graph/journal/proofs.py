"""Proofs that somebody with only a head can verify (RFC 9162 section 2.1.3 and 2.1.4).

An inclusion proof shows that an entry is part of what the head was made of, a consistency proof that one
head continues another. Neither needs the journal; docs/journal.md specifies the files.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from aims_graph.errors import InputError
from aims_graph.journal import merkle
from aims_graph.journal.entry import belongs, header_hash, inline_payload, read_payload
from aims_graph.journal.errors import JournalError
from aims_graph.journal.heads import Head
from aims_graph.journal.log import Journal

INCLUSION: Final = "inclusion"
CONSISTENCY: Final = "consistency"
#: Paths are as long as the tree is high.
_LONGEST: Final = 128
#: What a field of another kind than it should be leads to.
_DAMAGE: Final = (
    ValueError, TypeError, AttributeError, LookupError, ArithmeticError, RecursionError, JournalError,
)  # fmt: skip


@dataclass(slots=True)
class Examination:
    """``entry`` is the header that an inclusion proof speaks of; ``problems`` are why nothing is proven."""

    kind: str
    entry: Mapping[str, Any] = field(default_factory=dict)
    lines: int | None = None
    problems: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        return not self.problems


def prove_inclusion(
    journal: Journal, sequence: int, head: Head | None = None, *, content: bool = False
) -> dict[str, Any]:
    """That the entry is part of the tree of ``head``, by default of the present one. ``content``: with
    its lines, which the entry's commitments then prove too.

    Raises InputError when the journal has no such entry or does not continue the head.
    """
    entries = list(journal.entries())
    leaves = [bytes.fromhex(entry.hash) for entry in entries]
    size = len(leaves) if head is None else head.size
    if head is not None:
        _check(journal, head, leaves)
    if not 0 < sequence <= size:
        raise InputError(
            f"there is no entry {sequence}"
            + ("" if head is None else f" among the {size} of the head"),
            hint=f"The last one is {size}",
        )
    entry = entries[sequence - 1]
    path = merkle.inclusion_proof(sequence - 1, leaves[:size])
    return {
        "kind": INCLUSION,
        "journal": journal.genesis.hash,
        "size": size,
        "entry": entry.header,
        "path": [node.hex() for node in path],
        **({"payload": inline_payload(entry.load())} if content else {}),
    }


def prove_consistency(journal: Journal, old: Head, new: Head | None = None) -> dict[str, Any]:
    """That the tree of ``new``, by default the present one, begins with that of ``old``.

    Raises InputError when the journal does not continue the heads, or they are in the wrong order.
    """
    leaves = [bytes.fromhex(entry.hash) for entry in journal.entries()]
    new = new or Head.of(journal.genesis.hash, leaves)
    for head in (old, new):
        _check(journal, head, leaves)
    if old.size > new.size:
        raise InputError(
            f"the first head is of {old.size} entries, the second of {new.size}",
            hint="Name the older one first",
        )
    path = merkle.consistency_proof(old.size, leaves[: new.size])
    return {
        "kind": CONSISTENCY,
        "journal": new.journal,
        "oldSize": old.size,
        "size": new.size,
        "path": [node.hex() for node in path],
    }


def _check(journal: Journal, head: Head, leaves: list[bytes]) -> None:
    if head.journal != journal.genesis.hash:
        raise InputError("the head is of another journal")
    if head.size > len(leaves) or merkle.root(leaves[: head.size]).hex() != head.root:
        raise InputError(
            f"the journal does not continue the head of {head.size} entries",
            hint="`aims verify --head FILE` says what was changed",
        )


def read_proof(path: Path) -> dict[str, Any]:
    """Raises InputError when the file holds no proof."""
    try:
        proof = json.loads(path.read_bytes())
        known = isinstance(proof, dict) and proof.get("kind") in (INCLUSION, CONSISTENCY)
    except (ValueError, RecursionError):
        known = False
    if not known:
        raise InputError("this is no proof", file=path, hint="`aims prove` makes one")
    return dict(proof)


def examine(proof: Mapping[str, Any], head: Head, old: Head | None = None) -> Examination:
    """Whether the proof holds for the head and, where it is one of consistency, for the older head."""
    result = Examination(str(proof.get("kind")))
    if proof.get("journal") != head.journal or (old is not None and old.journal != head.journal):
        result.problems.append("proof and head are of different journals")
    elif proof.get("size") != head.size:
        result.problems.append(
            f"the proof is for a head of {proof.get('size')} entries, this one is of {head.size}"
        )
    else:
        try:
            nodes = [bytes.fromhex(node) for node in proof["path"][:_LONGEST]]
            plain = [node.hex() for node in nodes] == proof["path"]
            if not plain or any(len(node) != 32 for node in nodes):
                raise ValueError("path")
            root = bytes.fromhex(head.root)
            if result.kind == CONSISTENCY:
                _examine_consistency(result, proof, nodes, head, root, old)
            elif result.kind == INCLUSION:
                _examine_inclusion(result, proof, nodes, head, root)
            else:
                raise ValueError("kind")
        except _DAMAGE:
            result.problems.append("the proof is damaged")
    return result


def _examine_inclusion(
    result: Examination, proof: Mapping[str, Any], nodes: list[bytes], head: Head, root: bytes
) -> None:
    header = proof["entry"]
    leaf = bytes.fromhex(header_hash(header))
    if not merkle.verify_inclusion(int(header["sequence"]) - 1, head.size, leaf, nodes, root):
        result.problems.append(
            "the entry is not among those that the head was made of, or was changed"
        )
        return
    result.entry = header
    if "payload" not in proof:
        return
    payload = read_payload(proof["payload"])
    if not belongs(header, payload):
        result.problems.append("the lines are not those of the entry")
    result.lines = len(payload.added) + len(payload.removed)


def _examine_consistency(
    result: Examination,
    proof: Mapping[str, Any],
    nodes: list[bytes],
    head: Head,
    root: bytes,
    old: Head | None,
) -> None:
    if old is None:
        result.problems.append(
            "a proof of consistency is between two heads: the older one is missing"
        )
    elif proof["oldSize"] != old.size:
        result.problems.append(
            f"the proof begins at a head of {proof['oldSize']} entries, this one is of {old.size}"
        )
    elif not merkle.verify_consistency(old.size, head.size, bytes.fromhex(old.root), root, nodes):
        result.problems.append("the newer head does not continue the older one")
