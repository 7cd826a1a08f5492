"""A server of its own process, asked by clients that are not ours."""

import re
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest
import rdflib
from rdflib.plugins.stores.sparqlstore import SPARQLStore, SPARQLUpdateStore

from aims_api import cli
from aims_graph.vocabulary import AIMS

QUERY = f"SELECT ?s {{ ?s a <{AIMS}AISystem> }}"
KEY = re.compile(r"Admin key, shown this once: (aims_\w+_\S+)")


def answers(address):
    try:
        return urllib.request.urlopen(address, timeout=10).status == 200
    except OSError:
        return False


def test_a_first_start_prints_one_key_and_a_second_none(workspace, free_port):
    printed = []
    for _ in range(2):
        process = subprocess.Popen(
            [sys.executable, "-c", "from aims_api.cli import main; main()", "serve",
             str(workspace.path), "--port", str(free_port)],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        while process.poll() is None and not answers(f"http://127.0.0.1:{free_port}/healthz"):
            time.sleep(0.1)
        process.terminate()
        printed.append(process.communicate()[0])
    assert KEY.search(printed[0])
    assert printed[1] == ""


def test_a_folder_that_is_no_workspace_is_an_error_without_a_trace(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", "from aims_api.cli import main; main()", "serve", str(tmp_path)],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "not a workspace" in done.stderr
    assert "Traceback" not in done.stderr


def test_rdflib_asks_and_changes_over_the_protocol(server):
    address, reader, editor = server
    store = SPARQLStore(f"{address}/sparql", auth=("key", reader), returnFormat="json")
    rows = list(rdflib.Graph(store).query(QUERY))
    assert len(rows) == 2
    graph = rdflib.URIRef("urn:aims:source:records")
    update = SPARQLUpdateStore(
        f"{address}/sparql", f"{address}/sparql", auth=("key", editor), autocommit=True
    )
    dataset = rdflib.Graph(update, identifier=graph)
    triple = (rdflib.URIRef("urn:x"), rdflib.RDF.type, rdflib.URIRef(AIMS + "AISystem"))
    dataset.add(triple)
    assert triple in dataset
    assert len(list(rdflib.Graph(store).query(QUERY))) == 3


def test_rdflib_loads_the_ontology_by_url(server):
    graph = rdflib.Graph().parse(f"{server[0]}/ns", format="turtle")
    kind = rdflib.URIRef("http://www.w3.org/2002/07/owl#Class")
    assert (rdflib.URIRef(AIMS + "AISystem"), rdflib.RDF.type, kind) in graph


def test_pyoxigraph_reads_what_a_plain_http_client_gets(server):
    import pyoxigraph

    request = urllib.request.Request(
        f"{server[0]}/sparql?query=SELECT%20*%20%7B%20%3Fs%20a%20aims%3AAISystem%20%7D",
        headers={
            "Authorization": f"Bearer {server[1]}",
            "Accept": "application/sparql-results+xml",
        },
    )
    with urllib.request.urlopen(request) as answer:
        rows = pyoxigraph.parse_query_results(
            answer.read(), format=pyoxigraph.QueryResultsFormat.XML
        )
        assert len(list(rows)) == 2
    with pytest.raises(urllib.error.HTTPError, match="401"):
        urllib.request.urlopen(f"{server[0]}/sparql?query=ASK%7B%7D")


def test_a_stream_of_events_tells_a_listener_what_a_writer_does(server, workspace):
    address, reader, editor = server
    request = urllib.request.Request(
        f"{address}/events", headers={"Authorization": f"Bearer {reader}"}
    )
    with urllib.request.urlopen(request, timeout=60) as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        assert stream.readline() == b"retry: 3000\n"
        body = b'{"label": "Bot", "types": ["AISystem"]}'
        headers = {"Authorization": f"Bearer {editor}", "Content-Type": "application/json"}
        urllib.request.urlopen(
            urllib.request.Request(f"{address}/systems?reason=x", body, headers, method="POST")
        )
        lines = iter(stream.readline, b"")
        kind = next(line for line in lines if line.startswith(b"event:"))
        assert kind == b"event: finding.appeared\n"


def test_readers_are_answered_while_somebody_writes(server, workspace):
    """The commit holds the workspace; a status comes from the evaluation before it."""
    address, reader, _ = server
    request = urllib.request.Request(
        f"{address}/status", headers={"Authorization": f"Bearer {reader}"}
    )
    urllib.request.urlopen(request).read()
    with workspace._lock:
        answer = urllib.request.urlopen(request, timeout=20)
        assert answer.status == 200


def test_what_stays_is_not_searched_for_garbage_after_the_first_evaluation(monkeypatch):
    done: list[str] = []
    monkeypatch.setattr(cli.gc, "collect", lambda: done.append("collect"))
    monkeypatch.setattr(cli.gc, "freeze", lambda: done.append("freeze"))
    first, second = object(), object()
    cli._leave_to_itself(("urn:aims:source:a",), None, first)
    assert done == []
    cli._leave_to_itself(("*",), None, first)
    cli._leave_to_itself(("*",), first, second)
    assert done == ["collect", "freeze"]
