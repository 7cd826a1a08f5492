"""The child process: confines itself, then answers one request after another until its input ends.

Started by process.start_worker, never imported by the parent. Whatever happens in here (a crash, a loop, all memory
used) ends this process only.
"""

import importlib
import io
import json
import os
import sys
from collections.abc import Callable
from typing import Any, BinaryIO, cast

import pyoxigraph as ox

from aims_graph.errors import InputError
from aims_graph.sparql import frames
from aims_graph.sparql.errors import LimitError
from aims_graph.sparql.formats import GRAPHS, SOLUTIONS
from aims_graph.sparql.index import syntax_error
from aims_graph.sparql.merging import Merger
from aims_graph.sparql.sandbox import confine, limit_memory, limit_time, unlimit_time

Request = dict[str, Any]


class AnswerWriter(io.RawIOBase):
    """Sends what is written as frames: HEAD with the first of them, so that an answer that fits one frame is
    either whole or an error. Counts bytes and rows.
    """

    def __init__(
        self, out: BinaryIO, head: dict[str, Any], request: Request, row_end: bytes
    ) -> None:
        self._out = out
        self._head: dict[str, Any] | None = head
        self._buffer = bytearray()
        self._row_end = row_end
        self._most_rows, self._most_bytes = request["rows"], request["bytes"]
        self.rows = -1 if head.get("media_type") in _WITH_HEADING else 0
        self.size = 0
        self.exceeded: LimitError | None = None

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._buffer += data
        if len(self._buffer) >= frames.CHUNK:
            self._send()
        return len(data)

    def finish(self) -> None:
        self._send()
        frames.write_json(self._out, frames.END, {"rows": self.rows, "bytes": self.size})

    def _send(self) -> None:
        self.size += len(self._buffer)
        if self._row_end:
            self.rows += self._buffer.count(self._row_end)
        self._check()
        if self._head is not None:
            frames.write_json(self._out, frames.HEAD, self._head)
            self._head = None
        if self._buffer:
            frames.write_frame(self._out, frames.DATA, bytes(self._buffer))
            self._buffer.clear()

    def _check(self) -> None:
        hint = "Add a LIMIT, or ask more precisely"
        if self.size > self._most_bytes:
            self.exceeded = LimitError(
                f"the answer is larger than {self._most_bytes} bytes", hint=hint
            )
        elif self.rows > self._most_rows:
            self.exceeded = LimitError(
                f"the answer has more than {self._most_rows} rows", hint=hint
            )
        if self.exceeded:
            raise self.exceeded


# What ends a row, or stands between two, and cannot stand inside one. (In JSON a text that ends with "},{"
# counts for one more.)
_ROW_ENDS = {
    "application/sparql-results+json": b'},{"',
    "application/sparql-results+xml": b"</result>",
    "text/csv": b"\n",
    "text/tab-separated-values": b"\n",
    "application/n-triples": b"\n",
}
#: Address space that opening a store may take; its threads reserve much that they never use.
_STORE_MEMORY = 2 << 30
_WITH_HEADING = ("text/csv", "text/tab-separated-values")


class Worker:
    def __init__(self, source: BinaryIO, out: BinaryIO, memory: int) -> None:
        self._source, self._out, self._memory = source, out, memory
        self._store: ox.Store = ox.Store()
        self._merger: Merger | None = None  # of the store as it is now
        self._path: str | None = None
        self._lock = -1
        self._body: Body | None = None  # of the request that is answered
        self._actions: dict[str, Callable[[Request], None]] = {
            "query": self._query,
            "load": self._load,
            "extend": self._extend,
            "retract": self._retract,
            "update": self._update,
            "answer": self._answer,
        }

    def run(self) -> None:
        while True:
            try:
                _, body = frames.read_frame(self._source)
            except EOFError:
                return
            request = json.loads(body)
            self._body = None
            limit_time(request["seconds"], request["cpu"])
            try:
                self._actions[request["do"]](request)
            except BaseException as error:  # noqa: BLE001  (all of them are answers)
                self._skip_body()
                frames.write_json(self._out, frames.ERROR, describe(error))
            unlimit_time()

    def _skip_body(self) -> None:
        """What was not read of a body would be taken for the next request."""
        while self._body is not None and self._body.read(frames.CHUNK):
            pass

    # Each action writes a whole answer, or raises before it wrote END.

    def _query(self, request: Request) -> None:
        self._open(request["store"])
        try:
            results = self._ask(request)
        except SyntaxError as error:
            raise syntax_error(error) from None
        if isinstance(results, ox.QueryTriples):
            media_type = request["graph_format"]
            writer = self._writer(request, media_type, "graph")
            self._write(lambda out: results.serialize(out, format=GRAPHS[media_type]), writer)
            return
        media_type = request["solutions_format"]
        kind = "ask" if isinstance(results, ox.QueryBoolean) else "select"
        writer = self._writer(request, media_type, kind)
        self._write(lambda out: results.serialize(out, format=SOLUTIONS[media_type]), writer)

    def _ask(self, request: Request) -> ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples:
        default, named = request["default_graphs"], request["named_graphs"]
        if default is None and named is None:
            return self._store.query(request["text"], prefixes=request["prefixes"])
        if self._merger is None:
            self._merger = Merger(self._store)
        # One without the other would leave the other as wide as the store.
        store, options = self._merger.data_set(default or (), named or ())
        return store.query(request["text"], prefixes=request["prefixes"], **options)

    def _writer(self, request: Request, media_type: str, kind: str) -> AnswerWriter:
        head = {"media_type": media_type, "kind": kind}
        return AnswerWriter(self._out, head, request, _ROW_ENDS.get(media_type, b""))

    @staticmethod
    def _write(serialize: Callable[[BinaryIO], object], writer: AnswerWriter) -> None:
        # Oxigraph writes a word at a time; a buffer in C makes calls of Python rare.
        out = io.BufferedWriter(writer, frames.CHUNK)
        try:
            serialize(cast("BinaryIO", out))
            out.flush()
            writer.finish()
        except (OSError, LimitError):  # the second, by way of Oxigraph, comes as the first
            raise writer.exceeded or RuntimeError("the answer could not be written") from None

    def _open(self, path: str | None) -> None:
        if path is None or path == self._path:
            return
        from aims_graph.sparql.snapshot import hold  # noqa: PLC0415  (only for stores on disk)

        lock = hold(path)
        limit_memory(_STORE_MEMORY)
        self._store, self._path, self._merger = ox.Store.read_only(path), path, None
        limit_memory(self._memory)
        if self._lock >= 0:
            os.close(self._lock)
        self._lock = lock

    def _load(self, request: Request) -> None:
        """Puts N-Quads that the parent wrote into a store in memory."""
        self._store, self._path, self._merger = ox.Store(), None, None
        limit_memory(_STORE_MEMORY)
        self._store.bulk_load(self._open_body(), format=ox.RdfFormat.N_QUADS)
        limit_memory(self._memory)
        AnswerWriter(self._out, {}, request, b"").finish()

    def _extend(self, request: Request) -> None:
        """Adds N-Quads to the store in memory, once the graphs ``empty`` are; labels of blank nodes are kept."""
        self._merger = None
        for name in request["empty"]:
            self._store.clear_graph(ox.NamedNode(name))
        limit_memory(request["memory"])
        self._store.bulk_extend(self._quads())
        limit_memory(self._memory)
        AnswerWriter(self._out, {}, request, b"").finish()

    def _retract(self, request: Request) -> None:
        self._merger = None
        for quad in self._quads():
            self._store.remove(quad)
        AnswerWriter(self._out, {}, request, b"").finish()

    def _quads(self) -> ox.QuadParser:
        return ox.parse(self._open_body(), format=ox.RdfFormat.N_QUADS)

    def _open_body(self) -> BinaryIO:
        self._body = Body(self._source)
        return cast("BinaryIO", io.BufferedReader(self._body, frames.CHUNK))

    def _update(self, request: Request) -> None:
        from aims_graph.sparql.effects import (  # noqa: PLC0415  (only where needed)
            evaluate_update,
            open_scratch,
        )

        limit_memory(_STORE_MEMORY)
        dataset = open_scratch(request["folder"])
        limit_memory(self._memory)
        added, removed = evaluate_update(request, dataset)
        writer = AnswerWriter(self._out, {"added": len(added)}, request, b"")
        for quad in (*added, *removed):
            writer.write(f"{quad} .\n".encode())
        writer.finish()

    def _answer(self, request: Request) -> None:
        """The head and the lines that a module loaded before gives."""
        head, lines = sys.modules[request["module"]].answer(request)
        writer = AnswerWriter(self._out, head, request, b"\n")
        self._write(lambda out: out.writelines(lines), writer)


class Body(io.RawIOBase):
    """The DATA frames of a request as one file."""

    def __init__(self, source: BinaryIO) -> None:
        self._source = source
        self._left = b""
        self._ended = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._left and not self._ended:
            kind, self._left = frames.read_frame(self._source)
            self._ended = kind == frames.END
        count = min(len(buffer), len(self._left))
        buffer[:count] = self._left[:count]
        self._left = self._left[count:]
        return count


def describe(error: BaseException) -> dict[str, Any]:
    if isinstance(error, InputError):
        kind = type(error).__name__
        place = {"file": error.file, "line": error.line, "column": error.column, "hint": error.hint}
        return {"kind": kind, "message": error.message, **place}
    if str(error).startswith("Corruption: "):  # of RocksDB
        hint = "`aims rebuild` makes it again from the journal"
        return {"kind": "InputError", "message": "the SPARQL index is damaged", "hint": hint}
    if isinstance(error, MemoryError):
        return {"kind": "MemoryLimitError", "message": "it needs more memory than it may use"}
    return {"kind": "InputError", "message": f"it cannot be answered: {error}"}


def main() -> None:
    """Reads its confinement from the command line, then requests from standard input."""
    settings = json.loads(sys.argv[-1])
    for module in settings["modules"]:  # afterwards no file can be read
        importlib.import_module(module)
    allowed = confine(
        readable=settings["readable"], writable=settings["writable"], memory=settings["memory"]
    )
    source, out = sys.stdin.buffer, sys.stdout.buffer
    frames.write_json(out, frames.HEAD, allowed)
    Worker(source, out, settings["memory"]).run()
