"""The built wheel works without the checkout: data files inside, commands answer."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """The unpacked wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT],
        check=True,
        capture_output=True,
    )
    (built,) = folder.glob("*.whl")
    with zipfile.ZipFile(built) as archive:
        archive.extractall(folder / "unpacked")
    return folder / "unpacked"


def test_it_holds_every_data_file_once(wheel: Path) -> None:
    for name in ("ontology", "shapes", "queries", "examples"):
        inside = {
            path.relative_to(wheel / "aims_graph" / "_data" / name)
            for path in (wheel / "aims_graph" / "_data" / name).rglob("*")
            if path.is_file()
        }
        beside = {
            path.relative_to(ROOT / name)
            for path in (ROOT / name).rglob("*")
            if path.is_file() and "__pycache__" not in path.parts
        }
        assert inside == beside
    assert not list(wheel.glob("tests*"))


def test_it_holds_what_pages_and_documents_are_made_with_and_its_licences(wheel: Path) -> None:
    for folder, inside in (
        (ROOT / "api" / "aims_api" / "static", wheel / "aims_api" / "static"),
        (ROOT / "api" / "aims_api" / "templates", wheel / "aims_api" / "templates"),
        (ROOT / "aims_graph" / "report" / "fonts", wheel / "aims_graph" / "report" / "fonts"),
    ):
        beside = {path.relative_to(folder) for path in folder.rglob("*") if path.is_file()}
        assert beside == {path.relative_to(inside) for path in inside.rglob("*") if path.is_file()}
    (metadata,) = wheel.glob("*.dist-info/METADATA")
    licences = {path.name for path in (metadata.parent / "licenses").rglob("*") if path.is_file()}
    assert {
        "LICENSE",
        "LICENSE-CC-BY-4.0",
        "THIRD-PARTY.md",
        "LICENSES.txt",
        "LICENSE.txt",
    } <= licences
    assert "License-Expression: Apache-2.0 AND CC-BY-4.0 AND MIT" in metadata.read_text()


def test_the_commands_of_the_checkout_run_from_it(wheel: Path, tmp_path: Path) -> None:
    env = {**os.environ, "PYTHONPATH": str(wheel)}
    where = subprocess.run(
        [sys.executable, "-c", "import aims_graph; print(aims_graph.__file__)"],
        cwd=tmp_path,
        env=env,
        capture_output=True,
        text=True,
        check=True,
    )
    assert where.stdout.startswith(str(wheel))
    done = subprocess.run(
        [sys.executable, "-m", "pytest", ROOT / "tests" / "cli", "-p", "no:cacheprovider",
         "-k", "demo or workspace or whether_the_data_conform or 38_controls or wheel"],
        cwd=tmp_path,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    assert " passed" in done.stdout
