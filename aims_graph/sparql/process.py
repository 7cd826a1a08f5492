"""The parent's side of one worker process."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Final

from aims_graph.errors import InputError
from aims_graph.sparql import errors, frames
from aims_graph.sparql.watch import Alarm, set_alarm

# A new program, not a fork: beside threads that write, a forked child can hang. Started without site, which
# takes as long as all the rest; the path is the parent's.
_START: Final = "import sys, json; sys.path[:] = json.loads(sys.argv[1])['path']; from aims_graph.sparql.worker import main; main()"
_ROOT: Final = str(Path(__file__).resolve().parents[2])
_ERRORS: Final[dict[str, type[InputError]]] = {
    kind.__name__: kind
    for kind in (
        InputError,
        errors.GoneError,
        errors.LimitError,
        errors.MemoryLimitError,
        errors.RefusedError,
        errors.UpdateError,
    )
}
_TIMED_OUT: Final = (-signal.SIGALRM, -signal.SIGXCPU)
#: The kernel's own alarm rings this much after the parent's, should the parent be gone.
_GRACE: Final = 0.5
_LOWER: Final = 10
#: At least so many seconds between two looks at what a worker has used.
_LOOK: Final = 0.02


def _seconds_used(pid: int) -> float:
    """Processor time of a process; without /proc, the time of the clock."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
    except OSError:
        return time.monotonic()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class WorkerProcess:
    """One request at a time. Whoever uses it must read the answer to its end, or kill it."""

    def __init__(
        self,
        *,
        memory: int,
        modules: Iterable[str] = (),
        readable: Iterable[str] = (),
        writable: Iterable[str] = (),
    ) -> None:
        """``modules``: all that it will import beyond ``worker``; files that it may read and write."""
        settings = {
            "modules": list(modules),
            "path": [_ROOT, *(part for part in sys.path if part)],
            "memory": memory,
            "readable": list(readable),
            "writable": list(writable),
        }
        self._process = subprocess.Popen(  # noqa: S603  (this interpreter, our own text)
            [sys.executable, "-I", "-S", "-c", _START, json.dumps(settings)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={
                key: value for key, value in os.environ.items() if key.startswith(("LC_", "LANG"))
            },
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._in: BinaryIO = self._process.stdin  # type: ignore[assignment]  # pipes were asked for
        self._out: BinaryIO = self._process.stdout  # type: ignore[assignment]  # pipes were asked for
        self._confined: dict[str, bool] | None = None
        self._alarms: list[Alarm] = []
        self._clock = 0
        self._seconds = 0.0
        self._timed_out = False
        self.used = False
        self.slowed = False

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def confined(self) -> dict[str, bool]:
        """What the system let the worker give up: ``network``, ``files``. Waits until it has started."""
        if self._confined is None:
            try:
                self._confined = json.loads(frames.read_frame(self._out)[1])
            except EOFError:
                self.kill()
                raise InputError("a worker process could not be started") from None
        return self._confined

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def send(
        self,
        request: dict[str, Any],
        body: Iterable[bytes] | None = None,
        *,
        seconds: float,
        cpu: int,
        patience: float | None = None,
    ) -> None:
        """Starts the clock, so the answer has to be read, or the process killed, by then."""
        assert self.confined is not None
        self.used = True
        self._seconds = seconds
        self._alarms = [set_alarm(seconds, self._stop)]
        self._clock += 1
        if patience is not None and patience < seconds:
            self._watch(self._clock, patience, _seconds_used(self.pid) + patience)
        request = {**request, "seconds": seconds + _GRACE, "cpu": cpu}
        try:
            frames.write_json(self._in, frames.REQUEST, request)
            if body is not None:
                for part in body:
                    frames.write_frame(self._in, frames.DATA, part)
                frames.write_frame(self._in, frames.END)
        except OSError:
            raise self._death() from None

    def receive(self) -> tuple[bytes, bytes]:
        """The next frame. Raises what went wrong over there, and TimeLimitError after the deadline."""
        try:
            kind, body = frames.read_frame(self._out)
        except (EOFError, OSError, ValueError):
            raise self._death() from None
        if kind == frames.END:
            self._stop_clock()
        if kind == frames.ERROR:
            self._stop_clock()
            said = json.loads(body)
            raise _ERRORS.get(said.pop("kind"), InputError)(said.pop("message"), **said)
        return kind, body

    def kill(self) -> None:
        self._stop_clock()
        self._process.kill()
        with contextlib.suppress(OSError):
            self._in.close()
        # Another thread may be reading; it finds the end of the pipe, and closes nothing it still needs.
        self._process.wait()

    def _stop(self) -> None:
        self._timed_out = True
        self._process.kill()

    def _watch(self, clock: int, wait: float, most: float) -> None:
        """Slows the worker down once it has used so much processor time: on a busy machine even a short
        query takes long, and is not to blame.
        """

        def look() -> None:
            if clock != self._clock:
                return  # that query has ended
            left = most - _seconds_used(self.pid)
            if left > 0:
                self._watch(clock, max(left, _LOOK), most)
                return
            with contextlib.suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, self.pid, _LOWER)
                self.slowed = True

        self._alarms.append(set_alarm(wait, look))

    def _stop_clock(self) -> None:
        self._clock += 1
        for alarm in self._alarms:
            alarm.cancel()
        self._alarms = []

    def _death(self) -> InputError:
        self._stop_clock()
        code = self._process.wait()
        if self._timed_out or code in _TIMED_OUT:
            return errors.TimeLimitError(
                f"stopped at its limit of {self._seconds:g} s",
                hint="Ask for less, or add conditions",
            )
        return errors.MemoryLimitError(
            "stopped: it needs more memory than it may use", hint="Ask for less, or add conditions"
        )


def read_answer(worker: WorkerProcess) -> tuple[dict[str, Any], bytes]:
    """Head and body of an answer that is used as a whole."""
    head: dict[str, Any] = {}
    parts: list[bytes] = []
    while True:
        kind, body = worker.receive()
        if kind == frames.HEAD:
            head = json.loads(body)
        elif kind == frames.DATA:
            parts.append(body)
        else:
            return head, b"".join(parts)


__all__: Sequence[str] = ["WorkerProcess", "read_answer"]
