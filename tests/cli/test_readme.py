"""The README's tour, run as a newcomer runs it: on a terminal of 100 columns, one command after another."""

import fcntl
import os
import re
import shutil
import struct
import subprocess
import sys
import termios
from collections.abc import Iterator
from pathlib import Path

import pytest

pty = pytest.importorskip("pty", reason="this system has no pseudo-terminals")

ROOT = Path(__file__).resolve().parents[2]
_CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_BLOCK = re.compile(r"```sh\n(.*?)```\n(.*?)(?=```sh|\Z)", re.DOTALL)
_SHOWN = re.compile(r"```text\n(.*?)```", re.DOTALL)


def _tour() -> Iterator[tuple[str, list[str]]]:
    """The commands of each block, and the lines that are shown for them."""
    text = (ROOT / "README.md").read_text("utf-8")
    tour = text[text.index("## Five minutes") : text.index("Serve it to others")]
    for commands, after in _BLOCK.findall(tour):
        yield commands, [line for block in _SHOWN.findall(after) for line in block.splitlines()]


def _run(script: str, folder: Path) -> tuple[str, int]:
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 100, 0, 0))
    with subprocess.Popen(
        ["bash", "-c", f'aims() {{ "{sys.executable}" -m aims_graph "$@"; }}\n{script}'],
        cwd=folder,
        stdout=theirs,
        stderr=subprocess.DEVNULL,
        env=os.environ
        | {"TERM": "xterm", "COLUMNS": "100", "NO_COLOR": "1", "PYTHONPATH": str(ROOT)},
    ) as process:
        os.close(theirs)
        parts = []
        while True:
            try:
                part = os.read(ours, 1 << 16)
            except OSError:  # Linux says so when the other end is closed
                part = b""
            if not part:
                break
            parts.append(part)
        os.close(ours)
        code = process.wait(timeout=300)
    return _CONTROL.sub("", b"".join(parts).decode()).replace("\r\n", "\n"), code


def test_the_tour_of_the_readme_prints_what_it_shows(tmp_path: Path) -> None:
    if shutil.which("bash") is None:
        pytest.skip("there is no bash")
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    folder, compared = tmp_path, 0
    for commands, shown in _tour():
        out, code = _run(commands, folder)
        if "cd office" in commands:
            folder = tmp_path / "office"
            (folder / "data.ttl").write_text("<urn:a> a <urn:C> .")
            (folder / "shapes.ttl").write_text(
                "<urn:s> a <http://www.w3.org/ns/shacl#NodeShape> ;"
                " <http://www.w3.org/ns/shacl#targetClass> <urn:C> ."
            )
        assert code == (1 if "aims check --as-of" in commands else 0), f"{commands}\n{out}"
        lines = [line.rstrip() for line in out.splitlines()]
        for line in shown:
            assert line in lines, f"{line!r} is not in:\n{out}"
            compared += 1
    assert compared > 15
