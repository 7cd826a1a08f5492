"""The state of the AIMS at a glance."""

from collections import Counter
from dataclasses import dataclass
from typing import Final

from fastapi import Response
from pyoxigraph import NamedNode

from aims_api.evaluation import Snapshot
from aims_api.pages import trend
from aims_api.pages.rendering import Visit, Visiting, page_router
from aims_api.pages.rules import rule_numbers
from aims_api.selecting import Choice, choose, group
from aims_api.things import members
from aims_graph.assessment import Conformity, Finding, Requirement, Rule, State, worst
from aims_graph.assessment.requirements import CONTROL
from aims_graph.vocabulary import ISO42001

router = page_router()
_SHOWN: Final = 10
_MANY: Final = 200


@dataclass(frozen=True, slots=True)
class Part:
    """A clause (4 … 10) or a group of Annex A controls with what stands in it."""

    number: str
    title: str
    state: State
    counts: Counter[str]
    rows: list[tuple[Requirement, Conformity, bool]]

    @property
    def is_annex(self) -> bool:
        return self.number.startswith("A")


def parts(snapshot: Snapshot) -> list[Part]:
    assessment = snapshot.assessment
    grouped: dict[str, list[tuple[Requirement, Conformity, bool]]] = {}
    for requirement, result in assessment.by_requirement.items():
        excluded = requirement.iri in assessment.excluded_controls
        grouped.setdefault(requirement.part, []).append((requirement, result, excluded))
    return [
        Part(
            number=number,
            title=snapshot.reader.label(NamedNode(ISO42001 + number)),
            state=worst(result.state for _, result, _ in rows),
            counts=Counter(str(result.state) for _, result, _ in rows),
            rows=rows,
        )
        for number, rows in grouped.items()
    ]


@router.get("/")
def overview(visit: Visiting) -> Response:
    snapshot = visit.snapshot
    assessment = snapshot.assessment
    keys = members(snapshot, "systems")
    counting = [f for f in choose(snapshot, Choice(sort="state")) if f.counts]
    return visit.show(
        "overview.html",
        "Overview",
        overall=assessment.overall,
        parts=parts(snapshot),
        totals={
            kind: Counter(
                str(result.state)
                for requirement, result in assessment.by_requirement.items()
                if (requirement.kind == CONTROL) is annex
            )
            for kind, annex in (("Clauses", False), ("Annex A controls", True))
        },
        # As on the command line: of so many one sees what they have in common.
        by_rule=_rules(visit, counting) if len(counting) > _MANY else [],
        is_empty=not len(snapshot.data.predicates),
        legend=trend.STATES,
        attention=counting[:_SHOWN],
        open_findings=len(counting),
        warnings=len(snapshot.findings) - len(counting),
        owners=_owners(visit),
        systems=[(node, result, keys[node]) for node, result in assessment.by_system.items()],
    )


def _rules(visit: Visit, found: list[Finding]) -> list[tuple[Rule, list[str], int]]:
    """The rules that say most of them."""
    rows = [
        (rule, rule_numbers(visit.snapshot, rule), count)
        for rule, count in Counter(finding.rule for finding in found).items()
    ]
    return sorted(rows, key=lambda row: (-row[2], row[0].name))[:_SHOWN]


def _owners(visit: Visit) -> list[dict[str, object]]:
    rows = group(visit.snapshot, choose(visit.snapshot, Choice()), "owner")
    return [
        {**row, "node": NamedNode(str(row["value"])) if _is_iri(row["value"]) else None}
        for row in rows
    ]


def _is_iri(value: object) -> bool:
    return isinstance(value, str) and not value.startswith("_:")
