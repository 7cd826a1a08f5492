"""A disk that really is full: a small file system in memory."""

import os
import subprocess

import pytest
from journal_entries import add, quad

from aims_graph.journal import Journal, ReadOnlyError
from aims_graph.journal.verification import verify


@pytest.fixture
def small_disk(tmp_path):
    """One MiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    done = subprocess.run(mount, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"a file system of our own cannot be mounted here: {done.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.parametrize("size", [5, 400])
def test_a_full_disk_makes_the_journal_read_only_until_there_is_space(small_disk, size):
    """Entries of 400 lines and more are written as blobs, smaller ones in their line."""
    journal = Journal.create(small_disk / "journal")
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(900_000))
    # Random text: blobs are compressed.
    lines = [quad(n, os.urandom(100).hex()) for n in range(size)]
    written = 0
    with pytest.raises(ReadOnlyError, match="the disk is full"):  # noqa: PT012 - counts until then
        for _ in range(1000):
            add(journal, *lines)
            written += 1
    assert written > 0
    with pytest.raises(ReadOnlyError):
        add(journal, *lines)
    checked = verify(journal.folder)
    assert checked.good
    assert not checked.notices  # nothing half written is left, no blob either
    assert len(checked.leaves) == written
    ballast.unlink()
    assert add(journal, *lines).sequence == written + 1  # the same object, no restart
    assert verify(journal.folder).good
