"""Another store's graphs, recorded as a source of the workspace."""

import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from pyoxigraph import NamedNode

from aims_graph.workspace import Workspace, source_graph


@pytest.fixture
def address():
    program = shutil.which("oxigraph") or shutil.which(
        "oxigraph", path=str(Path(sys.executable).parent)
    )
    if program is None:
        pytest.skip("oxigraph is not installed (pip install oxigraph)")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    process = subprocess.Popen(
        [program, "serve", "--bind", f"127.0.0.1:{port}"], stderr=subprocess.DEVNULL
    )
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(f"{url}/query", timeout=1).close()
            except urllib.error.HTTPError:
                break
            except OSError:
                time.sleep(0.1)
            else:
                break
        yield url
    finally:
        process.kill()
        process.wait()


def put(address: str, graph: str, turtle: str) -> None:
    request = urllib.request.Request(
        f"{address}/store?graph={graph}",
        data=turtle.encode(),
        headers={"Content-Type": "text/turtle"},
        method="PUT",
    )
    urllib.request.urlopen(request).close()


def test_graphs_of_another_store_become_a_source(aims, address):
    query = f"{address}/query"
    assert "has no triples" in aims("connect", query, "--into", code=2)
    put(address, "urn:g", '<urn:a> <urn:p> "1"@de , [ <urn:q> 2 ] .')
    put(address, "urn:h", "<urn:a> <urn:p> <urn:b> .")
    assert "Recorded as entry 1: 4 triples added" in aims(
        "connect", query, "--into", "--source", "other"
    )
    assert "Nothing changed" in aims("connect", query, "--into", "--source", "other")
    workspace = Workspace(aims.folder)
    assert {quad.graph_name for quad in workspace.quads()} == {source_graph("other")}
    put(address, "urn:h", "<urn:a> <urn:p> <urn:c> .")
    assert "1 triples added, 1 removed" in aims("connect", query, "--into", "--source", "other")
    assert NamedNode("urn:c") in {quad.object for quad in Workspace(aims.folder).quads()}
    assert "entry 3" in aims("connect", query, "--into", "--graph", "urn:h")
    name = address.removeprefix("http://").replace(":", "-")
    assert len(Workspace(aims.folder).graphs()[source_graph(name).value]) == 1


def test_one_thing_is_done_at_a_time(aims):
    url = "http://127.0.0.1:9/query"
    assert "three different things" in aims("connect", url, "--into", "--pull", "f.nq", code=2)
