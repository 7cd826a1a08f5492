"""The SPARQL index of a workspace: a view like the columns, made from the journal, kept beside them."""

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import chain
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Quad

from aims_graph.assessment import load_ontology
from aims_graph.columns import Triple
from aims_graph.journal import Entry, Journal, Position
from aims_graph.sparql.bulk import pieces_of
from aims_graph.sparql.graphs import CATALOGUE, ONTOLOGY, PROVENANCE, UNNAMED
from aims_graph.sparql.snapshot import SnapshotStore
from aims_graph.vocabulary import DCT, PROV, RDF, XSD
from aims_graph.workspace.cache import VIEWS
from aims_graph.workspace.folder import JOURNAL
from aims_graph.workspace.rules_version import version_of_rules
from aims_graph.workspace.since import entries_since, net_change
from aims_graph.workspace.workspace import Workspace


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
        while not self._follow():
            pass  # another process has brought it elsewhere meanwhile
        return self.folder

    def _follow(self) -> bool:
        shown, text = self.store.position, self._workspace.iso_text
        rules = version_of_rules([*self._workspace.shapes, *([] if text is None else [text])])
        state = _read_position(shown)
        journal = Journal(self._workspace.path / JOURNAL)
        try:
            known = None if state is None or state[1] != rules else state[0]
            entries = entries_since(journal, known)
            if entries is None:
                self._rebuild(rules)
            elif entries:
                added, removed = net_change(entries)
                added.update(chain.from_iterable(map(_provenance, entries)))
                position = _write_position(journal.position, rules)
                return self.store.apply(added, removed, position, on=shown)
        finally:
            journal.close()
        return True

    def _rebuild(self, rules: str) -> None:
        # A reader of its own: its position belongs to exactly these quads.
        fresh = Workspace(self._workspace.path)
        graphs = {NamedNode(name or UNNAMED.value): graph for name, graph in fresh.graphs().items()}
        position = fresh.journal.position
        entries = (
            entry for entry in fresh.journal.entries() if entry.sequence <= position.sequence
        )
        self.store.rebuild(
            _described(entries, fresh), _write_position(position, rules), pieces_of(graphs)
        )


def _described(entries: Iterable[Entry], workspace: Workspace) -> Iterator[Quad]:
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
