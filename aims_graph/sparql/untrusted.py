"""RDF files of others, parsed in a worker of their own: a crash or a limit there is an InputError here."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox

from aims_graph.columns import load
from aims_graph.columns.parse import FORMATS, SMALL
from aims_graph.errors import InputError
from aims_graph.sparql.limits import Limits
from aims_graph.sparql.process import WorkerProcess, read_answer

_MODULE: Final = "aims_graph.sparql.untrusted"
# Imported by the columns when a file is large: Arrow is slow to start.
_FOR_LARGE: Final = (
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
        modules = modules_to_read([whole])
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", file=path) from None
    request = {"module": _MODULE, "path": str(whole)}
    return read_in_worker(request, limits, modules=modules, readable=[str(whole)])[1]


def read_in_worker(
    request: dict[str, Any], limits: Limits, *, modules: Sequence[str], readable: Sequence[str]
) -> tuple[dict[str, Any], list[ox.Quad]]:
    """What the ``answer`` of the request's module says, and the quads of its lines; the worker ends with it.

    ``modules``: all that it imports besides; ``readable``: files that it may see.
    """
    worker = WorkerProcess(
        memory=limits.memory, modules=[request["module"], *modules], readable=readable
    )
    request = {"do": "answer", "rows": limits.rows, "bytes": limits.bytes, **request}
    try:
        worker.send(request, seconds=limits.seconds, cpu=limits.cpu)
        report, lines = read_answer(worker)
    finally:
        worker.kill()
    return report, list(ox.parse(lines, format=ox.RdfFormat.N_QUADS))


def modules_to_read(files: Iterable[Path]) -> tuple[str, ...]:
    """What a worker must have loaded before it is confined, for files of these sizes. Raises OSError."""
    large = any(file.stat().st_size >= SMALL and file.suffix.lower() in FORMATS for file in files)
    return _FOR_LARGE if large else ()


def answer(request: dict[str, Any]) -> tuple[dict[str, Any], Iterator[bytes]]:
    """The file as N-Quads; runs in the worker."""
    return {}, _read_lines(Path(request["path"]))


def _read_lines(file: Path) -> Iterator[bytes]:
    columns = load([file])  # refuses what the parser must not see
    syntax = FORMATS[file.suffix.lower()]
    if syntax.supports_datasets:  # columns know no graph names
        yield from (f"{quad} .\n".encode() for quad in ox.parse(file.read_bytes(), format=syntax))
    else:
        yield from (f"{s} {p} {o} .\n".encode() for s, p, o in columns.triples())
