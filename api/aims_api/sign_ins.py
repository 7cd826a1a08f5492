"""Signing in with a browser at an OIDC issuer: authorization code with PKCE (RFC 6749, 7636, 9207)."""

import base64
import hashlib
import hmac
import os
import secrets
import time
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, urlencode, urlsplit

from aims_api.callers import Caller
from aims_api.issuer import Issuer, fetch_json
from aims_api.keys import hash_of
from aims_api.problems import ProblemError
from aims_api.settings import Oidc
from aims_api.store import Store
from aims_api.tokens import Tokens
from aims_graph.errors import InputError

#: For a sign-in that has begun and is not yet finished.
SECONDS: Final = 600
_VARIABLE: Final = "AIMS_OIDC_CLIENT_SECRET"


@dataclass(frozen=True, slots=True)
class Begun:
    """``ticket`` goes into a cookie: only the browser that began can finish."""

    address: str
    ticket: str


class SignIns:
    def __init__(self, settings: Oidc, issuer: Issuer, tokens: Tokens, store: Store) -> None:
        if not settings.redirect_uri:
            raise InputError(
                "signing in at an issuer takes a redirect_uri",
                hint="https://…/pages/sign-in/callback",
            )
        self._settings = settings
        self._issuer = issuer
        self._tokens = tokens
        self._store = store

    @property
    def name(self) -> str:
        return urlsplit(self._settings.issuer).hostname or self._settings.issuer

    def begin(self, target: str) -> Begun:
        """``target`` is the page to be led to afterwards. Raises ProblemError 502."""
        ticket, state, nonce = (secrets.token_urlsafe(32) for _ in range(3))
        verifier = secrets.token_urlsafe(48)
        with self._store.transaction() as change:
            change.write("DELETE FROM sign_ins WHERE expires < ?", time.time())
            change.write(
                "INSERT INTO sign_ins VALUES (?,?,?,?,?,?)",
                hash_of(ticket), state, nonce, verifier, target, time.time() + SECONDS,
            )  # fmt: skip
        asked = {
            "response_type": "code",
            "client_id": self._settings.client_id,
            "redirect_uri": self._settings.redirect_uri,
            "scope": " ".join(self._settings.scopes),
            "state": state,
            "nonce": nonce,
            "code_challenge": _encode(hashlib.sha256(verifier.encode()).digest()),
            "code_challenge_method": "S256",
        }
        address = self._address("authorization_url")
        mark = "&" if "?" in address else "?"
        return Begun(address + mark + urlencode(asked), ticket)

    def finish(self, ticket: str, state: str, code: str, issuer: str) -> tuple[Caller, str]:
        """The caller and their target; a ticket is good once. Raises ProblemError 401, 502."""
        with self._store.transaction() as change:
            found = change.rows(
                "DELETE FROM sign_ins WHERE hash = ? AND expires > ? RETURNING *",
                hash_of(ticket), time.time(),
            )  # fmt: skip
        if not found or not hmac.compare_digest(found[0]["state"].encode(), state.encode()):
            raise _failed("it was not begun in this browser, or too long ago")
        if issuer and issuer != self._settings.issuer:
            raise _failed("the answer is of another issuer")
        token = self._exchange(code, found[0]["verifier"])
        caller = self._tokens.identify(token, found[0]["nonce"])
        if caller is None:
            raise _failed("the issuer's token is not valid here, or gives no role")
        return caller, found[0]["target"]

    def end_address(self) -> str:
        """Where somebody signs out at the issuer too; "" when it has no such page."""
        try:
            address = self._issuer.address("end_session_url")
        except (OSError, ValueError):
            return ""
        mark = "&" if "?" in address else "?"
        return address and address + mark + urlencode({"client_id": self._settings.client_id})

    def _exchange(self, code: str, verifier: str) -> str:
        client, secret = self._settings.client_id, self._settings.client_secret
        secret = secret or os.environ.get(_VARIABLE, "")
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._settings.redirect_uri,
            "client_id": client,
            "code_verifier": verifier,
        }
        pair = f"{quote(client, safe='')}:{quote(secret, safe='')}".encode()
        authorization = "Basic " + base64.b64encode(pair).decode() if secret else ""
        address = self._address("token_url")
        try:
            answer = fetch_json(address, urlencode(form).encode(), authorization)
        except (OSError, ValueError):
            raise _failed("the issuer did not give a token for this sign-in") from None
        return str(answer.get("id_token", ""))

    def _address(self, name: str) -> str:
        try:
            address = self._issuer.address(name)
        except (OSError, ValueError):
            address = ""
        if not address:
            raise ProblemError(502, "issuer-unavailable", f"{self.name} does not answer")
        return address


def _failed(why: str) -> ProblemError:
    return ProblemError(401, "unauthenticated", f"signing in has failed: {why}")


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
