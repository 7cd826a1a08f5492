"""Proof files: made from the journal, verified with heads alone, against another implementation, and altered."""

import copy
import json
import random
from pathlib import Path

import pymerkle
import pytest
from journal_entries import add, quad

from aims_graph.errors import InputError
from aims_graph.journal import Journal, merkle
from aims_graph.journal.entry import canonical
from aims_graph.journal.heads import Head
from aims_graph.journal.proofs import examine, prove_consistency, prove_inclusion, read_proof
from aims_graph.journal.verification import verify


@pytest.fixture
def heads(journal: Journal) -> list[Head]:
    """Of 0 to 13 entries, the first with lines in a blob."""
    made = [verify(journal.folder).head]
    for number in range(1, 14):
        lines = [quad(number, f"{n} {'long ' * 20}") for n in range(700 if number == 1 else 1)]
        add(journal, *lines)
        made.append(verify(journal.folder).head)
    return made


def test_every_entry_is_proven_for_every_later_head_and_no_other(journal, heads):
    for size in range(1, 14):
        for number in range(1, size + 1):
            proof = prove_inclusion(journal, number, heads[size])
            for head in heads:
                assert examine(proof, head).good is (head.size == size)
            assert examine(proof, heads[size]).entry["sequence"] == number


def test_every_head_is_shown_to_continue_every_older_one(journal, heads):
    for new in range(14):
        for old in range(new + 1):
            proof = prove_consistency(journal, heads[old], heads[new])
            assert examine(proof, heads[new], heads[old]).good
            for other in heads:
                if other.size != old:
                    assert not examine(proof, heads[new], other).good
            assert not examine(proof, heads[new]).good


def test_without_a_head_the_present_one_is_meant(journal, heads):
    assert examine(prove_inclusion(journal, 3), heads[-1]).good
    assert examine(prove_consistency(journal, heads[3]), heads[-1], heads[3]).good


def test_proofs_are_those_of_another_implementation(journal, heads):
    other = pymerkle.InmemoryTree(algorithm="sha256")
    for entry in journal.entries():
        other.append_entry(canonical(entry.header))
    for size in range(1, 14):
        root = bytes.fromhex(heads[size].root)
        assert root == other.get_root(size)
        for number in range(1, size + 1):
            ours = prove_inclusion(journal, number, heads[size])
            leaf = merkle.hash_leaf(canonical(ours["entry"]))
            theirs = other.prove_inclusion(number, size)
            pymerkle.verify_inclusion(leaf, root, theirs)
            # Theirs holds the leaf as well, and another order.
            assert {node.hex() for node in theirs.path} - {leaf.hex()} == set(ours["path"])
        for old in range(1, size):
            # Theirs has other nodes (all parts of the old tree), so heads and outcome are compared.
            theirs = other.prove_consistency(old, size)
            pymerkle.verify_consistency(bytes.fromhex(heads[old].root), root, theirs)
            assert examine(
                prove_consistency(journal, heads[old], heads[size]), heads[size], heads[old]
            ).good


def altered(value: object, rng: random.Random) -> object:
    """The same with one leaf of the JSON changed."""
    value = copy.deepcopy(value)
    holder, key = None, None
    found: list[tuple[object, object]] = []

    def walk(node: object) -> None:
        for name, child in node.items() if isinstance(node, dict) else enumerate(node):
            if isinstance(child, dict | list):
                walk(child)
            else:
                found.append((node, name))

    walk(value)
    holder, key = rng.choice(found)
    old = holder[key]
    if isinstance(old, int):
        holder[key] = old + rng.choice([-1, 1, 1000])
    else:
        place = rng.randrange(len(old) + 1)
        new = old[:place] + rng.choice("0123456789abcdefx ") + old[place + 1 :]
        holder[key] = new if new != old else old + "0"
    return value


def test_an_altered_proof_proves_nothing(journal, heads):
    rng = random.Random(4)
    inclusion = prove_inclusion(journal, 5, heads[11], content=True)
    consistency = prove_consistency(journal, heads[5], heads[11])
    for _ in range(2000):
        bad = altered(inclusion, rng)
        assert not examine(bad, heads[11]).good, bad
        bad = altered(consistency, rng)
        assert not examine(bad, heads[11], heads[5]).good, bad
    assert not examine({**inclusion, "path": inclusion["path"][::-1]}, heads[11]).good
    assert not examine({**inclusion, "path": inclusion["path"] * 100}, heads[11]).good
    assert not examine({**inclusion, "entry": {**inclusion["entry"], "x": 1}}, heads[11]).good
    assert not examine(
        {**consistency, "path": [*consistency["path"], "00" * 32]}, heads[11], heads[5]
    ).good


@pytest.mark.parametrize("name", ["path", "entry", "size", "journal", "payload"])
@pytest.mark.parametrize("value", [None, [], {}, "x", 1, float("inf"), [None], {"sequence": "x"}])
def test_fields_of_another_kind_prove_nothing(journal, heads, name, value):
    proof = prove_inclusion(journal, 5, heads[11], content=True)
    assert not examine({**proof, name: value}, heads[11]).good
    proof["entry"] = {**proof["entry"], "sequence": value}
    assert not examine(proof, heads[11]).good


def test_content_is_proven_with_the_entry(journal, heads):
    for number in (1, 2):
        proof = prove_inclusion(journal, number, heads[4], content=True)
        result = examine(proof, heads[4])
        assert result.good
        assert result.lines == (700 if number == 1 else 1)
        proof["payload"]["added"][0] = quad(99)
        assert "lines are not those" in examine(proof, heads[4]).problems[0]


def test_what_cannot_be_proven_is_refused(journal, heads, tmp_path):
    for number, head in ((0, None), (-1, None), (14, None), (6, heads[5])):
        with pytest.raises(InputError, match="there is no entry"):
            prove_inclusion(journal, number, head)
    other = Journal.create(tmp_path / "other")
    add(other, quad(1))
    with pytest.raises(InputError, match="another journal"):
        prove_inclusion(journal, 1, verify(other.folder).head)
    with pytest.raises(InputError, match="older one first"):
        prove_consistency(journal, heads[5], heads[4])
    false = Head(heads[4].journal, 5, heads[4].root, heads[4].time)
    with pytest.raises(InputError, match="does not continue"):
        prove_consistency(journal, false)
    assert (
        "different journals"
        in examine(prove_inclusion(journal, 1, heads[1]), verify(other.folder).head).problems[0]
    )


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"kind": "other"}', "[" * 100_000, '{"kind": ["inclusion"]}']
)
def test_a_file_that_is_no_proof_is_refused(tmp_path: Path, text: str):
    file = tmp_path / "p.json"
    file.write_text(text)
    with pytest.raises(InputError, match="no proof"):
        read_proof(file)


def test_a_proof_is_plain_json(journal, heads, tmp_path):
    file = tmp_path / "p.json"
    file.write_text(json.dumps(prove_inclusion(journal, 5, heads[11], content=True)))
    assert examine(read_proof(file), heads[11]).good
