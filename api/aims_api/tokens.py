"""Bearer tokens of an OIDC issuer: signature, issuer, audience and time are checked, algorithms pinned."""

import hmac
import threading
import time
from typing import Any, Final

import jwt

from aims_api.callers import Caller, check_roles
from aims_api.issuer import Issuer, fetch_json
from aims_api.settings import Oidc
from aims_graph.errors import InputError

_KEPT_SECONDS: Final = 600.0
#: An unknown key id makes us look again, but not more often than this.
_WAIT_SECONDS: Final = 30.0
_SYMMETRIC: Final = ("HS", "none")


class Tokens:
    def __init__(self, settings: Oidc, issuer: Issuer) -> None:
        if any(name.startswith(_SYMMETRIC) for name in settings.algorithms):
            raise InputError("tokens must be signed with a private key: RS256, ES256 and the like")
        self._settings = settings
        self._issuer = issuer
        self._lock = threading.Lock()
        self._keys: dict[str, jwt.PyJWK] = {}
        self._asked = -_WAIT_SECONDS
        self._fresh = -_KEPT_SECONDS

    def caller(self, token: str) -> Caller | None:
        """Whose bearer token it is; None when anything of it is not as it must be."""
        try:
            claims = self._claims(token, self._settings.audience)
            return None if claims is None else self._read(claims)
        except (jwt.PyJWTError, InputError, ValueError, TypeError):
            return None

    def identify(self, token: str, nonce: str) -> Caller | None:
        """Who has signed in, by the ID token of an exchange that began with the nonce; None when
        anything of it is not as it must be (OpenID Connect Core 1.0, section 3.1.3.7).
        """
        client = self._settings.client_id
        try:
            claims = self._claims(token, client)
            given = b"" if claims is None else str(claims.get("nonce", "")).encode()
            if claims is None or not hmac.compare_digest(given, nonce.encode()):
                return None
            several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
            if claims.get("azp", None if several else client) != client:
                return None
            return self._read(claims)
        except (jwt.PyJWTError, InputError, ValueError, TypeError):
            return None

    def _claims(self, token: str, audience: str) -> dict[str, Any] | None:
        settings = self._settings
        header = jwt.get_unverified_header(token)
        key = self._key(str(header.get("kid", "")))
        if key is None or header.get("alg") not in settings.algorithms:
            return None
        claims: dict[str, Any] = jwt.decode(
            token,
            key.key,
            algorithms=list(settings.algorithms),
            audience=audience,
            issuer=settings.issuer,
            options={"require": ["exp", "iat", "sub"]},
            leeway=30,
        )
        return claims

    def _read(self, claims: dict[str, Any]) -> Caller:
        settings = self._settings
        name = claims.get("preferred_username") or claims.get("email") or claims["sub"]
        return Caller(
            id=f"{settings.issuer}#{claims['sub']}",
            name=str(name),
            roles=check_roles(_texts(claims.get(settings.roles_claim))),
            read=_texts(claims.get(settings.read_claim)),
            write=_texts(claims.get(settings.write_claim)),
            person=str(claims[settings.person_claim]) if settings.person_claim in claims else None,
        )

    def _key(self, key_id: str) -> jwt.PyJWK | None:
        now = time.monotonic()
        with self._lock:
            stale = now - self._fresh > _KEPT_SECONDS
            if (stale or key_id not in self._keys) and now - self._asked > _WAIT_SECONDS:
                self._asked = now
                self._fetch(now)
            return self._keys.get(key_id)

    def _fetch(self, now: float) -> None:
        try:
            found = fetch_json(self._issuer.address("jwks_url"))
            keys = {item["kid"]: jwt.PyJWK(item) for item in found["keys"] if "kid" in item}
        except (OSError, ValueError, KeyError, TypeError, AttributeError, jwt.PyJWTError):
            return  # those we have stay good
        self._keys, self._fresh = keys, now


def _texts(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return tuple(value.split())
    if isinstance(value, list):
        return tuple(str(item) for item in value)
    return ()
