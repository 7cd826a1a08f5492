"""The parent's side of a worker: what it makes of a process that does not start, dies or is slow."""

import contextlib
import os
import signal
import time

import pytest

from aims_graph.errors import InputError
from aims_graph.sparql import process as process_module
from aims_graph.sparql.errors import GoneError, MemoryLimitError, TimeLimitError
from aims_graph.sparql.limits import Limits
from aims_graph.sparql.pool import QueryPool
from aims_graph.sparql.process import WorkerProcess, read_answer

MEMORY = 1 << 30
ASK = {
    "do": "query",
    "text": "ASK {}",
    "prefixes": {},
    "store": None,
    "default_graphs": None,
    "named_graphs": None,
    "solutions_format": "text/csv",
    "graph_format": "text/turtle",
    "rows": 10,
    "bytes": 1000,
}


@pytest.fixture
def worker():
    made = WorkerProcess(memory=MEMORY, modules=["aims_graph.sparql.snapshot"])
    yield made
    made.kill()


def test_a_worker_that_cannot_start_is_an_error():
    made = WorkerProcess(memory=MEMORY, modules=["aims_graph.no_such_module"])
    with pytest.raises(InputError, match="could not be started"):
        made.send(ASK, seconds=5, cpu=5)
    assert not made.alive


def test_a_worker_that_died_between_two_requests_is_an_error(worker):
    worker.send(ASK, seconds=60, cpu=60)
    assert read_answer(worker) == ({"media_type": "text/csv", "kind": "ask"}, b"true")
    worker._process.kill()
    worker._process.wait()
    with pytest.raises(MemoryLimitError, match="more memory than it may use"):
        worker.send({**ASK, "text": "ASK {}" + " " * 200_000}, seconds=60, cpu=60)


@pytest.mark.parametrize("number", [signal.SIGALRM, signal.SIGXCPU])
def test_what_the_kernel_stopped_for_its_time_is_said_to_be_late(worker, number):
    assert worker.confined is not None
    worker._seconds = 3
    worker._process.send_signal(number)
    with pytest.raises(TimeLimitError, match="its limit of 3 s"):
        worker.receive()


def test_processor_time_is_told_by_the_clock_where_there_is_no_proc(monkeypatch):
    before = time.monotonic()
    used = process_module._seconds_used(2**31 - 1)  # no such process
    assert before <= used <= time.monotonic()
    assert 0 < process_module._seconds_used(os.getpid()) < 1e6


def test_a_watch_over_a_query_that_has_ended_does_nothing(worker):
    worker.send(ASK, seconds=60, cpu=60, patience=30)
    (_, look) = worker._alarms
    action = look._action
    read_answer(worker)
    action()
    assert not worker.slowed


def test_a_pool_that_is_closed_answers_nothing_and_keeps_no_process(small):
    pool = QueryPool(small, workers=2)
    pool.warm()
    pool.warm()
    assert len(pool._idle) == 2
    reading = pool.query("SELECT * { ?a ?b ?c }")
    pool.close()
    with pytest.raises(InputError, match="the pool is closed"):
        pool.query("ASK {}")
    pool.warm()
    assert pool._idle == []
    reading.close()
    assert not reading._worker.alive


def test_a_worker_that_died_while_it_waited_is_replaced(small):
    with QueryPool(small, workers=1) as pool:
        pool.warm()
        (idle,) = pool._idle
        idle._process.kill()
        idle._process.wait()
        assert pool.query("ASK {}", "csv").read() == b"true"


def test_an_answer_finished_after_the_pool_was_closed_ends_its_worker(small):
    pool = QueryPool(small, workers=1)
    with contextlib.closing(pool):
        worker = pool._take()
        pool._closed = True
        pool._free.acquire()
        pool.give_back(worker, reusable=True)
    assert not worker.alive
    assert pool._idle == []


def test_a_question_whose_snapshot_is_swept_meanwhile_is_asked_of_the_new_one(small, monkeypatch):
    from aims_graph.sparql import pool as pool_module

    real, told = pool_module.current_snapshot, []

    def old_first(folder):
        told.append(folder)
        return folder / "published" / "0" if len(told) == 1 else real(folder)

    monkeypatch.setattr(pool_module, "current_snapshot", old_first)
    with QueryPool(small, workers=1) as pool:
        assert pool.query("ASK {}", "csv").read() == b"true"
    assert len(told) == 2


def test_a_folder_without_an_index_is_said_to_have_none_and_no_worker_is_lost(tmp_path):
    with QueryPool(tmp_path, workers=1, limits=Limits(wait=0.5)) as pool:
        for _ in range(3):
            with pytest.raises(InputError, match="there is no SPARQL index"):
                pool.query("ASK {}")


def test_quads_that_cannot_be_loaded_end_their_worker(monkeypatch):
    made = []
    real = WorkerProcess

    def start(**settings):
        made.append(real(**settings))
        return made[-1]

    monkeypatch.setattr("aims_graph.sparql.pool.WorkerProcess", start)
    with QueryPool(quads=[b"<urn:a> 5 .\n"], workers=1) as pool, pytest.raises(InputError):
        pool.query("ASK {}")
    assert [worker.alive for worker in made] == [False]


def test_an_error_over_there_has_its_kind_here(worker, tmp_path):
    worker.send({**ASK, "store": str(tmp_path / "1")}, seconds=60, cpu=60)
    with pytest.raises(GoneError, match="the snapshot is gone"):
        worker.receive()
    assert worker.alive
