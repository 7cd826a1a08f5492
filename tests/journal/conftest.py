"""Journals to work on."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest
from journal_entries import add, quad

from aims_graph.journal import Journal


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal.create(tmp_path / "journal")


@pytest.fixture
def filled(journal: Journal) -> Journal:
    """Five entries; the third is too large for its line."""
    for number in (1, 2):
        add(journal, quad(number))
    add(journal, *(quad(3, f"{n} {'long ' * 20}") for n in range(1000)))
    add(journal, quad(4), removed=(quad(1),))
    add(journal, quad(5))
    return journal


@pytest.fixture
def benchmark(root: Path):
    """Loads a script of benchmarks/, whose rounds the tests run a few of."""

    def load(name: str) -> ModuleType:
        spec = importlib.util.spec_from_file_location(name, root / "benchmarks" / f"{name}.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    return load
