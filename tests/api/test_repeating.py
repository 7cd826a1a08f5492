"""Answers that are given again, and those that have to be worked out: who waits for whom."""

import asyncio
import threading

import httpx
import pytest

from aims_api.answers import Answers
from aims_api.repeating import FOLLOWS_FROM, _Recorder
from aims_api.routes import records


@pytest.fixture
def key(core) -> str:
    return core.keys.create("reader", ["reader"], read=["*"], write=[]).text


def caller(app, key: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app),
        base_url="http://testserver",
        headers={"Authorization": f"Bearer {key}"},
    )


def test_records_are_worked_out_one_by_one_and_keep_nobody_else_waiting(client, key, monkeypatch):
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
