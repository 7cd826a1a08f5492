"""Whose answer is worked out next.

One at a time runs Python, so answers are not made sooner by making many at once. What is known already is handed
out first; what has to be worked out waits for its turn, and records, of which there are many, in a queue of
their own.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from time import perf_counter
from typing import Any, Final, Literal, TypeVar

from anyio import CapacityLimiter, to_thread
from anyio.lowlevel import RunVar

Queue = Literal["state", "record"]
Made = TypeVar("Made")

#: Threads for what takes long. Each more would make the loop wait longer.
_THREADS: Final = 2
#: Seconds of each round of the loop that a queue works; at least one answer is made. Records are one each time:
#: so many may be asked for at once that they would hold up all else.
_EACH_ROUND: Final[dict[Queue, float]] = {"state": 0.005, "record": 0.0}


class _Waiting:
    """Short answers that are made on the loop, in the order in which they were asked for."""

    def __init__(self, each_round: float) -> None:
        self._each_round = each_round
        self._asked: deque[tuple[Callable[[], Any], asyncio.Future[Any]]] = deque()

    def add(self, make: Callable[[], Made]) -> "asyncio.Future[Made]":
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Made] = loop.create_future()
        if not self._asked:
            loop.call_soon(self._work, loop)
        self._asked.append((make, answer))
        return answer

    def _work(self, loop: asyncio.AbstractEventLoop) -> None:
        end = perf_counter() + self._each_round
        while self._asked:
            make, answer = self._asked.popleft()
            if answer.cancelled():  # nobody waits for it any more
                continue
            try:
                answer.set_result(make())
            except Exception as error:  # noqa: BLE001 - it is for who asked
                answer.set_exception(error)
            if perf_counter() >= end:
                break
        if self._asked:
            loop.call_soon(self._work, loop)


class _Turns:
    """Of one event loop."""

    def __init__(self) -> None:
        self.waiting = {queue: _Waiting(seconds) for queue, seconds in _EACH_ROUND.items()}
        self.threads: dict[Queue, CapacityLimiter] = {
            "state": CapacityLimiter(_THREADS),
            "record": CapacityLimiter(1),
        }


_TURNS: Final[RunVar[_Turns]] = RunVar("aims_api_turns")


def _turns() -> _Turns:
    found = _TURNS.get(None)
    if found is None:
        found = _Turns()
        _TURNS.set(found)
    return found


async def worked_out(make: Callable[[], Made], queue: Queue = "state", *, short: bool) -> Made:
    """What ``make`` gives. ``short``: it takes a few milliseconds and waits for nothing. Then it is made on the
    loop, some each time round: a thread takes as long again to begin, and holds up the loop as well.
    """
    turns = _turns()
    if short:
        return await turns.waiting[queue].add(make)
    return await to_thread.run_sync(make, limiter=turns.threads[queue])
