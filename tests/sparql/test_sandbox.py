"""What a worker asks of the system, and what it says when the system does not give it.

The system is played here: what the real one grants is tried in test_pool.
"""

import os
import signal
import struct
from pathlib import Path
from types import SimpleNamespace

import pytest

from aims_graph.sparql import sandbox


class System:
    """Landlock of a version, and namespaces for root, for users or not at all."""

    def __init__(self, *, landlock=5, network=(0,), refuses=(), files=3):
        self.landlock, self.network, self.refuses = landlock, list(network), refuses
        self.rules: list[tuple[int, int]] = []
        self.attributes = b""
        self.handle = files

    def unshare(self, how):
        return self.network.pop(0)

    def prctl(self, *_):
        return -1 if "prctl" in self.refuses else 0

    def syscall(self, number, *arguments):
        if number == 444 and arguments[0] is None:
            return self.landlock
        if number == 444:
            self.attributes = arguments[0][: arguments[1].value]
            return -1 if "create" in self.refuses else os.open("/", os.O_RDONLY)
        if number == 445:
            self.rules.append(struct.unpack("=Qi", arguments[2]))
            return 0
        return -1 if "restrict" in self.refuses else 0


@pytest.fixture
def play(monkeypatch):
    def start(system, **options):
        def load(*_, **__):
            if system is None:
                raise OSError("no library")
            return system

        limits = []
        monkeypatch.setattr(sandbox.ctypes, "CDLL", load)
        monkeypatch.setattr(
            sandbox.resource, "setrlimit", lambda kind, value: limits.append((kind, value))
        )
        folders = {"readable": [], "writable": [], **options}
        return sandbox.confine(memory=1 << 20, **folders), dict(limits)

    return start


def open_files():
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def test_root_leaves_the_network_at_once(play):
    system = System()
    granted, limits = play(system)
    assert granted == {"network": True, "files": True}
    assert limits[sandbox.resource.RLIMIT_CORE] == (0, 0)
    assert limits[sandbox.resource.RLIMIT_FSIZE] == (0, 0)
    assert 1 << 20 < limits[sandbox.resource.RLIMIT_AS][0] < 1 << 40
    assert struct.unpack("=QQ", system.attributes) == ((1 << 16) - 1, 0b11)


def test_a_user_leaves_it_with_a_namespace_of_users(play):
    assert play(System(network=[-1, 0]))[0]["network"]
    assert not play(System(network=[-1, -1]))[0]["network"]


def test_an_older_landlock_knows_fewer_rights_and_no_network(play):
    system = System(landlock=2)
    assert play(system)[0]["files"]
    assert struct.unpack("=Q", system.attributes) == ((1 << 14) - 1,)


@pytest.mark.parametrize(
    "system",
    [
        System(landlock=-1),
        System(refuses=["create"]),
        System(refuses=["prctl"]),
        System(refuses=["restrict"]),
    ],
)
def test_what_is_refused_is_not_said_to_be_granted(play, system):
    before = open_files()
    assert play(system)[0] == {"network": True, "files": False}
    assert open_files() - before <= 1  # of the process's own memory figures


def test_without_a_c_library_nothing_is_granted(play):
    assert play(None)[0] == {"network": False, "files": False}
    assert play(SimpleNamespace())[0] == {"network": False, "files": False}


def test_only_what_is_named_may_be_read_or_written(play, tmp_path):
    file = tmp_path / "file"
    file.write_text("x")
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    system = System()
    _, limits = play(system, readable=[str(file), str(tmp_path / "none")], writable=[str(scratch)])
    assert [rights for rights, _ in system.rules] == [0b100, (1 << 16) - 1]
    assert sandbox.resource.RLIMIT_FSIZE not in limits


def test_a_limit_that_the_system_does_not_take_is_no_reason_to_fail(monkeypatch):
    def refuse(*_):
        raise ValueError("above the hard limit")

    asked = []
    monkeypatch.setattr(sandbox, "_statm", -1)
    monkeypatch.setattr(sandbox.resource, "setrlimit", refuse)
    sandbox.limit_memory(5)
    monkeypatch.setattr(sandbox.resource, "setrlimit", lambda *what: asked.append(what))
    sandbox.limit_memory(5)
    assert asked == [(sandbox.resource.RLIMIT_AS, (5, sandbox.resource.RLIM_INFINITY))]


def test_the_kernel_ends_what_outlives_its_clock(monkeypatch):
    limits, timers, handlers = [], [], []
    monkeypatch.setattr(sandbox.resource, "setrlimit", lambda *what: limits.append(what))
    monkeypatch.setattr(sandbox.signal, "setitimer", lambda *what: timers.append(what))
    monkeypatch.setattr(sandbox.signal, "signal", lambda *what: handlers.append(what))
    sandbox.limit_time(2.5, 7)
    sandbox.unlimit_time()
    ((kind, (soft, hard)),) = limits
    used = sandbox.resource.getrusage(sandbox.resource.RUSAGE_SELF)
    assert kind == sandbox.resource.RLIMIT_CPU
    assert 7 < soft <= used.ru_utime + used.ru_stime + 8
    assert hard == sandbox.resource.getrlimit(sandbox.resource.RLIMIT_CPU)[1]
    assert timers == [(signal.ITIMER_REAL, 2.5), (signal.ITIMER_REAL, 0)]
    assert handlers == [(signal.SIGALRM, signal.SIG_DFL)]
