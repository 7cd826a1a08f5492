"""The dataset as Parquet tables and an array of graph names, kept beside the journal.

Made from the journal and good for one position of it; whatever does not fit is made anew.
"""

import hashlib
import json
import os
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import numpy as np

from aims_graph.columns.cache import MANIFEST, open_cache, write_cache
from aims_graph.journal import Position
from aims_graph.journal.errors import LockedError
from aims_graph.journal.lock import locked
from aims_graph.workspace.dataset import Dataset, Rows

VIEWS: Final = "views"
_COLUMNS: Final = "columns"


def read_dataset(workspace: Path) -> tuple[Dataset, Position] | None:
    """None when there is no cache, or a damaged one."""
    folder = workspace / VIEWS / _COLUMNS
    try:
        source = json.loads((folder / MANIFEST).read_bytes())["sources"][0]
        position = Position(
            int(source["sequence"]),
            source["sha256"],
            int(source["start"]),
            int(source["end"]),
            source["time"],
        )
        rows = _read_rows(folder / Path(source["rows"]).name, source["rows_sha256"])
    except (OSError, ValueError, KeyError, IndexError, TypeError):
        return None
    union = open_cache(folder)
    if union is None:
        return None
    return Dataset.from_rows(union, rows), position


def write_dataset(workspace: Path, dataset: Dataset, position: Position) -> None:
    """Does nothing while another process writes it, or when the disk does not take it."""
    folder = workspace / VIEWS / _COLUMNS
    with suppress(OSError, LockedError):
        folder.mkdir(parents=True, exist_ok=True)
        with locked(workspace / VIEWS / "lock"):
            old = {path.name for path in folder.glob("rows-*.npy")}
            name, checksum = _write_rows(folder, dataset.rows())
            source = {
                "name": "journal",
                "sha256": position.hash,
                "sequence": str(position.sequence),
                "start": str(position.start),
                "end": str(position.end),
                "time": position.time,
                "rows": name,
                "rows_sha256": checksum,
            }
            write_cache(dataset.union(), folder, [source])
            for other in old - {name}:
                (folder / other).unlink(missing_ok=True)


def drop_views(workspace: Path) -> None:
    """All views can be made again from the journal."""
    if (workspace / VIEWS).exists():
        shutil.rmtree(workspace / VIEWS)


def _write_rows(folder: Path, rows: Rows) -> tuple[str, str]:
    checksum = hashlib.sha256(rows.tobytes()).hexdigest()
    name = f"rows-{checksum[:16]}.npy"
    temporary = folder / f".{name}.{os.getpid()}.tmp"
    with temporary.open("wb") as file:
        np.save(file, rows, allow_pickle=False)
    temporary.replace(folder / name)
    return name, checksum


def _read_rows(path: Path, checksum: str) -> Rows:
    rows: np.ndarray[Any, np.dtype[np.int32]] = np.load(path, allow_pickle=False)
    sound = rows.dtype == np.int32 and rows.ndim == 2 and rows.shape[1] == 4
    if not sound or hashlib.sha256(rows.tobytes()).hexdigest() != checksum:
        raise ValueError("the rows are damaged")
    return rows
