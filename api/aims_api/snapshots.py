"""Evaluations kept ready to be read: one for each set of graphs that somebody may read.

A reader gets the last one that is finished and never waits for a writer; a thread makes the next one
after each commit, from the one before where only little has changed.
"""

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from datetime import date
from typing import Final

from aims_api.answers import Answer, Question
from aims_api.callers import DEFAULT_GRAPH, Caller
from aims_api.evaluation import Snapshot, evaluate_anew, evaluate_change
from aims_api.lasting import carry_over, change_between
from aims_api.measures import Measures
from aims_api.problems import ProblemError
from aims_api.rules import RulesInForce
from aims_api.selection import copied, union_of
from aims_graph.columns import Columns, TermDictionary
from aims_graph.errors import InputError
from aims_graph.workspace import Workspace

ALL: Final = ("*",)
_POLL_SECONDS: Final = 1.0
_KEPT: Final = 32
_PAST_KEPT: Final = 16
_LOG = logging.getLogger("aims_api")

Listener = Callable[[tuple[str, ...], Snapshot | None, Snapshot], None]


class Snapshots:
    def __init__(
        self, workspace: Workspace, rules: RulesInForce, day: date | None, measures: Measures
    ) -> None:
        self._workspace = workspace
        self._rules = rules
        self._day = day
        self._measures = measures
        self._lock = threading.Lock()
        self._building: dict[tuple[str, ...], threading.Lock] = {}
        self._current: OrderedDict[tuple[str, ...], Snapshot] = OrderedDict()
        self._past: OrderedDict[tuple[object, ...], Snapshot] = OrderedDict()
        self._renewed = threading.Condition()
        self._wake = threading.Event()
        self._stop = False
        self._thread: threading.Thread | None = None
        self.listeners: list[Listener] = []
        #: Called with each new evaluation before anybody sees it.
        self.preparers: list[Callable[[tuple[str, ...], Snapshot], None]] = []
        #: Called with the first evaluation of a set of graphs; what it asks is kept for the next ones while somebody
        #: else asks it too.
        self.starters: list[Callable[[Snapshot], None]] = []
        #: Sets of graphs that are kept ready though nobody reads them at the moment.
        self.watched: Callable[[], set[tuple[str, ...]]] = set

    @property
    def day(self) -> date:
        return self._day or date.today()  # noqa: DTZ011 - the organization's own calendar day

    # Reading

    def of(self, caller: Caller) -> Snapshot:
        """The last finished evaluation of what the caller may read."""
        return self.of_graphs(caller.read)

    def has(self, caller: Caller) -> bool:
        """Whether ``of`` answers at once."""
        return key_of(caller.read) in self._current

    def has_answer(self, question: Question) -> bool:
        """Whether anybody has asked this of one of the last evaluations."""
        return any(s.answers.get(question) is not None for s in list(self._current.values()))

    def answer(self, caller: Caller, question: Question) -> tuple[Answer, int] | None:
        """One that the last evaluation still gives, and the entry of that."""
        found = self._current.get(key_of(caller.read))
        answer = None if found is None else found.answers.get(question)
        return None if found is None or answer is None else (answer, found.sequence)

    def of_graphs(self, patterns: Sequence[str]) -> Snapshot:
        key = key_of(patterns)
        found = self._current.get(key)
        if found is not None:
            return found
        return self._renew(key)

    def after(self, caller: Caller, entry: int, seconds: float = 20.0) -> Snapshot:
        """One that holds the entry: what a writer asks for who wants to see the effect.

        Raises ProblemError 503 when it takes too long, 422 when there is no such entry.
        """
        found = self.of(caller)
        if found.sequence >= entry:
            return found
        if entry > self._workspace.sequence:
            raise ProblemError(422, "validation-failed", f"there is no entry {entry}")
        end = time.monotonic() + seconds
        self._wake.set()
        with self._renewed:
            while (found := self.of(caller)).sequence < entry:
                if not self._renewed.wait(end - time.monotonic()) and time.monotonic() >= end:
                    raise ProblemError(503, "read-only", "the evaluation is not ready yet")
        return found

    def past(self, caller: Caller, *, day: date | None, at: str | None) -> Snapshot:
        """As of another date, or of the workspace as it was at an entry or date. Raises InputError."""
        if at is None and (day is None or day == self.day):
            return self.of(caller)
        head = self._workspace.sequence
        key = (
            key_of(caller.read),
            head if at is None else None,
            day,
            at,
            self._rules.get().version,
        )
        with self._lock:
            found = self._past.get(key)
            if found is not None:
                self._past.move_to_end(key)
                return found
        workspace = self._workspace if at is None else Workspace(self._workspace.path, at=at)
        found = self._evaluate(workspace, key_of(caller.read), day or workspace.day, None)
        if at is None or at.isdigit():
            with self._lock:
                self._past[key] = found
                while len(self._past) > _PAST_KEPT:
                    self._past.popitem(last=False)
        return found

    # Making

    def _renew(self, key: tuple[str, ...]) -> Snapshot:
        with self._lock:
            building = self._building.setdefault(key, threading.Lock())
        with building:
            old = self._current.get(key)
            if old is not None and self._is_current(old):
                return old
            started = time.perf_counter()
            new = self._evaluate(self._workspace, key, self.day, old)
            change = None if old is None else change_between(old, new)
            new.prepare(old, change)
            if old is not None and change is not None:
                carry_over(change, old, new)
            for start in self.starters if old is None else ():
                start(new)
            for prepare in self.preparers:
                prepare(key, new)
            with self._lock:
                self._current[key] = new
                while len(self._current) > _KEPT:
                    # The whole is what events and measures are made from.
                    self._current.pop(next(k for k in self._current if k != ALL))
            if key == ALL:
                self._measures.entry.set(new.sequence)
                self._measures.findings.set(len(new.findings))
                self._measures.evaluation_seconds.set(time.perf_counter() - started)
        for listener in self.listeners:
            listener(key, old, new)
        with self._renewed:
            self._renewed.notify_all()
        return new

    def _is_current(self, snapshot: Snapshot) -> bool:
        return (
            snapshot.sequence == self._workspace.sequence
            and snapshot.day == self.day
            and snapshot.rules.version == self._workspace.rules_version()
        )

    def _evaluate(
        self, workspace: Workspace, key: tuple[str, ...], day: date, old: Snapshot | None
    ) -> Snapshot:
        rules = self._rules.get()
        sequence, shared, data = _read(workspace, key)
        graphs = shared
        if key != ALL:
            terms = TermDictionary() if old is None else old.data.terms
            before = ({}, {}) if old is None else (old.shared, old.graphs)
            graphs = copied(shared, *before, terms)
            data = union_of(list(graphs.values()), terms)
        reusable = old is not None and old.day == day and old.rules is rules
        if old is not None and reusable and old.data.terms is data.terms:
            found = evaluate_change(old, sequence, graphs, data)
        else:
            found = evaluate_anew(rules, sequence, day, graphs, data)
        found.shared = shared
        return found

    # Renewing

    def start(self) -> None:
        """Begins with the whole workspace, in the background."""
        self._thread = threading.Thread(target=self._run, name="evaluation", daemon=True)
        self._thread.start()

    def notice(self) -> None:
        """Something was committed."""
        self._wake.set()

    def close(self) -> None:
        self._stop = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join(timeout=30)

    @property
    def ready(self) -> bool:
        return ALL in self._current

    def _run(self) -> None:
        while not self._stop:
            self._wake.clear()
            try:
                for key in dict.fromkeys([ALL, *self.watched(), *self._current]):
                    old = self._current.get(key)
                    if not self._stop and (old is None or not self._is_current(old)):
                        self._renew(key)
            except Exception as error:  # noqa: BLE001 - the old evaluation stays, the next commit tries again
                _LOG.error("evaluation", exc_info=error)
            self._wake.wait(_POLL_SECONDS)


def key_of(patterns: Sequence[str]) -> tuple[str, ...]:
    return ALL if "*" in patterns else tuple(sorted(set(patterns)))


def _read(workspace: Workspace, key: tuple[str, ...]) -> tuple[int, dict[str, Columns], Columns]:
    """Number, graphs and their union at one moment, whoever writes meanwhile."""
    reader = Caller("", "", frozenset(), key, ())
    for _ in range(100):
        sequence = workspace.sequence
        graphs, data = workspace.graphs(), workspace.columns()
        if workspace.sequence == sequence:
            named = {name or DEFAULT_GRAPH: graph for name, graph in graphs.items()}
            if key == ALL:
                return sequence, named, data
            own = {name: graph for name, graph in named.items() if reader.may_read(name)}
            return sequence, own, data
    raise InputError("the workspace is changing too fast to be read")
