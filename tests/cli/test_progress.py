"""The bar of long work: drawn with a total on a terminal, and nothing at all elsewhere."""

import io
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from aims_graph.cli.progress import BYTES, progress

SHOP = Path(__file__).resolve().parents[2] / "examples" / "shop"
_CHECK = ("check", SHOP / "common", SHOP / "conforming", "--as-of", "2026-11-24")
_CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def _drawn(unit: str, *told: tuple[int, int], terminal: bool = True) -> str:
    screen = Console(file=io.StringIO(), force_terminal=terminal, width=100)
    with progress("Evaluating rules", unit, console=screen) as tell:
        for done, total in told:
            tell(done, total)
    assert isinstance(screen.file, io.StringIO)
    return _CONTROL.sub("", screen.file.getvalue())


def test_a_bar_with_its_total_is_drawn_on_a_terminal() -> None:
    text = _drawn("rules", (150, 563), (563, 563))
    assert "Evaluating rules" in text
    assert "━" in text
    assert "563/563 rules" in text


def test_bytes_are_shown_as_people_read_them() -> None:
    assert "1.5/3.0 MB" in _drawn(BYTES, (1_500_000, 3_000_000))


def test_nothing_is_drawn_where_there_is_no_terminal() -> None:
    assert _drawn("rules", (150, 563), terminal=False) == ""


def test_a_check_on_a_terminal_shows_how_far_files_and_rules_are() -> None:
    pty = pytest.importorskip("pty", reason="this system has no pseudo-terminals")
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "aims_graph", *_CHECK],
        stdout=subprocess.PIPE,
        stderr=theirs,
        env=os.environ | {"TERM": "xterm", "COLUMNS": "100"},
    ) as process:
        os.close(theirs)
        text = _read_all(ours)
        process.communicate(timeout=120)
    assert process.returncode == 0
    assert re.search(r"Reading files .*\d/\d.* kB", text)
    done, total = re.findall(r"Evaluating rules .* (\d+)/(\d+) constraints", text)[-1]
    assert done == total
    assert int(total) > 500


def _read_all(descriptor: int) -> str:
    parts = []
    while True:
        try:
            part = os.read(descriptor, 1 << 16)
        except OSError:  # Linux says so when the other end is closed
            part = b""
        if not part:
            os.close(descriptor)
            return _CONTROL.sub("", b"".join(parts).decode())
        parts.append(part)


def test_a_check_in_a_pipe_says_nothing_but_its_result(aims) -> None:
    done = aims.run(*_CHECK)
    assert done.stderr == ""
    assert "\x1b" not in done.stdout
