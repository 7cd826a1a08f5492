"""RDF files of others, parsed in a worker of their own: a crash or a limit there is an InputError here."""

from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox

from aims_graph.columns import load
from aims_graph.columns.parse import FORMATS, SMALL
from aims_graph.errors import InputError
from aims_graph.sparql.limits import Limits
from aims_graph.sparql.process import WorkerProcess, read_answer

_MODULES = ("aims_graph.sparql.untrusted",)
# Imported by the columns when a file is large: Arrow is slow to start.
_FOR_LARGE = (
    "aims_graph.columns.lines",
    "aims_graph.columns.tokens",
    "aims_graph.columns.turtle",
    "pyarrow.compute",
)


def parse_untrusted(path: Path, *, limits: Limits | None = None) -> list[ox.Quad]:
    """The quads of a file, its terms exactly as written; the format follows from the ending.

    Raises InputError as the checked parse does, and TimeLimitError or MemoryLimitError.
    """
    limits = limits or Limits()
    whole = path.resolve()
    try:
        large = whole.stat().st_size >= SMALL
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", file=path) from None
    worker = WorkerProcess(
        memory=limits.memory,
        modules=(*_MODULES, *_FOR_LARGE) if large else _MODULES,
        readable=[str(whole)],
    )
    try:
        request = {"do": "parse", "path": str(whole), "rows": limits.rows, "bytes": limits.bytes}
        worker.send(request, seconds=limits.seconds, cpu=limits.cpu)
        _, lines = read_answer(worker)
    finally:
        worker.kill()
    return list(ox.parse(lines, format=ox.RdfFormat.N_QUADS))


def read_lines(path: str) -> Iterator[bytes]:
    """The file as N-Quads; runs in the worker."""
    file = Path(path)
    columns = load([file])  # refuses what the parser must not see
    syntax = FORMATS[file.suffix.lower()]
    if syntax.supports_datasets:  # columns know no graph names
        yield from (f"{quad} .\n".encode() for quad in ox.parse(file.read_bytes(), format=syntax))
    else:
        yield from (f"{s} {p} {o} .\n".encode() for s, p, o in columns.triples())
