"""Findings: chosen, ordered, paged, grouped, explained."""

from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, Query, Request, Response

from aims_api import models
from aims_api.evaluation import Snapshot
from aims_api.looking import (
    SAME_STATE,
    KeptView,
    View,
    answer,
    answer_with_findings,
    find_soon,
    lasting,
)
from aims_api.openapi_problems import also
from aims_api.parameters import Fingerprint, limit_of
from aims_api.problems import ProblemError
from aims_api.selecting import Choice, are_few, choose, group, page
from aims_api.things import node_of
from aims_api.turns import worked_out
from aims_graph.assessment import Finding
from aims_graph.columns import Triple

router = APIRouter(tags=["findings"])

_FEW_ROWS: Final = 100

Requirement = Annotated[
    str | None,
    Query(description="A clause or control, with those below it.", max_length=20, examples=["6.1"]),
]
Severity = Annotated[
    Literal["violation", "warning", "info"] | None,
    Query(description="How binding what is missed is.", examples=["violation"]),
]
StateQuery = Annotated[
    Literal["not met", "unknown"] | None,
    Query(description="Known to be missed, or not known.", examples=["unknown"]),
]
System = Annotated[
    str | None,
    Query(description="Key or IRI of an AI system.", max_length=2000, examples=["recommender"]),
]
Owner = Annotated[
    str | None,
    Query(description="IRI or key of a person.", max_length=2000, examples=["ingrid-halden"]),
]
Focus = Annotated[
    str | None,
    Query(
        description="IRI of what the finding is on.",
        max_length=2000,
        examples=["https://shop.example/aims#recommender"],
    ),
]
Rule = Annotated[
    str | None,
    Query(description="Name of the rule.", max_length=200, examples=["IssueHasBeenReviewed"]),
]
InProgress = Annotated[
    bool | None, Query(description="Whether somebody is working on it.", examples=[False])
]
Text = Annotated[
    str | None,
    Query(description="Words in message, label or rule.", max_length=200, examples=["reviewed"]),
]
Sort = Annotated[
    Literal[
        "requirement", "severity", "state", "owner", "label", "rule",
        "-requirement", "-severity", "-state", "-owner", "-label", "-rule",
    ],
    Query(description="A minus turns the order round.", examples=["-severity"]),
]  # fmt: skip


async def _choice(
    snapshot: View,
    requirement: Requirement = None,
    severity: Severity = None,
    state: StateQuery = None,
    system: System = None,
    owner: Owner = None,
    focus: Focus = None,
    rule: Rule = None,
    in_progress: InProgress = None,
    q: Text = None,
    sort: Sort = "requirement",
) -> Choice:
    return Choice(
        requirement=requirement,
        severity=severity,
        state=state,
        system=None if system is None else await find_soon(snapshot, "systems", system),
        owner=None if owner is None else await _person(snapshot, owner),
        focus=None if focus is None else node_of(focus),
        rule=rule,
        in_progress=in_progress,
        text=q,
        sort=sort,
    )


async def _person(snapshot: Snapshot, name: str) -> Any:
    return node_of(name) or await find_soon(snapshot, "people", name)


Chosen = Annotated[Choice, Depends(_choice)]


@router.get("/findings", response_model=models.FindingPage, responses=also(404))
async def findings(
    request: Request,
    snapshot: KeptView,
    choice: Chosen,
    limit: Annotated[int, limit_of(500)] = 50,
    cursor: Annotated[
        str | None,
        Query(
            max_length=200,
            description="Where the page begins: ``next`` of the page before.",
            examples=["WyIyYTBiZTYwOTYzNTE5OTgwIiwgMV0"],
        ),
    ] = None,
) -> Response:
    """What is wrong, page by page."""

    def make() -> Response:
        found = choose(snapshot, choice)
        shown, following = page(found, cursor, limit)
        return answer_with_findings(snapshot, {"total": len(found), "next": following}, shown)

    lasting(request, SAME_STATE)
    short = limit <= _FEW_ROWS and are_few(snapshot, choice)
    return await worked_out(make, short=short)


@router.get("/findings/groups", response_model=models.FindingGroups, responses=also(404))
async def finding_groups(
    request: Request,
    snapshot: KeptView,
    choice: Chosen,
    by: Annotated[
        Literal["requirement", "system", "owner", "rule", "severity", "state"],
        Query(description="What findings are counted by.", examples=["owner"]),
    ] = "requirement",
) -> Response:
    """How many findings, by requirement, system, owner, rule, severity or state."""

    def make() -> Response:
        found = choose(snapshot, choice)
        groups = group(snapshot, found, by)
        return answer(snapshot, {"by": by, "total": len(found), "groups": groups})

    lasting(request, SAME_STATE)
    return await worked_out(make, short=False)


@router.get("/findings/{fingerprint}", response_model=models.Finding)
async def finding(request: Request, snapshot: KeptView, fingerprint: Fingerprint) -> Response:
    """One finding."""
    lasting(request, SAME_STATE)
    return answer(snapshot, snapshot.row(find_finding(snapshot, fingerprint)))


@router.get("/findings/{fingerprint}/explanation", response_model=models.Explained)
def explain_finding(snapshot: View, fingerprint: Fingerprint) -> Response:
    """Why a finding is there: the triples the rule looked at, and what would end it."""
    found = find_finding(snapshot, fingerprint)
    return answer(snapshot, explained(snapshot, found))


def find_finding(snapshot: Snapshot, fingerprint: str) -> Finding:
    found = snapshot.by_fingerprint.get(fingerprint)
    if found is None:
        raise ProblemError(404, "not-found", "there is no such finding (any more)")
    return found


def explained(snapshot: Snapshot, found: Finding) -> dict[str, Any]:
    explanation = snapshot.explain(found)
    remedies = () if explanation is None else explanation.remedies
    return {
        "finding": snapshot.row(found),
        "rule": found.rule.name,
        "asks": found.rule.message,
        "looked_at": [] if explanation is None else statements(explanation.looked_at),
        "remedies": [
            {
                "words": remedy.words,
                "added": statements(remedy.added),
                "removed": statements(remedy.removed),
                "complete": remedy.complete,
            }
            for remedy in remedies
        ],
    }


def statements(triples: tuple[Triple, ...]) -> list[dict[str, str]]:
    return [{"subject": str(s), "predicate": str(p), "object": str(o)} for s, p, o in triples]
