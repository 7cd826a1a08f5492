"""Runs the command as a user does: another process, from any folder."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

SHOP = Path(__file__).resolve().parents[2] / "examples" / "shop"
AS_OF = "2026-11-24"


class Aims:
    """``run`` gives the finished process; ``json`` what it printed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def run(self, *args: str | Path, code: int | None = 0) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, "-m", "aims_graph", *map(str, args)],
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert "Traceback" not in done.stderr, done.stderr
        if code is not None:
            assert done.returncode == code, done.stdout + done.stderr
        return done

    def json(self, *args: str | Path, code: int | None = 0) -> Any:
        return json.loads(self.run(*args, code=code).stdout)


@pytest.fixture
def aims(tmp_path: Path) -> Aims:
    return Aims(tmp_path)


@pytest.fixture(scope="session")
def with_gaps() -> list[str | Path]:
    return ["--data", SHOP / "common", "--data", SHOP / "with-gaps", "--as-of", AS_OF]
