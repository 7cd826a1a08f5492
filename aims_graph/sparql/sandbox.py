"""What a worker gives up before it sees anything untrusted. Each step is taken where the system allows it.

Network: an own, empty network namespace (Linux, as root or with user namespaces), and Landlock's ban on TCP
(Linux 6.7). Files: Landlock (Linux 5.13) leaves only the folders named. Memory, processor, core dumps:
resource limits (all POSIX systems). SERVICE and LOAD are refused before that, in the parent.
"""

import contextlib
import ctypes
import os
import resource
import signal
import struct
from collections.abc import Iterable
from typing import Final

_CLONE_NEWUSER: Final = 0x10000000
_CLONE_NEWNET: Final = 0x40000000
_PR_SET_NO_NEW_PRIVS: Final = 38
_LANDLOCK_CREATE_RULESET, _LANDLOCK_ADD_RULE, _LANDLOCK_RESTRICT_SELF = 444, 445, 446
_RULE_PATH_BENEATH: Final = 1
_FS_READ: Final = 0b1100  # read files, read folders
_FS_RIGHTS: Final = {1: 13, 2: 14, 3: 15, 4: 15}  # by version of Landlock; 16 from the fifth on
_NET_TCP: Final = 0b11  # bind, connect
_BOUND_NET: Final = 4

_statm = -1


def confine(*, readable: Iterable[str], writable: Iterable[str], memory: int) -> dict[str, bool]:
    """Gives up network and files for good, limits memory; says what the system allowed."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(OSError):  # kept open: /proc will be out of reach
        global _statm  # noqa: PLW0603 - opened once a process
        _statm = os.open("/proc/self/statm", os.O_RDONLY | os.O_CLOEXEC)
    limit_memory(memory)
    writable = list(writable)
    if not writable:
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    return {"network": _leave_network(), "files": _restrict_files(readable, writable)}


def limit_time(seconds: float, cpu: int) -> None:
    """The system ends this process when either is used up, whether the parent still lives or not."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(used.ru_utime + used.ru_stime) + 1 + cpu
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, seconds)


def unlimit_time() -> None:
    signal.setitimer(signal.ITIMER_REAL, 0)


def limit_memory(more: int) -> None:
    """From here on the address space may grow by so many bytes. Without /proc the limit is on all of it."""
    pages = int(os.pread(_statm, 100, 0).split()[0]) if _statm >= 0 else 0
    most = pages * resource.getpagesize() + more
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (most, resource.RLIM_INFINITY))


def _leave_network() -> bool:
    try:
        libc = ctypes.CDLL(None, use_errno=True)
        return any(
            libc.unshare(how) == 0 for how in (_CLONE_NEWNET, _CLONE_NEWUSER | _CLONE_NEWNET)
        )
    except (OSError, AttributeError):
        return False


def _restrict_files(readable: Iterable[str], writable: Iterable[str]) -> bool:
    try:
        libc = ctypes.CDLL(None, use_errno=True)
        call = libc.syscall
    except (OSError, AttributeError):
        return False
    version = call(_LANDLOCK_CREATE_RULESET, None, ctypes.c_size_t(0), 1)
    if version < 1:
        return False
    rights = (1 << _FS_RIGHTS.get(version, 16)) - 1
    attributes = struct.pack("=QQ", rights, _NET_TCP if version >= _BOUND_NET else 0)
    size = 16 if version >= _BOUND_NET else 8
    rules = call(_LANDLOCK_CREATE_RULESET, attributes, ctypes.c_size_t(size), 0)
    if rules < 0:
        return False
    try:
        for allowed, paths in ((_FS_READ, readable), (rights, writable)):
            for path in paths:
                _allow(call, rules, allowed, path)
        if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
            return False
        return bool(call(_LANDLOCK_RESTRICT_SELF, rules, 0) == 0)
    finally:
        os.close(rules)


def _allow(call: "ctypes._NamedFuncPointer", rules: int, allowed: int, path: str) -> None:
    try:
        folder = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    if not os.path.isdir(path):  # noqa: PTH112  (pathlib is slow to import)
        allowed &= 0b110  # rights that a file can have
    beneath = struct.pack("=Qi", allowed, folder)
    call(_LANDLOCK_ADD_RULE, rules, _RULE_PATH_BENEATH, beneath, 0)
    os.close(folder)
