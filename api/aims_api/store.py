"""What the service itself has to remember: keys, sessions, webhooks, events and the queue of deliveries.

SQLite in the workspace's folder; a committed row survives a crash. Of the graph only the findings of the
latest events and deliveries stand here.
"""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from aims_graph.workspace.folder import SERVICE, SERVICE_STORE

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS keys (
  id TEXT PRIMARY KEY, hash TEXT NOT NULL, name TEXT NOT NULL, roles TEXT NOT NULL,
  read TEXT NOT NULL, write TEXT NOT NULL, person TEXT, created TEXT NOT NULL,
  expires TEXT, revoked TEXT) STRICT;
CREATE TABLE IF NOT EXISTS sessions (
  hash TEXT PRIMARY KEY, csrf TEXT NOT NULL, key TEXT NOT NULL, expires REAL NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS issued_sessions (
  hash TEXT PRIMARY KEY, csrf TEXT NOT NULL, caller TEXT NOT NULL, expires REAL NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS writers (
  id TEXT NOT NULL, person TEXT NOT NULL, PRIMARY KEY (id, person)) STRICT;
CREATE TABLE IF NOT EXISTS files (
  hash TEXT NOT NULL, graph TEXT NOT NULL, PRIMARY KEY (hash, graph)) STRICT;
CREATE TABLE IF NOT EXISTS sign_ins (
  hash TEXT PRIMARY KEY, state TEXT NOT NULL, nonce TEXT NOT NULL, verifier TEXT NOT NULL,
  target TEXT NOT NULL, expires REAL NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS webhooks (
  id TEXT PRIMARY KEY, url TEXT NOT NULL, secret TEXT NOT NULL, events TEXT NOT NULL,
  owner TEXT NOT NULL, graphs TEXT NOT NULL, created TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS deliveries (
  id INTEGER PRIMARY KEY AUTOINCREMENT, webhook TEXT NOT NULL REFERENCES webhooks ON DELETE CASCADE,
  body TEXT NOT NULL, created TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0,
  due REAL NOT NULL, state TEXT NOT NULL DEFAULT 'waiting', answer TEXT) STRICT;
CREATE INDEX IF NOT EXISTS deliveries_due ON deliveries (state, due);
CREATE TABLE IF NOT EXISTS feeds (
  graphs TEXT PRIMARY KEY, id TEXT NOT NULL, number INTEGER NOT NULL, asked REAL NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS seen_findings (
  graphs TEXT NOT NULL REFERENCES feeds ON DELETE CASCADE, fingerprint TEXT NOT NULL,
  digest TEXT NOT NULL, PRIMARY KEY (graphs, fingerprint)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS events (
  graphs TEXT NOT NULL REFERENCES feeds ON DELETE CASCADE, number INTEGER NOT NULL, kind TEXT NOT NULL,
  entry INTEGER NOT NULL, as_of TEXT NOT NULL, finding TEXT NOT NULL, PRIMARY KEY (graphs, number)) STRICT;
CREATE TABLE IF NOT EXISTS trend (
  graphs TEXT NOT NULL, sequence INTEGER NOT NULL, day TEXT NOT NULL, rules TEXT NOT NULL,
  counts TEXT NOT NULL, PRIMARY KEY (graphs, sequence, day, rules)) STRICT;
"""


class Store:
    """Threads may share one: a connection is used by one of them at a time."""

    def __init__(self, workspace: Path) -> None:
        folder = workspace / SERVICE
        folder.mkdir(mode=0o700, exist_ok=True)
        self._lock = threading.RLock()
        path = folder / SERVICE_STORE
        path.touch(mode=0o600)
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.execute("PRAGMA foreign_keys = ON")
        self._connection.executescript(_SCHEMA)

    def rows(self, sql: str, *values: object) -> list[sqlite3.Row]:
        with self._lock:
            return self._connection.execute(sql, values).fetchall()

    def row(self, sql: str, *values: object) -> sqlite3.Row | None:
        found = self.rows(sql, *values)
        return found[0] if found else None

    @contextmanager
    def transaction(self) -> Iterator["Transaction"]:
        """All of it or nothing; durable when the block is left."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield Transaction(self._connection)
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def write(self, sql: str, *values: object) -> int:
        """The number of rows that were changed."""
        with self.transaction() as change:
            return change.write(sql, *values)

    def close(self) -> None:
        with self._lock:
            self._connection.close()


class Transaction:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def write(self, sql: str, *values: object) -> int:
        return self._connection.execute(sql, values).rowcount

    def rows(self, sql: str, *values: object) -> list[Any]:
        return self._connection.execute(sql, values).fetchall()
