"""A workspace: a folder with a journal, and the operations on what it records."""

import getpass
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Final, Self

from pyoxigraph import Literal, NamedNode, Quad

from aims_graph.assessment import load_ontology
from aims_graph.columns import Columns, Term, Triple
from aims_graph.columns.parse import Tell
from aims_graph.errors import InputError
from aims_graph.journal import Draft, Entry, Journal, LockedError, Payload, quad_line, read_quads
from aims_graph.journal.redaction import redact, sweep
from aims_graph.workspace.cache import drop_views, read_dataset, write_dataset
from aims_graph.workspace.dataset import MANY, Dataset, has, split_line, subtract, triple_of
from aims_graph.workspace.imports import RdfFiles
from aims_graph.workspace.lines import (
    GraphLines,
    columns_of,
    name_blank_nodes,
    source_graph,
)
from aims_graph.workspace.moments import day_of, find_moment
from aims_graph.workspace.policy import (
    CommitBlockedError,
    FindingChange,
    Gate,
    read_policy,
)
from aims_graph.workspace.rules import read_rules_with
from aims_graph.workspace.rules_version import version_of_rules

JOURNAL: Final = "journal"
SHAPES: Final = "shapes"
QUERIES: Final = "queries"
ISO_TEXT: Final = "iso-text.ttl"
POLICY: Final = "policy.yaml"

#: Works out what to add and remove, while nobody else can change anything.
Work = Callable[[Dataset], tuple[Iterable[Quad], Iterable[Quad]]]


class Workspace:
    """``journal/`` is the truth, ``views/`` can be made from it again; ``shapes/*.ttl`` and
    ``queries/*.rq`` are the organization's own rules and questions, ``policy.yaml`` says what may not be committed, ``iso-text.ttl`` is its
    licensed text of the standard. Threads may share one.
    """

    def __init__(self, path: Path, *, at: str | None = None) -> None:
        """``at``: the moment to look at, an entry's number or a date; then nothing can be written.

        Raises InputError when there is no such moment.
        """
        self.path = path
        self.journal = Journal(path / JOURNAL)
        self.at = None if at is None else find_moment(self.journal, at)
        self._day = None if at is None else day_of(self.journal, at, self.at or 0)
        self._lock = threading.RLock()
        self._dataset: Dataset | None = None
        self._replayed = 0
        self._gate: Gate | None = None
        self._gate_state: tuple[int, date, str] | None = None

    @classmethod
    def create(cls, path: Path) -> Self:
        """Raises InputError when the folder is a workspace already."""
        Journal.create(path / JOURNAL)
        (path / SHAPES).mkdir(exist_ok=True)
        return cls(path)

    @classmethod
    def exists(cls, path: Path | None) -> bool:
        return ((path or Path()) / JOURNAL).is_dir()

    @classmethod
    def folder(cls, path: Path | None) -> Path:
        """The folder, by default the current one. Raises InputError when it is no workspace."""
        folder = path or Path()
        if not cls.exists(folder):
            raise InputError(
                f"{folder.absolute()} is not a workspace",
                hint="Make one with `aims init DIR`, name one with --workspace, or give --data FILE",
            )
        return folder

    @classmethod
    def find(cls, path: Path | None, *, at: str | None = None) -> Self:
        """Opens the workspace of the folder. Raises InputError when it is none."""
        return cls(cls.folder(path), at=at)

    @property
    def iso_text(self) -> Path | None:
        path = self.path / ISO_TEXT
        return path if path.is_file() else None

    @property
    def shapes(self) -> list[Path]:
        return sorted((self.path / SHAPES).glob("*.ttl"))

    @property
    def queries(self) -> list[Path]:
        return sorted((self.path / QUERIES).glob("*.rq"))

    @property
    def day(self) -> date:
        """The date at which the data are judged: that of the moment, else today."""
        return self._day or date.today()  # noqa: DTZ011 - the user's own calendar day is meant

    def rules(self) -> Columns:
        """Our shapes and the organization's own."""
        return read_rules_with(self.shapes)

    def rules_version(self) -> str:
        return version_of_rules(self.shapes)

    # Reading

    def quads(self) -> set[Quad]:
        """All quads at this moment."""
        with self._lock:
            return set(self._settled().quads())

    def columns(self) -> Columns:
        """The union of all graphs, without the ontology."""
        with self._lock:
            return self._settled().union()

    def graphs(self) -> dict[str, Columns]:
        """The named graphs by IRI; "" is the default graph."""
        with self._lock:
            dataset = self._settled()
            return {
                name.value if isinstance(name, NamedNode) else "": dataset.graph(name)
                for name in dataset.names()
            }

    @property
    def sequence(self) -> int:
        """Number of the last entry that is part of what ``columns`` gives."""
        with self._lock:
            self._catch_up()
            return self.journal.position.sequence

    def _catch_up(self) -> Dataset:
        """Replays what was written since the last look."""
        if self._dataset is None or self.journal.was_rewritten:
            self._dataset, self._gate = self._open(), None
        for entry in self.journal.advance(until=self.at):
            payload = entry.load()
            self._dataset.apply(payload.added, payload.removed)
            self._replayed += entry.added_count + entry.removed_count
        return self._dataset

    def _open(self) -> Dataset:
        self.journal.rewind()
        self._replayed = 0
        cached = read_dataset(self.path)
        if cached is not None:
            dataset, position = cached
            if (self.at is None or position.sequence <= self.at) and self.journal.resume(position):
                return dataset
        return Dataset()

    def _settled(self) -> Dataset:
        """Up to date; what a crash left is put aside, and a cache is written when it saves much."""
        dataset = self._catch_up()
        if self.at is not None:
            return dataset
        if self.journal.tail is not None:
            dataset = self._mend()
        if self._replayed > max(MANY, len(dataset) // 10):
            write_dataset(self.path, dataset, self.journal.position)
            self._replayed = 0
        return dataset

    def _mend(self) -> Dataset:
        try:
            with self._writing(0.0) as dataset:
                return dataset
        except (LockedError, PermissionError):  # somebody is about to finish that entry
            return self._catch_up()

    def write_views(self) -> None:
        """Keeps the columns on disk for the next process."""
        with self._lock:
            write_dataset(self.path, self._catch_up(), self.journal.position)
            self._replayed = 0

    # Writing

    @contextmanager
    def _writing(self, wait: float) -> Iterator[Dataset]:
        if self.at is not None:
            raise InputError("the past cannot be changed", hint="Leave --at out to write")
        with self._lock, self.journal.writing(wait):
            dataset = self._catch_up()
            self.journal.recover()
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

        Raises LockedError, ReadOnlyError (disk full), CommitBlockedError (policy), InputError.
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
            added, removed = work(dataset)
            gone = {quad for quad in removed if quad in dataset}
            named = map(name_blank_nodes, added)
            new = {quad for quad in named if quad not in dataset or quad in gone}
            gone, new = gone - new, new - gone
            if not gone and not new:
                return None
            lines = sorted(map(quad_line, new)), sorted(map(quad_line, gone))
            return self._record(
                dataset, Payload(*lines), new, gone, Draft(actor or _user(), reason, source)
            )

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
            return self._record(dataset, payload, _quads(new, name), _quads(gone, name), draft)
        self._ask_policy(dataset, _quads(new, name), _quads(gone, name))
        entry = self._append(draft, payload)
        dataset.set_graph(dataset.terms.add(name), graph)
        self._gate = None
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
        effect = self._ask_policy(dataset, added, removed)
        entry = self._append(draft, payload)
        dataset.change(added, removed)
        if effect is not None and self._gate is not None and self._gate_state is not None:
            self._gate.apply(*effect)
            self._gate_state = (entry.sequence, *self._gate_state[1:])
        return entry

    def _append(self, draft: Draft, payload: Payload) -> Entry:
        versioned = Draft(draft.actor, draft.reason, draft.source, self.rules_version())
        entry = self.journal.append(versioned, payload)
        self._replayed += entry.added_count + entry.removed_count
        return entry

    def terms_with_text(self, texts: Collection[str]) -> list[Term]:
        """IRIs and literals of the whole record, past and present, whose text is one of these."""
        found: dict[Term, None] = {}
        # As the text stands in a line: escaped as in a literal; an IRI has nothing to escape.
        parts = [str(Literal(text))[1:-1].encode() for text in texts]
        for entry in self.journal.entries():
            payload = entry.load()
            for line in (*payload.added, *payload.removed):
                if not any(part in line for part in parts):
                    continue
                for quad in read_quads([line]):
                    terms = (quad.subject, quad.predicate, quad.object, quad.graph_name)
                    found.update({t: None for t in terms if getattr(t, "value", None) in texts})  # type: ignore[misc]  # terms of a parsed graph
        return list(found)

    def redact(
        self,
        terms: Iterable[Term],
        *,
        reason: str,
        actor: str | None = None,
        wait: float = 0.0,
    ) -> Entry | None:
        """Withholds every quad that holds one of the terms, now and in all entries; None when there
        is none. The views, which hold the terms too, are made again.
        """
        tokens = {str(term).encode() for term in terms}

        def concerns(line: bytes) -> bool:
            return not tokens.isdisjoint(split_line(line))

        with self._writing(wait) as dataset:
            removed = sorted(filter(concerns, map(quad_line, dataset.quads())))
            draft = Draft(actor or _user(), reason, "redaction", self.rules_version())
            entry = redact(self.journal, draft, removed, concerns)
            if entry is not None:
                drop_views(self.path)
                self._dataset = None
            return entry

    def rebuild(self) -> list[Path]:
        """Makes the views from the journal; returns files that nothing names and that were deleted."""
        with self._writing(0.0):
            gone = sweep(self.journal)
            drop_views(self.path)
            self._dataset = None
            self.write_views()
            return gone

    def effect(
        self, added: Iterable[Quad], removed: Iterable[Quad]
    ) -> tuple[list[Triple], list[Triple]]:
        """Which triples a change would bring into the union of all graphs, and which it would take out."""
        with self._lock:
            named = [name_blank_nodes(quad) for quad in added]
            return _effect(self._settled(), named, list(removed))

    # The gate

    def what_if(self, added: Iterable[Quad], removed: Iterable[Quad] = ()) -> FindingChange:
        """The findings that a commit would bring and end. Writes nothing."""
        with self._lock:
            dataset = self._catch_up()
            named = [name_blank_nodes(quad) for quad in added]
            return self._ready_gate(dataset).what_if(*_effect(dataset, named, list(removed)))

    def _ask_policy(
        self, dataset: Dataset, added: Iterable[Quad], removed: Iterable[Quad]
    ) -> tuple[list[Triple], list[Triple]] | None:
        """What changes in the union; None without a policy. Raises CommitBlockedError."""
        path = self.path / POLICY
        if not path.is_file():
            return None
        policy = read_policy(path)
        effect = _effect(dataset, added, removed)
        findings = self._ready_gate(dataset).blocked(policy, *effect)
        if findings:
            raise CommitBlockedError(findings)
        return effect

    def _ready_gate(self, dataset: Dataset) -> Gate:
        """Evaluates all rules when data, date or rules are not those of the last time."""
        state = (self.journal.position.sequence, self.day, self.rules_version())
        if self._gate is None or self._gate_state != state:
            ontology = load_ontology(self.iso_text)
            self._gate = Gate(dataset.union(), ontology, self.rules(), self.day)
            self._gate_state = state
        return self._gate


def _effect(
    dataset: Dataset, added: Iterable[Quad], removed: Iterable[Quad]
) -> tuple[list[Triple], list[Triple]]:
    """Which triples come into the union of all graphs, and which leave it."""
    added, removed = set(added), set(removed)
    union = dataset.union()
    come = dict.fromkeys(t for t in map(triple_of, added) if not has(union, t))
    stay = set(map(triple_of, added))
    gone = dict.fromkeys(
        triple_of(quad)
        for quad in removed
        if triple_of(quad) not in stay and not dataset.held_elsewhere(quad, removed)
    )
    return list(come), list(gone)


def _quads(columns: Columns, name: NamedNode) -> Iterator[Quad]:
    for subject, predicate, value in columns.triples():
        yield Quad(subject, predicate, value, name)  # type: ignore[arg-type]  # no blank nodes left


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
