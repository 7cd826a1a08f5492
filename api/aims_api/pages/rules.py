"""The rules and what each of them says."""

from typing import Annotated, Final

from fastapi import Query, Response
from pyoxigraph import BlankNode, NamedNode, RdfFormat, Triple, serialize

from aims_api.evaluation import Snapshot
from aims_api.pages.rendering import Visiting, page_router
from aims_api.problems import ProblemError
from aims_api.searching import plain
from aims_graph.assessment import Rule, number_key
from aims_graph.columns.reader import Reader, Term, local_name
from aims_graph.vocabulary import AIMS, PREFIXES

router = page_router()
_PAGE: Final = 100


@router.get("/rules")
def rules_page(
    visit: Visiting,
    q: Annotated[str, Query(max_length=200)] = "",
    offset: Annotated[int, Query(ge=0, le=2**31)] = 0,
) -> Response:
    assessment = visit.snapshot.assessment
    words = plain(q).split()
    found = [
        (rule, result, numbers)
        for rule, result in assessment.by_rule.items()
        if rule.requirements
        for numbers in [rule_numbers(visit.snapshot, rule)]
        if all(word in plain(f"{rule.name} {rule.says} {' '.join(numbers)}") for word in words)
    ]
    found.sort(key=lambda row: (min(map(number_key, row[2]), default=(9,)), row[0].name))
    return visit.show(
        "rules.html",
        "Rules",
        q=q,
        total=len(found),
        offset=offset,
        size=_PAGE,
        rows=found[offset : offset + _PAGE],
    )


def rule_numbers(snapshot: Snapshot, rule: Rule) -> list[str]:
    known = snapshot.assessment.requirements
    return sorted((known[iri].number for iri in rule.requirements if iri in known), key=number_key)


@router.get("/rules/{name}")
def rule_page(visit: Visiting, name: str) -> Response:
    assessment = visit.snapshot.assessment
    rule = next((rule for rule in assessment.by_rule if rule.name == name), None)
    if rule is None:
        raise ProblemError(404, "not-found", f"no rule is called {name[:100]!r}")
    return visit.show(
        "rule.html",
        rule.name,
        rule=rule,
        severity=local_name(rule.severity).lower(),
        level=_level(visit.snapshot, rule),
        result=assessment.by_rule[rule],
        numbers=rule_numbers(visit.snapshot, rule),
        text=shape_text(visit.snapshot, rule),
    )


def _level(snapshot: Snapshot, rule: Rule) -> str:
    """What it is checked for, by the label of the ontology."""
    return Reader(snapshot.rules.ontology).label(NamedNode(AIMS + rule.level)) if rule.level else ""


def shape_text(snapshot: Snapshot, rule: Rule) -> str:
    """The shape and the blank nodes below it, as Turtle."""
    reader = Reader(snapshot.rules.shapes)
    predicates = reader.predicates()
    found: list[Triple] = []
    waiting: list[Term] = [rule.shape]
    seen: set[Term] = set()
    while waiting:
        node = waiting.pop()
        if node in seen:
            continue
        seen.add(node)
        for predicate in predicates:
            for value in reader.objects(node, predicate):
                found.append(Triple(node, predicate, value))  # type: ignore[arg-type]
                if isinstance(value, BlankNode):
                    waiting.append(value)
    written = serialize(found, format=RdfFormat.TURTLE, prefixes=PREFIXES)
    lines = (written or b"").decode().splitlines()
    return "\n".join(line for line in lines if not line.startswith("@prefix"))
