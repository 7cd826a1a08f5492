"""Whoever can write the files can also mend the checksums of a line: what is inside is then checked, not believed."""

import hashlib
import json
import os
import zlib
from pathlib import Path

import pyoxigraph as ox
import pytest
import zstandard
from journal_entries import DRAFT, add, quad

from aims_graph.journal import Journal, JournalError, ReadOnlyError, quad_line
from aims_graph.journal.blobs import blob_path
from aims_graph.journal.entry import canonical, read_line, write_line
from aims_graph.journal.lock import _read_owner
from aims_graph.journal.merkle import (
    consistency_proof,
    inclusion_proof,
    root,
    verify_consistency,
    verify_inclusion,
)
from aims_graph.journal.redaction import redact, sweep
from aims_graph.journal.verification import verify


def rewrite(journal: Journal, number: int, change) -> None:
    """Changes the parts of a line and writes it whole again, with its hash and checksum."""
    lines = journal.file.read_bytes().splitlines(keepends=True)
    parts = read_line(lines[number - 1])
    change(parts)
    lines[number - 1] = write_line(parts["entry"], parts["payload"])
    journal.file.write_bytes(b"".join(lines))


def problem(journal: Journal) -> str:
    found = verify(journal.folder)
    assert not found.good
    return found.problems[0]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda parts: parts["payload"].update(salts="00"), "one salt a line"),
        (lambda parts: parts["payload"].update(seed="zz"), "a payload cannot be read"),
        (lambda parts: parts["payload"].update(added=5), "a payload cannot be read"),
        (lambda parts: parts["payload"].update(added=[quad(9)]), "not what was recorded"),
        (lambda parts: parts["payload"].update(salts="00" * 16, added=["# withheld zz"]), "a withheld line has no hash"),
        (lambda parts: parts["payload"].update(salts="00" * 16, added=["# withheld 00"]), "a withheld line has no hash"),
    ],
)  # fmt: skip
def test_a_payload_that_was_changed_with_its_line_is_found(filled, change, said):
    def changed(parts):
        change(parts)
        if "salts" in parts["payload"]:
            parts["payload"].pop("seed")

    rewrite(filled, 2, changed)
    assert said in problem(filled)


@pytest.mark.parametrize("field", ["actor", "added", "sequence", "previous"])
def test_an_entry_without_a_field_is_damage(filled, field):
    rewrite(filled, 2, lambda parts: parts["entry"].pop(field))
    assert "lacks fields" in problem(filled)


def test_a_line_that_is_no_json_is_no_entry():
    body = b'{"entry":' + b"[" * 100_000
    line = body + b',"z":"%08x"}\n' % zlib.crc32(body + b"}")
    assert read_line(line) is None
    assert read_line(b'{"z":"00"}\n') is None


@pytest.mark.parametrize(
    ("name", "said"),
    [("../" + "a" * 61, "no hash"), ("abc", "no hash"), ("0" * 64, "cannot be read")],
)
def test_a_payload_is_read_from_its_own_folder_only(filled, name, said):
    rewrite(filled, 3, lambda parts: parts["payload"].update(blob=name))
    assert said in problem(filled)


@pytest.mark.parametrize(
    ("content", "unpacked"),
    [
        (b'{"added":1,"removed":0,"seed":""}\nx\n', 0),
        (b'{"added":1,"removed":0,"seed":""}\nx\n', 1 << 40),
        (b'{"added":1,"removed":0,"seed":""}\nx\n', 20),
        (b'{"added":1,"removed":0,"seed":""}\nx\n', 60),
        (b'{"added":2,"removed":0,"seed":""}\nx\n', None),
        (b'{"added":2,"removed":-1,"seed":""}\nx\n', None),
        (b'{"added":1,"removed":0,"seed":""}\nx', None),
        (b'{"removed":0}\n', None),
        (b"no json\n", None),
    ],
)
def test_a_payload_in_a_file_is_what_its_line_says_or_damage(filled, content, unpacked):
    packed = zstandard.ZstdCompressor().compress(content)
    name = hashlib.sha256(packed).hexdigest()
    blob_path(filled.folder / "blobs", name).write_bytes(packed)
    size = len(content) if unpacked is None else unpacked
    rewrite(filled, 3, lambda parts: parts.update(payload={"blob": name, "unpacked": size}))
    assert "a payload cannot be read" in problem(filled)


def test_a_file_that_is_no_zstandard_is_damage(filled):
    name = hashlib.sha256(b"plain").hexdigest()
    blob_path(filled.folder / "blobs", name).write_bytes(b"plain")
    rewrite(filled, 3, lambda parts: parts.update(payload={"blob": name, "unpacked": 5}))
    assert "a payload cannot be read" in problem(filled)


def test_a_journal_whose_file_goes_away_says_so(filled):
    filled.file.rename(filled.folder / "elsewhere")
    with pytest.raises(JournalError, match="cannot be read"):
        _ = filled.was_rewritten
    with pytest.raises(JournalError, match="cannot be read"):
        Journal(filled.folder)


def test_an_identity_that_is_missing_or_no_json_is_damage(filled):
    file = filled.folder / "journal.json"
    file.write_bytes(b"{")
    with pytest.raises(JournalError, match="identity is damaged"):
        Journal(filled.folder)
    file.unlink()
    with pytest.raises(JournalError, match="cannot be read"):
        Journal(filled.folder)


def test_the_beginning_is_a_place_to_resume_at(filled):
    reader = Journal(filled.folder)
    list(reader.advance())
    assert reader.resume(reader.genesis)
    assert not reader.resume(reader.genesis._replace(hash="0" * 64))
    assert not reader.resume(reader.position._replace(start=reader.position.start + 1))


def test_a_redaction_that_the_disk_does_not_take_changes_nothing(filled, monkeypatch):
    from aims_graph.journal import redaction

    before = filled.file.read_bytes()
    list(filled.advance())

    def full(_):
        raise OSError(28, "No space left on device")

    with filled.writing(), monkeypatch.context() as patch:
        patch.setattr(redaction.os, "fsync", full)
        with pytest.raises(ReadOnlyError, match="the disk is full"):
            redact(filled, DRAFT, [], lambda line: b"urn:s2" in line)
    assert filled.file.read_bytes() == before
    assert not list(filled.folder.glob(".entries*"))
    assert add(filled, quad(6)).sequence == 6


def test_a_damaged_journal_is_not_redacted(filled):
    list(filled.advance())
    rewrite(filled, 5, lambda parts: parts["entry"].update(actor="somebody else"))
    with filled.writing(), pytest.raises(JournalError, match="damaged"):
        redact(filled, DRAFT, [], lambda line: b"urn:s5" in line)
    data = filled.file.read_bytes()
    filled.file.write_bytes(data[:-10] + b"0" + data[-9:])
    with filled.writing(), pytest.raises(JournalError, match="it is not redacted"):
        redact(filled, DRAFT, [], lambda line: b"urn:s2" in line)


def test_a_redaction_also_deletes_what_crashes_left(filled):
    with filled.file.open("ab") as file:
        file.write(b'{"entry":{"reason":"about urn:s5')
    add(filled, quad(6))
    (left,) = (filled.folder / "dropped").iterdir()
    assert b"urn:s5" in left.read_bytes()
    with filled.writing():
        list(filled.advance())
        redact(filled, DRAFT, [], lambda line: b"urn:s5" in line)
    assert list((filled.folder / "dropped").iterdir()) == []
    assert verify(filled.folder).good
    with filled.writing():
        assert sweep(filled, dropped=True) == []


def test_a_lock_whose_note_cannot_be_read_is_somebodys(tmp_path: Path):
    file = tmp_path / "lock"
    for note in (b"", b"{", b'{"pid": 1}', b"[]"):
        file.write_bytes(note)
        handle = os.open(file, os.O_RDONLY)
        assert _read_owner(handle) == "another process"
        os.close(handle)


def test_proofs_are_for_leaves_and_trees_that_there_are():
    leaves = [hashlib.sha256(bytes([i])).digest() for i in range(4)]
    for index in (-1, 4):
        with pytest.raises(IndexError):
            inclusion_proof(index, leaves)
    for size in (-1, 5):
        with pytest.raises(IndexError):
            consistency_proof(size, leaves)
    assert not verify_inclusion(4, 4, leaves[0], [], leaves[0])


def test_a_proof_without_nodes_shows_no_growth_that_needs_some():
    leaves = [hashlib.sha256(bytes([i])).digest() for i in range(5)]
    old, new = root(leaves[:3]), root(leaves)
    proof = consistency_proof(3, leaves)
    assert verify_consistency(3, 5, old, new, proof)
    assert not verify_consistency(3, 5, old, new, [])
    assert not verify_consistency(4, 5, root(leaves[:4]), new, [])


def test_the_quads_of_an_entry_have_the_terms_of_its_lines(journal):
    integer = ox.NamedNode("http://www.w3.org/2001/XMLSchema#integer")
    subject, predicate = ox.NamedNode("urn:s"), ox.NamedNode("urn:p")
    added = [ox.Quad(subject, predicate, ox.Literal("01", datatype=integer), ox.NamedNode("urn:g"))]
    removed = [ox.Quad(subject, predicate, ox.Literal('a "b"\n', language="EN"))]
    lines = [[quad_line(each).decode() for each in quads] for quads in (added, removed)]
    assert lines[0][0].endswith("<urn:g> .")
    assert lines[1][0].count("<") == 2
    entry = add(journal, *lines[0], removed=tuple(lines[1]))
    assert entry.added_quads() == added
    assert entry.removed_quads() == removed


def test_the_hint_of_what_was_acknowledged_is_only_a_hint(filled):
    hint = filled.folder / "acknowledged"
    for text in (b"", b"x" * 30, b"%020d 00000000\n" % 99):
        hint.write_bytes(text)
        assert [entry.sequence for entry in Journal(filled.folder).entries()] == [1, 2, 3, 4, 5]
    assert json.loads(canonical({"b": 1, "a": "é"})) == {"a": "é", "b": 1}
