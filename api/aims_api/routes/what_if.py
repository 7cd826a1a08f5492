"""What a change would do, without making it."""

from fastapi import APIRouter, Response

from aims_api import models
from aims_api.access import Reading
from aims_api.callers import RECORDS_GRAPH
from aims_api.looking import View, answer
from aims_api.patches import effect, graph_of, read_patch
from aims_api.problems import ProblemError
from aims_graph.assessment import Finding
from aims_graph.assessment.findings import literal

router = APIRouter(tags=["compliance"])


@router.post("/what-if", response_model=models.WhatIf)
def what_if(snapshot: View, caller: Reading, patch: models.Patch) -> Response:
    """The findings that a change would bring and those it would end. Nothing is written."""
    added, removed = (
        read_patch(text.encode(), patch.format, RECORDS_GRAPH)
        for text in (patch.added, patch.removed)
    )
    for quad in (*added, *removed):
        if not caller.may_read(graph_of(quad)):
            raise ProblemError(403, "forbidden", f"the graph {graph_of(quad)} is not yours to read")
    change = snapshot.what_if(*effect(snapshot, added, removed))
    content = {
        "appeared": [finding_text(finding) for finding in change.appeared],
        "gone": [finding_text(finding) for finding in change.gone],
    }
    return answer(snapshot, content)


def finding_text(finding: Finding) -> dict[str, str | None]:
    """What can be said of a finding without the graph it was found in."""
    return {
        "rule": finding.rule.name,
        "severity": finding.severity,
        "state": str(finding.state),
        "focus_node": literal(finding.focus),
        "message": finding.message,
        "fingerprint": finding.fingerprint,
    }
