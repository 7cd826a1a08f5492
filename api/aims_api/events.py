"""Findings that appear, change or close, as events: numbered, kept, told to listeners and put into the
queue of webhooks.

What was seen last, the events that follow, and the deliveries are written in one transaction, so a crash
neither loses an event nor makes one up: what changed while the service was down is told when it is up.
"""

import asyncio
import json
import secrets
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from aims_api.evaluation import Snapshot
from aims_api.seen import digest, read_seen, write_seen
from aims_api.store import Store, Transaction

APPEARED, CHANGED, CLOSED = "finding.appeared", "finding.changed", "finding.closed"
KINDS: Final = (APPEARED, CHANGED, CLOSED)
#: Events of one set of graphs that are kept for listeners who come back.
KEPT: Final = 10_000
#: Without a listener or a webhook for so long, what happens is no longer noted.
_ASKED_SECONDS: Final = 24 * 3600.0
_DELIVERED_KEPT: Final = timedelta(days=7)
#: Events of one delivery, and of one look at what there is.
_MOST: Final = 500

Key = tuple[str, ...]
Rows = Mapping[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a listener is. ``feed`` is drawn when events begin to be noted, so that numbers of another time
    are not taken for ours; ``number`` counts up within it.
    """

    feed: str
    number: int

    @classmethod
    def read(cls, text: str) -> "Place | None":
        feed, point, number = text.partition(".")
        well_formed = point and number.isascii() and number.isdigit() and len(number) < 16
        return cls(feed, int(number)) if well_formed else None

    def __str__(self) -> str:
        return f"{self.feed}.{self.number}"


@dataclass(frozen=True, slots=True)
class Event:
    place: Place
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


@dataclass(frozen=True, slots=True)
class _Last:
    moment: tuple[int, date]
    rows: Rows


class Feeds:
    """A feed is of a set of graphs. It begins with the first listener or webhook."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        #: What this process has seen last; a new one begins with what stands in the store.
        self._last: dict[Key, _Last] = {}
        self._listeners: list[tuple[Key, asyncio.AbstractEventLoop, asyncio.Event]] = []
        self.closed = False

    def keys(self) -> set[Key]:
        """The sets of graphs that somebody wants to be told about."""
        return {
            tuple(json.loads(row["graphs"])) for row in self._store.rows("SELECT graphs FROM feeds")
        }

    def open(self, key: Key, snapshot: Snapshot) -> None:
        """Begins a feed with what there is, or keeps one that there is already."""
        graphs, now = _name(key), time.time()
        with self._lock, self._store.transaction() as change:
            change.write(
                "DELETE FROM feeds WHERE asked < ? AND graphs NOT IN (SELECT graphs FROM webhooks)",
                now - _ASKED_SECONDS,
            )
            for known in [known for known in self._last if known != key]:
                if not change.rows("SELECT 1 FROM feeds WHERE graphs = ?", _name(known)):
                    del self._last[known]
            if change.write("UPDATE feeds SET asked = ? WHERE graphs = ?", now, graphs):
                return
            change.write("INSERT INTO feeds VALUES (?,?,0,?)", graphs, secrets.token_hex(6), now)
            rows = _rows(snapshot)
            write_seen(change, graphs, rows, ())
            self._last[key] = _Last((snapshot.sequence, snapshot.day), rows)

    def notice(self, key: Key, _: Snapshot | None, new: Snapshot) -> None:
        """A listener of Snapshots."""
        moment, graphs = (new.sequence, new.day), _name(key)
        with self._lock:
            last = self._last.get(key)
            if last is not None and moment < last.moment:
                return  # another evaluation has overtaken it
            feed = self._store.row("SELECT id, number FROM feeds WHERE graphs = ?", graphs)
            if feed is None:
                return
            rows = _rows(new)
            if last is None:
                events = list(_since(read_seen(self._store, graphs), rows))
            else:
                events = list(differences(last.rows, rows))
            if events:
                with self._store.transaction() as change:
                    _note(change, graphs, feed["number"], events, new)
            self._last[key] = _Last(moment, rows)
        if events:
            self._wake(key)

    # Listening

    def place(self, key: Key) -> Place | None:
        """That of the last event; None when nothing is noted of these graphs."""
        row = self._store.row("SELECT id, number FROM feeds WHERE graphs = ?", _name(key))
        return None if row is None else Place(row["id"], row["number"])

    def after(self, key: Key, place: Place, most: int = _MOST) -> list[Event] | None:
        """What followed, the oldest first; None when some of it is not known any more."""
        graphs = _name(key)
        row = self._store.row(
            "SELECT feeds.number, MIN(events.number) AS first FROM feeds LEFT JOIN events "
            "ON events.graphs = feeds.graphs WHERE feeds.graphs = ? AND feeds.id = ? GROUP BY feeds.graphs",
            graphs,
            place.feed,
        )
        if row is None or place.number > row["number"]:
            return None
        if place.number < row["number"] and (
            row["first"] is None or place.number + 1 < row["first"]
        ):
            return None
        rows = self._store.rows(
            "SELECT * FROM events WHERE graphs = ? AND number > ? ORDER BY number LIMIT ?",
            graphs,
            place.number,
            most,
        )
        return [
            Event(
                Place(place.feed, found["number"]),
                found["kind"],
                found["entry"],
                found["as_of"],
                json.loads(found["finding"]),
            )
            for found in rows
        ]

    def listen(self, key: Key) -> asyncio.Event:
        """Set when there is more to read, and when the service ends."""
        found = asyncio.Event()
        with self._lock:
            self._listeners.append((key, asyncio.get_running_loop(), found))
        return found

    def leave(self, listener: asyncio.Event) -> None:
        with self._lock:
            self._listeners = [item for item in self._listeners if item[2] is not listener]

    def _wake(self, key: Key | None) -> None:
        with self._lock:
            waiting = [item[1:] for item in self._listeners if key in (None, item[0])]
        for loop, listener in waiting:
            if not loop.is_closed():
                loop.call_soon_threadsafe(listener.set)

    def close(self) -> None:
        self.closed = True
        self._wake(None)


def _note(
    change: Transaction,
    graphs: str,
    number: int,
    events: list[tuple[str, dict[str, Any]]],
    snapshot: Snapshot,
) -> None:
    day = snapshot.day.isoformat()
    for at, (kind, row) in enumerate(events, start=number + 1):
        change.write(
            "INSERT INTO events VALUES (?,?,?,?,?,?)",
            graphs,
            at,
            kind,
            snapshot.sequence,
            day,
            json.dumps(row, ensure_ascii=False),
        )
    last = number + len(events)
    change.write("UPDATE feeds SET number = ? WHERE graphs = ?", last, graphs)
    change.write("DELETE FROM events WHERE graphs = ? AND number <= ?", graphs, last - KEPT)
    now = {row["fingerprint"]: row for kind, row in events if kind != CLOSED}
    write_seen(change, graphs, now, [row["fingerprint"] for kind, row in events if kind == CLOSED])
    for hook in change.rows("SELECT id, events FROM webhooks WHERE graphs = ?", graphs):
        wanted = set(json.loads(hook["events"]))
        _enqueue(change, hook["id"], [(k, row) for k, row in events if k in wanted], snapshot)


def _enqueue(
    change: Transaction, hook: str, events: list[tuple[str, dict[str, Any]]], snapshot: Snapshot
) -> None:
    now = datetime.now(UTC)
    change.write(
        "DELETE FROM deliveries WHERE state = 'delivered' AND created < ?",
        (now - _DELIVERED_KEPT).isoformat(timespec="milliseconds"),
    )
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
            now.isoformat(timespec="milliseconds"),
        )


def _name(key: Key) -> str:
    return json.dumps(list(key))


def _rows(snapshot: Snapshot) -> Rows:
    return {finding.fingerprint: snapshot.row(finding) for finding in snapshot.findings}


def differences(old: Rows, new: Rows) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, row in new.items():
        before = old.get(name)
        if before is None:
            yield APPEARED, row
        elif before is not row and before != row:
            yield CHANGED, row
    yield from ((CLOSED, row) for name, row in old.items() if name not in new)


def _since(before: Mapping[str, str], now: Rows) -> Iterator[tuple[str, dict[str, Any]]]:
    """As ``differences``, when of the time before only digests are known: of what is gone since only the
    fingerprint can be said.
    """
    for name, row in now.items():
        known = before.get(name)
        if known is None:
            yield APPEARED, row
        elif known != digest(row):
            yield CHANGED, row
    yield from ((CLOSED, {"fingerprint": name}) for name in before if name not in now)
