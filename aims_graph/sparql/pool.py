"""Queries of others, answered by worker processes that can be killed."""

import json
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from aims_graph.errors import InputError
from aims_graph.sparql import frames
from aims_graph.sparql.errors import BusyError, GoneError
from aims_graph.sparql.formats import choose_formats
from aims_graph.sparql.from_clauses import DataSet, take_from_clauses
from aims_graph.sparql.guard import check_text
from aims_graph.sparql.limits import Limits
from aims_graph.sparql.process import WorkerProcess, read_answer
from aims_graph.sparql.snapshot import current_snapshot
from aims_graph.vocabulary import PREFIXES


class QueryResult:
    """An answer as it arrives. ``kind``: select, ask or graph. Iterate it to the end, or close it; an answer
    that is cut off by a limit raises, it never just ends. Any thread may close it: that ends the query.
    """

    def __init__(self, pool: "QueryPool", worker: WorkerProcess) -> None:
        self._pool, self._worker = pool, worker
        self._lock = threading.Lock()
        self._held = True
        self.statistics: dict[str, int] = {}
        try:
            kind, body = worker.receive()
        except BaseException:
            self._give_back(finished=worker.alive)
            raise
        assert kind == frames.HEAD
        head = json.loads(body)
        self.media_type: str = head["media_type"]
        self.kind: str = head["kind"]

    def __iter__(self) -> Iterator[bytes]:
        while self._held:
            try:
                kind, body = self._worker.receive()
            except InputError:
                if not self._held:  # closed by another thread
                    return
                self._give_back(finished=self._worker.alive)
                raise
            if kind == frames.DATA:
                yield body
            else:
                self.statistics = json.loads(body)
                self._give_back(finished=True)

    def read(self) -> bytes:
        return b"".join(self)

    def close(self) -> None:
        self._give_back(finished=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        if getattr(self, "_held", False):
            self.close()

    def _give_back(self, *, finished: bool) -> None:
        with self._lock:
            if not self._held:
                return
            self._held = False
        self._pool.give_back(self._worker, reusable=finished)


class QueryPool:
    """Answers queries over the newest snapshot of a folder (see snapshot.SnapshotStore), or over quads given once.

    Threads may share it; in asyncio call it through ``run_in_executor``. A worker serves one query at a
    time and is started when first needed; one that was killed is replaced at once.
    """

    def __init__(
        self,
        folder: Path | None = None,
        *,
        quads: Iterable[bytes] | None = None,
        workers: int = 2,
        limits: Limits | None = None,
    ) -> None:
        """``folder`` of a SnapshotStore, or ``quads``: N-Quads in pieces, put into each worker's memory."""
        self.limits = limits or Limits()
        self._folder = folder
        self._quads = None if quads is None else list(quads)
        self._most = workers
        self._free = threading.Semaphore(workers)
        self._lock = threading.Lock()
        self._idle: list[WorkerProcess] = []
        self._busy: set[WorkerProcess] = set()
        self._closed = False

    def query(
        self,
        text: str,
        accept: str | None = None,
        *,
        prefixes: Mapping[str, str] = PREFIXES,
        graphs: Sequence[str] | None = None,
        dataset: DataSet | None = None,
        limits: Limits | None = None,
    ) -> QueryResult:
        """``accept``: a short format name (json, xml, csv, tsv, turtle, ntriples, jsonld) or an Accept header.
        ``graphs``: the only named graphs that may be seen; the default graph is then their union.
        ``dataset``: what a request over HTTP names; it stands in place of FROM and FROM NAMED.

        Raises InputError on text that is no query, and its kinds: RefusedError, LimitError, TimeLimitError,
        MemoryLimitError, BusyError.
        """
        limits = limits or self.limits
        solutions_format, graph_format = choose_formats(accept)
        tokens = check_text(text, prefixes)
        text, default, named = take_from_clauses(text, tokens, prefixes)
        if dataset is not None:
            default, named = list(dataset.default), list(dataset.named)
        if graphs is not None:
            default = _within(graphs, default)
            named = _within(graphs, named)
        request = {
            "do": "query",
            "text": text,
            "prefixes": dict(prefixes),
            "default_graphs": default,
            "named_graphs": named,
            "solutions_format": solutions_format,
            "graph_format": graph_format,
            "rows": limits.rows,
            "bytes": limits.bytes,
        }
        try:
            return self._ask(request, limits)
        except GoneError:  # a newer snapshot was published since
            return self._ask(request, limits)

    def _ask(self, request: dict[str, Any], limits: Limits) -> QueryResult:
        if not self._free.acquire(timeout=limits.wait):
            raise BusyError(
                f"all workers were busy for {limits.wait:g} s", hint="Try again a little later"
            )
        worker: WorkerProcess | None = None
        try:
            store = None if self._folder is None else str(current_snapshot(self._folder))
            worker = self._take()
            worker.send(
                {**request, "store": store},
                seconds=limits.seconds,
                cpu=limits.cpu,
                patience=limits.patience,
            )
        except BaseException:
            if worker is None:
                self._free.release()
            else:
                self.give_back(worker, reusable=False)
            raise
        return QueryResult(self, worker)

    def _take(self) -> WorkerProcess:
        with self._lock:
            if self._closed:
                raise InputError("the pool is closed")
            while self._idle:
                worker = self._idle.pop()
                if worker.alive:
                    self._busy.add(worker)
                    return worker
        worker = self._start()
        with self._lock:
            self._busy.add(worker)
        return worker

    def _start(self) -> WorkerProcess:
        if self._folder is None:
            worker = WorkerProcess(memory=self.limits.memory)
        else:
            worker = WorkerProcess(
                memory=self.limits.memory,
                modules=["aims_graph.sparql.snapshot"],
                readable=[str(self._folder)],
            )
        if self._quads is not None:
            request = {"do": "load", "rows": 0, "bytes": 0}
            try:
                worker.send(request, self._quads, seconds=self.limits.seconds, cpu=self.limits.cpu)
                read_answer(worker)
            except BaseException:
                worker.kill()
                raise
        return worker

    def give_back(self, worker: WorkerProcess, *, reusable: bool) -> None:
        """Ends what the worker still does, unless it has finished."""
        fit = reusable and not worker.slowed and worker.alive
        if not fit:
            worker.kill()
        with self._lock:
            self._busy.discard(worker)
            closed = self._closed
            if fit and not closed:
                self._idle.append(worker)
        if fit and closed:
            worker.kill()
        self._free.release()
        if not fit and not closed:
            self.warm(1)

    def warm(self, number: int | None = None) -> None:
        """Starts workers, so that the first queries do not wait for that."""
        for _ in range(self._most if number is None else number):
            with self._lock:
                if self._closed or len(self._idle) + len(self._busy) >= self._most:
                    return
            worker = self._start()
            with self._lock:
                self._idle.append(worker)

    def close(self) -> None:
        with self._lock:
            self._closed = True
            workers = [*self._idle, *self._busy]
            self._idle.clear()
        for worker in workers:
            worker.kill()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


def _within(allowed: Sequence[str], chosen: list[str] | None) -> list[str]:
    return list(allowed) if chosen is None else [name for name in chosen if name in set(allowed)]
