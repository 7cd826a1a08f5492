"""What an assessment would say if some triples came and others went."""

import copy
from collections.abc import Iterable, Mapping
from datetime import date
from typing import NamedTuple

from aims_graph.assessment.conformity import Assessment
from aims_graph.assessment.evaluation import EVALUATION
from aims_graph.assessment.findings import Finding, FindingReader
from aims_graph.assessment.records import systems_of_nodes
from aims_graph.assessment.rules import Rule
from aims_graph.columns import Columns, Triple
from aims_graph.columns.reader import Reader, Term
from aims_graph.shacl import ValidationResult, Validator, compile_shapes, validate


class FindingChange(NamedTuple):
    """Findings that a change brings, and those that it ends."""

    appeared: list[Finding]
    gone: list[Finding]


def what_if(
    validator: Validator,
    rules: Mapping[Term, Rule],
    added: Iterable[Triple],
    removed: Iterable[Triple],
) -> FindingChange:
    """The findings that would appear and go if the triples came and went; the validator stays as it is."""
    added, removed = list(added), list(removed)
    before = validator.data
    difference = validator.what_if(added, removed)
    appeared = _read(difference.appeared, before.with_change(added, removed), rules)
    gone = _read(difference.gone, before, rules)
    old, new = ({finding.fingerprint for finding in found} for found in (gone, appeared))
    return FindingChange(
        [finding for finding in appeared if finding.fingerprint not in old],
        [finding for finding in gone if finding.fingerprint not in new],
    )


def _read(
    results: Iterable[ValidationResult], data: Columns, rules: Mapping[Term, Rule]
) -> list[Finding]:
    """Of some results on the data, which include the ontology."""
    results = list(results)
    if not results:
        return []
    reader = Reader(data)
    return list(FindingReader(reader, rules, systems_of_nodes(reader)).read(results))


def suppose(
    graph: Columns,
    ontology: Columns,
    added: Iterable[Triple],
    removed: Iterable[Triple],
    *,
    as_of: date,
    shapes: Columns,
    engine: str = "columns",
) -> tuple[Assessment, Assessment]:
    """The assessments before and after; ``graph`` is what ``with_ontology`` gives.

    What the ontology says stays said. The default engine validates again only what the change can alter, any other
    engine everything. Raises InputError on shapes that are ill-formed.
    """
    said = Reader(ontology)
    added = list(added)
    removed = [
        (subject, predicate, value)
        for subject, predicate, value in removed
        if subject != EVALUATION and value not in said.objects(subject, predicate)  # type: ignore[arg-type]  # predicates are IRIs
    ]
    rules = Reader(shapes)
    if engine == "columns":
        before = Validator(compile_shapes(shapes), graph)
        after = copy.copy(before)  # its state is replaced, never changed
        after.apply(added, removed)
        found = [(each.data, each.report) for each in (before, after)]
    else:
        graphs = (graph, graph.with_change(added, removed))
        found = [(each, validate(each, shapes, engine=engine)) for each in graphs]
    now, then = (
        Assessment(Reader(data), rules, report, as_of=as_of.isoformat()) for data, report in found
    )
    return now, then
