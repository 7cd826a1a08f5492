"""The SPARQL index of a workspace: a view like the columns, made from the journal, kept beside them."""

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Quad

from aims_graph.assessment import load_ontology
from aims_graph.columns import Triple
from aims_graph.journal import Entry, Journal, Position
from aims_graph.sparql.graphs import CATALOGUE, ONTOLOGY, PROVENANCE
from aims_graph.sparql.snapshot import SnapshotStore
from aims_graph.vocabulary import DCT, PROV, RDF, XSD
from aims_graph.workspace.cache import VIEWS
from aims_graph.workspace.folder import JOURNAL
from aims_graph.workspace.workspace import Workspace

#: More changed quads than this are not replayed: building anew is faster.
MANY = 50_000


class SparqlIndex:
    """Named graphs: one a source, and those of sparql.graphs. Its default graph is their union, without
    the descriptions of rules and record (docs/sparql.md).
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self.store = SnapshotStore(workspace.path / VIEWS / "sparql")

    @property
    def folder(self) -> Path:
        """What QueryPool and evaluate_text take."""
        return self.store.folder

    @property
    def sequence(self) -> int:
        """The entry that the newest snapshot shows; 0 when there is none."""
        state = _read_position(self.store.position)
        return 0 if state is None else state[0].sequence

    def refresh(self) -> Path:
        """Brings the index up to the last entry; returns its folder. Cheap when nothing has changed."""
        rules = self._workspace.rules_version()
        state = _read_position(self.store.position)
        journal = Journal(self._workspace.path / JOURNAL)
        try:
            if state is None or state[1] != rules or not journal.resume(state[0]):
                self._rebuild(rules)
                return self.folder
            added: set[Quad] = set()
            removed: set[Quad] = set()
            seen = 0
            for entry in journal.advance():
                seen += entry.added_count + entry.removed_count
                if seen > MANY:
                    self._rebuild(rules)
                    return self.folder
                gone, come = set(entry.removed_quads()), set(entry.added_quads())
                added, removed = (
                    (added - gone) | (come - removed),
                    (removed - come) | (gone - added),
                )
                added.update(_provenance(entry))
            if journal.position != state[0]:
                self.store.apply(added, removed, _write_position(journal.position, rules))
        finally:
            journal.close()
        return self.folder

    def _rebuild(self, rules: str) -> None:
        # A reader of its own: its position belongs to exactly these quads.
        fresh = Workspace(self._workspace.path)
        quads = fresh.quads()
        position = fresh.journal.position
        entries = (
            entry for entry in fresh.journal.entries() if entry.sequence <= position.sequence
        )
        self.store.rebuild(_all(quads, entries, fresh), _write_position(position, rules))


def _all(quads: Iterable[Quad], entries: Iterable[Entry], workspace: Workspace) -> Iterator[Quad]:
    yield from quads
    yield from in_graph(ONTOLOGY, load_ontology(workspace.iso_text).triples())
    yield from in_graph(CATALOGUE, workspace.rules().triples())
    for entry in entries:
        yield from _provenance(entry)


def in_graph(name: NamedNode, triples: Iterable[Triple]) -> Iterator[Quad]:
    return (Quad(s, p, o, name) for s, p, o in triples)  # type: ignore[arg-type]  # subjects are no literals


def _provenance(entry: Entry) -> Iterator[Quad]:
    """An entry as a prov:Activity."""
    activity = NamedNode(f"urn:aims:entry:{entry.sequence}")
    moment = datetime.fromisoformat(entry.time).isoformat(timespec="milliseconds")
    described: dict[str, NamedNode | Literal] = {
        RDF + "type": NamedNode(PROV + "Activity"),
        PROV + "endedAtTime": Literal(moment, datatype=NamedNode(XSD + "dateTime")),
        DCT + "creator": Literal(entry.actor),
        DCT + "description": Literal(entry.reason),
        DCT + "source": Literal(entry.source),
        DCT + "identifier": Literal(entry.hash),
    }
    for predicate, value in described.items():
        yield Quad(activity, NamedNode(predicate), value, PROVENANCE)


def _write_position(position: Position, rules: str) -> str:
    return json.dumps([list(position), rules])


def _read_position(text: str | None) -> tuple[Position, str] | None:
    try:
        position, rules = json.loads(text or "null")
        return Position(*position), str(rules)
    except (ValueError, TypeError):
        return None
