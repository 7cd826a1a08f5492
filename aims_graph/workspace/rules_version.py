"""Which rules were in force when an entry was written: a hash over shapes and ontology."""

import hashlib
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from aims_graph.resources import folder, ontology_files


def version_of_rules(own: Iterable[Path]) -> str:
    """SHA-256 over name and content of each file: ours, then those of the workspace."""
    total = hashlib.sha256(_packaged())
    for path in own:
        state = path.stat()
        total.update(_digest(path, state.st_size, state.st_mtime_ns))
    return total.hexdigest()


@lru_cache(maxsize=1)
def _packaged() -> bytes:
    # Read once: they do not change while the program runs.
    files = (*ontology_files(), *sorted(folder("shapes").glob("*.ttl")))
    return b"".join(_digest(path, 0, 0) for path in files)


@lru_cache(maxsize=256)
def _digest(path: Path, _size: int, _changed: int) -> bytes:
    return f"{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode()
