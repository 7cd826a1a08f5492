"""Other stores over HTTP: the two that are known to differ, and one that misbehaves in every known way."""

import http.server
import io
import json
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path

import pyoxigraph as ox
import pytest
from pyoxigraph import Literal, NamedNode, Quad

from aims_graph.errors import InputError
from aims_graph.sparql.errors import LimitError, RefusedError, TimeLimitError
from aims_graph.sparql.limits import Limits
from aims_graph.sparql.remote import Capabilities, RemoteStore
from aims_graph.sparql.remote_results import Solutions

G, H, P = NamedNode("urn:test:g"), NamedNode("urn:test:h"), NamedNode("urn:test:p")
QUADS = [
    Quad(NamedNode("urn:test:a"), P, NamedNode("urn:test:b"), G),
    Quad(NamedNode("urn:test:a"), P, Literal("text"), G),
    Quad(NamedNode("urn:test:a"), P, Literal("Text", language="de"), G),
    Quad(
        NamedNode("urn:test:a"),
        P,
        Literal("5", datatype=NamedNode("http://www.w3.org/2001/XMLSchema#integer")),
        H,
    ),
]


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def wait_for(url, process):
    for _ in range(1200):
        assert process.poll() is None, "the store did not start"
        try:
            urllib.request.urlopen(url, timeout=1).close()
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
        else:
            return
    pytest.fail("the store did not answer")


@pytest.fixture(scope="module")
def oxigraph():
    program = shutil.which("oxigraph") or shutil.which(
        "oxigraph", path=str(Path(sys.executable).parent)
    )
    if program is None:
        pytest.skip("oxigraph is not installed (pip install oxigraph)")
    port = free_port()
    process = subprocess.Popen(
        [program, "serve", "--bind", f"127.0.0.1:{port}"], stderr=subprocess.DEVNULL
    )
    address = f"http://127.0.0.1:{port}"
    wait_for(address, process)
    data = "".join(f"{quad} .\n" for quad in QUADS).encode()
    request = urllib.request.Request(
        f"{address}/store", data=data, headers={"Content-Type": "application/n-quads"}
    )
    urllib.request.urlopen(request).close()
    yield RemoteStore(f"{address}/query", graph_store=f"{address}/store")
    process.kill()
    process.wait()


@pytest.fixture(scope="module")
def virtuoso(tmp_path_factory):
    if shutil.which("virtuoso-t") is None or shutil.which("isql-vt") is None:
        pytest.skip("virtuoso is not installed (Debian: virtuoso-opensource-7-bin)")
    folder = tmp_path_factory.mktemp("virtuoso")
    http_port, sql_port = free_port(), free_port()
    (folder / "virtuoso.ini").write_text(
        f"""[Database]
DatabaseFile = {folder}/v.db
ErrorLogFile = {folder}/v.log
LockFile = {folder}/v.lck
TransactionFile = {folder}/v.trx
xa_persistent_file = {folder}/v.pxa
[TempDatabase]
DatabaseFile = {folder}/t.db
TransactionFile = {folder}/t.trx
[Parameters]
ServerPort = 127.0.0.1:{sql_port}
DirsAllowed = {folder}
NumberOfBuffers = 2000
[HTTPServer]
ServerPort = 127.0.0.1:{http_port}
ServerThreads = 4
[SPARQL]
ResultSetMaxRows = 5000
"""
    )
    process = subprocess.Popen(
        ["virtuoso-t", "+foreground", "+configfile", folder / "virtuoso.ini"],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{http_port}/sparql"
    wait_for(f"{address}?query=ASK%7B%7D", process)
    many = " . ".join(f"<urn:test:s{i}> <urn:test:p> <urn:test:o{i % 7}>" for i in range(300))
    blocks = "".join(
        f"GRAPH {graph} {{ {' . '.join(f'{q.subject} {q.predicate} {q.object}' for q in QUADS if q.graph_name == graph)} }} "
        for graph in (G, H)
    )
    statements = f"SPARQL INSERT DATA {{ {blocks} }};\nSPARQL INSERT DATA {{ GRAPH <urn:test:many> {{ {many} }} }};\n"
    (folder / "load.sql").write_text(statements)
    subprocess.run(
        ["isql-vt", f"127.0.0.1:{sql_port}", "dba", "dba", folder / "load.sql"],
        check=True,
        capture_output=True,
    )
    yield RemoteStore(address)
    process.kill()
    process.wait()


def check_reads(store):
    assert set(store.graphs()) >= {G.value, H.value}
    assert set(store.pull([G.value, H.value])) == set(QUADS)
    assert store.query("ASK { ?s <urn:test:p> <urn:test:b> }").boolean is True
    assert store.query("ASK { ?s <urn:test:p> <urn:test:none> }").boolean is False
    rows = store.query("SELECT ?o { <urn:test:a> <urn:test:p> ?o }").rows
    assert {row["o"] for row in rows} == {quad.object for quad in QUADS}
    with pytest.raises(RefusedError):
        store.query("SELECT * { SERVICE <http://127.0.0.1:8971/> { ?s ?p ?o } }")
    with pytest.raises(InputError, match="answered 400"):
        store.query("SELECT ?s { ?s ?p }")


def test_oxigraph_is_read(oxigraph):
    able = oxigraph.capabilities()
    assert able.union_default_graph is False
    assert able.graph_store is True
    check_reads(oxigraph)


def test_oxigraph_is_read_without_the_graph_store_protocol(oxigraph):
    check_reads(RemoteStore(oxigraph.endpoint))


def test_virtuoso_is_read(virtuoso):
    able = virtuoso.capabilities()
    assert able.union_default_graph is True
    assert able.timeout is True
    check_reads(virtuoso)


def test_part_of_an_answer_of_virtuoso_is_an_error(virtuoso):
    hurried = RemoteStore(virtuoso.endpoint, limits=Limits(seconds=5))
    hurried.capabilities()
    hurried.limits = Limits(seconds=1)
    text = "SELECT (COUNT(*) AS ?n) { ?a <urn:test:p> ?b . ?c <urn:test:p> ?d . ?e <urn:test:p> ?f . ?g <urn:test:p> ?h FILTER(?a != ?c && ?e != ?g) }"
    with pytest.raises(InputError, match=r"part of the answer|did not answer|answered 5"):
        hurried.query(text)


class Odd(http.server.BaseHTTPRequestHandler):
    """Answers with what the query names."""

    def do_POST(self):
        length = int(self.headers["Content-Length"])
        body = urllib.request.unquote(self.rfile.read(length).decode())
        status, headers, answer = 200, {}, {"head": {}, "boolean": True}
        if "typed" in body:
            term = {"type": "typed-literal", "datatype": "urn:t", "value": "5"}
            answer = {"head": {"vars": ["x"]}, "results": {"bindings": [{"x": term}]}}
        elif "asked" in body:
            term = {"type": "literal", "value": "0"}
            answer = {"head": {"vars": ["r"]}, "results": {"bindings": [{"r": term}]}}
        elif "partial" in body:
            headers = {"X-SQL-State": "S1TAT", "X-SQL-Message": "S1TAT timed out"}
        elif "moved" in body:
            status, headers = 307, {"Location": "http://127.0.0.1:9/other"}
        elif "broken" in body:
            answer = [1, 2]
        elif "slow" in body:
            time.sleep(3)
        elif "short" in body:
            headers = {"X-Length": "9"}
        elif "refused" in body:
            status = 400
        elif "many" in body:
            rows = [{"x": {"type": "bnode", "value": f"node-{i}"}} for i in range(30)]
            answer = {"head": {"vars": ["x"]}, "results": {"bindings": rows}}
        elif "odd-term" in body:
            answer = {
                "head": {"vars": ["x"]},
                "results": {"bindings": [{"x": {"type": "triple", "value": {}}}]},
            }
        elif "COUNT" in body:
            term = {"type": "literal", "value": "3"}
            answer = {"head": {"vars": ["n"]}, "results": {"bindings": [{"n": term}]}}
        data = b"" if status == 400 else json.dumps(answer).encode()
        if "CONSTRUCT" in body:
            data = b"<urn:a> <urn:b> <urn:c> .\n"
        elif "GRAPH" in body and "COUNT" not in body:
            data = b'{"head":{"vars":["s"]},"results":{"bindings":[]}}'
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", headers.get("X-Length") or str(len(data)))
        self.end_headers()
        self.wfile.write(data[:5] if "X-Length" in headers else data)

    def do_GET(self):
        """Of the Graph Store Protocol, which needs a credential here."""
        known = self.headers.get("Authorization") == "Bearer x"
        data = b"<urn:a> <urn:b> <urn:c>, <urn:d>, <urn:e> ." if known else b"who are you?"
        self.send_response(200 if known else 401)
        self.send_header("Content-Type", "text/turtle")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def odd():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Odd)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield RemoteStore(f"http://127.0.0.1:{server.server_port}/", limits=Limits(seconds=2))
    server.shutdown()


def test_typed_literals_are_literals(odd):
    (row,) = odd.query("SELECT ?x { ?x <urn:typed> ?y }", union=False).rows
    assert row["x"] == ox.Literal("5", datatype=ox.NamedNode("urn:t"))


def test_an_ask_answered_by_a_row_is_an_ask(odd):
    assert odd.query("ASK { ?x <urn:asked> ?y }", union=False).boolean is False


@pytest.mark.parametrize(
    ("word", "kind", "message"),
    [
        ("partial", TimeLimitError, "part of the answer"),
        ("moved", InputError, "it has moved"),
        ("broken", InputError, "not SPARQL JSON"),
        ("slow", TimeLimitError, "did not answer within"),
    ],
)
def test_an_answer_that_cannot_be_trusted_is_an_error(odd, word, kind, message):
    with pytest.raises(kind, match=message):
        odd.query(f"SELECT ?x {{ ?x <urn:{word}> ?y }}", union=False)


@pytest.mark.parametrize(
    ("word", "kind", "message"),
    [
        ("refused", InputError, r"answered 400\. |answered 400$"),
        ("odd-term", InputError, "a term of type 'triple'"),
        ("many", LimitError, "more than 20 rows"),
        ("short", InputError, "not SPARQL JSON|broke off"),
    ],
)
def test_an_answer_that_is_none_is_an_error(odd, word, kind, message):
    store = RemoteStore(odd.endpoint, limits=Limits(seconds=5, rows=20))
    with pytest.raises(kind, match=message):
        store.query(f"SELECT ?x {{ ?x <urn:{word}> ?y }}", union=False)


def test_an_answer_larger_than_the_limit_is_an_error(odd):
    store = RemoteStore(odd.endpoint, limits=Limits(seconds=5, bytes=50))
    with pytest.raises(LimitError, match="larger than 50 bytes"):
        store.query("SELECT ?x { ?x <urn:typed> ?y }", union=False)


def test_blank_nodes_of_a_store_are_blank_nodes(odd):
    store = RemoteStore(odd.endpoint, limits=Limits(seconds=5))
    rows = store.query("SELECT ?x { ?x <urn:many> ?y }", union=False).rows
    assert len({row["x"] for row in rows}) == 30
    assert all(isinstance(row["x"], ox.BlankNode) for row in rows)


def test_a_count_that_is_no_number_is_an_error():
    for rows in ([], [{}], [{"n": Literal("many")}]):
        with pytest.raises(InputError, match="is no number"):
            Solutions(("n",), rows).integer("n")


def test_graphs_are_fetched_by_the_protocol_where_there_is_one(odd):
    address = odd.endpoint + "store"
    known = RemoteStore(
        odd.endpoint, graph_store=address, headers={"Authorization": "Bearer x"},
        limits=Limits(seconds=20, cpu=20),
    )  # fmt: skip
    able = known.capabilities()
    assert (able.graph_store, able.authenticated, able.union_default_graph) == (True, True, None)
    assert {quad.object.value for quad in known.pull(["urn:g"])} == {"urn:c", "urn:d", "urn:e"}
    stranger = RemoteStore(odd.endpoint, graph_store=address, limits=Limits(seconds=20, cpu=20))
    assert stranger.capabilities().graph_store is False


def test_a_time_limit_goes_with_the_request_where_the_store_takes_one(odd, monkeypatch):
    sent = []
    store = RemoteStore(odd.endpoint, limits=Limits(seconds=3))
    monkeypatch.setattr(store, "_open", lambda request: sent.append(request.data) or _Closed())
    store._found = Capabilities("Virtuoso/7", True, True, False, False)
    with pytest.raises(InputError):
        store.query("SELECT * { ?s ?p ?o }")
    assert b"timeout=3000" in sent[0]


class _Closed(io.BytesIO):
    """An answer without content."""


def test_a_graph_that_comes_incomplete_is_an_error(odd):
    with pytest.raises(LimitError, match="has 3 triples and gave 1"):
        list(RemoteStore(odd.endpoint).pull(["urn:g"]))


def test_only_http_is_spoken():
    with pytest.raises(InputError, match="no http address"):
        RemoteStore("file:///etc/hostname")


def test_a_store_that_is_not_there_is_an_error():
    with pytest.raises(InputError, match="cannot be reached"):
        RemoteStore(f"http://127.0.0.1:{free_port()}/").capabilities()
