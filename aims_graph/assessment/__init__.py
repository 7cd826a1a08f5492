"""From a validation report to conformity: findings, states, statement of applicability, gate."""

from aims_graph.assessment.applicability import ControlRow, read_statement
from aims_graph.assessment.conformity import Assessment, Conformity
from aims_graph.assessment.evaluation import (
    evaluate,
    load_crosswalks,
    load_ontology,
    load_shapes,
    with_ontology,
)
from aims_graph.assessment.findings import IN_PROGRESS, SEVERITIES, Finding
from aims_graph.assessment.gate import GateDecision, decide, find_stage
from aims_graph.assessment.matrix import Matrix, judge_matrix
from aims_graph.assessment.rdf import to_triples
from aims_graph.assessment.requirements import (
    LICENSED_TEXT,
    Requirement,
    number_key,
    read_requirements,
)
from aims_graph.assessment.rules import Rule, read_rules
from aims_graph.assessment.states import State, worst
from aims_graph.assessment.supposition import FindingChange, suppose, what_if

__all__ = [
    "IN_PROGRESS",
    "LICENSED_TEXT",
    "SEVERITIES",
    "Assessment",
    "Conformity",
    "ControlRow",
    "Finding",
    "FindingChange",
    "GateDecision",
    "Matrix",
    "Requirement",
    "Rule",
    "State",
    "decide",
    "evaluate",
    "find_stage",
    "judge_matrix",
    "load_crosswalks",
    "load_ontology",
    "load_shapes",
    "number_key",
    "read_requirements",
    "read_rules",
    "read_statement",
    "suppose",
    "to_triples",
    "what_if",
    "with_ontology",
    "worst",
]
