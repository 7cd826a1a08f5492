"""A workspace to work on, and the command as a user runs it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from aims_graph.workspace import Workspace

DATA = """@prefix aims: <https://w3id.org/aims-graph/ns#> . @prefix : <https://e.example/> .
:s a aims:AISystem ; aims:systemStage aims:OperationAndMonitoring ; aims:owner :jane{more} .
"""


class Commands:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, *args: object, code: int = 0) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "aims_graph", *map(str, args)],
            cwd=self.folder,
            env={**os.environ, "XDG_CONFIG_HOME": str(self.folder.parent / "config")},
            capture_output=True,
            text=True,
            check=False,
        )
        assert "Traceback" not in done.stderr, done.stderr
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr if code else done.stdout

    def ingest(self, more: str = "", code: int = 0) -> str:
        (self.folder / "a.ttl").write_text(DATA.replace("{more}", more))
        return self("ingest", "a.ttl", "--actor", "Ada", "--reason", "why", code=code)


@pytest.fixture
def aims(tmp_path: Path) -> Commands:
    folder = tmp_path / "w"
    folder.mkdir()
    commands = Commands(folder)
    commands("init")
    return commands


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace.create(tmp_path / "workspace")
