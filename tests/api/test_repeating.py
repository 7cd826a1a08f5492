"""Answers that are given again, and those that have to be worked out: who waits for whom."""

import asyncio
import threading
import time

import httpx
import pytest

from aims_api.answers import Answers
from aims_api.repeating import FOLLOWS_FROM, _Recorder
from aims_api.routes import records
from aims_api.turns import worked_out
from aims_graph.errors import InputError


@pytest.fixture
def key(core) -> str:
    return core.keys.create("reader", ["reader"], read=["*"], write=[]).text


def caller(app, key: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app),
        base_url="http://testserver",
        headers={"Authorization": f"Bearer {key}"},
    )


def test_long_records_are_worked_out_one_by_one_and_keep_nobody_waiting(client, key, monkeypatch):
    monkeypatch.setattr(records, "are_few", lambda *_: False)
    begun, go = threading.Event(), threading.Event()
    working: list[int] = []
    most: list[int] = []

    def slow(*_: object) -> dict[str, str]:
        working.append(1)
        most.append(len(working))
        begun.set()
        assert go.wait(30)
        working.pop()
        return {}

    monkeypatch.setattr(records, "record_content", slow)

    async def ask() -> tuple[list[int], bool]:
        async with caller(client.app, key) as reader:
            names = [row["key"] for row in (await reader.get("/systems")).json()["records"]]
            asked = [
                asyncio.create_task(reader.get(f"/systems/{names[n % len(names)]}?n={n}"))
                for n in range(6)
            ]
            assert await asyncio.to_thread(begun.wait, 30)
            others = [await reader.get(path) for path in ("/status", "/status", "/findings")]
            waiting = not any(task.done() for task in asked)
            go.set()
            answers = [*others, *(await asyncio.gather(*asked))]
            return [answer.status_code for answer in answers], waiting

    statuses, waiting = asyncio.run(ask())
    assert statuses == [200] * 9
    assert waiting
    assert most == [1] * 6


def test_what_is_known_comes_before_what_has_to_be_worked_out(client, key, monkeypatch):
    made: list[str] = []
    done: list[str] = []

    def content(_snapshot, _kind, node, _quads) -> dict[str, str]:
        made.append(node.value)
        return {}

    monkeypatch.setattr(records, "record_content", content)

    async def ask() -> None:
        async with caller(client.app, key) as reader:
            names = [row["key"] for row in (await reader.get("/systems")).json()["records"]]
            await reader.get(f"/systems/{names[0]}")  # so that keys are known
            await reader.get("/status")
            made.clear()

            async def answer(path: str) -> None:
                assert (await reader.get(path)).status_code == 200
                done.append(path)

            asked = [f"/systems/{names[0]}?n={n}" for n in range(6)]
            await asyncio.gather(*map(answer, [*asked, *["/status"] * 6]))

    asyncio.run(ask())
    assert len(made) == 6
    assert done[:6] == ["/status"] * 6


def test_each_queue_has_its_turn_and_errors_give_it_on():
    async def run() -> list[object]:
        def fail() -> None:
            raise InputError("no")

        order: list[str] = []
        jobs = [
            worked_out(lambda n=n: order.append(f"record {n}"), "record", short=True)
            for n in range(3)
        ]
        jobs.insert(1, worked_out(fail, "record", short=True))
        jobs.append(worked_out(lambda: order.append("state"), short=True))
        found = await asyncio.gather(*jobs, return_exceptions=True)
        assert sum(isinstance(one, InputError) for one in found) == 1
        return order

    order = asyncio.run(run())
    assert [one for one in order if one != "state"] == ["record 0", "record 1", "record 2"]
    assert order.index("state") < order.index("record 1")


async def rounds_of(queue: str, number: int, seconds: float) -> list[int]:
    """In which round of the loop each answer was made, when each takes so many seconds."""
    loop, made, now = asyncio.get_running_loop(), [], [0]

    def count() -> None:
        now[0] += 1
        if len(made) < number:
            loop.call_soon(count)

    def make() -> None:
        time.sleep(seconds)
        made.append(now[0])

    loop.call_soon(count)
    await asyncio.gather(*(worked_out(make, queue, short=True) for _ in range(number)))
    return made


def test_states_are_worked_out_for_some_time_each_round_and_records_one_by_one():
    # Once at least: whoever else runs on the machine may take the time of a round.
    assert any(len(set(asyncio.run(rounds_of("state", 6, 0)))) == 1 for _ in range(20))
    slow = asyncio.run(rounds_of("state", 6, 0.01))
    records = asyncio.run(rounds_of("record", 6, 0))
    for made in (slow, records):
        assert len(set(made)) == 6
        assert made == sorted(made)


def test_what_nobody_waits_for_any_more_is_not_worked_out():
    made: list[int] = []

    async def run() -> None:
        tasks = [
            asyncio.create_task(worked_out(lambda n=n: made.append(n), "record", short=True))
            for n in range(5)
        ]
        await asyncio.sleep(0)  # all have asked
        tasks[3].cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    asyncio.run(run())
    assert made == [0, 1, 2, 4]


def test_what_nearly_everybody_asks_is_known_before_anybody_does(core):
    snapshot = core.snapshots.of_graphs(("*",))
    assert all(snapshot.known(("gaps", by)) for by in ("clause", "control", "system", "rule"))
    assert snapshot.known("state")["state"] == str(snapshot.assessment.overall)
    assert snapshot.known(("ordered findings", "owner")) is not None


def test_what_takes_long_is_worked_out_in_few_threads():
    async def run() -> tuple[int, set[str]]:
        running: list[int] = []
        most: list[int] = []
        names: set[str] = set()

        def work() -> None:
            running.append(1)
            most.append(len(running))
            names.add(threading.current_thread().name)
            time.sleep(0.02)
            running.pop()

        await asyncio.gather(*(worked_out(work, short=False) for _ in range(6)))
        return max(most), names

    most, names = asyncio.run(run())
    assert most == 2
    assert threading.main_thread().name not in names


def test_an_answer_is_given_again_only_while_its_evaluation_is_the_last(client, key, tell):
    async def ask(number: int) -> list[dict]:
        async with caller(client.app, key) as reader:
            return [(await reader.get("/systems")).json() for _ in range(number)]

    first, again = asyncio.run(ask(2))
    assert first == again
    entry = tell('ex:new a aims:AISystem ; rdfs:label "New" .')
    client.app.state.core.snapshots.after(client.app.state.core.keys.caller(key), entry)
    (now,) = asyncio.run(ask(1))
    assert now["total"] == first["total"] + 1


@pytest.mark.parametrize("pieces", [[b"whole"], [b"in ", b"pieces"]])
def test_only_an_answer_that_is_sent_whole_is_kept(pieces):
    class Evaluation:
        answers = Answers()

    sent = []

    async def send(message):
        sent.append(message)

    async def answer() -> None:
        recorder = _Recorder({"state": {FOLLOWS_FROM: Evaluation}}, ("/", b"", ""), send)
        await recorder({"type": "http.response.start", "status": 200, "headers": []})
        for n, piece in enumerate(pieces, 1):
            message = {"type": "http.response.body", "body": piece, "more_body": n < len(pieces)}
            await recorder(message)

    asyncio.run(answer())
    assert b"".join(message.get("body", b"") for message in sent) == b"".join(pieces)
    kept = Evaluation.answers.get(("/", b"", ""))
    assert (kept.body if kept else None) == (b"whole" if len(pieces) == 1 else None)
