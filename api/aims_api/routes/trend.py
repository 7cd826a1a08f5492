"""How the state developed: evaluations at past moments, each made once."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from aims_api.access import CoreOf, Reading
from aims_api.callers import Caller
from aims_api.core import Core
from aims_api.problems import ERRORS
from aims_api.snapshots import key_of
from aims_graph.assessment import State

router = APIRouter(tags=["compliance"], responses=ERRORS)


class Point(BaseModel):
    """Numbers of requirements by state, and of findings that count."""

    day: date
    entry: int
    met: int
    not_met: int
    unknown: int
    findings: int


@router.get("/trend")
def trend(
    core: CoreOf,
    caller: Reading,
    until: Annotated[date | None, Query(description="Default: today.")] = None,
    step_days: Annotated[int, Query(ge=1, le=366)] = 7,
    points: Annotated[int, Query(ge=1, le=24)] = 8,
) -> list[Point]:
    """The state at the end of past days, as it was recorded then, by the rules of today."""
    last = until or core.snapshots.day
    ends = _ends(core)
    found = []
    for back in range(points - 1, -1, -1):
        try:
            day = last - timedelta(days=step_days * back)
        except OverflowError:
            continue
        entry = max((number for number, written in ends if written <= day), default=0)
        if entry:
            found.append(Point(day=day, entry=entry, **_counts(core, caller, entry, day)))
    return found


def _ends(core: Core) -> list[tuple[int, date]]:
    return [
        (entry.sequence, datetime.fromisoformat(entry.time).astimezone(UTC).date())
        for entry in core.workspace.journal.entries()
    ]


def _counts(core: Core, caller: Caller, entry: int, day: date) -> dict[str, int]:
    place = (
        json.dumps(list(key_of(caller.read))),
        entry,
        day.isoformat(),
        core.workspace.rules_version(),
    )
    row = core.store.row(
        "SELECT counts FROM trend WHERE graphs = ? AND sequence = ? AND day = ? AND rules = ?",
        *place,
    )
    if row is not None:
        known: dict[str, int] = json.loads(row["counts"])
        return known
    at = None if entry == core.workspace.sequence else str(entry)
    snapshot = core.snapshots.past(caller, day=day, at=at)
    states = [result.state for result in snapshot.assessment.by_requirement.values()]
    counts = {
        "met": states.count(State.MET),
        "not_met": states.count(State.NOT_MET),
        "unknown": states.count(State.UNKNOWN),
        "findings": sum(finding.counts for finding in snapshot.findings),
    }
    core.store.write("INSERT OR REPLACE INTO trend VALUES (?,?,?,?,?)", *place, json.dumps(counts))
    return counts
