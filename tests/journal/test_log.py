"""Appending, reading, locking, and what a crash or a full disk leaves."""

import errno
import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from journal_entries import DRAFT, add, quad

from aims_graph.errors import InputError
from aims_graph.journal import Draft, Journal, JournalError, LockedError, Payload, ReadOnlyError
from aims_graph.journal import disk as disk_module
from aims_graph.journal.log import MAX_LINE


def read(folder: Path) -> list[tuple[int, list[bytes], list[bytes]]]:
    journal = Journal(folder)
    return [(e.sequence, list(e.added), list(e.removed)) for e in journal.entries()]


def test_entries_are_read_as_they_were_written(filled):
    entries = list(Journal(filled.folder).entries())
    assert [entry.sequence for entry in entries] == [1, 2, 3, 4, 5]
    assert entries[3].added == [quad(4).encode()]
    assert entries[3].removed == [quad(1).encode()]
    assert (entries[0].actor, entries[0].reason, entries[0].source) == ("Ada", "because", "test")
    assert entries[0].previous == filled.genesis.hash
    assert [e.previous for e in entries[1:]] == [e.hash for e in entries[:-1]]


def test_a_large_entry_stands_in_a_file_of_its_own(filled):
    third = list(filled.entries())[2]
    assert third.blob
    assert third.added_count == len(third.added) == 1000
    assert (filled.folder / "blobs" / f"{third.blob}.zst").exists()
    assert len(filled.file.read_bytes()) < 5000


def test_there_is_only_one_journal_in_a_folder(journal):
    with pytest.raises(InputError, match="already"):
        Journal.create(journal.folder)


def test_times_never_go_back_even_when_the_clock_does(filled, monkeypatch):
    import aims_graph.journal.log as log_module

    class Earlier(log_module.datetime):
        @classmethod
        def now(cls, tz=None):
            return cls(1999, 1, 1, tzinfo=tz)

    monkeypatch.setattr(log_module, "datetime", Earlier)
    entry = add(filled, quad(6))
    times = [e.time for e in filled.entries()]
    assert times == sorted(times)
    assert entry.time.startswith("20")


@pytest.mark.parametrize("tail", [b"{", b"\0" * 100, b"garbage\nmore\n\xff\n", b'{"entry":{}}\n'])
def test_what_a_crash_left_is_put_aside_and_reported(filled, tail):
    before = read(filled.folder)
    with filled.file.open("ab") as file:
        file.write(tail)
    journal = Journal(filled.folder)
    assert read(filled.folder) == before
    add(journal, quad(9))
    assert [entry[0] for entry in read(filled.folder)] == [1, 2, 3, 4, 5, 6]
    assert "left by a crash" in journal.notices[0]
    side = list((filled.folder / "dropped").iterdir())
    assert [path.read_bytes() for path in side] == [tail]


def test_a_lost_committed_entry_is_damage_and_not_a_crash(filled):
    data = filled.file.read_bytes()
    filled.file.write_bytes(data[:-5])
    with pytest.raises(JournalError, match="entry 5 was committed and is not there"):
        list(Journal(filled.folder).entries())
    assert filled.file.read_bytes() == data[:-5]


@pytest.mark.parametrize("known", [4, 5])
def test_an_entry_cut_at_any_byte_is_put_aside_unless_it_was_acknowledged(filled, known):
    data = filled.file.read_bytes()
    start = data.rindex(b"\n", 0, -1) + 1
    journal = Journal(filled.folder)
    for _ in journal.advance(until=known):
        pass
    journal.note_acknowledged()
    for end in range(start + 1, len(data)):
        filled.file.write_bytes(data[:end])
        if known == 5:
            with pytest.raises(JournalError, match="entry 5 was committed and is not there"):
                read(filled.folder)
        else:
            assert [entry[0] for entry in read(filled.folder)] == [1, 2, 3, 4]


def test_an_entry_cut_before_its_line_end_is_written_again(filled):
    data = filled.file.read_bytes()
    (filled.folder / "acknowledged").unlink()
    filled.file.write_bytes(data[:-1])
    journal = Journal(filled.folder)
    assert add(journal, quad(6)).sequence == 5
    assert [entry[1] for entry in read(filled.folder)][-1] == [quad(6).encode()]
    (side,) = (filled.folder / "dropped").iterdir()
    assert data.endswith(side.read_bytes() + b"\n")


def test_damage_before_the_last_entry_is_refused_and_left_as_it_is(filled):
    data = bytearray(filled.file.read_bytes())
    data[300] ^= 1
    filled.file.write_bytes(data)
    (filled.folder / "acknowledged").unlink()
    journal = Journal(filled.folder)
    with pytest.raises(JournalError, match="damaged") as caught:
        add(journal, quad(9))
    assert caught.value.line == 1
    assert filled.file.read_bytes() == data


def test_a_tail_longer_than_any_entry_is_damage(filled):
    with filled.file.open("ab") as file:
        file.truncate(file.tell() + MAX_LINE + 1)
    with pytest.raises(JournalError, match="longer than any entry"):
        list(Journal(filled.folder).entries())


def test_a_second_writer_is_told_who_writes(journal):
    code = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from aims_graph.journal import Journal\n"
        "with Journal(Path(sys.argv[1])).writing():\n"
        "    print('locked', flush=True)\n"
        "    time.sleep(60)\n"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", code, journal.folder], stdout=subprocess.PIPE, text=True
    )
    try:
        assert other.stdout.readline() == "locked\n"
        with pytest.raises(LockedError, match=f"process {other.pid} on .* since "):
            add(journal, quad(1))
        assert list(journal.entries()) == []  # readers go on
    finally:
        other.kill()
        other.wait()
    add(journal, quad(1))  # the lock of a dead process is free


def test_a_writer_may_wait_for_another(journal):
    with journal.writing():
        writer = Journal(journal.folder)
        errors = []

        def late() -> None:
            try:
                with writer.writing(wait=30.0):
                    writer.append(DRAFT, Payload([quad(1).encode()], []))
            except JournalError as error:
                errors.append(error)

        thread = threading.Thread(target=late)
        thread.start()
    thread.join()
    assert not errors
    assert len(list(journal.entries())) == 1


def test_a_reader_sees_what_others_write_meanwhile(filled):
    reader = Journal(filled.folder)
    assert len(list(reader.advance())) == 5
    add(filled, quad(6))
    assert [entry.sequence for entry in reader.advance()] == [6]


def test_an_entry_cannot_be_added_behind_what_others_wrote(filled):
    late = Journal(filled.folder)
    list(late.advance())
    add(filled, quad(6))
    with late.writing(), pytest.raises(JournalError, match="not read"):
        late.append(DRAFT, Payload([], []))


def test_reading_can_be_resumed_only_where_the_same_entry_stands(filled):
    list(filled.advance())
    position = filled.position
    again = Journal(filled.folder)
    assert again.resume(position)
    assert list(again.advance()) == []
    assert not again.resume(position._replace(hash="0" * 64))
    assert not again.resume(position._replace(start=position.start + 1))


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO])
@pytest.mark.parametrize("when", ["write", "fsync"])
def test_when_the_disk_fails_nothing_is_lost_and_writing_goes_on_later(
    filled, monkeypatch, code, when
):
    before = filled.file.read_bytes()
    real_write, real_fsync = os.pwrite, os.fsync

    def half_write(handle, data, offset):
        if len(data) > 100:
            return real_write(handle, data[:100], offset)
        raise OSError(code, os.strerror(code))

    def no_fsync(handle):
        raise OSError(code, os.strerror(code))

    if when == "write":
        monkeypatch.setattr(disk_module.os, "pwrite", half_write)
    else:
        monkeypatch.setattr(disk_module.os, "fsync", no_fsync)
    with pytest.raises(ReadOnlyError, match="nothing was recorded"):
        add(filled, quad(6))
    monkeypatch.setattr(os, "pwrite", real_write)
    monkeypatch.setattr(os, "fsync", real_fsync)
    assert filled.file.read_bytes() == before
    assert filled.read_only
    assert add(filled, quad(7)).sequence == 6  # the same object, no restart
    assert not filled.read_only
    assert [entry[0] for entry in read(filled.folder)] == [1, 2, 3, 4, 5, 6]


def test_a_full_disk_stops_writing_at_once(filled, monkeypatch):
    class Full:
        f_bavail, f_frsize = 0, 4096

    monkeypatch.setattr(os, "statvfs", lambda _: Full)
    filled.read_only = "nothing was recorded: the disk is full"
    with pytest.raises(ReadOnlyError, match="full"):
        add(filled, quad(6))


def test_text_that_cannot_be_kept_is_refused(journal):
    for draft in (Draft("\ud800", "r", "s"), Draft("a", "r" * 20_000, "s")):
        with journal.writing(), pytest.raises(InputError):
            journal.append(draft, Payload([], []))
    assert journal.file.read_bytes() == b""


def test_a_journal_of_another_format_is_refused(journal):
    identity = json.loads((journal.folder / "journal.json").read_bytes())
    text = json.dumps(identity | {"format": 99}, sort_keys=True, separators=(",", ":"))
    (journal.folder / "journal.json").write_text(text + "\n")
    with pytest.raises(JournalError, match="format that is not known"):
        Journal(journal.folder)
