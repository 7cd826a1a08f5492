"""Verification, heads kept elsewhere, keys, and what a redaction leaves verifiable."""

import json
import stat

import pytest
from journal_entries import DRAFT, add, quad

from aims_graph.errors import InputError
from aims_graph.journal import Journal, Payload
from aims_graph.journal import payload as payload_module
from aims_graph.journal.keys import create_key, is_signed_by, read_head, read_public_key, sign
from aims_graph.journal.payload import derive_salts
from aims_graph.journal.redaction import redact, sweep
from aims_graph.journal.verification import verify


def test_a_journal_that_grew_continues_its_old_heads(filled):
    head = verify(filled.folder).head
    for number in range(6, 12):
        add(filled, quad(number))
        assert verify(filled.folder, head).good


def test_a_rolled_back_journal_is_found_by_the_head_only(filled):
    old = filled.file.read_bytes()
    add(filled, quad(6))
    head = verify(filled.folder).head
    filled.file.write_bytes(old)
    (filled.folder / "acknowledged").unlink()
    assert verify(filled.folder).good
    result = verify(filled.folder, head)
    assert "5 good entries, the head 6" in result.problems[0]


def test_a_head_of_another_journal_is_refused(filled, tmp_path):
    other = Journal.create(tmp_path / "other")
    add(other, quad(1))
    assert "another journal" in verify(other.folder, verify(filled.folder).head).problems[0]


def test_a_missing_payload_is_found(filled):
    for path in (filled.folder / "blobs").iterdir():
        path.unlink()
    assert not verify(filled.folder).good


def test_verification_changes_nothing(filled):
    with filled.file.open("ab") as file:
        file.write(b"torn")
    before = {p: p.read_bytes() for p in filled.folder.rglob("*") if p.is_file()}
    result = verify(filled.folder)
    assert result.good
    assert "never acknowledged" in result.notices[0]
    assert {p: p.read_bytes() for p in filled.folder.rglob("*") if p.is_file()} == before


def test_a_signed_head_is_accepted_and_an_altered_one_is_not(filled, tmp_path):
    public, name = create_key(tmp_path / "keys" / "a.key")
    assert stat.S_IMODE((tmp_path / "keys" / "a.key").stat().st_mode) == 0o600
    assert read_public_key(public) == name == read_public_key(tmp_path / "keys" / "a.key")
    head = sign(verify(filled.folder).head, tmp_path / "keys" / "a.key")
    file = tmp_path / "head.json"
    file.write_text(json.dumps(head.to_json()))
    assert read_head(file) == head
    assert is_signed_by(head, name)
    _, other = create_key(tmp_path / "keys" / "b.key")
    assert not is_signed_by(head, other)
    for change in ({"size": 4}, {"root": "0" * 64}, {"time": "2020"}, {"key": other}):
        file.write_text(json.dumps(head.to_json() | change))
        with pytest.raises(InputError, match="signature of this head is not valid"):
            read_head(file)


@pytest.mark.parametrize("text", ["", "{}", "[]", '"x"', '{"size": -1}', "\x00"])
def test_what_is_no_head_is_refused(tmp_path, text):
    (tmp_path / "head.json").write_text(text)
    with pytest.raises(InputError, match="not a tree head"):
        read_head(tmp_path / "head.json")


def test_a_key_is_never_overwritten(tmp_path):
    create_key(tmp_path / "a.key")
    with pytest.raises(InputError, match="already"):
        create_key(tmp_path / "a.key")


def test_withheld_lines_keep_their_commitments():
    payload = Payload([quad(n).encode() for n in range(5)], [quad(9).encode()])
    less = payload.without(lambda line: line == quad(2).encode())
    assert less.commitments() == payload.commitments()
    assert less.withheld == 1
    assert quad(2).encode() not in less.added
    again = less.without(lambda line: line == quad(9).encode())
    assert again.commitments() == payload.commitments()
    assert again.without(lambda line: line == quad(2).encode()) is again


@pytest.mark.parametrize("piece", [1, 2, 1000])
def test_commitments_are_as_documented(piece, monkeypatch):
    from hashlib import sha256, shake_256

    monkeypatch.setattr(payload_module, "_PIECE", piece)
    lines, seed = [b"<a:a> <b:b> <c:c> .", b"<a:a> <b:b> <d:d> ."], bytes(range(32))
    salts = shake_256(seed).digest(32)
    leaves = sha256(salts[:16] + lines[0]).digest() + sha256(salts[16:] + lines[1]).digest()
    assert derive_salts(seed, 2) == salts
    both, first, last = (sha256(part).hexdigest() for part in (leaves, leaves[:32], leaves[32:]))
    for kept in ({"seed": seed}, {"seed": b"", "salts": salts}):
        assert Payload(lines, [], **kept).commitments() == (both, sha256().hexdigest())
        assert Payload(lines[:1], lines[1:], **kept).commitments() == (first, last)


def erase(journal, line: str, removed=()):
    with journal.writing():
        list(journal.advance())
        return redact(journal, DRAFT, [r.encode() for r in removed], lambda x: x == line.encode())


def test_after_a_redaction_the_text_is_gone_and_old_heads_still_hold(filled):
    secret = quad(3, f"7 {'long ' * 20}")
    old_blobs = {path.name for path in (filled.folder / "blobs").iterdir()}
    head = verify(filled.folder).head
    leaves = verify(filled.folder).leaves
    entry = erase(filled, secret, removed=[secret])
    assert entry.redacts == {3: 1, 6: 1}
    after = verify(filled.folder, head)
    assert after.good, after.problems
    assert after.leaves[:5] == leaves
    assert after.withheld == 2
    third = list(filled.entries())[2]
    assert len(third.added) == 1000
    assert secret.encode() not in third.added
    assert len(third.added_quads()) == 999
    assert old_blobs.isdisjoint({path.name for path in (filled.folder / "blobs").iterdir()})


def test_a_redaction_that_concerns_nothing_writes_nothing(filled):
    before = filled.file.read_bytes()
    assert erase(filled, quad(77)) is None
    assert filled.file.read_bytes() == before


def test_a_line_withheld_without_an_entry_that_says_so_is_found(filled):
    erase(filled, quad(2))
    lines = filled.file.read_bytes().splitlines(keepends=True)
    filled.file.write_bytes(b"".join(lines[:-1]))
    (filled.folder / "acknowledged").unlink()
    assert "redactions on record withhold 0" in verify(filled.folder).problems[0]


def test_other_processes_notice_that_the_file_was_replaced(filled):
    reader = Journal(filled.folder)
    list(reader.advance())
    erase(filled, quad(2))
    assert reader.was_rewritten
    reader.rewind()
    assert not reader.was_rewritten
    assert len(list(reader.advance())) == 6


def test_payloads_that_no_entry_names_are_swept(filled):
    stray = filled.folder / "blobs" / f"{'0' * 64}.zst"
    stray.write_bytes(b"left by a crash")
    assert "no entry names" in verify(filled.folder).notices[0]
    with filled.writing():
        assert sweep(filled) == [stray]
    assert verify(filled.folder).notices == []
