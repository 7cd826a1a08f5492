"""A clause or control: what it asks, how far it is met, and what shows it."""

from typing import Final
from urllib.parse import quote

from fastapi import Response
from pyoxigraph import NamedNode

from aims_api.audit_content import audits_of
from aims_api.callers import Permission
from aims_api.evaluation import Snapshot
from aims_api.evidence_links import control_row, evidence_of, file_of
from aims_api.pages.links import ROOT
from aims_api.pages.rendering import Visit, Visiting, page_router
from aims_api.pages.statements import classes
from aims_api.problems import ProblemError
from aims_api.things import members
from aims_graph.assessment import Requirement, Rule
from aims_graph.assessment.requirements import CONTROL
from aims_graph.columns.reader import Term
from aims_graph.vocabulary import AIMS, ISO42001, SKOS

router = page_router()

#: Most things that one list of a page shows.
MOST: Final = 200
STATES: Final = ("Declared", "Implemented", "Evidenced", "Evidence current", "Effective")
_DEFINITION: Final = NamedNode(SKOS + "definition")
_LOOKS_FOR: Final = NamedNode(AIMS + "auditorLooksFor")
_LICENSED: Final = NamedNode(AIMS + "licensedText")
_RELATED: Final = NamedNode(AIMS + "relatedTo")
_REQUIRES: Final = NamedNode(AIMS + "requiresDocument")
_DOCUMENTS: Final = NamedNode(AIMS + "documents")
_STATUS: Final = NamedNode(AIMS + "documentStatus")
_CREATED: Final = NamedNode(AIMS + "createdOn")
_APPROVED: Final = NamedNode(AIMS + "approvedOn")


@router.get("/requirements/{number}")
def requirement_page(visit: Visiting, number: str) -> Response:
    snapshot = visit.snapshot
    assessment, reader = snapshot.assessment, snapshot.reader
    found = next((r for r in assessment.by_requirement if r.number == number), None)
    if found is None:
        raise ProblemError(404, "not-found", f"{number[:40]!r} is no requirement clause or control")
    related = dict.fromkeys(
        [*reader.objects(found.iri, _RELATED), *reader.subjects(_RELATED, found.iri)]
    )
    result = assessment.by_requirement[found]
    shown = evidence_of(snapshot, found)
    return visit.show(
        "requirement.html",
        f"{found.number} {found.title}",
        requirement=found,
        part=(found.part, reader.label(NamedNode(ISO42001 + found.part))),
        neighbours=_neighbours(list(assessment.by_requirement), found),
        without_aims=found.whole_aims and not assessment.has_aims,
        kind="Annex A control" if found.kind == CONTROL else "Clause",
        result=result,
        excluded=found.iri in assessment.excluded_controls,
        findings=result.findings[:MOST],
        definition=reader.text(found.iri, _DEFINITION),
        looks_for=reader.text(found.iri, _LOOKS_FOR),
        licensed=reader.text(found.iri, _LICENSED),
        row=control_row(snapshot, found),
        states=STATES,
        evidence=[
            (term, file_of(visit.core, visit.caller, snapshot, term), _about(snapshot, term))
            for term in shown[:MOST]
        ],
        more=max(0, len(shown) - MOST),
        audits=_audits(visit, found),
        needed=[
            (document, reader.subjects(_DOCUMENTS, document))
            for document in reader.objects(found.iri, _REQUIRES)
        ],
        rules=rules_of(snapshot, found),
        related=[
            (term, assessment.by_requirement[assessment.requirements[term]])
            for term in related
            if isinstance(term, NamedNode) and term in assessment.requirements
        ],
    )


def _neighbours(
    all_of_them: list[Requirement], found: Requirement
) -> tuple[Requirement | None, Requirement | None]:
    """The requirements before and after it in the order of the standard."""
    at = all_of_them.index(found)
    after = all_of_them[at + 1] if at + 1 < len(all_of_them) else None
    return all_of_them[at - 1] if at else None, after


def _about(snapshot: Snapshot, document: Term) -> str:
    """What kind of document it is, how it stands and from when it is."""
    reader = snapshot.reader
    status = reader.value(document, _STATUS)
    said = [
        ", ".join(classes(reader, document)),
        "" if status is None else reader.label(status).lower(),
    ]
    said += [
        f"{word} {day}"
        for word, predicate in (("of", _CREATED), ("approved", _APPROVED))
        if (day := reader.date(document, predicate))
    ]
    return ", ".join(filter(None, said))


def rules_of(snapshot: Snapshot, requirement: Requirement) -> list[Rule]:
    rules = snapshot.assessment.by_rule
    return sorted(
        (rule for rule in rules if requirement.iri in rule.requirements), key=lambda rule: rule.name
    )


def _audits(visit: Visit, requirement: Requirement) -> list[tuple[str, str]]:
    """For auditors: the audits that are open and go through the requirement."""
    if not visit.caller.may(Permission.AUDIT):
        return []
    keys = members(visit.snapshot, "audits")
    return [
        (
            visit.links.name(audit.node),
            f"{ROOT}/audits/{quote(keys[audit.node], safe='~')}/requirements/{requirement.number}",
        )
        for audit in audits_of(visit.snapshot)
        if audit.signed is None and requirement in audit.scope
    ]
