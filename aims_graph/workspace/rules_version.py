"""Which rules were in force when an entry was written: a hash over shapes and ontology."""

import hashlib
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from aims_graph.resources import folder, ontology_files


@lru_cache(maxsize=256)
def _digest(path: Path, _size: int, _changed: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@lru_cache(maxsize=1)
def _packaged() -> tuple[Path, ...]:
    return (*ontology_files(), *sorted(folder("shapes").glob("*.ttl")))


def version_of_rules(own: Iterable[Path]) -> str:
    """SHA-256 over name and content of each file: ours, then those of the workspace."""
    total = hashlib.sha256()
    for path in (*_packaged(), *own):
        state = path.stat()
        total.update(f"{path.name} {_digest(path, state.st_size, state.st_mtime_ns)}\n".encode())
    return total.hexdigest()
