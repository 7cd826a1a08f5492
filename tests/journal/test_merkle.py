"""The Merkle tree against the definitions of RFC 6962, its known vectors, and another implementation."""

import hashlib
import random

import pymerkle
import pytest

from aims_graph.journal import merkle

# Inputs of the test vectors of the certificate-transparency project, and the tree head over each prefix.
VECTOR_INPUTS = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
VECTOR_ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def mth(entries: list[bytes]) -> bytes:
    """MTH(D[n]) of section 2.1, word by word."""
    if not entries:
        return hashlib.sha256(b"").digest()
    if len(entries) == 1:
        return hashlib.sha256(b"\x00" + entries[0]).digest()
    k = split(len(entries))
    return hashlib.sha256(b"\x01" + mth(entries[:k]) + mth(entries[k:])).digest()


def split(n: int) -> int:
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def path(m: int, entries: list[bytes]) -> list[bytes]:
    """PATH(m, D[n]) of section 2.1.1."""
    if len(entries) == 1:
        return []
    k = split(len(entries))
    if m < k:
        return [*path(m, entries[:k]), mth(entries[k:])]
    return [*path(m - k, entries[k:]), mth(entries[:k])]


def subproof(m: int, entries: list[bytes], whole: bool) -> list[bytes]:
    """SUBPROOF(m, D[n], b) of section 2.1.2."""
    if m == len(entries):
        return [] if whole else [mth(entries)]
    k = split(len(entries))
    if m <= k:
        return [*subproof(m, entries[:k], whole), mth(entries[k:])]
    return [*subproof(m - k, entries[k:], False), mth(entries[:k])]


@pytest.mark.parametrize("size", range(1, 9))
def test_roots_are_those_of_the_known_vectors(size):
    leaves = [merkle.hash_leaf(data) for data in VECTOR_INPUTS[:size]]
    assert merkle.root(leaves).hex() == VECTOR_ROOTS[size - 1]


@pytest.mark.parametrize("size", [0, 1, 2, 3, 4, 5, 7, 8, 13, 33])
def test_roots_and_proofs_are_those_of_the_definition(size):
    entries = [bytes([n]) * n for n in range(size)]
    leaves = [merkle.hash_leaf(data) for data in entries]
    head = merkle.root(leaves)
    assert head == mth(entries)
    for index in range(size):
        proof = merkle.inclusion_proof(index, leaves)
        assert proof == path(index, entries)
        assert merkle.verify_inclusion(index, size, leaves[index], proof, head)
    for old in range(1, size):
        proof = merkle.consistency_proof(old, leaves)
        assert proof == subproof(old, entries, True)
        assert merkle.verify_consistency(old, size, merkle.root(leaves[:old]), head, proof)


def test_roots_and_proofs_are_those_of_another_implementation():
    other = pymerkle.InmemoryTree(algorithm="sha256")
    entries = [f"entry {n}".encode() for n in range(21)]
    for entry in entries:
        other.append_entry(entry)
    leaves = [merkle.hash_leaf(entry) for entry in entries]
    for size in range(1, 22):
        assert merkle.root(leaves[:size]) == other.get_root(size)
        for index in range(size):
            # Theirs holds the leaf as well, and counts from 1.
            theirs = set(other.prove_inclusion(index + 1, size).path) - {leaves[index]}
            assert set(merkle.inclusion_proof(index, leaves[:size])) == theirs


def test_a_proof_that_was_altered_is_refused():
    random.seed(9)
    leaves = [merkle.hash_leaf(bytes([n])) for n in range(23)]
    head = merkle.root(leaves)
    for index in range(23):
        proof = merkle.inclusion_proof(index, leaves)
        other = [*proof]
        place = random.randrange(len(other))
        other[place] = merkle.hash_leaf(b"other")
        for bad in (other, proof[:-1], [*proof, proof[0]], proof[::-1] if len(proof) > 1 else []):
            assert bad == proof or not merkle.verify_inclusion(index, 23, leaves[index], bad, head)
        assert not merkle.verify_inclusion(index, 23, merkle.hash_leaf(b"other"), proof, head)
        assert not merkle.verify_inclusion(index + 1, 23, leaves[index], proof, head)
    for old in range(1, 23):
        old_head = merkle.root(leaves[:old])
        proof = merkle.consistency_proof(old, leaves)
        assert not merkle.verify_consistency(old, 23, merkle.hash_leaf(b"other"), head, proof)
        assert not merkle.verify_consistency(old, 23, old_head, head, proof[:-1])
        assert not merkle.verify_consistency(old, 23, old_head, head, [*proof, head])


def test_equal_sizes_need_equal_heads_and_no_proof():
    head = merkle.root([merkle.hash_leaf(b"a")])
    assert merkle.verify_consistency(1, 1, head, head, [])
    assert not merkle.verify_consistency(1, 1, head, merkle.EMPTY_ROOT, [])
    assert not merkle.verify_consistency(1, 1, head, head, [head])
    assert merkle.verify_consistency(0, 1, merkle.EMPTY_ROOT, head, [])
