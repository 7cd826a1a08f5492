"""One thread that does things when their time has come: it kills workers at their deadline."""

import heapq
import itertools
import threading
import time
from collections.abc import Callable


class Alarm:
    def __init__(self, action: Callable[[], None]) -> None:
        self._action: Callable[[], None] | None = action

    def cancel(self) -> None:
        self._action = None

    def ring(self) -> None:
        action = self._action
        if action is not None:
            action()


class _Watch:
    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._alarms: list[tuple[float, int, Alarm]] = []
        self._numbers = itertools.count()
        self._started = False

    def add(self, seconds: float, alarm: Alarm) -> None:
        entry = (time.monotonic() + seconds, next(self._numbers), alarm)
        with self._condition:
            heapq.heappush(self._alarms, entry)
            if not self._started:
                self._started = True
                threading.Thread(target=self._run, name="aims-watch", daemon=True).start()
            if self._alarms[0] is entry:
                self._condition.notify()

    def _run(self) -> None:
        while True:
            with self._condition:
                while not self._alarms or self._alarms[0][0] > time.monotonic():
                    rest = self._alarms[0][0] - time.monotonic() if self._alarms else None
                    self._condition.wait(rest)
                _, _, alarm = heapq.heappop(self._alarms)
            alarm.ring()


_watch = _Watch()


def set_alarm(seconds: float, action: Callable[[], None]) -> Alarm:
    """Runs ``action`` in the watching thread after so many seconds, unless cancelled. It must be quick."""
    alarm = Alarm(action)
    _watch.add(seconds, alarm)
    return alarm
