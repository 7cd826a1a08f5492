"""What an operator may set: defaults that are safe on one machine, changed in ``service.toml``."""

import tomllib
from dataclasses import dataclass, field, fields
from datetime import date
from pathlib import Path
from typing import Any, Final, Self

from aims_graph.errors import InputError
from aims_graph.workspace.folder import SETTINGS

MEBIBYTE: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Oidc:
    """An issuer of bearer tokens. ``algorithms`` are the only ones accepted, whatever a token says;
    the claims name the roles and the graphs of its bearer.

    Addresses that are not given are those that the issuer's discovery document names. People sign in
    with a browser when there is a ``client_id``; ``redirect_uri`` is then the address of
    ``/pages/sign-in/callback`` as the issuer knows it.
    """

    issuer: str
    audience: str
    jwks_url: str = ""
    client_id: str = ""
    client_secret: str = ""
    redirect_uri: str = ""
    authorization_url: str = ""
    token_url: str = ""
    end_session_url: str = ""
    scopes: tuple[str, ...] = ("openid", "profile", "email")
    algorithms: tuple[str, ...] = ("RS256",)
    roles_claim: str = "aims_roles"
    read_claim: str = "aims_read"
    write_claim: str = "aims_write"
    person_claim: str = "aims_person"


@dataclass(frozen=True, slots=True)
class Settings:
    """Sizes in bytes, times in seconds, rates in requests a second.

    ``day`` fixes the date that the data are judged at (default: today). ``allow_private_targets``
    lets webhooks lead to this machine and its own network.
    """

    body_limit: int = 4 * MEBIBYTE
    import_limit: int = 64 * MEBIBYTE
    evidence_limit: int = 64 * MEBIBYTE
    rate: float = 100.0
    burst: int = 400
    anonymous_rate: float = 5.0
    anonymous_burst: int = 60
    session_seconds: int = 8 * 3600
    query_seconds: float = 20.0
    query_rows: int = 100_000
    allow_private_targets: bool = False
    secure_cookies: bool = False
    day: date | None = None
    oidc: Oidc | None = None
    evidence_types: tuple[str, ...] = field(
        default=(
            "application/pdf", "application/json", "application/xml", "application/zip",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "image/jpeg", "image/png", "message/rfc822", "text/csv", "text/markdown", "text/plain",
        )
    )  # fmt: skip

    @classmethod
    def read(cls, folder: Path) -> Self:
        """From ``service.toml`` of a workspace, when it has one. Raises InputError."""
        path = folder / SETTINGS
        if not path.is_file():
            return cls()
        try:
            given = tomllib.loads(path.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise InputError(f"not TOML: {error}", file=path) from None
        oidc = given.pop("oidc", None)
        try:
            values = _checked(cls, given, path)
            if oidc is not None:
                values["oidc"] = Oidc(**_checked(Oidc, oidc, path))
            return cls(**values)
        except TypeError as error:
            raise InputError(f"a setting is missing: {error}", file=path) from None


def _checked(kind: type[Any], given: Any, path: Path) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise InputError("settings stand in tables", file=path)
    known = {item.name: item for item in fields(kind)}
    values: dict[str, Any] = {}
    for name, item in given.items():
        if name not in known:
            raise InputError(f"there is no setting {name!r}", file=path, hint=", ".join(known))
        value = tuple(item) if isinstance(item, list) else item
        default = known[name].default
        if isinstance(default, bool | int | float | tuple) and not isinstance(
            value, (int, float) if isinstance(default, float) else type(default)
        ):
            raise InputError(f"{name} takes a {type(default).__name__}", file=path)
        values[name] = value
    return values
