"""The SPARQL index of a set of graphs, with the findings that their readers see."""

import json
import threading
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Final

from pyoxigraph import Literal, NamedNode, Quad

from aims_api.callers import Caller
from aims_api.evaluation import Snapshot
from aims_api.patches import graph_of
from aims_api.selection import only_in
from aims_graph import __version__
from aims_graph.assessment import Finding
from aims_graph.assessment.rdf import finding_triples, state_triples
from aims_graph.columns import Columns
from aims_graph.journal import Entry, Journal, Position
from aims_graph.sparql.bulk import pieces_of
from aims_graph.sparql.graphs import CATALOGUE, FINDINGS, ONTOLOGY
from aims_graph.sparql.limits import Limits
from aims_graph.sparql.pool import QueryPool
from aims_graph.sparql.snapshot import SnapshotStore
from aims_graph.vocabulary import AIMS, XSD
from aims_graph.workspace import Workspace
from aims_graph.workspace.folder import JOURNAL
from aims_graph.workspace.index import in_graph
from aims_graph.workspace.since import entries_since, net_change

_WORKERS: Final = 2
#: What is made of the rules and the data, not recorded.
_MADE: Final = (ONTOLOGY, CATALOGUE, FINDINGS)


class GraphIndex:
    """One that stands in the folder already is brought up to date by what the journal says since, unless it
    was made by another version.
    """

    def __init__(
        self, workspace: Workspace, folder: Path, key: tuple[str, ...], limits: Limits
    ) -> None:
        """``key``: what the readers may read, as in ``Caller.read``."""
        folder.mkdir(parents=True, exist_ok=True)
        self.store = SnapshotStore(folder)
        self.pool = QueryPool(folder, workers=_WORKERS, limits=limits)
        self._journal = workspace.path / JOURNAL
        self._reader = Caller("", "", frozenset(), key, ())
        self._lock = threading.Lock()
        self._shown: Snapshot | None = None
        #: Of the store when it shows that.
        self._position = ""
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
            while not self._follow(snapshot):
                pass  # another service has brought it elsewhere meanwhile

    def _follow(self, snapshot: Snapshot) -> bool:
        at = self.store.position
        known = _read_position(at)
        if known is not None and known.sequence > snapshot.sequence:
            return True
        # Another service, or an earlier run, may have brought it to where it is.
        old = self._shown if at == self._position else None
        # The same findings, not others like them: then all that is concluded is the same as well.
        same = old is not None and old.findings is snapshot.findings
        states = self._states if same else set(_states(snapshot))
        entries, reached = self._read_journal(known, snapshot.sequence)
        position = _write_position(reached, snapshot)
        if (
            old is not None
            and old.rules is snapshot.rules
            and old.data.terms is snapshot.data.terms
        ):
            added = set(_difference(snapshot.graphs, old.graphs))
            removed = set(_difference(old.graphs, snapshot.graphs))
            if not same:
                come, gone = _changed_findings(old, snapshot)
                added |= (come - gone) | (states - self._states)
                removed |= (gone - come) | (self._states - states)
        elif entries is not None:
            added, removed = map(self._readable, net_change(entries))
            made = {*_made(snapshot), *states}
            before = set(chain.from_iterable(map(self.store.graph, _MADE)))
            added, removed = added | (made - before), removed | (before - made)
        else:
            graphs = {NamedNode(name): graph for name, graph in snapshot.graphs.items()}
            self.store.rebuild({*_made(snapshot), *states}, position, pieces_of(graphs))
            at = None
        if at is not None and not self.store.apply(added, removed, position, on=at):
            return False
        self._shown, self._states, self._position = snapshot, states, position
        return True

    def shows_exactly(self, snapshot: Snapshot) -> bool:
        """Whether it has come to the snapshot and no further, by whomever."""
        return self._shown is snapshot and self.store.position == self._position

    def _shows(self, snapshot: Snapshot) -> bool:
        shown = self._shown
        if shown is None or self.store.position is None:  # all views are dropped by a redaction
            return False
        return shown is snapshot or shown.sequence > snapshot.sequence

    def _read_journal(
        self, known: Position | None, sequence: int
    ) -> tuple[list[Entry] | None, Position]:
        """Entries since a position, as ``entries_since`` gives them, and the position of an entry."""
        journal = Journal(self._journal)
        try:
            entries = entries_since(journal, known, until=sequence)
            if entries is None:
                journal.rewind()
                for _ in journal.advance(until=sequence):
                    pass
            return entries, journal.position
        finally:
            journal.close()

    def _readable(self, quads: Iterable[Quad]) -> set[Quad]:
        return {quad for quad in quads if self._reader.may_read(graph_of(quad))}

    def close(self) -> None:
        self.pool.close()
        self.store.close()


def _write_position(reached: Position, snapshot: Snapshot) -> str:
    at = list(reached) if reached.sequence == snapshot.sequence else None
    return json.dumps([__version__, at, snapshot.day.isoformat(), snapshot.rules.version])


def _read_position(text: str | None) -> Position | None:
    """Of an index that this version made and can follow."""
    try:
        version, at, *_ = json.loads(text or "[]")
        return Position(*at) if version == __version__ else None
    except (ValueError, TypeError):
        return None


def _made(snapshot: Snapshot) -> Iterator[Quad]:
    """All but the states."""
    yield from in_graph(ONTOLOGY, snapshot.rules.ontology.triples())
    yield from in_graph(CATALOGUE, snapshot.rules.shapes.triples())
    yield from _of_findings(snapshot.findings)


def _states(snapshot: Snapshot) -> Iterator[Quad]:
    day = Literal(snapshot.day.isoformat(), datatype=NamedNode(XSD + "date"))
    yield Quad(NamedNode(AIMS + "evaluation"), NamedNode(AIMS + "asOf"), day, FINDINGS)
    yield from in_graph(FINDINGS, state_triples(snapshot.assessment))


def _of_findings(findings: Iterable[Finding]) -> Iterator[Quad]:
    return in_graph(FINDINGS, chain.from_iterable(map(finding_triples, findings)))


def _changed_findings(old: Snapshot, new: Snapshot) -> tuple[set[Quad], set[Quad]]:
    """What is said of findings that came, went or changed: now, and before."""
    before, after = old.by_fingerprint, new.by_fingerprint
    come = [finding for name, finding in after.items() if before.get(name) != finding]
    gone = [finding for name, finding in before.items() if after.get(name) != finding]
    return set(_of_findings(come)), set(_of_findings(gone))


def _difference(one: Mapping[str, Columns], other: Mapping[str, Columns]) -> Iterator[Quad]:
    for name, graph in one.items():
        rest = other.get(name)
        yield from in_graph(
            NamedNode(name), graph.triples() if rest is None else only_in(graph, rest)
        )
