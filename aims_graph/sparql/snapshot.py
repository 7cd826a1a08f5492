"""The Oxigraph index on disk, and the snapshots of it that workers read.

    folder/state.json       the newest snapshot, and the position of the journal it shows
    folder/published/N/     a store, never written again once it is here
    folder/published/N.nq   quads whose literals the store rewrites (see spellings)
    folder/published/N.lock held by every process that reads N, so that N is not deleted
    folder/live-PID-K/      the store that changes are applied to; made from the newest snapshot

A crash can damage only a live store, which is made anew. The store's default graph holds the union of all graphs,
each triple once; Oxigraph's own union would count a triple once for each graph it stands in.
"""

import contextlib
import fcntl
import json
import os
import shutil
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count, islice
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from aims_graph.errors import InputError
from aims_graph.sparql.errors import GoneError
from aims_graph.sparql.graphs import OUTSIDE_UNION, UNNAMED
from aims_graph.sparql.spellings import Spellings, read_spellings, write_spellings

_STATE: Final = "state.json"
_PUBLISHED: Final = "published"
#: Each publication adds a few files, which RocksDB merges by and by in the background. Should it not come to that,
#: all are merged above this many: at a million triples nothing is published for that long.
_MANY_FILES: Final = 1_000
_BATCH: Final = 100_000

_numbers = count()

Triple = tuple[ox.NamedNode | ox.BlankNode, ox.NamedNode, ox.NamedNode | ox.BlankNode | ox.Literal]


@dataclass(frozen=True, slots=True)
class State:
    number: int
    position: str


def read_state(folder: Path) -> State | None:
    """None when nothing was published yet, or the file is damaged."""
    try:
        state = json.loads((folder / _STATE).read_bytes())
        return State(int(state["number"]), str(state["position"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def current_snapshot(folder: Path) -> Path:
    """Raises InputError when there is none."""
    state = read_state(folder)
    if state is None:
        raise InputError(
            "there is no SPARQL index", file=folder, hint="Make it with `aims rebuild`"
        )
    return _snapshot(folder, state.number)


def _snapshot(folder: Path, number: int) -> Path:
    return folder / _PUBLISHED / str(number)


def hold(path: str | Path) -> int:
    """Keeps a snapshot from being deleted until the returned descriptor is closed. Raises GoneError."""
    try:
        lock = os.open(f"{path}.lock", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        raise GoneError("the snapshot is gone", file=path) from None
    fcntl.flock(lock, fcntl.LOCK_SH)
    if not Path(path).exists():
        os.close(lock)
        raise GoneError("the snapshot is gone", file=path)
    return lock


def clone(snapshot: Path, target: Path) -> None:
    """A copy that can be written. Tables are linked, since a store never changes one; all else is copied."""
    target.mkdir(parents=True)
    for file in snapshot.iterdir():
        if file.suffix == ".sst":
            os.link(file, target / file.name)
        else:
            shutil.copyfile(file, target / file.name)


class StoredDataset:
    """A store with the spellings it cannot keep, changed together."""

    def __init__(self, store: ox.Store, spellings: Spellings) -> None:
        self.store, self.spellings = store, spellings

    def apply(self, added: Iterable[ox.Quad], removed: Iterable[ox.Quad]) -> None:
        gone = [kept for quad in removed if (kept := self.spellings.remove(stored(quad)))]
        for quad in gone:
            self.store.remove(quad)
        for quad in gone:
            triple = (quad.subject, quad.predicate, quad.object)
            others = self.store.quads_for_pattern(*triple, None)
            if not any(_in_union(other) for other in others):
                self.store.remove(ox.Quad(*triple))
        self._add(map(stored, added), self.store.extend)

    def load(self, quads: Iterable[ox.Quad], pieces: Iterable[bytes | list[ox.Quad]] = ()) -> None:
        """Many quads at once, each given once; ``pieces``: those of further graphs, see bulk."""
        for piece in pieces:
            if isinstance(piece, bytes):
                self.store.bulk_load(piece, format=ox.RdfFormat.N_QUADS)
            else:
                self._add(piece, self.store.bulk_extend)
        remaining = map(stored, quads)
        while batch := list(islice(remaining, _BATCH)):
            self._add(batch, self.store.bulk_extend)

    def _add(self, quads: Iterable[ox.Quad], extend: Callable[[Iterable[ox.Quad]], None]) -> None:
        """Those that the store respells come last: whether it has the plain one decides what to remember."""
        plain: list[ox.Quad] = []
        other: list[ox.Quad] = []
        for quad in quads:
            (plain if self.spellings.normaliser.quad(quad) == quad else other).append(quad)
        for group in (plain, other):
            come = [self.spellings.add(quad, self.store) for quad in group]
            extend([*come, *map(_of_union, filter(_in_union, come))])


def stored(quad: ox.Quad) -> ox.Quad:
    """The quad as the index holds it: in a named graph always."""
    if not isinstance(quad.graph_name, ox.DefaultGraph):
        return quad
    return ox.Quad(quad.subject, quad.predicate, quad.object, UNNAMED)


def recorded(quad: ox.Quad) -> ox.Quad:
    """The opposite of ``stored``."""
    if quad.graph_name != UNNAMED:
        return quad
    return ox.Quad(quad.subject, quad.predicate, quad.object)


def _in_union(quad: ox.Quad) -> bool:
    """Whether a quad of a named graph is also in the index's default graph."""
    name = quad.graph_name
    return not isinstance(name, ox.DefaultGraph) and name not in OUTSIDE_UNION


def _of_union(quad: ox.Quad) -> ox.Quad:
    return ox.Quad(quad.subject, quad.predicate, quad.object)


def _open_copy(snapshot: Path, target: Path) -> StoredDataset:
    clone(snapshot, target)
    spellings = read_spellings(snapshot.with_suffix(".nq"))
    return StoredDataset(ox.Store(str(target)), spellings)


class SnapshotStore:
    """Writes snapshots. Threads and processes may share the folder; one writes at a time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = threading.Lock()
        self._live: StoredDataset | None = None
        self._live_path = folder / f"live-{os.getpid()}-{next(_numbers)}"
        self._number = -1

    @property
    def position(self) -> str | None:
        """Of the newest snapshot; None when there is none, so that ``rebuild`` is due."""
        state = read_state(self.folder)
        return None if state is None else state.position

    def rebuild(
        self,
        quads: Iterable[ox.Quad],
        position: str,
        pieces: Iterable[bytes | list[ox.Quad]] = (),
    ) -> None:
        """Makes the index anew, of quads given once each; ``pieces``: what ``bulk.pieces_of`` gives of other
        graphs.
        """
        with self._writing() as state:
            self._drop_live()
            self._live = StoredDataset(ox.Store(str(self._live_path)), Spellings())
            self._live.load(quads, pieces)
            self._publish(state, position)

    def copy(self, source: Path, added: Iterable[ox.Quad], position: str) -> None:
        """Makes the index the newest snapshot of another folder, and quads that are not in it. Raises
        InputError when there is none.
        """
        snapshot = current_snapshot(source)
        held = hold(snapshot)
        try:
            with self._writing() as state:
                self._drop_live()
                self._live = _open_copy(snapshot, self._live_path)
                self._live.load(added)
                self._publish(state, position)
        finally:
            os.close(held)

    def apply(
        self,
        added: Iterable[ox.Quad],
        removed: Iterable[ox.Quad],
        position: str,
        *,
        on: str | None = None,
    ) -> bool:
        """Effective changes since the newest snapshot. False, and nothing is done, when that shows another
        position than ``on`` by now. Raises InputError when there is none.
        """
        with self._writing() as state:
            if on is not None and (state is None or state.position != on):
                return False
            if state is None:
                raise InputError("there is no SPARQL index to change", file=self.folder)
            live = self._open_live(state)
            live.apply(added, removed)
            self._publish(state, position)
            return True

    def replace_graph(self, name: ox.NamedNode, triples: Iterable[Triple]) -> None:
        """Makes a graph hold these triples and no others; the position stays. Raises InputError."""
        state = read_state(self.folder)
        if state is None:
            raise InputError("there is no SPARQL index to change", file=self.folder)
        new = {ox.Quad(*triple, name) for triple in triples}
        old = self.graph(name)
        if new != old:
            self.apply(new - old, old - new, state.position)

    def graph(self, name: ox.NamedNode) -> set[ox.Quad]:
        """The quads of one named graph in the newest snapshot, as they were given."""
        with self._writing() as state:
            if state is None:
                return set()
            live = self._open_live(state)
            found = live.store.quads_for_pattern(None, None, None, name)
            return {exact for kept in found for exact in live.spellings.exact(kept)}

    def close(self) -> None:
        with self._lock:
            self._drop_live()

    @contextmanager
    def _writing(self) -> Iterator[State | None]:
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / _PUBLISHED).mkdir(exist_ok=True)
        with self._lock, (self.folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            try:
                yield read_state(self.folder)
            except BaseException:
                self._drop_live()
                raise

    def _open_live(self, state: State) -> StoredDataset:
        if self._live is None or self._number != state.number:
            self._drop_live()
            self._live = _open_copy(_snapshot(self.folder, state.number), self._live_path)
            self._number = state.number
        return self._live

    def _publish(self, old: State | None, position: str) -> None:
        assert self._live is not None
        number = 1 if old is None else old.number + 1
        target = _snapshot(self.folder, number)
        shutil.rmtree(target, ignore_errors=True)
        if sum(1 for _ in self._live_path.iterdir()) > _MANY_FILES:
            self._live.store.optimize()
        self._live.store.backup(str(target))
        write_spellings(self._live.spellings, target.with_suffix(".nq"))
        target.with_suffix(".lock").touch()
        temporary = self.folder / f"{_STATE}.{os.getpid()}"
        temporary.write_text(json.dumps({"number": number, "position": position}), encoding="utf-8")
        temporary.replace(self.folder / _STATE)
        self._number = number
        self._sweep(number)

    def _sweep(self, newest: int) -> None:
        """Deletes the snapshots nobody reads, and live stores of processes that are gone."""
        for lock_file in (self.folder / _PUBLISHED).glob("*.lock"):
            if int(lock_file.stem) >= newest:
                continue
            with lock_file.open() as lock, contextlib.suppress(BlockingIOError):
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(lock_file.with_suffix(""), ignore_errors=True)
                lock_file.with_suffix(".nq").unlink(missing_ok=True)
                lock_file.unlink()
        for live in self.folder.glob("live-*"):
            if not Path(f"/proc/{live.name.split('-')[1]}").exists():
                shutil.rmtree(live, ignore_errors=True)

    def _drop_live(self) -> None:
        self._live = None  # closes the store
        self._number = -1
        shutil.rmtree(self._live_path, ignore_errors=True)
