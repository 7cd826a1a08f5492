"""Findings that appear, change or close, as events: to listeners of this process, and to a durable queue."""

import asyncio
import hashlib
import json
import threading
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from aims_api.evaluation import Snapshot
from aims_api.store import Store, Transaction

APPEARED, CHANGED, CLOSED = "finding.appeared", "finding.changed", "finding.closed"
KINDS: Final = (APPEARED, CHANGED, CLOSED)
_KEPT: Final = 2_000
#: Events of one delivery; a first evaluation may bring many.
_MOST: Final = 500

Key = tuple[str, ...]
Rows = Mapping[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Event:
    """``number`` counts up within a set of graphs and one run of the service."""

    number: int
    kind: str
    entry: int
    as_of: str
    finding: Mapping[str, Any]

    def content(self) -> dict[str, Any]:
        return {
            "event": self.kind,
            "entry": self.entry,
            "as_of": self.as_of,
            "finding": self.finding,
        }


@dataclass(slots=True)
class _Feed:
    number: int = 0
    past: deque[Event] = field(default_factory=lambda: deque(maxlen=_KEPT))
    listeners: list[tuple[asyncio.AbstractEventLoop, asyncio.Queue[Event | None]]] = field(
        default_factory=list
    )


class Feeds:
    """Server-sent events: what happened since this process looks."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._feeds: dict[Key, _Feed] = {}

    def notice(self, key: Key, old: Snapshot | None, new: Snapshot) -> None:
        """A listener of Snapshots."""
        if old is None:
            return
        with self._lock:
            feed = self._feeds.setdefault(key, _Feed())
            for kind, row in differences(_rows(old), _rows(new)):
                feed.number += 1
                event = Event(feed.number, kind, new.sequence, new.day.isoformat(), row)
                feed.past.append(event)
                for loop, queue in feed.listeners:
                    loop.call_soon_threadsafe(queue.put_nowait, event)

    def listen(
        self, key: Key, after: int | None
    ) -> tuple[asyncio.Queue[Event | None], list[Event]]:
        """A queue of what comes, and what came after the event of that number."""
        queue: asyncio.Queue[Event | None] = asyncio.Queue()
        with self._lock:
            feed = self._feeds.setdefault(key, _Feed())
            missed = [e for e in feed.past if after is not None and e.number > after]
            feed.listeners.append((asyncio.get_running_loop(), queue))
        return queue, missed

    def leave(self, key: Key, queue: asyncio.Queue[Event | None]) -> None:
        with self._lock:
            feed = self._feeds[key]
            feed.listeners = [item for item in feed.listeners if item[1] is not queue]

    def close(self) -> None:
        with self._lock:
            for feed in self._feeds.values():
                for loop, queue in feed.listeners:
                    if not loop.is_closed():
                        loop.call_soon_threadsafe(queue.put_nowait, None)


class Outbox:
    """Deliveries to webhooks. What was seen last and what is to be told are written in one transaction,
    so a crash neither loses an event nor makes one up.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def keys(self) -> set[Key]:
        """The sets of graphs that somebody wants to be told about."""
        rows = self._store.rows("SELECT DISTINCT graphs FROM webhooks")
        return {tuple(json.loads(row["graphs"])) for row in rows}

    def notice(self, key: Key, _: Snapshot | None, new: Snapshot) -> None:
        """A listener of Snapshots. The first time it only remembers what there is."""
        graphs = json.dumps(list(key))
        hooks = self._store.rows("SELECT id, events FROM webhooks WHERE graphs = ?", graphs)
        if not hooks:
            return
        now = _rows(new)
        digests = {name: _digest(row) for name, row in now.items()}
        with self._store.transaction() as change:
            seen = change.rows("SELECT findings FROM seen WHERE graphs = ?", graphs)
            change.write(
                "INSERT INTO seen VALUES (?,?,?) ON CONFLICT (graphs) DO UPDATE SET "
                "sequence = excluded.sequence, findings = excluded.findings",
                graphs,
                new.sequence,
                json.dumps(digests),
            )
            if seen:
                before: dict[str, str] = json.loads(seen[0]["findings"])
                events = list(_since(before, digests, now))
                for hook in hooks:
                    wanted = set(json.loads(hook["events"]))
                    chosen = [(kind, row) for kind, row in events if kind in wanted]
                    _enqueue(change, hook["id"], chosen, new)

    def forget(self, key: Key) -> None:
        """Nobody wants to be told any more."""
        graphs = json.dumps(list(key))
        self._store.write(
            "DELETE FROM seen WHERE graphs = ? AND graphs NOT IN (SELECT graphs FROM webhooks)",
            graphs,
        )


def _enqueue(
    change: Transaction, hook: str, events: list[tuple[str, dict[str, Any]]], snapshot: Snapshot
) -> None:
    created = datetime.now(UTC).isoformat(timespec="milliseconds")
    for start in range(0, len(events), _MOST):
        body = {
            "entry": snapshot.sequence,
            "as_of": snapshot.day.isoformat(),
            "events": [
                {"event": kind, "finding": row} for kind, row in events[start : start + _MOST]
            ],
        }
        change.write(
            "INSERT INTO deliveries (webhook, body, created, due) VALUES (?,?,?,0)",
            hook,
            json.dumps(body, ensure_ascii=False),
            created,
        )


def _rows(snapshot: Snapshot) -> Rows:
    return {finding.fingerprint: snapshot.row(finding) for finding in snapshot.findings}


def differences(old: Rows, new: Rows) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, row in new.items():
        if name not in old:
            yield APPEARED, row
        elif old[name] != row:
            yield CHANGED, row
    yield from ((CLOSED, row) for name, row in old.items() if name not in new)


def _since(
    before: Mapping[str, str], digests: Mapping[str, str], now: Rows
) -> Iterator[tuple[str, dict[str, Any]]]:
    """As ``differences``, when of the time before only digests are known."""
    for name, row in now.items():
        if name not in before:
            yield APPEARED, row
        elif before[name] != digests[name]:
            yield CHANGED, row
    yield from ((CLOSED, {"fingerprint": name}) for name in before if name not in digests)


def _digest(row: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(row, sort_keys=True).encode()).hexdigest()[:16]
