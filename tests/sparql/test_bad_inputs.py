"""The hostile queries, updates and shapes of the reference data, each with the outcome it must have.

Where that is not the proposed one, docs/sparql.md says why ("Hostile input").
"""

import hashlib
import os
import socket
import subprocess
import sys
import threading
import time

import pytest
import yaml

from aims_graph.columns import Columns, load
from aims_graph.errors import InputError
from aims_graph.shacl import validate
from aims_graph.sparql.errors import (
    LimitError,
    MemoryLimitError,
    RefusedError,
    TimeLimitError,
    UpdateError,
)
from aims_graph.sparql.limits import Limits
from aims_graph.sparql.pool import QueryPool
from aims_graph.sparql.untrusted import parse_untrusted
from aims_graph.sparql.update import evaluate_text

KINDS = {"sparql-query", "sparql-update", "shacl"}
LIMITS = Limits(seconds=5, memory=256 << 20, changes=1000)

REFUSED = {
    "RQ-01": (LimitError, "^1:69: nesting > 64"),
    "RQ-03": (LimitError, "operators > 500"),
    "RQ-04": (LimitError, "operators > 500"),
    "RQ-06": (LimitError, "larger than 64 KiB"),  # before its 50,000 path steps are counted
    "RQ-07": (LimitError, "triple patterns > 100"),
    "RQ-09": ((TimeLimitError, MemoryLimitError), "limit|memory"),
    "RQ-10": ((MemoryLimitError, TimeLimitError), "memory|limit"),
    "RQ-12": (RefusedError, "SERVICE is not allowed"),
    "RQ-16": (InputError, "^3:2: not a SPARQL query"),  # Oxigraph points behind the brace
    "RU-01": (RefusedError, "LOAD is not allowed"),
    "RU-03": (RefusedError, "empty the whole workspace"),
    "RU-06": (UpdateError, "operation 4"),
    "RU-07": (LimitError, "changed quads > 1000"),
    "SH-02": (InputError, "SERVICE"),
    "SH-03": (InputError, "sh:rule"),
    "SH-06": (InputError, "<urn:S>"),
    "SH-08": (InputError, "sh:js"),
    "SH-09": (InputError, "minCuont"),
}
# RQ-18 is slow on many rows, since the pattern is compiled for each: the deadline ends it then.
ANSWERED = {"RQ-13", "RQ-15", "RQ-18", "RU-04", "SH-05"}


@pytest.fixture(scope="module")
def cases(shared):
    found = yaml.safe_load((shared / "bad-inputs" / "cases.yaml").read_text())["cases"]
    return {case["id"]: case for case in found if case["kind"] in KINDS}


def listen():
    for _ in range(600):  # another process may run these tests too
        try:
            return socket.create_server(("127.0.0.1", 8971))
        except OSError:
            time.sleep(0.1)
    pytest.skip("port 8971 is taken")


@pytest.fixture
def listener():
    """Counts connections to the port that the hostile inputs name."""
    seen = []
    server = listen()

    def accept():
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            seen.append(connection.recv(100))
            connection.close()

    threading.Thread(target=accept, daemon=True).start()
    yield seen
    server.shutdown(socket.SHUT_RDWR)  # else the waiting accept keeps the port
    server.close()


def digest(folder):
    total = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name != "lock":
            total.update(f"{path} ".encode() + path.read_bytes())
    return total.hexdigest()


def do(case, path, folder):
    if case["kind"] == "sparql-query":
        with QueryPool(folder, workers=1, limits=LIMITS) as pool:
            return pool.query(path.read_text(), "tsv").read()
    if case["kind"] == "sparql-update":
        return evaluate_text(path.read_text(), folder, limits=LIMITS)
    return validate(Columns.from_triples([]), load([path]))


def test_every_case_is_known(cases):
    assert set(cases) == set(REFUSED) | ANSWERED


@pytest.mark.parametrize("name", REFUSED)
def test_a_hostile_input_is_refused_and_nothing_happens(cases, shared, cyclic, listener, name):
    kind, message = REFUSED[name]
    before = digest(cyclic)
    with pytest.raises(kind, match=message):
        do(cases[name], shared / "bad-inputs" / cases[name]["file"], cyclic)
    assert digest(cyclic) == before
    assert listener == []


@pytest.mark.parametrize("name", sorted(ANSWERED))
def test_a_harmless_one_is_answered(cases, shared, small, listener, name):
    before = digest(small)
    answer = do(cases[name], shared / "bad-inputs" / cases[name]["file"], small)
    assert digest(small) == before
    assert listener == []
    if name in ("RQ-13", "RQ-18"):
        assert answer.splitlines()[1:] == []
    if name == "RQ-15":
        assert len(answer.splitlines()) == 6
    if name == "RU-04":
        assert (answer.added, answer.removed) == ([], [])


CRASHING = [
    b"<urn:a> <urn:b> " + b"[ <urn:b> " * 20_000 + b"1" + b" ]" * 20_000 + b" .",
    b"<urn:a> <urn:b> " + b"( " * 20_000 + b") " * 20_000 + b" .",
]


@pytest.mark.parametrize("data", CRASHING)
def test_a_file_that_would_crash_the_parser_is_an_error(tmp_path, data):
    file = tmp_path / "deep.ttl"
    file.write_bytes(data)
    with pytest.raises(InputError, match="nesting is deeper than 128"):
        parse_untrusted(file)


def test_untrusted_files_keep_their_terms(tmp_path):
    file = tmp_path / "data.trig"
    file.write_text("<urn:g> { <urn:a> <urn:b> 01, +1.50 }")
    quads = parse_untrusted(file)
    assert {quad.object.value for quad in quads} == {"01", "+1.50"}
    assert {quad.graph_name.value for quad in quads} == {"urn:g"}


def test_a_file_that_takes_too_long_or_too_much_ends_the_worker_only(tmp_path):
    file = tmp_path / "large.nt"
    file.write_text("".join(f"<urn:s{i}> <urn:p> <urn:o{i}> .\n" for i in range(300_000)))
    with pytest.raises(TimeLimitError):
        parse_untrusted(file, limits=Limits(seconds=0.05))
    with pytest.raises(LimitError, match="more than 1000 rows"):
        parse_untrusted(file, limits=Limits(rows=1000))
    with pytest.raises(MemoryLimitError):
        parse_untrusted(file, limits=Limits(memory=20 << 20))
    assert len(parse_untrusted(file, limits=Limits(seconds=60, cpu=60))) == 300_000


def test_it_all_works_without_any_network(small):
    """In a network namespace with nothing in it."""
    command = ["unshare", "-rn", sys.executable, "-c", "pass"]
    try:
        subprocess.run(command, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this system makes no network namespaces for us")
    command[-1] = (
        "import sys; from pathlib import Path; from aims_graph.sparql.pool import QueryPool\n"
        "print(QueryPool(Path(sys.argv[1]), workers=1).query('ASK {}').read().decode())"
    )
    done = subprocess.run(
        [*command, str(small)], check=True, capture_output=True, text=True, env=dict(os.environ)
    )
    assert '"boolean":true' in done.stdout
