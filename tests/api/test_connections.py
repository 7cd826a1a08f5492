"""Requests that are too long or too slow to be meant, sent over a socket."""

import http.client
import re
import socket
import threading
import time
import urllib.parse
from contextlib import suppress

import pytest
import uvicorn

from aims_api import connections as ours
from aims_api import create_app
from aims_api.cli import UVICORN
from aims_graph.workspace import Workspace

HEAD = b"GET /healthz HTTP/1.1\r\nHost: here\r\n"


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    return create_app(Workspace.create(tmp_path_factory.mktemp("served") / "workspace"))


@pytest.fixture(scope="module")
def key(app):
    return app.state.core.keys.create("reader", ["reader"], read=["*"]).text


@pytest.fixture(scope="module")
def port(app):
    """Of a server as the command starts it, that looks at its connections more often."""
    seconds, ours.SECONDS = ours.SECONDS, 1.0
    running = uvicorn.Server(uvicorn.Config(app, port=0, **UVICORN))
    thread = threading.Thread(target=running.run)
    thread.start()
    while not running.started:
        time.sleep(0.02)
    yield running.servers[0].sockets[0].getsockname()[1]
    running.should_exit = True
    thread.join()
    ours.SECONDS = seconds


@pytest.fixture
def connect(port):
    made = []

    def start(data: bytes) -> socket.socket:
        made.append(socket.create_connection(("127.0.0.1", port), timeout=30))
        made[-1].sendall(data)
        return made[-1]

    yield start
    for one in made:
        one.close()


def read_all(one: socket.socket) -> bytes:
    """Until the server closes; an error of the socket when it does not."""
    found = b""
    while piece := one.recv(65536):
        found += piece
    return found


@pytest.mark.parametrize(
    "start",
    [HEAD + b"X-A: ", HEAD, b"GET /"],
    ids=["a long header", "many headers", "a long address"],
)
def test_a_head_without_end_is_cut_off(connect, start):
    more = b"X-B: b\r\n" if start == HEAD else b"a"
    one = connect(start)
    sent = 0
    try:
        while sent < 8 << 20:
            one.sendall(more * 4096)
            sent += len(more) * 4096
        answer = read_all(one)
    except ConnectionError:
        answer = b""
    assert sent < 8 << 20
    assert answer == b"" or answer.startswith(b"HTTP/1.1 431 ")


def test_an_ordinary_head_is_read_in_pieces(connect):
    one = connect(b"GET /hea")
    one.sendall(b"lthz HTTP/1.1\r\nHost: here\r\nX-A: " + b"a" * 20_000)
    one.sendall(b"\r\nConnection: close\r\n\r\n")
    assert read_all(one).startswith(b"HTTP/1.1 200 ")


def test_a_connection_that_asks_nothing_is_closed(connect):
    assert [read_all(connect(data)) for data in (b"", HEAD, b"\r\n")] == [b""] * 3


def test_a_head_that_comes_a_byte_at_a_time_is_cut_off(connect):
    one = connect(HEAD + b"X-A: ")
    one.settimeout(0.1)
    for _ in range(600):
        try:
            one.sendall(b"a")
            if one.recv(1) == b"":
                return
        except TimeoutError:
            continue
        except ConnectionError:
            return
    pytest.fail("the head may go on for ever")


def test_a_body_that_does_not_come_is_not_waited_for(connect):
    head = b"POST /session HTTP/1.1\r\nHost: here\r\nContent-Type: application/json\r\n"
    assert b"HTTP/1.1 2" not in read_all(connect(head + b"Content-Length: 100\r\n\r\n{"))


def test_a_connection_that_keeps_asking_is_kept(port):
    one = http.client.HTTPConnection("127.0.0.1", port)
    one.connect()
    first = one.sock
    for _ in range(25):
        one.request("GET", "/healthz")
        assert one.getresponse().read() == b'{"status":"ok"}'
        time.sleep(0.1)
    assert one.sock is first
    one.close()


def test_a_body_is_not_two_requests(connect):
    head = b"POST /session HTTP/1.1\r\nHost: here\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"
    answer = read_all(connect(head + b"0\r\n\r\n" + HEAD + b"\r\n"))
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert answer.count(b"HTTP/1.1 ") == 1


def test_an_answer_that_nobody_reads_is_not_kept(port, key):
    """Nor is who asks next kept waiting by it."""
    text = urllib.parse.quote("SELECT * { ?a ?b ?c . ?d ?e ?f } LIMIT 30000")
    ask = f"GET /sparql?query={text} HTTP/1.1\r\nHost: here\r\nAuthorization: Bearer {key}\r\n\r\n"
    deaf = []
    for _ in range(3):
        deaf.append(socket.socket())
        deaf[-1].setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf[-1].connect(("127.0.0.1", port))
        deaf[-1].sendall(ask.encode())
    headers = {"Authorization": f"Bearer {key}"}
    for _ in range(3):
        other = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        other.request("GET", "/sparql?query=ASK%20%7B%7D", headers=headers)
        assert other.getresponse().status == 200
        other.close()
    time.sleep(3 * ours.SECONDS)
    for one in deaf:
        one.settimeout(60)
        with suppress(ConnectionError):
            answer = read_all(one)
            length = re.search(rb"content-length: (\d+)", answer)
            assert len(answer) < int(length[1])
        one.close()
