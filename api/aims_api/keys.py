"""API keys: 256 random bits, of which only a hash is kept; sessions of browsers, made from a key or
from what an OIDC issuer says of somebody.
"""

import hashlib
import hmac
import json
import secrets
import sqlite3
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from aims_api.callers import Caller, Role, check_roles
from aims_api.store import Store
from aims_graph.errors import InputError

PREFIX: Final = "aims"
_CACHED_SECONDS: Final = 5.0
_CACHED: Final = 1024
_SESSIONS: Final = ("sessions", "issued_sessions")
#: Characters of the hash of a session's token that name it.
_SHOWN: Final = 16


@dataclass(frozen=True, slots=True)
class NewKey:
    """``text`` is shown once and never again."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class NewSession:
    token: str
    csrf: str


def hash_of(text: str) -> str:
    """A plain hash is enough: the text is random, so there is nothing to guess."""
    return hashlib.sha256(text.encode()).hexdigest()


class Keys:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[str, tuple[float, Caller | None]] = {}
        self._revoked = 0

    def create(
        self,
        name: str,
        roles: Sequence[str],
        *,
        read: Sequence[str],
        write: Sequence[str] = (),
        person: str | None = None,
        expires: datetime | None = None,
    ) -> NewKey:
        """Raises InputError on roles that cannot be held, and on an end in the past."""
        held = check_roles(roles)
        if expires is not None and expires <= datetime.now(UTC):
            raise InputError("the key would have expired already")
        key_id = secrets.token_hex(6)
        text = f"{PREFIX}_{key_id}_{secrets.token_urlsafe(32)}"
        self._store.write(
            "INSERT INTO keys VALUES (?,?,?,?,?,?,?,?,?,NULL)",
            key_id,
            hash_of(text),
            name,
            json.dumps(sorted(held)),
            json.dumps(list(read)),
            json.dumps(list(write)),
            person,
            datetime.now(UTC).isoformat(timespec="seconds"),
            None if expires is None else expires.astimezone(UTC).isoformat(),
        )
        return NewKey(key_id, text)

    def list(self) -> list[dict[str, Any]]:
        """What may be shown of each key."""
        return [
            {
                "id": row["id"],
                "name": row["name"],
                "roles": json.loads(row["roles"]),
                "read": json.loads(row["read"]),
                "write": json.loads(row["write"]),
                "person": row["person"],
                "created": row["created"],
                "expires": row["expires"],
                "revoked": row["revoked"],
            }
            for row in self._store.rows("SELECT * FROM keys ORDER BY created, id")
        ]

    def revoke(self, key_id: str) -> bool:
        """Takes effect at once, also for sessions made from it. False when there is no such key."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        with self._store.transaction() as change:
            count = change.write(
                "UPDATE keys SET revoked = ? WHERE id = ? AND revoked IS NULL", now, key_id
            )
            change.write("DELETE FROM sessions WHERE key = ?", key_id)
        self._revoked += 1  # who is just being looked up is not remembered
        self._known.clear()
        return count > 0

    @property
    def any(self) -> bool:
        return self._store.row("SELECT 1 FROM keys LIMIT 1") is not None

    def caller(self, text: str) -> Caller | None:
        """Whose key it is; None when it is nobody's, expired or revoked."""
        digest = hash_of(text)
        known = self._known.get(digest)
        now = time.monotonic()
        if known is not None and now - known[0] < _CACHED_SECONDS:
            return known[1]
        revoked = self._revoked
        found = self._find(text, digest)
        if found is not None and revoked == self._revoked:
            if len(self._known) >= _CACHED:
                self._known.clear()
            self._known[digest] = (now, found)
        return found

    def _find(self, text: str, digest: str) -> Caller | None:
        parts = text.split("_", 2)
        if len(parts) != 3 or parts[0] != PREFIX or not text.isascii():
            return None
        row = self._store.row("SELECT * FROM keys WHERE id = ?", parts[1])
        if row is None or not hmac.compare_digest(row["hash"], digest):
            return None
        return _caller(row)

    # Sessions

    def start_session(self, caller: Caller, seconds: int) -> NewSession:
        return self._start("sessions", caller.id, seconds)

    def start_issued_session(self, caller: Caller, seconds: int) -> NewSession:
        """Of somebody without a key: who they are and what they may stays as it was at the start."""
        content = {
            "id": caller.id,
            "name": caller.name,
            "roles": sorted(caller.roles),
            "read": caller.read,
            "write": caller.write,
            "person": caller.person,
        }
        return self._start("issued_sessions", json.dumps(content), seconds)

    def _start(self, table: str, who: str, seconds: int) -> NewSession:
        """``who``: what the table keeps of the caller. Sessions that have ended go."""
        session = NewSession(secrets.token_urlsafe(32), secrets.token_urlsafe(24))
        with self._store.transaction() as change:
            change.write(f"DELETE FROM {table} WHERE expires < ?", time.time())  # noqa: S608 - names of ours
            change.write(
                f"INSERT INTO {table} VALUES (?,?,?,?)",  # noqa: S608 - names of ours
                hash_of(session.token),
                session.csrf,
                who,
                time.time() + seconds,
            )
        return session

    def session_caller(self, token: str) -> Caller | None:
        row = self._store.row(
            "SELECT keys.*, sessions.csrf AS csrf FROM sessions JOIN keys ON keys.id = sessions.key "
            "WHERE sessions.hash = ? AND sessions.expires > ?",
            hash_of(token),
            time.time(),
        )
        return self._issued_caller(token) if row is None else _caller(row, row["csrf"])

    def _issued_caller(self, token: str) -> Caller | None:
        row = self._store.row(
            "SELECT csrf, caller FROM issued_sessions WHERE hash = ? AND expires > ?",
            hash_of(token),
            time.time(),
        )
        return None if row is None else _issued(row)

    def sessions(self) -> Sequence[dict[str, Any]]:
        """What may be shown of each that is open, by when it ends; ``key`` is None of an issuer's."""
        now = time.time()
        found = [
            _session(row, row["key"], _caller(row))
            for row in self._store.rows(
                "SELECT keys.*, sessions.hash AS token, sessions.key AS key, sessions.expires AS ends "
                "FROM sessions JOIN keys ON keys.id = sessions.key WHERE sessions.expires > ?",
                now,
            )
        ]
        found += [
            _session(row, None, _issued(row))
            for row in self._store.rows(
                "SELECT csrf, caller, hash AS token, expires AS ends FROM issued_sessions "
                "WHERE expires > ?",
                now,
            )
        ]
        return sorted(filter(None, found), key=lambda session: (session["expires"], session["id"]))

    def revoke_session(self, session_id: str) -> bool:
        """Takes effect at once. False when no such session is open."""
        with self._store.transaction() as change:
            count = sum(
                change.write(
                    f"DELETE FROM {table} WHERE substr(hash, 1, {_SHOWN}) = ? AND expires > ?",  # noqa: S608 - names of ours
                    session_id,
                    time.time(),
                )
                for table in _SESSIONS
            )
        return count > 0

    def end_session(self, token: str) -> None:
        with self._store.transaction() as change:
            for table in _SESSIONS:
                change.write(f"DELETE FROM {table} WHERE hash = ?", hash_of(token))  # noqa: S608 - names of ours


def _issued(row: sqlite3.Row) -> Caller:
    content = json.loads(row["caller"])
    return Caller(
        id=content["id"],
        name=content["name"],
        roles=frozenset(map(Role, content["roles"])),
        read=tuple(content["read"]),
        write=tuple(content["write"]),
        person=content["person"],
        csrf=row["csrf"],
    )


def _session(row: sqlite3.Row, key: str | None, caller: Caller | None) -> dict[str, Any] | None:
    """None when its key opens nothing any more. The name is the beginning of the token's hash."""
    if caller is None:
        return None
    return {
        "id": row["token"][:_SHOWN],
        "key": key,
        "caller": caller.id,
        "name": caller.name,
        "roles": sorted(caller.roles),
        "person": caller.person,
        "expires": datetime.fromtimestamp(row["ends"], UTC).isoformat(timespec="seconds"),
    }


def _caller(row: sqlite3.Row, csrf: str | None = None) -> Caller | None:
    expires = row["expires"]
    if row["revoked"] or (expires and datetime.fromisoformat(expires) <= datetime.now(UTC)):
        return None
    return Caller(
        id=row["id"],
        name=row["name"],
        roles=frozenset(map(Role, json.loads(row["roles"]))),
        read=tuple(json.loads(row["read"])),
        write=tuple(json.loads(row["write"])),
        person=row["person"],
        csrf=csrf,
    )
