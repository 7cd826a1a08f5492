"""The quads of a workspace at one moment: one set of columns a named graph, over one dictionary.

Small changes wait in a table until columns are asked for, so that a commit costs what it changes.
"""

import tempfile
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pyoxigraph import DefaultGraph, NamedNode, Quad

from aims_graph.columns import Columns, Pairs, TermDictionary, Triple
from aims_graph.columns.joins import pack_pairs, unpack_pairs
from aims_graph.columns.parse import read_files
from aims_graph.journal import Lines, read_quads

Ids = NDArray[np.int32]
#: (n, 4) ids: subject, predicate, object, graph.
Rows = NDArray[np.int32]

#: Stands for the default graph where a graph is named by id.
DEFAULT: Final = -1
#: Changes of more quads than this are worked on as arrays.
MANY: Final = 20_000


class Effect(NamedTuple):
    """Triples that a change brings into the union of all graphs, and those that it takes out."""

    added: list[Triple]
    removed: list[Triple]


class Dataset:
    def __init__(self, terms: TermDictionary | None = None) -> None:
        self.terms = terms or TermDictionary()
        self._packed: Rows | None = None
        self._known: dict[int, Columns] = {}
        self._union: Columns | None = Columns(self.terms, {})
        self._waiting: dict[Quad, bool] = {}

    @classmethod
    def from_rows(cls, union: Columns, rows: Rows) -> "Dataset":
        """``rows``: all quads; ``union``: their triples, with the same ids."""
        dataset = cls(union.terms)
        dataset._packed, dataset._union = rows, union
        return dataset

    @property
    def _graphs(self) -> dict[int, Columns]:
        """Told apart when they are first needed: questions need the union only."""
        if self._packed is not None:
            rows, self._packed = self._packed, None
            for name in np.unique(rows[:, 3]).tolist():
                self._known[name] = self._from_rows(rows[rows[:, 3] == name])
        return self._known

    def _from_rows(self, rows: Rows) -> Columns:
        return Columns.from_ids(self.terms, rows[:, 0], rows[:, 1], rows[:, 2])

    # Asking

    def __len__(self) -> int:
        self._fold()
        return sum(map(len, self._graphs.values()))

    def __contains__(self, quad: Quad) -> bool:
        waiting = self._waiting.get(quad)
        return self._holds(quad) if waiting is None else waiting

    def _holds(self, quad: Quad) -> bool:
        graph = self._graphs.get(self._id_of(quad.graph_name))
        return graph is not None and has(graph, triple_of(quad))

    def _id_of(self, name: object) -> int:
        """-2 when there is no graph of that name; -1 is the default graph."""
        if isinstance(name, DefaultGraph):
            return DEFAULT
        found = self.terms.id_of(name) if isinstance(name, NamedNode) else -1
        return found if found >= 0 else -2

    def held_elsewhere(self, quad: Quad, leaving: Collection[Quad]) -> bool:
        """Whether another graph, after ``leaving`` went, still has the triple."""
        self._fold()
        triple = triple_of(quad)
        return any(
            Quad(quad.subject, quad.predicate, quad.object, self._name(key)) not in leaving
            for key, graph in self._graphs.items()
            if has(graph, triple)
        )

    def names(self) -> list[NamedNode | DefaultGraph]:
        self._fold()
        return [self._name(graph) for graph in self._graphs]

    def _name(self, graph: int) -> NamedNode | DefaultGraph:
        if graph == DEFAULT:
            return DefaultGraph()
        name = self.terms.term(graph)
        assert isinstance(name, NamedNode)
        return name

    def graph(self, name: NamedNode | DefaultGraph) -> Columns:
        """One named graph, empty when there is none of that name."""
        self._fold()
        return self._graphs.get(self._id_of(name), Columns(self.terms, {}))

    def union(self) -> Columns:
        """The triples of all graphs."""
        self._fold()
        if self._union is None:
            if len(self._graphs) == 1:
                self._union = next(iter(self._graphs.values()))
            else:
                self._union = self._from_rows(self.rows())
        return self._union

    def rows(self) -> Rows:
        self._fold()
        parts = [
            np.hstack([triples_of(graph), np.full((len(graph), 1), name, np.int32)])
            for name, graph in self._graphs.items()
        ]
        return np.concatenate(parts) if parts else np.zeros((0, 4), np.int32)

    def quads(self) -> Iterator[Quad]:
        self._fold()
        for key, graph in list(self._graphs.items()):
            name = self._name(key)
            for subject, predicate, value in graph.triples():
                yield Quad(subject, predicate, value, name)  # type: ignore[arg-type]  # no blank predicates get in

    def effect(self, added: Iterable[Quad], removed: Iterable[Quad]) -> Effect:
        added, removed = set(added), set(removed)
        union = self.union()
        come = dict.fromkeys(t for t in map(triple_of, added) if not has(union, t))
        stay = set(map(triple_of, added))
        gone = dict.fromkeys(
            triple_of(quad)
            for quad in removed
            if triple_of(quad) not in stay and not self.held_elsewhere(quad, removed)
        )
        return Effect(list(come), list(gone))

    # Changing

    def apply(self, added: Lines, removed: Lines) -> None:
        """An entry's lines; those withheld are comments."""
        if len(added) + len(removed) <= MANY:
            self.change(read_quads(added), read_quads(removed))
        else:
            self.change_rows(self.read_rows(added), self.read_rows(removed))

    def change(self, added: Iterable[Quad], removed: Iterable[Quad]) -> None:
        for quad in removed:
            self._waiting[quad] = False
        for quad in added:
            self._waiting[quad] = True
        if len(self._waiting) > MANY:
            self._fold()

    def change_rows(self, added: Rows, removed: Rows) -> None:
        self._fold()
        for name in np.unique(np.concatenate([added[:, 3], removed[:, 3]])).tolist():
            come, gone = (rows[rows[:, 3] == name][:, :3] for rows in (added, removed))
            old = triples_of(self._graphs.get(name, Columns(self.terms, {})))
            graph = self._from_rows(np.concatenate([old, come]))
            if len(gone):
                graph = Columns(self.terms, subtract(graph, self._from_rows(gone)))
            self.set_graph(name, graph)

    def set_graph(self, name: int, graph: Columns) -> None:
        """Puts a graph over this dictionary in place of what stood under the name."""
        self._fold()
        if len(graph):
            self._graphs[name] = graph
        else:
            self._graphs.pop(name, None)
        self._union = None

    def _fold(self) -> None:
        if not self._waiting:
            return
        waiting, self._waiting = self._waiting, {}
        union = self.union()
        groups: dict[int, tuple[list[Triple], list[Triple]]] = {}
        for quad, present in waiting.items():
            name = quad.graph_name
            key = DEFAULT if isinstance(name, DefaultGraph) else self.terms.add(name)
            groups.setdefault(key, ([], []))[not present].append(triple_of(quad))
        come: list[Triple] = []
        gone: list[Triple] = []
        for key, (added, removed) in groups.items():
            graph = self._graphs.get(key, Columns(self.terms, {})).with_change(added, removed)
            if len(graph):
                self._graphs[key] = graph
            else:
                self._graphs.pop(key, None)
            come += added
            gone += removed
        lost = [t for t in gone if not any(has(graph, t) for graph in self._graphs.values())]
        self._union = union.with_change(come, lost)

    # Reading into the dictionary

    def read_rows(self, lines: Iterable[bytes]) -> Rows:
        """Quads of N-Quads lines as ids, by the reader of files, some ten times faster than one by one."""
        by_graph: dict[bytes, list[bytes]] = {}
        for line in lines:
            name, triple = split_graph(line)
            by_graph.setdefault(name, []).append(triple)
        parts = [np.zeros((0, 4), np.int32)]
        for name, triples in by_graph.items():
            key = self.terms.add(NamedNode(name[1:-1].decode())) if name else DEFAULT
            with tempfile.TemporaryDirectory() as folder:
                file = Path(folder) / "entry.nt"
                file.write_bytes(b"\n".join(triples))
                found = triples_of(self.read([file]))
            parts.append(np.hstack([found, np.full((len(found), 1), key, np.int32)]))
        return np.concatenate(parts)

    def read(self, paths: Sequence[Path]) -> Columns:
        """Checked parse of files with the ids of this dictionary. Raises InputError."""
        packed = read_files(paths, self.terms).sorted_pairs()
        return Columns(self.terms, {key: Pairs(*unpack_pairs(p)) for key, p in packed.items()})


def triple_of(quad: Quad) -> Triple:
    return quad.subject, quad.predicate, quad.object  # type: ignore[return-value]  # no triple terms get in


def split_graph(line: bytes) -> tuple[bytes, bytes]:
    """An N-Quads line as written here, into its graph name (b"" for the default graph) and the rest.

    An IRI holds neither space nor quote, so a last token in angle brackets that has no quote is a
    graph name unless it is the object.
    """
    if line.startswith(b"#"):
        return b"", line
    _, _, rest = line[:-2].split(b" ", 2)
    head, space, last = rest.rpartition(b" ")
    if space and last.startswith(b"<") and last.endswith(b">") and b'"' not in last:
        return last, line[: len(line) - len(rest) - 2] + head + b" ."
    return b"", line


def split_line(line: bytes) -> tuple[bytes, ...]:
    """The terms of an N-Quads line as written here."""
    if line.startswith(b"#"):
        return ()
    graph, triple = split_graph(line)
    subject, predicate, value = triple[:-2].split(b" ", 2)
    return subject, predicate, value, graph


def triples_of(columns: Columns) -> Ids:
    """(n, 3) ids."""
    pairs = [columns.pairs(int(predicate)) for predicate in columns.predicates]
    if not pairs:
        return np.zeros((0, 3), np.int32)
    predicates = np.repeat(columns.predicates, [len(part) for part in pairs])
    subjects = np.concatenate([part.subjects for part in pairs])
    objects = np.concatenate([part.objects for part in pairs])
    return np.stack([subjects, predicates, objects], 1)


def subtract(left: Columns, right: Columns) -> dict[int, Pairs]:
    """The pairs, by predicate, that only ``left`` has."""
    result = {}
    for predicate in left.predicates.tolist():
        mine, other = left.pairs(predicate), right.pairs(predicate)
        if len(other):
            keys = np.setdiff1d(
                pack_pairs(mine.subjects, mine.objects),
                pack_pairs(other.subjects, other.objects),
                assume_unique=True,
            )
            mine = Pairs(*unpack_pairs(keys))
        if len(mine):
            result[predicate] = mine
    return result


def has(graph: Columns, triple: Triple) -> bool:
    subject, predicate, value = graph.terms.ids_of(triple).tolist()
    if min(subject, predicate, value) < 0:
        return False
    pairs = graph.pairs(predicate)
    low, high = np.searchsorted(pairs.subjects, [subject, subject + 1]).tolist()
    at = low + int(np.searchsorted(pairs.objects[low:high], value))
    return bool(at < high and pairs.objects[at] == value)
