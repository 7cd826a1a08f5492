"""Which journal this is: a file written once, on whose hash the first entry follows."""

import json
import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from aims_graph.journal.disk import write_durably
from aims_graph.journal.entry import canonical
from aims_graph.journal.errors import JournalError

_FORMAT: Final = 1


def write_identity(path: Path) -> None:
    identity = {
        "format": _FORMAT,
        "id": secrets.token_hex(16),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    write_durably(path, canonical(identity) + b"\n")


def read_identity(path: Path) -> dict[str, Any]:
    """Raises JournalError when it is missing, damaged, or of a format not known here."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise JournalError(f"cannot be read: {error.strerror}", file=path) from None
    try:
        identity = json.loads(data)
        known = isinstance(identity, dict) and canonical(identity) + b"\n" == data
    except (ValueError, RecursionError):
        known = False
    if not known:
        raise JournalError("the journal's identity is damaged", file=path)
    if identity.get("format") != _FORMAT:
        raise JournalError("the journal is of a format that is not known here", file=path)
    return dict(identity)
