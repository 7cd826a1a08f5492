"""An in-memory Oxigraph copy of the data, in a worker process, for queries that the columns cannot run.

The copy is made when the first such query has focus nodes, follows the data by what changed since, and ends with
the term dictionary of the data or when nobody asked for a while. What is asked is written by ``serialisation``, so
it holds no SERVICE; and the worker has no network, no files, and limits (see aims_graph.sparql).
"""

import threading
import weakref
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice, product
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from pyoxigraph import BlankNode, Literal, NamedNode, QueryResultsFormat, parse_query_results

from aims_graph.columns import LITERAL, Columns, Pairs, Term, TermDictionary
from aims_graph.columns.joins import is_in, pack_pairs, unique_ids, unpack_pairs
from aims_graph.sparql.limits import Limits

from .algebra import Bgp, OrderBy, Pattern, Query
from .respelling import Respelling, Spellings, predicates_of
from .scope import visible, walk
from .serialisation import CONSTANT, ROW, ROWS, SEED, SHAPES, QueryText
from .space import TermSpace
from .tables import Ids, Table

if TYPE_CHECKING:
    from aims_graph.sparql.process import WorkerProcess

#: Of one query; loading has its own.
LIMITS: Final = Limits(seconds=60, cpu=60, rows=5_000_000, bytes=1 << 30)
#: Triples that are loaded in a second at least, even on a busy machine, and bytes that one may take.
_LOADED_A_SECOND: Final = 5_000
_BYTES_A_TRIPLE: Final = 2_000
#: Seconds without a question after which the memory is given back.
_IDLE: Final = 60.0
#: Blank nodes of the shapes graph are others than those of the data with the same label.
_OF_SHAPES: Final = "x-shapes-"
_LINES: Final = 2_000
_MEDIA_TYPE: Final = "application/sparql-results+json"

_copies: "weakref.WeakKeyDictionary[TermDictionary, OxigraphCopy]" = weakref.WeakKeyDictionary()
_copies_lock: Final = threading.Lock()


def solutions(
    query: Query, data: Columns, shapes: Columns, space: TermSpace, seed: Table, now: Term
) -> Table:
    """The solutions of a SELECT query for each row of ``seed``; of an ASK query the rows it answers no for.

    Raises InputError: TimeLimitError, MemoryLimitError, LimitError.
    """
    with _copies_lock:
        copy = _copies.setdefault(data.terms, OxigraphCopy())
    return copy.solutions(query, data, shapes, space, seed, now)


class OxigraphCopy:
    """Of one snapshot of the data at a time; threads may share it. Holds no reference to the dictionary."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._worker: WorkerProcess | None = None
        self._held: dict[int, Pairs] = {}
        self._shapes: weakref.ref[Columns] | None = None
        self._texts: dict[int, str] = {}
        self._spellings = Spellings()
        self._questions = 0

    def solutions(
        self,
        query: Query,
        data: Columns,
        shapes: Columns,
        space: TermSpace,
        seed: Table,
        now: Term,
    ) -> Table:
        columns = [] if query.ask else _columns(query.pattern, seed)
        text = QueryText(query, list(seed.columns), columns, now)
        with self._lock:
            try:
                self._follow(data)
                if any(isinstance(part, Bgp) and part.shapes_graph for part in walk(query.pattern)):
                    self._hold_shapes(shapes)
                self._extend(self._rows(seed, data.terms, text.blanks), len(seed.columns), ROWS)
                answer = self._ask(text.text)
            except BaseException:
                self._end()
                raise
            self._texts.clear()
            self._rest()
            return self._read(answer, text, query.pattern, data, space, seed)

    # The worker

    def _send(
        self, request: Mapping[str, Any], body: Iterable[bytes] | None, limits: Limits
    ) -> bytes:
        from aims_graph.sparql.process import read_answer  # noqa: PLC0415  (only when there is one)

        assert self._worker is not None
        self._worker.send(
            {**request, "rows": limits.rows, "bytes": limits.bytes},
            body,
            seconds=limits.seconds,
            cpu=limits.cpu,
        )
        return read_answer(self._worker)[1]

    def _start(self) -> None:
        from aims_graph.sparql.process import WorkerProcess  # noqa: PLC0415  (few checks need one)

        self._end()
        self._worker = WorkerProcess(memory=LIMITS.memory)
        weakref.finalize(self, self._worker.kill)

    def _end(self) -> None:
        if self._worker is not None:
            self._worker.kill()
        self._worker, self._shapes = None, None
        self._held, self._texts = {}, {}

    def _rest(self) -> None:
        """Gives the memory back unless there is another question soon."""
        from aims_graph.sparql.watch import set_alarm  # noqa: PLC0415  (starts a thread)

        self._questions += 1
        asked, this = self._questions, weakref.ref(self)

        def end() -> None:
            copy = this()
            if copy is not None and copy._lock.acquire(blocking=False):  # noqa: SLF001  (its own)
                if copy._questions == asked:  # noqa: SLF001  (its own)
                    copy._end()  # noqa: SLF001  (its own)
                copy._lock.release()  # noqa: SLF001  (its own)

        set_alarm(_IDLE, end)

    def _ask(self, text: str) -> bytes:
        request: dict[str, Any] = {
            "do": "query",
            "store": None,
            "text": text,
            "prefixes": {},
            "default_graphs": None,
            "named_graphs": None,
            "solutions_format": _MEDIA_TYPE,
            "graph_format": "application/n-triples",
        }
        return self._send(request, None, LIMITS)

    def _extend(self, quads: Iterator[str], number: int, graph: NamedNode | None = None) -> None:
        """``number``: about how many. The graph, if any, is emptied before."""
        empty = [] if graph is None else [graph.value]
        request = {
            "do": "extend",
            "empty": empty,
            "memory": LIMITS.memory + number * _BYTES_A_TRIPLE,
        }
        self._send(request, _pieces(quads), _for_loading(number))

    # What it holds

    def _follow(self, data: Columns) -> None:
        """Brings the copy from the snapshot it holds to ``data``."""
        now = {int(each): data.pairs(int(each)) for each in data.predicates}
        if self._worker is None or not self._worker.alive:
            self._start()
        come: list[tuple[int, Ids, Ids]] = []
        gone: list[tuple[int, Ids, Ids]] = []
        nothing = Pairs(np.zeros(0, np.int32), np.zeros(0, np.int32))
        for predicate in {*now, *self._held}:
            new, old = now.get(predicate, nothing), self._held.get(predicate, nothing)
            if new is old:
                continue
            if not len(old):
                come.append((predicate, new.subjects, new.objects))
                continue
            before = pack_pairs(old.subjects, old.objects)
            after = pack_pairs(new.subjects, new.objects)
            lost = unpack_pairs(np.setdiff1d(before, after, assume_unique=True))
            gone.append((predicate, *lost))
            come.append((predicate, *unpack_pairs(np.setdiff1d(after, before, assume_unique=True))))
            # A literal that stays may be the same value to the store as one that goes.
            literal = lost[0][data.terms.tags[lost[1]] >= LITERAL]
            rows = np.flatnonzero(is_in(new.subjects, unique_ids(literal)))
            come.append((predicate, new.subjects[rows], new.objects[rows]))
        if number := sum(len(subjects) for _, subjects, _ in gone):
            quads = self._triples(gone, data.terms)
            self._send({"do": "retract"}, _pieces(quads), _for_loading(number))
        if number := sum(len(subjects) for _, subjects, _ in come):
            self._extend(self._triples(come, data.terms), number)
        self._held = now

    def _triples(
        self, parts: Iterable[tuple[int, Ids, Ids]], terms: TermDictionary
    ) -> Iterator[str]:
        text = self._text
        for predicate, subjects, objects in parts:
            middle = text(predicate, terms)
            for subject, value in zip(subjects.tolist(), objects.tolist(), strict=True):
                yield f"{text(subject, terms)} {middle} {text(value, terms)} .\n"

    def _text(self, identifier: int, terms: TermDictionary) -> str:
        found = self._texts.get(identifier)
        if found is None:
            found = self._texts[identifier] = str(terms.term(identifier))
        return found

    def _hold_shapes(self, shapes: Columns) -> None:
        if self._shapes is not None and self._shapes() is shapes:
            return
        quads = (
            f"{_of_shapes(s)} {p} {_of_shapes(o)} {SHAPES} .\n" for s, p, o in shapes.triples()
        )
        self._extend(quads, len(shapes), SHAPES)
        self._shapes = weakref.ref(shapes)

    def _rows(self, seed: Table, terms: TermDictionary, blanks: list[BlankNode]) -> Iterator[str]:
        for name, column in seed.columns.items():
            for row, identifier in enumerate(column.tolist()):
                term = self._text(identifier, terms)
                yield f"<{ROW}{row}> <{SEED}{name}> {term} {ROWS} .\n"
        for number, blank in enumerate(blanks):
            yield f"{ROWS} <{CONSTANT}{number}> {_of_shapes(blank)} {ROWS} .\n"

    # Answers

    def _read(
        self,
        answer: bytes,
        text: QueryText,
        pattern: Pattern,
        data: Columns,
        space: TermSpace,
        seed: Table,
    ) -> Table:
        found = parse_query_results(answer, format=QueryResultsFormat.JSON)
        names = list(text.columns)
        focus = seed.columns["this"]
        respellings: dict[str, Respelling] = {}
        rows: list[tuple[int, ...]] = []
        known: dict[tuple[str, Term, int], list[int]] = {}

        def ids(name: str, term: Term | None, row: int) -> list[int]:
            if not isinstance(term, Literal):
                return [space.intern(_of_data(term))]
            key = (name, term, row)
            if key not in known:
                if name not in respellings:
                    predicates = predicates_of(pattern, name)
                    respellings[name] = Respelling(data, predicates, self._spellings)
                spelled = respellings[name].spelled(term, int(focus[row]))
                known[key] = list(spelled) or [space.intern(term)]
            return known[key]

        for solution in found:  # type: ignore[union-attr]  # not the answer of an ASK query
            row = int(solution["row"].value[len(ROW) :])
            options = [ids(text.columns[name], solution[name], row) for name in names]
            rows.extend((row, *chosen) for chosen in product(*options))
        if not any(isinstance(part, OrderBy) for part in walk(pattern)):
            # In any order of Oxigraph's; a report is the same each time.
            rows.sort(key=lambda each: (each[0], *(str(space.term(i)) for i in each[1:])))
        found_rows = np.array(rows, np.int64).reshape(-1, len(names) + 1)
        made = {
            text.columns[name]: found_rows[:, at].astype(np.int32)
            for at, name in enumerate(names, start=1)
        }
        seeds = {name: column[found_rows[:, 0]] for name, column in seed.columns.items()}
        return Table({**made, **seeds}, len(rows))


def _columns(pattern: Pattern, seed: Table) -> list[str]:
    """What a solution is asked for beside its row."""
    return sorted(
        name for name in visible(pattern) if name not in seed.columns and not name.startswith(".")
    )


def _for_loading(number: int) -> Limits:
    seconds = LIMITS.seconds + number / _LOADED_A_SECOND
    return Limits(seconds=seconds, cpu=int(seconds), rows=0, bytes=0)


def _pieces(lines: Iterator[str]) -> Iterator[bytes]:
    while piece := "".join(islice(lines, _LINES)):
        yield piece.encode()


def _of_shapes(term: Term) -> Term:
    return BlankNode(_OF_SHAPES + term.value) if isinstance(term, BlankNode) else term


def _of_data(term: Term | None) -> Term | None:
    if isinstance(term, BlankNode):
        return BlankNode(term.value.removeprefix(_OF_SHAPES))
    return term
