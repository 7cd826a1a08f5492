"""A workspace: a folder with a journal, and the operations on what it records."""

import getpass
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Self

from pyoxigraph import BlankNode, NamedNode, Quad

from aims_graph.columns import Columns
from aims_graph.errors import InputError
from aims_graph.journal import Entry, Journal
from aims_graph.vocabulary import BASE

_JOURNAL = "journal"
_SHAPES = "shapes"
_ISO_TEXT = "iso-text.ttl"


class Workspace:
    """``journal/`` is the truth; ``shapes/*.ttl`` are the organization's own rules, ``iso-text.ttl`` its
    licensed text of the standard.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.journal = Journal(path / _JOURNAL)
        self._quads: set[Quad] | None = None

    @classmethod
    def create(cls, path: Path) -> Self:
        """Raises InputError when the folder is a workspace already."""
        Journal.create(path / _JOURNAL)
        (path / _SHAPES).mkdir(exist_ok=True)
        return cls(path)

    @classmethod
    def exists(cls, path: Path | None) -> bool:
        return ((path or Path()) / _JOURNAL).is_dir()

    @classmethod
    def find(cls, path: Path | None) -> Self:
        """The workspace of this folder, by default the current one. Raises InputError when it is none."""
        folder = path or Path()
        if not cls.exists(folder):
            raise InputError(
                f"{folder.absolute()} is not a workspace",
                hint="Make one with `aims init DIR`, name one with --workspace, or give --data FILE",
            )
        return cls(folder)

    @property
    def iso_text(self) -> Path | None:
        path = self.path / _ISO_TEXT
        return path if path.is_file() else None

    @property
    def shapes(self) -> list[Path]:
        return sorted((self.path / _SHAPES).glob("*.ttl"))

    def quads(self) -> set[Quad]:
        """All quads after the last entry."""
        if self._quads is None:
            quads: set[Quad] = set()
            for entry in self.journal.entries():
                quads.difference_update(entry.removed_quads())
                quads.update(entry.added_quads())
            self._quads = quads
        return self._quads

    def columns(self) -> Columns:
        """The union of all graphs, without the ontology."""
        return Columns.from_triples((q.subject, q.predicate, q.object) for q in self.quads())  # type: ignore[misc]  # no triple terms get in

    def commit(
        self,
        added: Iterable[Quad],
        removed: Iterable[Quad] = (),
        *,
        reason: str,
        source: str,
        actor: str | None = None,
    ) -> Entry | None:
        """Records the effective change; None when nothing changes. Blank nodes become IRIs."""
        quads = self.quads()
        gone = {quad for quad in removed if quad in quads}
        new = {quad for quad in map(_skolemise, added) if quad not in quads or quad in gone}
        gone, new = gone - new, new - gone
        if not gone and not new:
            return None
        entry = self.journal.append(
            actor=actor or getpass.getuser(), reason=reason, source=source, added=new, removed=gone
        )
        quads.difference_update(gone)
        quads.update(new)
        return entry

    def replace_source(
        self, quads: Iterable[Quad], *, reason: str, source: str, actor: str | None = None
    ) -> Entry | None:
        """Makes the named graph of a source hold these quads and no others."""
        graph = source_graph(source)
        new = {_skolemise(Quad(q.subject, q.predicate, q.object, graph)) for q in quads}
        old = {quad for quad in self.quads() if quad.graph_name == graph}
        return self.commit(new - old, old - new, reason=reason, source=source, actor=actor)


def source_graph(source: str) -> NamedNode:
    """The named graph of a source (a file name, a connector)."""
    return NamedNode(f"urn:aims:source:{source}")


def _skolem_term(term: Any) -> Any:
    """RDF 1.1 section 3.5: a blank node gets an IRI of ours, so that it can be named in later entries."""
    if isinstance(term, BlankNode):
        return NamedNode(f"{BASE}.well-known/genid/{term.value}")
    return term


def _skolemise(quad: Quad) -> Quad:
    return Quad(
        _skolem_term(quad.subject), quad.predicate, _skolem_term(quad.object), quad.graph_name
    )
