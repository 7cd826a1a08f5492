"""What is wrong: the list with its filters, and each finding with what would end it."""

from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import Query, Response
from pyoxigraph import BlankNode, NamedNode

from aims_api.callers import Permission
from aims_api.looking import find
from aims_api.pages.links import ROOT, Link
from aims_api.pages.rendering import Visit, Visiting, page_router
from aims_api.records import property_name
from aims_api.routes.findings import find_finding
from aims_api.selecting import SORTS, Choice, choose, page
from aims_api.things import coded, members, node_named
from aims_api.writing import RESERVED
from aims_graph.assessment import SEVERITIES, Finding
from aims_graph.columns import Triple

router = page_router()
_PAGE: Final = 50
Text = Annotated[str, Query(max_length=2000)]


@router.get("/findings")
def findings_page(
    visit: Visiting,
    requirement: Text = "",
    system: Text = "",
    owner: Text = "",
    severity: Text = "",
    state: Text = "",
    rule: Text = "",
    q: Text = "",
    sort: Text = "requirement",
    cursor: Text = "",
) -> Response:
    """An empty field of the form asks for nothing."""
    given = {
        "requirement": requirement,
        "system": system,
        "owner": owner,
        "severity": severity if severity in SEVERITIES else "",
        "state": state if state in ("not met", "unknown") else "",
        "rule": rule,
        "q": q,
        "sort": sort if sort.removeprefix("-") in SORTS else "requirement",
    }
    choice = Choice(
        requirement=requirement or None,
        severity=given["severity"] or None,
        state=given["state"] or None,
        system=find(visit.snapshot, "systems", system) if system else None,
        owner=node_named(owner) if owner else None,
        rule=rule or None,
        text=q or None,
        sort=given["sort"],
    )
    found = choose(visit.snapshot, choice)
    shown, following = page(found, cursor or None, _PAGE)
    return visit.show(
        "findings.html",
        "Findings",
        given=given,
        total=len(found),
        findings=shown,
        next=_address({**given, "cursor": following}) if following else "",
        systems=[(key, visit.links.name(node)) for node, key in _systems(visit)],
        severities=SEVERITIES,
        sorts=SORTS,
        owners=_owners(visit),
    )


def _systems(visit: Visit) -> list[tuple[Any, str]]:
    return sorted(members(visit.snapshot, "systems").items(), key=lambda item: item[1])[:500]


def _owners(visit: Visit) -> list[tuple[str, str]]:
    owners = {f.owner for f in visit.snapshot.findings if f.owner is not None}
    named = [(getattr(owner, "value", ""), visit.links.name(owner)) for owner in owners]
    return sorted(named, key=lambda item: item[1])[:500]


def _address(values: dict[str, str | None]) -> str:
    return f"{ROOT}/findings?{urlencode({k: v for k, v in values.items() if v})}"


@router.get("/findings/{fingerprint}")
def finding_page(visit: Visiting, fingerprint: str) -> Response:
    found = find_finding(visit.snapshot, fingerprint)
    explanation = visit.snapshot.explain(found)
    remedies = () if explanation is None else explanation.remedies
    return visit.show(
        "finding.html",
        "Finding: " + visit.links.name(found.focus),
        finding=found,
        fix=_fix(visit, found),
        looked_at=[] if explanation is None else _sentences(visit, explanation.looked_at),
        remedies=[
            (remedy, _sentences(visit, remedy.added), _sentences(visit, remedy.removed))
            for remedy in remedies
            # What only turns the message round says less than the rule's own words.
            if remedy.added or remedy.removed or not found.rule.remedy
        ],
    )


def _sentences(visit: Visit, triples: tuple[Triple, ...]) -> list[tuple[Any, ...]]:
    """A blank node that the data have not stands for a value to choose."""
    return [
        tuple(
            Link("…", "") if isinstance(term, BlankNode) else visit.links.to(term)
            for term in triple
        )
        for triple in triples
    ]


def _fix(visit: Visit, finding: Finding) -> str:
    """The address of the form that mends it, opened at the field that the rule asks for."""
    focus = finding.focus
    editor = visit.caller.may(Permission.WRITE)
    if not editor or not isinstance(focus, NamedNode) or focus.value.startswith(RESERVED):
        return ""
    asked = {"finding": finding.fingerprint}
    if finding.rule.asks_for:
        asked["field"] = property_name(finding.rule.asks_for[0])
    return f"{ROOT}/edit/{coded(focus)}?{urlencode(asked)}"
