"""SPARQL over what a caller may read: an index of just those graphs for each set of them, asked through
workers that can be killed.
"""

import hashlib
import json
import shutil
import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Final

from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad

from aims_api.callers import DEFAULT_GRAPH
from aims_api.evaluation import Snapshot
from aims_api.selection import only_in
from aims_graph.assessment import Finding
from aims_graph.assessment.rdf import finding_triples, state_triples
from aims_graph.columns import Columns, Triple
from aims_graph.sparql.from_clauses import DataSet
from aims_graph.sparql.graphs import CATALOGUE, FINDINGS, ONTOLOGY
from aims_graph.sparql.limits import Limits
from aims_graph.sparql.pool import QueryPool, QueryResult
from aims_graph.sparql.snapshot import SnapshotStore
from aims_graph.vocabulary import AIMS, XSD
from aims_graph.workspace import Workspace

_KEPT: Final = 8
_WORKERS: Final = 2


class Questions:
    def __init__(self, workspace: Workspace, limits: Limits) -> None:
        self._root = workspace.path / "views" / "service"
        self._limits = limits
        self._lock = threading.Lock()
        self._indexes: OrderedDict[tuple[str, ...], _Index] = OrderedDict()

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

    def _index(self, key: tuple[str, ...]) -> "_Index":
        with self._lock:
            found = self._indexes.get(key)
            if found is None:
                name = hashlib.sha256(json.dumps(key).encode()).hexdigest()[:16]
                found = self._indexes[key] = _Index(self._root / name, self._limits)
                if len(self._indexes) > _KEPT:
                    self._indexes.popitem(last=False)[1].close()
            self._indexes.move_to_end(key)
            return found

    def close(self) -> None:
        with self._lock:
            for index in self._indexes.values():
                index.close()
            self._indexes.clear()


class _Index:
    def __init__(self, folder: Path, limits: Limits) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        self.store = SnapshotStore(folder)
        self.pool = QueryPool(folder, workers=_WORKERS, limits=limits)
        self._lock = threading.Lock()
        self._shown: Snapshot | None = None
        self._states: set[Quad] = set()

    def refresh(self, snapshot: Snapshot) -> None:
        """Brings the index to the snapshot, or leaves it where it is when it is further on; then nobody
        waits for one who brings it further still.
        """
        if self._shows(snapshot):
            return
        with self._lock:
            if self._shows(snapshot):
                return
            old = self._shown
            dropped = self.store.position is None
            # The same findings, not others like them: then all that is concluded is the same as well.
            same = old is not None and old.findings is snapshot.findings
            states = self._states if same else set(_states(snapshot))
            position = f"{snapshot.sequence} {snapshot.day} {snapshot.rules.version}"
            if (
                old is None
                or dropped
                or old.rules is not snapshot.rules
                or old.data.terms is not snapshot.data.terms
            ):
                findings = _of_findings(snapshot.findings)
                self.store.rebuild({*_all(snapshot), *findings, *states}, position)
            else:
                added = set(_difference(snapshot.graphs, old.graphs))
                removed = set(_difference(old.graphs, snapshot.graphs))
                if not same:
                    come, gone = _changed_findings(old, snapshot)
                    added |= (come - gone) | (states - self._states)
                    removed |= (gone - come) | (self._states - states)
                self.store.apply(added, removed, position)
            self._shown, self._states = snapshot, states

    def _shows(self, snapshot: Snapshot) -> bool:
        shown = self._shown
        if shown is None or self.store.position is None:  # all views are dropped by a redaction
            return False
        return shown is snapshot or shown.sequence > snapshot.sequence

    def close(self) -> None:
        self.pool.close()
        self.store.close()
        shutil.rmtree(self.store.folder, ignore_errors=True)


def _all(snapshot: Snapshot) -> Iterator[Quad]:
    for name, graph in snapshot.graphs.items():
        yield from _in_graph(name, graph.triples())
    yield from _in_graph(ONTOLOGY.value, snapshot.rules.ontology.triples())
    yield from _in_graph(CATALOGUE.value, snapshot.rules.shapes.triples())


def _states(snapshot: Snapshot) -> Iterator[Quad]:
    day = Literal(snapshot.day.isoformat(), datatype=NamedNode(XSD + "date"))
    yield Quad(NamedNode(AIMS + "evaluation"), NamedNode(AIMS + "asOf"), day, FINDINGS)
    yield from _in_graph(FINDINGS.value, state_triples(snapshot.assessment))


def _of_findings(findings: Iterable[Finding]) -> Iterator[Quad]:
    return _in_graph(FINDINGS.value, chain.from_iterable(map(finding_triples, findings)))


def _changed_findings(old: Snapshot, new: Snapshot) -> tuple[set[Quad], set[Quad]]:
    """What is said of findings that came, went or changed: now, and before."""
    before, after = old.by_fingerprint, new.by_fingerprint
    come = [finding for name, finding in after.items() if before.get(name) != finding]
    gone = [finding for name, finding in before.items() if after.get(name) != finding]
    return set(_of_findings(come)), set(_of_findings(gone))


def _difference(one: Mapping[str, Columns], other: Mapping[str, Columns]) -> Iterator[Quad]:
    for name, graph in one.items():
        rest = other.get(name)
        yield from _in_graph(name, graph.triples() if rest is None else only_in(graph, rest))


def _in_graph(name: str, triples: Iterator[Triple]) -> Iterator[Quad]:
    graph = DefaultGraph() if name == DEFAULT_GRAPH else NamedNode(name)
    return (Quad(s, p, o, graph) for s, p, o in triples)  # type: ignore[arg-type]
