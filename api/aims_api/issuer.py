"""An OIDC issuer: its addresses, as the settings or its discovery document name them."""

import json
import threading
import time
import urllib.request
from typing import Any, Final
from urllib.parse import urlsplit

from aims_api.settings import Oidc
from aims_graph.errors import InputError

_KEPT_SECONDS: Final = 3600.0
_WAIT_SECONDS: Final = 30.0
_SECONDS: Final = 5
_LIMIT: Final = 1 << 20
_LOCAL: Final = frozenset({"127.0.0.1", "localhost", "::1"})
#: Setting -> its name in the discovery document (OpenID Connect Discovery 1.0, section 3).
_NAMES: Final = {
    "jwks_url": "jwks_uri",
    "authorization_url": "authorization_endpoint",
    "token_url": "token_endpoint",
    "end_session_url": "end_session_endpoint",
}


class Issuer:
    """Raises InputError on a given address that is not https; this machine may do without."""

    def __init__(self, settings: Oidc) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._document: dict[str, Any] = {}
        self._fresh = -_KEPT_SECONDS
        self._asked = -_WAIT_SECONDS
        for name in _NAMES:
            given = getattr(settings, name)
            if given and not _is_safe(given):
                raise InputError(f"{name} must begin with https://")

    def address(self, name: str) -> str:
        """Of a setting's name; "" when neither settings nor issuer name it. Raises OSError and
        ValueError when the issuer does not answer, or not for itself.
        """
        given: str = getattr(self._settings, name)
        if given:
            return given
        found = self._discover().get(_NAMES[name], "")
        if found and not (isinstance(found, str) and _is_safe(found)):
            raise ValueError("the issuer names an address that is not https")
        return str(found)

    def _discover(self) -> dict[str, Any]:
        with self._lock:
            now = time.monotonic()
            if now - self._fresh > _KEPT_SECONDS and now - self._asked > _WAIT_SECONDS:
                self._asked = now
                base = self._settings.issuer.rstrip("/")
                if not _is_safe(base):
                    raise ValueError("the issuer is no https address: name its addresses")
                found = fetch_json(base + "/.well-known/openid-configuration")
                if found.get("issuer") != self._settings.issuer:
                    raise ValueError("the discovery document is that of another issuer")
                self._document, self._fresh = found, now
            if not self._document:
                raise OSError("the issuer did not answer")
            return self._document


def fetch_json(address: str, body: bytes | None = None, authorization: str = "") -> dict[str, Any]:
    """GET, or POST of a form. Raises OSError (HTTPError for an answer of 400 or more), ValueError."""
    headers = {"Accept": "application/json"}
    if authorization:
        headers["Authorization"] = authorization
    request = urllib.request.Request(address, body, headers)  # noqa: S310 - of the settings or the issuer, checked
    with _OPENER.open(request, timeout=_SECONDS) as answer:
        found = json.loads(answer.read(_LIMIT))
    if not isinstance(found, dict):
        raise ValueError("the issuer's answer is no JSON object")  # noqa: TRY004 - of what came, not of an argument
    return found


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A secret is sent to the address that was configured and to no other."""

    def redirect_request(self, *_: Any) -> None:
        return None


_OPENER: Final = urllib.request.build_opener(_NoRedirect)


def _is_safe(address: str) -> bool:
    parts = urlsplit(address)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOCAL)
