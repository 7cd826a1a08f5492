"""How the state developed: evaluations at past moments, each made once."""

import json
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel

from aims_api.access import CoreOf, Reading
from aims_api.callers import Caller
from aims_api.core import Core
from aims_api.routes.journal import readable
from aims_api.snapshots import key_of
from aims_graph.assessment import SEVERITIES, State
from aims_graph.journal import Entry, JournalError

router = APIRouter(tags=["compliance"])
By = Literal["days", "months", "entries"]


class Point(BaseModel):
    """Numbers of requirements by state, of findings that count, and of all findings by severity."""

    day: date
    entry: int
    met: int
    not_met: int
    unknown: int
    findings: int
    by_severity: dict[str, int]


@router.get("/trend")
def trend(
    core: CoreOf,
    caller: Reading,
    until: Annotated[
        date | None, Query(description="The last day. Default: today.", examples=["2026-06-30"])
    ] = None,
    step_days: Annotated[
        int,
        Query(ge=1, le=366, description="Days between points, when ``by`` is days.", examples=[7]),
    ] = 7,
    points: Annotated[int, Query(ge=1, le=24, description="How many points.", examples=[8])] = 8,
    by: Annotated[
        By,
        Query(
            description="Points every so many days, at ends of months, or after entries.",
            examples=["months"],
        ),
    ] = "days",
) -> list[Point]:
    """The state at past moments, as it was recorded then, by the rules of today."""
    last = until or core.snapshots.day
    ends = [(number, day) for number, day in _ends(core, caller) if day <= last]
    if by == "entries":
        moments = ends[-points:]
    else:
        days = _months(last, points) if by == "months" else _days(last, step_days, points)
        moments = [
            (max((number for number, written in ends if written <= day), default=0), day)
            for day in days
        ]
    return [_point(core, caller, entry, day) for entry, day in moments if entry]


def _days(last: date, step: int, points: int) -> list[date]:
    first = date.min + timedelta(days=step * (points - 1))
    if last < first:
        return [last]
    return [last - timedelta(days=step * back) for back in range(points - 1, -1, -1)]


def _months(last: date, points: int) -> list[date]:
    """The last days of the months before, and the day itself."""
    found = [last]
    while len(found) < points and found[0] > date.min + timedelta(days=31):
        found.insert(0, found[0].replace(day=1) - timedelta(days=1))
    return found


def _ends(core: Core, caller: Caller) -> list[tuple[int, date]]:
    """Entries and their days; only those that the caller can see the effect of."""
    return [
        (entry.sequence, datetime.fromisoformat(entry.time).astimezone(UTC).date())
        for entry in core.workspace.journal.entries()
        if caller.reads_all or _touches(core, caller, entry)
    ]


def _touches(core: Core, caller: Caller, entry: Entry) -> bool:
    place = (key_of(caller.read), entry.sequence)
    known = core.touched.get(place)
    if known is None:
        try:
            payload = entry.load()
            known = bool(readable(payload.added, caller) or readable(payload.removed, caller))
        except JournalError:
            known = False  # its content is gone
        core.touched[place] = known
    return known


def _point(core: Core, caller: Caller, entry: int, day: date) -> Point:
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
    known = None if row is None else json.loads(row["counts"])
    if known is not None and "by_severity" in known:
        return Point(day=day, entry=entry, **known)
    at = None if entry == core.workspace.sequence else str(entry)
    snapshot = core.snapshots.past(caller, day=day, at=at)
    states = [result.state for result in snapshot.assessment.by_requirement.values()]
    severities = Counter(finding.severity for finding in snapshot.findings)
    point = Point(
        day=day,
        entry=entry,
        met=states.count(State.MET),
        not_met=states.count(State.NOT_MET),
        unknown=states.count(State.UNKNOWN),
        findings=sum(finding.counts for finding in snapshot.findings),
        by_severity={name: severities[name] for name in SEVERITIES},
    )
    counts = point.model_dump_json(exclude={"day", "entry"})
    core.store.write("INSERT OR REPLACE INTO trend VALUES (?,?,?,?,?)", *place, counts)
    return point
