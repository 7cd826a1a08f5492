"""The findings that were seen last, as the store keeps them: fingerprints and digests, nothing that can be
read.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from aims_api.store import Store, Transaction


def read_seen(store: Store, graphs: str) -> dict[str, str]:
    """Fingerprint -> digest of the row."""
    rows = store.rows("SELECT fingerprint, digest FROM seen_findings WHERE graphs = ?", graphs)
    return {row["fingerprint"]: row["digest"] for row in rows}


def write_seen(
    change: Transaction, graphs: str, rows: Mapping[str, Mapping[str, Any]], gone: Iterable[str]
) -> None:
    for name, row in rows.items():
        change.write(
            "INSERT OR REPLACE INTO seen_findings VALUES (?,?,?)", graphs, name, digest(row)
        )
    for name in gone:
        change.write("DELETE FROM seen_findings WHERE graphs = ? AND fingerprint = ?", graphs, name)


def digest(row: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(row, sort_keys=True).encode()).hexdigest()[:16]
