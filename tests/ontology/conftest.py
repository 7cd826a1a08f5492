"""All ontology files in one store, for the conventions and the catalogue."""

from pathlib import Path

import pyoxigraph as ox
import pytest


@pytest.fixture(scope="session")
def ontology_folder(root: Path) -> Path:
    return root / "ontology"


@pytest.fixture(scope="session")
def every_file(ontology_folder: Path) -> list[Path]:
    """Every Turtle file of the ontology, alignments and crosswalks included."""
    return sorted(ontology_folder.rglob("*.ttl"))


@pytest.fixture(scope="session")
def everything(every_file: list[Path]) -> ox.Store:
    store = ox.Store()
    for path in every_file:
        store.load(path=path, format=ox.RdfFormat.TURTLE)
    return store
