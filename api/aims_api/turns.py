"""Whose answer is worked out next.

One at a time runs Python, so answers are not made sooner by making many at once. What is known already is handed
out first; what has to be worked out waits for its turn, and records, of which there are many, in a queue of
their own.
"""

from collections.abc import Callable
from typing import Final, Literal, TypeVar

from anyio import CapacityLimiter, Lock, to_thread
from anyio.lowlevel import RunVar, checkpoint

Queue = Literal["state", "record"]
Made = TypeVar("Made")

#: Threads for what takes long. Each more would make the loop wait longer.
_THREADS: Final = 2


class _Turns:
    """Of one event loop."""

    def __init__(self) -> None:
        self.locks: dict[Queue, Lock] = {"state": Lock(), "record": Lock()}
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
    loop, one each time round: a thread takes as long again to begin, and holds up the loop as well.
    """
    turns = _turns()
    if not short:
        return await to_thread.run_sync(make, limiter=turns.threads[queue])
    async with turns.locks[queue]:
        await checkpoint()
        return make()
