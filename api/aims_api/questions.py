"""SPARQL over what a caller may read: an index of just those graphs for each set of them, asked through
workers that can be killed.
"""

import hashlib
import json
import shutil
import threading
from collections import OrderedDict
from pathlib import Path
from typing import Final

from aims_api.evaluation import Snapshot
from aims_api.graph_index import GraphIndex
from aims_graph.sparql.from_clauses import DataSet
from aims_graph.sparql.limits import Limits
from aims_graph.sparql.pool import QueryResult
from aims_graph.workspace import Workspace
from aims_graph.workspace.cache import VIEWS

#: Indexes that are held ready, and those on disk.
_KEPT: Final = 8


class Questions:
    """Indexes outlast the service: the next one brings them up to date."""

    def __init__(self, workspace: Workspace, limits: Limits) -> None:
        self._workspace = workspace
        self._root = workspace.path / VIEWS / "service"
        self._limits = limits
        self._lock = threading.Lock()
        self._indexes: OrderedDict[tuple[str, ...], GraphIndex] = OrderedDict()

    def ask(
        self,
        key: tuple[str, ...],
        snapshot: Snapshot,
        text: str,
        accept: str | None,
        dataset: DataSet | None = None,
    ) -> QueryResult:
        """Raises InputError and its kinds as QueryPool.query does."""
        index = self._index(key)
        index.refresh(snapshot)
        return index.pool.query(text, accept, dataset=dataset)

    def notice(self, key: tuple[str, ...], snapshot: Snapshot) -> None:
        """Renews the index of the graphs, if anybody has asked for it, before the snapshot is shown."""
        with self._lock:
            index = self._indexes.get(key)
        if index is not None:
            index.refresh(snapshot)

    def folder(self, key: tuple[str, ...], snapshot: Snapshot) -> Path:
        """Of an index that shows the snapshot, for updates to be worked out on."""
        index = self._index(key)
        index.refresh(snapshot)
        return index.store.folder

    def shows_exactly(self, key: tuple[str, ...], snapshot: Snapshot) -> bool:
        """Whether the index of the graphs has come to the snapshot and no further."""
        with self._lock:
            index = self._indexes.get(key)
        return index is not None and index.shows_exactly(snapshot)

    def _index(self, key: tuple[str, ...]) -> GraphIndex:
        with self._lock:
            found = self._indexes.get(key)
            if found is None:
                name = hashlib.sha256(json.dumps(key).encode()).hexdigest()[:16]
                found = GraphIndex(self._workspace, self._root / name, key, self._limits)
                self._indexes[key] = found
                if len(self._indexes) > _KEPT:
                    self._indexes.popitem(last=False)[1].close()
                self._tidy()
            self._indexes.move_to_end(key)
            return found

    def _tidy(self) -> None:
        """Deletes those that nobody has asked the longest."""
        in_use = {index.store.folder for index in self._indexes.values()}
        others = [folder for folder in self._root.glob("*") if folder not in in_use]
        for folder in sorted(others, key=_changed, reverse=True)[_KEPT - len(in_use) :]:
            shutil.rmtree(folder, ignore_errors=True)

    def close(self) -> None:
        with self._lock:
            for index in self._indexes.values():
                index.close()
            self._indexes.clear()


def _changed(folder: Path) -> float:
    try:
        return folder.stat().st_mtime
    except OSError:  # a redaction takes all views away
        return 0.0
