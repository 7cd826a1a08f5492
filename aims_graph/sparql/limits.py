"""What a question may use."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """``seconds``: from the start of a query to the last byte of its answer, after which the worker is killed.
    ``cpu``: seconds of processor time. ``memory``: bytes of address space beyond what an idle worker has.
    ``rows``, ``bytes``: size of an answer; ``changes``: quads an update adds and removes.
    ``wait``: seconds a question waits for a free worker. ``patience``: seconds of processor time after which a query runs
    with lower priority, so that short ones do not wait for it.
    """

    seconds: float = 10.0
    cpu: int = 20
    memory: int = 1 << 30
    rows: int = 1_000_000
    bytes: int = 256 << 20
    changes: int = 100_000
    wait: float = 10.0
    patience: float = 0.25
