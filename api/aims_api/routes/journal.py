"""The journal: who changed what, when and why; its head and proofs."""

from collections.abc import Iterable
from typing import Annotated, Any

from fastapi import APIRouter, Path
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from aims_api import models
from aims_api.access import CoreOf, SeeingJournal
from aims_api.callers import DEFAULT_GRAPH, Caller
from aims_api.parameters import Offset, limit_of
from aims_api.problems import ProblemError
from aims_graph.journal import Entry
from aims_graph.journal.verification import verify
from aims_graph.workspace.dataset import split_graph
from aims_graph.workspace.history import find_entry

router = APIRouter(tags=["journal"])

Sequence = Annotated[int, Path(description="Number of the entry.", examples=[1])]


class EntryContent(models.EntryRow):
    """Lines of N-Quads, of graphs that the caller may read; ``left_out`` lines are of others."""

    added_quads: list[str]
    removed_quads: list[str]
    left_out: int | None


class Page(BaseModel):
    total: int
    entries: list[models.EntryRow]


class Checked(BaseModel):
    good: bool
    entries: int
    root: str
    withheld_lines: int
    problems: list[str]


def entry_row(entry: Entry) -> dict[str, Any]:
    return {
        "sequence": entry.sequence,
        "time": entry.time,
        "actor": entry.actor,
        "reason": entry.reason,
        "source": entry.source,
        "added": entry.added_count,
        "removed": entry.removed_count,
        "previous": entry.previous,
        "hash": entry.hash,
    }


def _sees_all(caller: Caller) -> None:
    """Reasons, sources and counts tell of graphs, so the list is for those who read them all."""
    if not caller.reads_all:
        raise ProblemError(403, "forbidden", "the journal is read by those who may read all graphs")


@router.get("/journal", response_model=Page)
def journal(
    core: CoreOf,
    caller: SeeingJournal,
    offset: Offset = 0,
    limit: Annotated[int, limit_of(500)] = 50,
) -> dict[str, Any]:
    """Entries, the newest first."""
    _sees_all(caller)
    rows = [entry_row(entry) for entry in core.workspace.journal.entries()]
    rows.reverse()
    return {"total": len(rows), "entries": rows[offset : offset + limit]}


@router.get("/journal/{sequence}", response_model=EntryContent)
def journal_entry(core: CoreOf, caller: SeeingJournal, sequence: Sequence) -> dict[str, Any]:
    """One entry with what it added and removed."""
    _sees_all(caller)
    last = core.workspace.sequence
    if not 1 <= sequence <= last:
        raise ProblemError(404, "not-found", f"there is no entry {sequence}: the last is {last}")
    entry = find_entry(core.workspace.journal, sequence)
    payload = entry.load()
    added = readable(payload.added, caller)
    removed = readable(payload.removed, caller)
    left_out = len(payload.added) + len(payload.removed) - len(added) - len(removed)
    return {
        **entry_row(entry),
        "added_quads": added,
        "removed_quads": removed,
        "left_out": left_out,
    }


def readable(lines: Iterable[bytes], caller: Caller) -> list[str]:
    shown = []
    for line in lines:
        name, _ = split_graph(line)
        if caller.may_read(name[1:-1].decode() if name else DEFAULT_GRAPH):
            shown.append(line.decode())
    return shown


@router.get("/journal-verification", response_model=Checked)
async def verification(core: CoreOf, caller: SeeingJournal) -> dict[str, Any]:
    """Every byte of the record checked; ``root`` is the head to keep elsewhere."""
    _sees_all(caller)
    checked = await run_in_threadpool(verify, core.workspace.journal.folder)
    return {
        "good": checked.good,
        "entries": checked.head.size,
        "root": checked.head.root,
        "withheld_lines": checked.withheld,
        "problems": checked.problems,
    }
