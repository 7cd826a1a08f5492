"""Requirement by system: what the rules of a requirement say about the record of each system."""

from collections.abc import Mapping
from dataclasses import dataclass

from aims_graph.assessment.conformity import Assessment, Conformity, conformity
from aims_graph.assessment.findings import SEVERITIES, Finding
from aims_graph.assessment.requirements import Requirement
from aims_graph.columns.reader import Term
from aims_graph.vocabulary import SH


@dataclass(frozen=True, slots=True)
class Matrix:
    """``cells`` holds the pairs that some rule judges; ``excluded`` requirements are declared not applicable."""

    systems: tuple[Term, ...]
    requirements: Mapping[Requirement, Conformity]
    excluded: frozenset[Term]
    cells: Mapping[tuple[Term, Term], Conformity]


def judge_matrix(assessment: Assessment) -> Matrix:
    """Cells by (requirement IRI, system), each with its findings."""
    checked: dict[tuple[Term, Term], int] = {}
    for rule in assessment.rules.values():
        if str(rule.severity) != f"<{SH}{SEVERITIES[0].capitalize()}>" or not rule.requirements:
            continue
        for focus in assessment.focus_nodes(rule):
            for system in assessment.systems_of.get(focus, ()):
                for requirement in rule.requirements:
                    key = requirement, system
                    checked[key] = checked.get(key, 0) + 1
    found: dict[tuple[Term, Term], list[Finding]] = {}
    for finding in assessment.findings:
        for requirement in finding.requirements:
            for system in finding.systems:
                found.setdefault((requirement, system), []).append(finding)
    return Matrix(
        systems=assessment.systems,
        requirements=assessment.by_requirement,
        excluded=frozenset(assessment.excluded_controls),
        cells={
            key: conformity(checked.get(key, 0), found.get(key, []))
            for key in sorted(checked.keys() | found.keys(), key=str)
        },
    )
