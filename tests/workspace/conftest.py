"""A workspace to work on."""

from pathlib import Path

import pytest

from aims_graph.workspace import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace.create(tmp_path / "workspace")
