"""An index with a few graphs, made once."""

import pytest
from pyoxigraph import Quad
from sparql_data import EDGES, QUADS, n

from aims_graph.sparql.snapshot import SnapshotStore


@pytest.fixture
def small(tmp_path):
    """The folder of an index that holds QUADS."""
    store = SnapshotStore(tmp_path / "index")
    store.rebuild(QUADS, "0")
    store.close()
    return store.folder


@pytest.fixture(scope="session")
def cyclic(tmp_path_factory):
    """The folder of an index whose property urn:q has one large cycle with chords."""
    store = SnapshotStore(tmp_path_factory.mktemp("cyclic") / "index")
    nodes = EDGES // 2
    edges = [
        Quad(n(f"n{i}"), n("q"), n(f"n{(i * step + 1) % nodes}"))
        for i in range(nodes)
        for step in (1, 7)
    ]
    store.rebuild(dict.fromkeys(edges), "0")
    store.close()
    return store.folder
