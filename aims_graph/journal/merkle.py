"""The Merkle tree of RFC 9162 section 2.1 (the same as RFC 6962): roots, proofs, and their verification.

Hashes are 32 bytes of SHA-256. Leaves are counted from 0; proofs run from the leaf level upwards.
"""

import hashlib
from collections.abc import Sequence

EMPTY_ROOT = hashlib.sha256(b"").digest()


def hash_leaf(data: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + data).digest()


def hash_node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """Tree head over leaf hashes (section 2.1.1)."""
    if not leaves:
        return EMPTY_ROOT
    level = list(leaves)
    while len(level) > 1:
        above = [hash_node(a, b) for a, b in zip(level[::2], level[1::2], strict=False)]
        # A node without a neighbour stands one level higher: the split at a power of two.
        level = [*above, level[-1]] if len(level) % 2 else above
    return level[0]


def _split(size: int) -> int:
    """The largest power of two below ``size``."""
    return 1 << (size - 1).bit_length() - 1


def inclusion_proof(index: int, leaves: Sequence[bytes]) -> list[bytes]:
    """Audit path of a leaf (section 2.1.3.1). Raises IndexError when there is no such leaf."""
    if not 0 <= index < len(leaves):
        raise IndexError(index)
    proof = []
    low, high = 0, len(leaves)
    while high - low > 1:
        middle = low + _split(high - low)
        if index < middle:
            proof.append(root(leaves[middle:high]))
            high = middle
        else:
            proof.append(root(leaves[low:middle]))
            low = middle
    return proof[::-1]


def consistency_proof(old_size: int, leaves: Sequence[bytes]) -> list[bytes]:
    """Nodes from which both heads follow (section 2.1.4.1); empty when the sizes are equal or 0."""
    if not 0 <= old_size <= len(leaves):
        raise IndexError(old_size)
    if old_size in {0, len(leaves)}:
        return []
    proof = []
    low, high, whole = 0, len(leaves), True
    while old_size - low != high - low:
        middle = low + _split(high - low)
        if old_size <= middle:
            proof.append(root(leaves[middle:high]))
            high = middle
        else:
            proof.append(root(leaves[low:middle]))
            low, whole = middle, False
    if not whole:
        proof.append(root(leaves[low:high]))
    return proof[::-1]


def verify_inclusion(
    index: int, size: int, leaf: bytes, proof: Sequence[bytes], head: bytes
) -> bool:
    """Whether the proof shows that the leaf hash stands at ``index`` (section 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    at, last, found = index, size - 1, leaf
    for node in proof:
        if last == 0:
            return False
        if at & 1 or at == last:
            found = hash_node(node, found)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            found = hash_node(found, node)
        at, last = at >> 1, last >> 1
    return last == 0 and found == head


def verify_consistency(
    old_size: int, size: int, old_head: bytes, head: bytes, proof: Sequence[bytes]
) -> bool:
    """Whether the tree of ``size`` leaves begins with that of ``old_size`` (section 2.1.4.2)."""
    if old_size == size:
        return not proof and old_head == head
    if not 0 < old_size < size:
        return old_size == 0 and old_head == EMPTY_ROOT and not proof
    nodes = list(proof)
    if old_size & (old_size - 1) == 0:
        nodes.insert(0, old_head)
    if not nodes:
        return False
    at, last = old_size - 1, size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    old = new = nodes[0]
    for node in nodes[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            old, new = hash_node(node, old), hash_node(node, new)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            new = hash_node(new, node)
        at, last = at >> 1, last >> 1
    return last == 0 and old == old_head and new == head
