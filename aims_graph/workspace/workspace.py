"""A workspace: a folder with a journal, and the operations on what it records."""

import getpass
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Final, Self

from pyoxigraph import NamedNode, Quad

from aims_graph.assessment import FindingChange
from aims_graph.columns import Columns, Term, Triple
from aims_graph.columns.parse import Tell
from aims_graph.errors import InputError
from aims_graph.journal import Draft, Entry, Journal, Payload, quad_line
from aims_graph.journal.redaction import sweep
from aims_graph.sparql.graphs import RESERVED, UNNAMED
from aims_graph.workspace.dataset import MANY, Dataset, Effect, subtract
from aims_graph.workspace.folder import JOURNAL, SHAPES, Folder
from aims_graph.workspace.gate import Gate, Moment
from aims_graph.workspace.imports import RdfFiles
from aims_graph.workspace.lines import (
    GraphLines,
    columns_of,
    name_blank_nodes,
    quads_of,
    source_graph,
)
from aims_graph.workspace.moments import day_of, find_moment
from aims_graph.workspace.redaction import redact_terms, terms_with_text
from aims_graph.workspace.replay import Replay
from aims_graph.workspace.sign_offs import AUDITS, check_sign_offs

#: Graphs of the SPARQL index; the unnamed one stands there for quads in none.
_MADE: Final = RESERVED | {UNNAMED}

#: Works out what to add and remove, while nobody else can change anything.
Work = Callable[[Dataset], tuple[Iterable[Quad], Iterable[Quad]]]


class Workspace(Folder):
    """What can be done with a folder that holds a journal. Threads may share one."""

    def __init__(self, path: Path, *, at: str | None = None) -> None:
        """``at``: the moment to look at, an entry's number or a date; then nothing can be written.

        Raises InputError when there is no such moment.
        """
        super().__init__(path)
        self.journal = Journal(path / JOURNAL)
        self.at = None if at is None else find_moment(self.journal, at)
        self._day = None if at is None else day_of(self.journal, at, self.at or 0)
        self._lock = threading.RLock()
        self._gate = Gate(Folder(path))  # not self: what nobody holds any more must go at once
        self._replay = Replay(path, self.journal, self.at, self._gate.forget)

    @classmethod
    def create(cls, path: Path) -> Self:
        """Raises InputError when the folder is a workspace already."""
        Journal.create(path / JOURNAL)
        (path / SHAPES).mkdir(exist_ok=True)
        return cls(path)

    @classmethod
    def find(cls, path: Path | None, *, at: str | None = None) -> Self:
        """Opens the workspace of the folder. Raises InputError when it is none."""
        return cls(cls.folder(path), at=at)

    @property
    def day(self) -> date:
        """The date at which the data are judged: that of the moment, else today."""
        return self._day or date.today()  # noqa: DTZ011 - the user's own calendar day is meant

    # Reading

    def quads(self) -> set[Quad]:
        """All quads at this moment."""
        with self._lock:
            return set(self._replay.settled().quads())

    def columns(self) -> Columns:
        """The union of all graphs, without the ontology."""
        with self._lock:
            return self._replay.settled().union()

    def graphs(self) -> dict[str, Columns]:
        """The named graphs by IRI; "" is the default graph."""
        with self._lock:
            dataset = self._replay.settled()
            return {
                name.value if isinstance(name, NamedNode) else "": dataset.graph(name)
                for name in dataset.names()
            }

    @property
    def sequence(self) -> int:
        """Number of the last entry that is part of what ``columns`` gives."""
        with self._lock:
            self._replay.catch_up()
            return self.journal.position.sequence

    def write_views(self) -> None:
        """Keeps the columns on disk for the next process."""
        with self._lock:
            self._replay.write_views()

    # Writing

    @contextmanager
    def _writing(self, wait: float) -> Iterator[Dataset]:
        with self._lock, self._replay.writing(wait) as dataset:
            yield dataset

    def commit(
        self,
        added: Iterable[Quad],
        removed: Iterable[Quad] = (),
        *,
        reason: str,
        source: str,
        actor: str | None = None,
        wait: float = 0.0,
        expected: int | None = None,
    ) -> Entry | None:
        """Records the effective change; None when nothing changes. Blank nodes become IRIs.

        ``wait``: seconds for other writers to finish. ``expected``: the sequence that the change was
        worked out on; when others have written since, it is refused.

        Raises LockedError, ReadOnlyError (disk full), CommitBlockedError (policy), SignedOffError
        (an audit), InputError.
        """
        new, gone = [name_blank_nodes(quad) for quad in added], list(removed)

        def work(_: Dataset) -> tuple[list[Quad], list[Quad]]:
            if expected is not None and self.journal.position.sequence != expected:
                raise InputError(
                    f"the workspace has changed since entry {expected}", hint="Read it again"
                )
            return new, gone

        return self.change(work, reason=reason, source=source, actor=actor, wait=wait)

    def change(
        self, work: Work, *, reason: str, source: str, actor: str | None = None, wait: float = 0.0
    ) -> Entry | None:
        """As ``commit``, with a change that ``work`` makes of the data as they are when no one else
        can write: nothing is lost when several read, reckon and write.
        """
        with self._writing(wait) as dataset:
            new, gone = _effective(dataset, *work(dataset))
            if not gone and not new:
                return None
            lines = sorted(map(quad_line, new)), sorted(map(quad_line, gone))
            return self._record(
                dataset, Payload(*lines), new, gone, Draft(actor or _user(), reason, source)
            )

    def check(self, added: Iterable[Quad], removed: Iterable[Quad] = ()) -> None:
        """Whether a commit of the change would be taken as things stand. Raises SignedOffError,
        CommitBlockedError, InputError. Writes nothing.
        """
        with self._lock:
            dataset = self._replay.catch_up()
            self._ask(dataset, *_effective(dataset, added, removed))

    def replace_source(
        self,
        quads: Iterable[Quad],
        *,
        reason: str,
        source: str,
        actor: str | None = None,
        wait: float = 0.0,
    ) -> Entry | None:
        """Makes the named graph of a source hold the triples of these quads and no others."""
        named = [name_blank_nodes(quad) for quad in quads]
        with self._writing(wait) as dataset:
            graph = columns_of(named, dataset.terms)
            return self._replace(dataset, graph, Draft(actor or _user(), reason, source))

    def import_rdf(
        self,
        paths: Sequence[Path],
        *,
        reason: str,
        source: str,
        actor: str | None = None,
        wait: float = 0.0,
        tell: Tell | None = None,
        see: Callable[[RdfFiles], None] | None = None,
    ) -> Entry | None:
        """As ``replace_source``, from RDF files that are read straight into the columns.

        ``tell`` hears how many bytes of how many are read, ``see`` is shown what was read, before
        anything is written.
        """
        source_graph(source)  # a name that cannot be used is refused before anything takes time
        with self._writing(wait) as dataset:
            read = RdfFiles(paths, dataset.terms, tell)
            if see is not None:
                see(read)
            return self._replace(dataset, read.triples, Draft(actor or _user(), reason, source))

    def _replace(self, dataset: Dataset, graph: Columns, draft: Draft) -> Entry | None:
        name = source_graph(draft.source)
        old = dataset.graph(name)
        new = Columns(dataset.terms, subtract(graph, old))
        gone = Columns(dataset.terms, subtract(old, graph))
        count = len(new) + len(gone)
        if count == 0:
            return None
        payload = Payload(GraphLines(new, name), GraphLines(gone, name))
        if count <= MANY:
            return self._record(dataset, payload, quads_of(new, name), quads_of(gone, name), draft)
        self._ask(dataset, quads_of(new, name), quads_of(gone, name), name)
        entry = self._append(draft, payload)
        dataset.set_graph(dataset.terms.add(name), graph)
        self._gate.forget()
        return entry

    def _record(
        self,
        dataset: Dataset,
        payload: Payload,
        added: Iterable[Quad],
        removed: Iterable[Quad],
        draft: Draft,
    ) -> Entry:
        added, removed = list(added), list(removed)
        effect = self._ask(dataset, added, removed)
        entry = self._append(draft, payload)
        dataset.change(added, removed)
        if effect is not None:
            self._gate.follow(effect, entry.sequence)
        return entry

    def _ask(
        self,
        dataset: Dataset,
        added: Iterable[Quad],
        removed: Iterable[Quad],
        graph: NamedNode | None = None,
    ) -> Effect | None:
        """Whether the effective change may be written: what every commit has to pass. What changes in the
        union; None without a policy. ``graph``: the only one it is of, if it is of one.

        Raises SignedOffError, CommitBlockedError.
        """
        if graph in (None, AUDITS):
            added, removed = list(added), list(removed)
            check_sign_offs(dataset, added, removed)
        return self._gate.check(self._moment(dataset), added, removed)

    def _append(self, draft: Draft, payload: Payload) -> Entry:
        versioned = Draft(draft.actor, draft.reason, draft.source, self.rules_version())
        entry = self.journal.append(versioned, payload)
        self._replay.count(entry)
        return entry

    def terms_with_text(self, texts: Collection[str]) -> list[Term]:
        """IRIs and literals of the whole record, past and present, whose text is one of these."""
        return terms_with_text(self.journal, texts)

    def redact(
        self,
        terms: Iterable[Term],
        *,
        reason: str,
        actor: str | None = None,
        wait: float = 0.0,
    ) -> Entry | None:
        """Withholds every quad that holds one of the terms, now and in all entries; None when there
        is none. The views, which hold the terms too, are made again. What is signed off is no exception.
        """
        with self._writing(wait) as dataset:
            draft = Draft(actor or _user(), reason, "redaction", self.rules_version())
            entry = redact_terms(self.journal, dataset, terms, draft)
            if entry is not None:
                self._replay.drop_views()
            return entry

    def rebuild(self) -> list[Path]:
        """Makes the views from the journal; returns files that nothing names and that were deleted."""
        with self._writing(0.0):
            gone = sweep(self.journal)
            self._replay.drop_views()
            self._replay.write_views()
            return gone

    def effect(
        self, added: Iterable[Quad], removed: Iterable[Quad]
    ) -> tuple[list[Triple], list[Triple]]:
        """Which triples a change would bring into the union of all graphs, and which it would take out."""
        with self._lock:
            return self._replay.settled().effect(map(name_blank_nodes, added), removed)

    def what_if(self, added: Iterable[Quad], removed: Iterable[Quad] = ()) -> FindingChange:
        """The findings that a commit would bring and end. Writes nothing."""
        with self._lock:
            moment = self._moment(self._replay.catch_up())
            return self._gate.what_if(moment, map(name_blank_nodes, added), removed)

    def _moment(self, dataset: Dataset) -> Moment:
        return Moment(dataset, self.journal.position.sequence, self.day)


def _effective(
    dataset: Dataset, added: Iterable[Quad], removed: Iterable[Quad]
) -> tuple[set[Quad], set[Quad]]:
    """What a change brings that is not there, and takes away that is. Raises InputError."""
    gone = {quad for quad in removed if quad in dataset}
    named = map(name_blank_nodes, added)
    new = {quad for quad in named if quad not in dataset or quad in gone}
    for name in {quad.graph_name for quad in new} & _MADE:
        raise InputError(
            f"nothing is recorded in the graph {name}: the engine makes it",
            hint="Name another graph, or none",
        )
    return new - gone, gone - new


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
