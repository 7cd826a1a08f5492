"""SPARQL 1.1 Update as a change: which quads are added, which removed. Nothing is written here.

The text runs in a worker on a scratch copy of the newest snapshot; what comes back are exact terms, as the
journal has them (docs/sparql.md, "Update", says how that fits with a store that keeps values only).
"""

import os
import shutil
import tempfile
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from aims_graph.errors import InputError
from aims_graph.sparql.from_clauses import DataSet
from aims_graph.sparql.graphs import RESERVED
from aims_graph.sparql.guard import check_text
from aims_graph.sparql.limits import Limits
from aims_graph.sparql.operations import Modify, read_operations
from aims_graph.sparql.process import WorkerProcess, read_answer
from aims_graph.sparql.snapshot import clone, current_snapshot, hold
from aims_graph.sparql.tokens import position
from aims_graph.vocabulary import PREFIXES


@dataclass(frozen=True, slots=True)
class Change:
    """Quads with the terms as written; those of the default graph are in no named graph."""

    added: list[ox.Quad]
    removed: list[ox.Quad]


def evaluate_text(
    text: str,
    folder: Path,
    *,
    prefixes: Mapping[str, str] = PREFIXES,
    reserved: AbstractSet[ox.NamedNode] = RESERVED,
    everything: bool = False,
    using: DataSet | None = None,
    limits: Limits | None = None,
) -> Change:
    """What an update does to the newest snapshot of a SnapshotStore's folder.

    ``reserved``: graphs that it must not write. ``everything``: whether CLEAR and DROP may name ALL or NAMED.
    ``using``: what a request over HTTP names; a text that has USING or WITH is then refused.

    Raises InputError, and its kinds RefusedError, LimitError, UpdateError, TimeLimitError, MemoryLimitError.
    """
    limits = limits or Limits()
    check_text(text, prefixes)
    if using is not None:
        _check_using(text, prefixes)
    snapshot = current_snapshot(folder)
    held = hold(snapshot)
    scratch = Path(tempfile.mkdtemp(prefix="scratch-", dir=folder))
    try:
        clone(snapshot, scratch / "store")
        shutil.copyfile(snapshot.with_suffix(".nq"), scratch / "spellings.nq")
        request = {
            "do": "update",
            "text": text,
            "prefixes": dict(prefixes),
            "folder": str(scratch),
            "reserved": [name.value for name in reserved],
            "everything": everything,
            "using": None if using is None else [using.default, using.named],
            "changes": limits.changes,
            "rows": limits.rows,
            "bytes": limits.bytes,
        }
        worker = WorkerProcess(
            memory=limits.memory, modules=["aims_graph.sparql.effects"], writable=[str(scratch)]
        )
        try:
            worker.send(request, seconds=limits.seconds, cpu=limits.cpu)
            head, lines = read_answer(worker)
        finally:
            worker.kill()
    finally:
        os.close(held)
        shutil.rmtree(scratch, ignore_errors=True)
    quads = list(ox.parse(lines, format=ox.RdfFormat.N_QUADS))
    return Change(quads[: head["added"]], quads[head["added"] :])


def _check_using(text: str, prefixes: Mapping[str, str]) -> None:
    """Raises InputError."""
    for step in read_operations(text, prefixes):
        operation = step.operation
        if isinstance(operation, Modify) and (operation.graph or operation.using is not None):
            line, column = position(text, step.start)
            raise InputError(
                "the operation has USING or WITH while the request names graphs",
                line=line,
                column=column,
                hint="Give the graphs in one of the two places (SPARQL 1.1 Protocol, 2.2.3)",
            )
