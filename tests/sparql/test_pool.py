"""Queries run in workers that can do no harm, and whose end harms nobody."""

import asyncio
import json
import subprocess
import sys
import threading
import time
from pathlib import Path

import pyoxigraph as ox
import pytest
from pyoxigraph import Quad
from sparql_data import integer, n

from aims_graph.errors import InputError
from aims_graph.sparql.errors import (
    BusyError,
    LimitError,
    MemoryLimitError,
    TimeLimitError,
)
from aims_graph.sparql.limits import Limits
from aims_graph.sparql.pool import QueryPool
from aims_graph.sparql.snapshot import SnapshotStore

ENDLESS = "SELECT (COUNT(*) AS ?c) { ?a ((<urn:q>*)*)* ?b . ?c ((<urn:q>*)*)* ?d }"


def rows(pool, text, **options):
    return pool.query(text, "tsv", **options).read().decode().splitlines()[1:]


def test_the_default_graph_is_the_union_and_counts_each_triple_once(small):
    with QueryPool(small) as pool:
        assert rows(pool, "SELECT ?s { ?s <urn:p> <urn:b> }") == ["<urn:c>"]
        assert len(rows(pool, "SELECT ?g { GRAPH ?g { ?s <urn:p> <urn:b> } }")) == 3


def test_from_chooses_graphs_and_fetches_nothing(small):
    with QueryPool(small) as pool:
        assert rows(pool, "SELECT * FROM <urn:h> { ?s ?p ?o }") != []
        assert rows(pool, "SELECT * FROM <http://127.0.0.1:8971/x.ttl> { ?s ?p ?o }") == []
        assert rows(pool, "SELECT * FROM NAMED <urn:h> { ?s ?p ?o }") == []
        assert rows(pool, "SELECT ?g FROM NAMED <urn:h> { GRAPH ?g { ?s ?p ?o } }") == ["<urn:h>"]
        named = "PREFIX u: <urn:> SELECT ?g FROM NAMED u:h { GRAPH ?g {} }"
        assert rows(pool, named) == ["<urn:h>"]


def test_only_permitted_graphs_are_seen(small):
    with QueryPool(small) as pool:
        permitted = ["urn:h"]
        assert rows(pool, "SELECT ?g { GRAPH ?g {} }", graphs=permitted) == ["<urn:h>"]
        assert rows(pool, "SELECT ?s { ?s ?p ?o }", graphs=permitted) == ["<urn:c>"]
        assert rows(pool, "SELECT ?s FROM <urn:g> { ?s ?p ?o }", graphs=permitted) == []
        assert rows(pool, "SELECT ?s { GRAPH <urn:g> { ?s ?p ?o } }", graphs=permitted) == []


@pytest.mark.parametrize("accept", ["json", "xml", "csv", "tsv"])
def test_solutions_come_in_every_format(small, accept):
    with QueryPool(small) as pool:
        result = pool.query("SELECT ?s { ?s <urn:p> <urn:b> }", accept)
        data = result.read()
    assert b"urn:c" in data
    assert result.statistics["rows"] == (0 if accept == "json" else 1)
    if accept in ("json", "xml"):
        known = {"json": ox.QueryResultsFormat.JSON, "xml": ox.QueryResultsFormat.XML}
        solutions = ox.parse_query_results(data, format=known[accept])
        assert [row["s"] for row in solutions] == [n("c")]


@pytest.mark.parametrize(
    ("accept", "syntax"),
    [
        ("turtle", ox.RdfFormat.TURTLE),
        ("ntriples", ox.RdfFormat.N_TRIPLES),
        ("jsonld", ox.RdfFormat.JSON_LD),
        ("application/rdf+xml, text/html;q=0.9", ox.RdfFormat.RDF_XML),
    ],
)
def test_graphs_come_in_every_format(small, accept, syntax):
    with QueryPool(small) as pool:
        data = pool.query("CONSTRUCT { ?s <urn:p> ?o } { ?s <urn:p> ?o }", accept).read()
    objects = {quad.object for quad in ox.parse(data, format=syntax)}
    assert objects == {n("b"), integer("1"), integer("7")}


def test_a_format_that_is_not_written_is_refused(small):
    with QueryPool(small) as pool, pytest.raises(InputError, match="image/png"):
        pool.query("ASK {}", "image/png")


def test_a_runaway_query_ends_at_its_deadline_and_the_pool_goes_on(cyclic):
    with QueryPool(cyclic, workers=1, limits=Limits(seconds=0.5)) as pool:
        pool.query("ASK {}").read()
        pids = {worker.pid for worker in pool._idle}
        with pytest.raises(TimeLimitError, match=r"0\.5 s"):
            pool.query(ENDLESS).read()
        assert not any(Path(f"/proc/{pid}").exists() for pid in pids)
        assert json.loads(pool.query("ASK {}").read())["boolean"] is True


def test_a_query_whose_reader_sleeps_ends_at_its_deadline_too(cyclic):
    with QueryPool(cyclic, workers=1, limits=Limits(seconds=0.5)) as pool:
        result = pool.query("SELECT * { ?a ?b ?c . ?d ?e ?f }")
        parts = iter(result)
        next(parts)
        time.sleep(0.7)
        with pytest.raises(TimeLimitError):
            list(parts)


def test_a_query_that_needs_too_much_memory_ends_alone(small):
    doubled = " ".join(f"BIND(CONCAT(?x{i}, ?x{i}) AS ?x{i + 1})" for i in range(32))
    text = f'SELECT (STRLEN(?x32) AS ?l) {{ BIND("aaaaaaaa" AS ?x0) {doubled} }}'
    limits = Limits(seconds=60, cpu=60, memory=256 << 20)
    with QueryPool(small, workers=1, limits=limits) as pool:
        with pytest.raises(MemoryLimitError):
            pool.query(text).read()
        assert rows(pool, "SELECT ?s { ?s <urn:p> <urn:b> }") == ["<urn:c>"]


def test_an_answer_over_a_limit_is_an_error_not_a_short_answer(cyclic):
    everything = "SELECT * { ?a ?b ?c . ?d ?e ?f }"
    with QueryPool(cyclic, workers=1) as pool:
        for accept in ("json", "xml", "csv", "tsv"):
            with pytest.raises(LimitError, match="more than 1000 rows"):
                pool.query(everything, accept, limits=Limits(rows=1000)).read()
        with pytest.raises(LimitError, match="larger than 100000 bytes"):
            pool.query(everything, limits=Limits(bytes=100_000)).read()
        exact = pool.query("SELECT * { ?a ?b ?c } LIMIT 1000", "tsv", limits=Limits(rows=1000))
        assert len(exact.read().splitlines()) == 1001


def test_a_syntax_error_has_its_place(small):
    with QueryPool(small) as pool, pytest.raises(InputError) as error:
        pool.query("SELECT ?s WHERE {\n ?s ?p \n}")
    assert (error.value.line, error.value.column) == (3, 2)


def test_closing_an_answer_ends_the_query(cyclic):
    with QueryPool(cyclic, workers=1, limits=Limits(seconds=30, wait=5)) as pool:
        result = pool.query("SELECT * { ?a ?b ?c . ?d ?e ?f }")
        next(iter(result))
        threading.Timer(0.1, result.close).start()
        for _ in result:
            time.sleep(0.01)
        assert json.loads(pool.query("ASK {}").read())["boolean"] is True


def test_a_forgotten_answer_frees_its_worker(cyclic):
    with QueryPool(cyclic, workers=1, limits=Limits(seconds=30, wait=5)) as pool:
        next(iter(pool.query("SELECT * { ?a ?b ?c . ?d ?e ?f }")))
        assert json.loads(pool.query("ASK {}").read())["boolean"] is True


def test_who_waits_too_long_for_a_worker_is_told(cyclic):
    with QueryPool(cyclic, workers=1, limits=Limits(wait=0.1)) as pool:
        with pool.query("SELECT * { ?a ?b ?c . ?d ?e ?f }"), pytest.raises(BusyError):
            pool.query("ASK {}")
        pool.query("ASK {}").read()


def test_threads_and_coroutines_share_a_pool(small):
    async def ask_all(pool):
        loop = asyncio.get_running_loop()
        jobs = [
            loop.run_in_executor(None, rows, pool, f"SELECT ({i} AS ?x) {{}}") for i in range(20)
        ]
        return await asyncio.gather(*jobs)

    with QueryPool(small, workers=2) as pool:
        assert asyncio.run(ask_all(pool)) == [[str(i)] for i in range(20)]
        assert len(pool._idle) <= 2


def test_queries_see_a_new_snapshot_and_an_old_one_stays_while_it_is_read(small):
    store = SnapshotStore(small)
    with QueryPool(small, workers=2) as pool:
        reading = pool.query("SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n ?o }")
        parts = iter(reading)
        next(parts)
        for number in range(3):
            store.apply([Quad(n("new"), n("p"), integer(str(number)))], [], str(number))
        found = rows(pool, "SELECT ?o { <urn:new> <urn:p> ?o } ORDER BY ?o")
        assert found == ["0", "1", "2"]
        assert sum(map(len, parts)) > 0
    store.close()


def test_quads_can_be_asked_without_a_store_on_disk():
    with QueryPool(quads=[b'<urn:a> <urn:b> "x" .\n', b'<urn:a> <urn:b> "y" .\n']) as pool:
        assert sorted(rows(pool, "SELECT ?o { ?s ?p ?o }")) == ['"x"', '"y"']


PROBE = """
import os, socket, sys
from aims_graph.sparql.sandbox import confine
done = confine(readable=[sys.argv[1]], writable=[], memory=1 << 28)
def fails(action):
    try:
        action()
    except (OSError, MemoryError):
        return True
    return False
print(int(done["network"]), int(fails(lambda: socket.create_connection(("127.0.0.1", int(sys.argv[3])), 2))))
print(int(done["files"]), int(fails(lambda: open(sys.argv[2]))), int(fails(lambda: open(sys.argv[1]))))
print(1, int(fails(lambda: open(sys.argv[1], "a").write("x" * 100000))), int(fails(lambda: bytearray(1 << 30))))
"""


def test_a_worker_has_no_network_no_files_and_little_memory(tmp_path):
    import socket

    allowed, other = tmp_path / "allowed", tmp_path / "other"
    allowed.write_text("a")
    other.write_text("b")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        found = subprocess.run(
            [sys.executable, "-c", PROBE, allowed, other, port],
            capture_output=True,
            text=True,
            check=True,
        )
    network, files, rest = found.stdout.splitlines()
    assert rest == "1 1 1"
    if network == "0 0" or files == "0 0 0":
        pytest.skip(f"this system does not confine: network {network}, files {files}")
    assert (network, files) == ("1 1", "1 1 0")
