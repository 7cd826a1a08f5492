"""Deliveries to webhooks: signed, retried with growing pauses, to addresses that are allowed."""

import hashlib
import hmac
import http.client
import ipaddress
import logging
import secrets
import socket
import ssl
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlsplit

from aims_api.measures import Measures
from aims_api.store import Store
from aims_graph.errors import InputError

SIGNATURE: Final = "Aims-Signature"
_FIRST_PAUSE: Final = 5.0
_LONGEST_PAUSE: Final = 3600.0
_MOST_ATTEMPTS: Final = 30
_TIMEOUT: Final = 10.0
#: Seconds of one attempt, however slowly the receiver talks.
_LONGEST: Final = 30.0
_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")
#: All that is handed out for use on the Internet.
_UNICAST: Final = ipaddress.ip_network("2000::/3")
_POLL_SECONDS: Final = 1.0
_LOG = logging.getLogger("aims_api")


@dataclass(frozen=True, slots=True)
class Target:
    """Addresses looked up once, so that they are still those that were checked when one is connected to."""

    host: str
    port: int
    addresses: tuple[str, ...]
    secure: bool
    path: str


def sign(secret: str, moment: int, body: bytes) -> str:
    """What a receiver computes too: HMAC-SHA-256 of the time, a point and the body."""
    digest = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={moment},v1={digest}"


def resolve(url: str, *, private: bool) -> Target:
    """Raises InputError when the address is none, or leads where events must not go."""
    if not url.isascii() or not url.isprintable() or " " in url:
        raise InputError("the address of a webhook has letters, digits and signs of ASCII only")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise InputError("the address of a webhook is a URL") from None
    secure = parts.scheme == "https"
    if not secure and not (private and parts.scheme == "http"):
        raise InputError("the address of a webhook begins with https://")
    if not parts.hostname or parts.username is not None or parts.fragment:
        raise InputError("the address of a webhook has a host, and no user or fragment")
    port = port or (443 if secure else 80)
    try:
        found = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise InputError("the host of the webhook is not known") from None
    addresses = tuple(dict.fromkeys(str(item[4][0]) for item in found))
    for address in addresses:
        if not private and not _is_public(address):
            raise InputError("webhooks do not lead to this machine or a network of its own")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.hostname, port, addresses, secure, path)


def _is_public(address: str) -> bool:
    """Also of an IPv4 address within one of IPv6, which a gateway may lead to."""
    parsed = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(parsed, ipaddress.IPv4Address):
        return parsed.is_global and not parsed.is_multicast
    if parsed.ipv4_mapped is not None or parsed in _NAT64:
        return _is_public(str(ipaddress.IPv4Address(int(parsed) & 0xFFFFFFFF)))
    inner = [parsed.sixtofour, *(parsed.teredo or ())]
    return (
        parsed in _UNICAST
        and parsed.is_global
        and all(_is_public(str(found)) for found in inner if found is not None)
    )


#: The oldest of each webhook, when its time has come: one that fails holds up those after it, which keeps
#: the order, and nobody else's. Who has lost the key is told nothing more.
_DUE: Final = """
SELECT deliveries.*, webhooks.url, webhooks.secret FROM deliveries
JOIN webhooks ON webhooks.id = deliveries.webhook LEFT JOIN keys ON keys.id = webhooks.owner
WHERE deliveries.id IN (SELECT MIN(id) FROM deliveries WHERE state = 'waiting' GROUP BY webhook)
AND deliveries.due <= ? AND keys.revoked IS NULL AND (keys.expires IS NULL OR keys.expires > ?)
ORDER BY deliveries.id"""


def _now() -> str:
    return datetime.now(UTC).isoformat()


class Courier:
    """A thread that works off the queue. A delivery is done when the receiver answers 2xx; until then it
    is tried again, also after a crash: receivers may get one twice and tell by its id.
    """

    def __init__(self, store: Store, measures: Measures, *, private: bool) -> None:
        self._store = store
        self._measures = measures
        self._private = private
        self._wake = threading.Event()
        self._stop = False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="deliveries", daemon=True)
        self._thread.start()

    def notice(self, *_: object) -> None:
        self._wake.set()

    def close(self) -> None:
        self._stop = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join(timeout=2 * _TIMEOUT)

    def _run(self) -> None:
        while not self._stop:
            self._wake.clear()
            try:
                self.deliver_due()
            except Exception as error:  # noqa: BLE001 - the queue is kept, it is tried again
                _LOG.error("deliveries", exc_info=error)
            self._wake.wait(_POLL_SECONDS)

    def deliver_due(self) -> int:
        """Tries what is due once; the number of attempts."""
        attempts = 0
        while not self._stop and (rows := self._store.rows(_DUE, time.time(), _now())):
            for row in rows:
                if self._stop:
                    break
                self._deliver(row)
                attempts += 1
        return attempts

    def _deliver(self, row: Any) -> None:
        try:
            status = self._post(row)
            answer = f"HTTP {status}"
        except (OSError, ValueError, InputError, http.client.HTTPException) as error:
            status, answer = 0, type(error).__name__
        if 200 <= status < 300:
            self._measures.deliveries.labels("delivered").inc()
            self._store.write(
                "UPDATE deliveries SET state = 'delivered', attempts = attempts + 1, answer = ? "
                "WHERE id = ?",
                answer,
                row["id"],
            )
            return
        self._measures.deliveries.labels("failed").inc()
        attempts = row["attempts"] + 1
        pause = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2 ** min(attempts - 1, 20))
        due = time.time() + pause * (1 + secrets.randbelow(100) / 500)
        state = "waiting" if attempts < _MOST_ATTEMPTS else "given up"
        self._store.write(
            "UPDATE deliveries SET attempts = ?, due = ?, state = ?, answer = ? WHERE id = ?",
            attempts,
            due,
            state,
            answer,
            row["id"],
        )

    def _post(self, row: Any) -> int:
        target = resolve(row["url"], private=self._private)
        body = row["body"].encode()
        connection = _Connection(target)
        watch = threading.Timer(_LONGEST, connection.cut)
        watch.start()
        try:
            connection.request(
                "POST",
                target.path,
                body,
                {
                    "Host": target.host
                    if target.port in (80, 443)
                    else f"{target.host}:{target.port}",
                    "Content-Type": "application/json",
                    "Aims-Delivery": str(row["id"]),
                    SIGNATURE: sign(row["secret"], int(time.time()), body),
                },
            )
            return connection.getresponse().status  # redirects are not followed
        finally:
            watch.cancel()
            connection.close()


class _Connection(http.client.HTTPConnection):
    """To the address that was checked, whatever the name means by now."""

    def __init__(self, target: Target) -> None:
        super().__init__(target.host, target.port, timeout=_TIMEOUT)
        self._target = target

    def connect(self) -> None:
        target = self._target
        self.sock = _connect(target)
        if target.secure:
            context = ssl.create_default_context()
            self.sock = context.wrap_socket(self.sock, server_hostname=target.host)

    def cut(self) -> None:
        sock = self.sock
        if sock is not None:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)


def _connect(target: Target) -> socket.socket:
    """To the first address that answers. Raises OSError."""
    *others, last = target.addresses
    for address in others:
        with suppress(OSError):
            return socket.create_connection((address, target.port), _TIMEOUT)
    return socket.create_connection((last, target.port), _TIMEOUT)
