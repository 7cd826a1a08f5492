"""Where the organization stands: the AIMS, a requirement, a system; gaps; trend."""

import json
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Path, Query, Request, Response

from aims_api import models
from aims_api.evaluation import Snapshot
from aims_api.looking import (
    SAME_STATE,
    KeptView,
    answer,
    answer_with_findings,
    find_soon,
    json_answer,
    lasting,
)
from aims_api.parameters import Key, Offset, limit_of
from aims_api.problems import ProblemError
from aims_api.things import members
from aims_api.turns import worked_out
from aims_graph.assessment import Assessment, Conformity, Requirement, State
from aims_graph.assessment.findings import literal
from aims_graph.columns.reader import Term
from aims_graph.report import GROUPINGS, gap_rows
from aims_graph.report.gaps import Row

_FEW_FINDINGS: Final = 50

router = APIRouter(tags=["compliance"])


def counts(result: Conformity) -> dict[str, Any]:
    return {
        "state": str(result.state),
        "checked": result.checked,
        "met": result.met,
        "not_met": result.not_met,
        "in_progress": result.in_progress,
        "unknown": result.unknown,
        "warnings": result.warnings,
        "reason": result.reason or None,
    }


def status_content(snapshot: Snapshot) -> dict[str, Any]:
    """The whole at a glance; its size does not grow with the data."""
    found = state_of(snapshot)
    first = {"state": found["state"], "as_of": found["as_of"], "entry": snapshot.sequence}
    return first | found


def state_of(snapshot: Snapshot) -> dict[str, Any]:
    """The same without the entry, which changes more often."""
    return snapshot.once("state", lambda of: _state(of.assessment), "assessment")


def _state(assessment: Assessment) -> dict[str, Any]:
    return {
        "state": str(assessment.overall),
        "as_of": assessment.as_of,
        "requirements": [
            requirement_row(assessment, requirement, result)
            for requirement, result in assessment.by_requirement.items()
        ],
        "systems": {
            str(state): sum(c.state is state for c in assessment.by_system.values())
            for state in State
        },
        "findings": {
            str(state): sum(f.counts and f.state is state for f in assessment.findings)
            for state in (State.NOT_MET, State.UNKNOWN)
        }
        | {"warnings": sum(not f.counts for f in assessment.findings)},
    }


def requirement_row(
    assessment: Assessment, requirement: Requirement, result: Conformity
) -> dict[str, Any]:
    return {
        "number": requirement.number,
        "title": requirement.title,
        "kind": requirement.kind,
        "iri": requirement.iri.value,
        "excluded": requirement.iri in assessment.excluded_controls,
        **counts(result),
    }


@router.get("/status", response_model=models.Status)
async def status(snapshot: KeptView) -> Response:
    """State of the AIMS: as a whole, of each clause and control, of its AI systems by number."""
    return json_answer(snapshot.once("status", _status), snapshot)


def _status(snapshot: Snapshot) -> bytes:
    return json.dumps(status_content(snapshot), ensure_ascii=False).encode()


@router.get("/requirements/{number}", response_model=models.RequirementStatus)
async def requirement_status(
    request: Request,
    snapshot: KeptView,
    number: Annotated[
        str,
        Path(
            description="Number of a clause or of an Annex A control.",
            examples=["6.1.3", "A.6.2.4"],
        ),
    ],
) -> Response:
    """State of a clause or an Annex A control, and what is wrong with it."""
    assessment = snapshot.assessment
    for requirement, result in assessment.by_requirement.items():
        if requirement.number == number:
            row = requirement_row(assessment, requirement, result)
            return await _with_findings(request, snapshot, row, result)
    raise ProblemError(404, "not-found", f"{number[:40]!r} is no requirement clause or control")


@router.get("/systems/{key}/status", response_model=models.SystemStatus)
async def system_status(request: Request, snapshot: KeptView, key: Key) -> Response:
    """State of one AI system, and its findings."""
    node = await find_soon(snapshot, "systems", key)
    result = snapshot.assessment.by_system[node]
    return await _with_findings(request, snapshot, system_row(snapshot, node, result), result)


async def _with_findings(
    request: Request, snapshot: Snapshot, row: dict[str, Any], result: Conformity
) -> Response:
    lasting(request, SAME_STATE)
    shown = result.findings[: models.MOST]
    return await worked_out(
        lambda: answer_with_findings(snapshot, row, shown),
        short=len(shown) <= _FEW_FINDINGS,
    )


def system_row(snapshot: Snapshot, node: Term, result: Conformity) -> dict[str, Any]:
    return {
        "key": members(snapshot, "systems").get(node, ""),
        "iri": literal(node),
        "label": snapshot.reader.label(node),
        **counts(result),
    }


def gaps_by(snapshot: Snapshot, by: str) -> list[Row]:
    return snapshot.once(("gaps", by), lambda of: gap_rows(of.assessment, by), "assessment")


@router.get("/gaps", response_model=models.Gaps)
async def gaps(
    request: Request,
    snapshot: KeptView,
    by: Annotated[
        Literal["clause", "control", "system", "rule"],
        Query(description="What a row is about.", examples=["control"]),
    ] = "clause",
    offset: Offset = 0,
    limit: Annotated[int, limit_of(1000)] = 200,
) -> Response:
    """Gap analysis by clause, control, system or rule."""
    assert by in GROUPINGS

    def make() -> Response:
        rows = gaps_by(snapshot, by)
        content = {"by": by, "total": len(rows), "rows": rows[offset : offset + limit]}
        return answer(snapshot, content)

    lasting(request, lambda change: change.same_state and change.same_made(("gaps", by)))
    return await worked_out(make, short=snapshot.known(("gaps", by)) is not None)
