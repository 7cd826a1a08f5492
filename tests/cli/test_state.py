"""The command line tells a workspace by its journal without importing the workspace."""

import subprocess
import sys
from pathlib import Path

from aims_graph.cli.state import Current
from aims_graph.workspace import JOURNAL


def test_a_folder_with_a_journal_is_a_workspace(tmp_path: Path) -> None:
    current = Current(path=tmp_path)
    assert not current.is_inside(tmp_path / "file")
    (tmp_path / JOURNAL).mkdir()
    assert current.is_inside(tmp_path / "file")


def test_checking_files_imports_neither_the_workspace_nor_pandas(tmp_path: Path) -> None:
    (tmp_path / "data.ttl").write_text("<http://a.example/s> a <http://a.example/C> .")
    code = (
        "import sys\nfrom aims_graph.cli import main\n"
        "sys.argv = ['aims', 'check', 'data.ttl', '--fail-on', 'never']\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "print({'pandas', 'aims_graph.workspace'} & sys.modules.keys())"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert ran.stdout.splitlines()[-1] == "set()"
