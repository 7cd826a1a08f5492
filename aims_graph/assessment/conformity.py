"""From findings to conformity: per rule, requirement, system and for the whole AIMS."""

import copy
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from pyoxigraph import Literal, NamedNode

from aims_graph.assessment.findings import Finding, FindingReader
from aims_graph.assessment.kept_findings import KeptFindings
from aims_graph.assessment.records import joins_records, systems_of_nodes
from aims_graph.assessment.requirements import CONTROL, Requirement, number_key, read_requirements
from aims_graph.assessment.rules import Rule, read_rules
from aims_graph.assessment.states import State, worst
from aims_graph.columns import Columns, Triple
from aims_graph.columns.joins import Ids, expand, group_counts, unique_ids, unique_pairs
from aims_graph.columns.reader import Reader, Term
from aims_graph.shacl import ValidationReport, ValidationResult
from aims_graph.shacl.results import FocusNodes
from aims_graph.vocabulary import AIMS, SH

_AI_SYSTEM = NamedNode(AIMS + "AISystem")
_AIMS_CLASS = NamedNode(AIMS + "AIManagementSystem")
_FOR_CONTROL = NamedNode(AIMS + "forControl")
_APPLICABLE = NamedNode(AIMS + "applicable")
_ADDRESSES = NamedNode(AIMS + "addresses")
_EVIDENCE = NamedNode(AIMS + "Evidence")
_VALID_UNTIL = NamedNode(AIMS + "validUntil")
_VIOLATION = NamedNode(SH + "Violation")


@dataclass(slots=True)
class Conformity:
    """A state with the counts it was made from.

    A judgement is one rule on one focus node. ``met`` + ``not_met`` + ``unknown`` = ``checked``;
    ``in_progress`` is the part of ``not_met`` that somebody is working on.
    """

    state: State
    checked: int = 0
    not_met: int = 0
    unknown: int = 0
    in_progress: int = 0
    warnings: int = 0
    findings: list[Finding] = field(default_factory=list)
    reason: str = ""

    @property
    def met(self) -> int:
        return self.checked - self.not_met - self.unknown


def conformity(checked: int, findings: Iterable[Finding], *, reason: str = "") -> Conformity:
    """Counts judgements and derives the state. Nothing checked and nothing found is unknown."""
    listed = list(findings)
    by_judgement: dict[tuple[Term, Term], list[Finding]] = {}
    for finding in listed:
        if finding.counts:
            by_judgement.setdefault((finding.rule.shape, finding.focus), []).append(finding)
    not_met = unknown = in_progress = 0
    for group in by_judgement.values():
        if worst(finding.state for finding in group) is State.UNKNOWN:
            unknown += 1
            continue
        not_met += 1
        in_progress += any(finding.progress for finding in group)
    checked = max(checked, not_met + unknown)
    states = [State.NOT_MET] * bool(not_met) + [State.UNKNOWN] * bool(unknown)
    state = worst(states or ([State.MET] if checked else []))
    warnings = sum(not finding.counts for finding in listed)
    return Conformity(state, checked, not_met, unknown, in_progress, warnings, listed, reason)


class Assessment:
    """What one evaluation of a graph says, asked per rule, requirement, system or as a whole."""

    def __init__(
        self,
        data: Reader,
        shapes: Reader,
        report: ValidationReport,
        *,
        as_of: str,
        kept: KeptFindings | None = None,
    ) -> None:
        """``data`` includes the ontology; ``as_of`` is the evaluation date, YYYY-MM-DD. ``kept`` has the findings
        of an evaluation before, and keeps those of this one for the next.
        """
        self.data = data
        self.as_of = as_of
        self.report = report
        self.rules: Mapping[Term, Rule] = read_rules(shapes)
        self.requirements: Mapping[NamedNode, Requirement] = read_requirements(data)
        self.systems_of = systems_of_nodes(data)
        self._reader = FindingReader(data, self.rules, self.systems_of)
        if kept is not None:
            kept.begin(self._reader)
        one = None if kept is None else kept.read
        self.findings: list[Finding] = list(self._reader.read(report.results, one))
        if kept is not None:
            kept.end()
        #: Fingerprints of findings that would not be there without inference.
        self.by_inference: frozenset[str] = frozenset()

    def after(
        self, data: Columns, report: ValidationReport, changed: Collection[Triple]
    ) -> "Assessment | None":
        """The same one, of data in which these statements have come or gone; None when one of them may bear on
        what was read of this one. ``report`` is one of the same results on the same nodes.
        """
        found = copy.copy(self)  # before it is known what was read: others may read on
        found.data, found.report = Reader(data, self.data), report
        found._reader = self._reader.over(found.data)  # noqa: SLF001 - another of this class
        concerned = self.data.was_asked_for(changed) or any(map(joins_records, changed))
        return None if concerned else found

    def finding_of(self, result: ValidationResult) -> Finding:
        """What a result of the report is read as."""
        return self._reader.finding(result)

    def readable_report(self) -> ValidationReport:
        """The report with the same messages as the findings: things by their labels."""
        results = [self._reader.readable(result) for result in self.report.results]
        return ValidationReport(results, self.report.focus_nodes)

    @cached_property
    def has_aims(self) -> bool:
        return bool(self.data.instances(_AIMS_CLASS))

    @cached_property
    def systems(self) -> tuple[Term, ...]:
        return self.data.instances(_AI_SYSTEM)

    @cached_property
    def excluded_controls(self) -> set[Term]:
        """Controls that a statement of applicability declares not applicable, and none applicable."""
        terms = self.data.columns.terms
        about, applicable = self.data.statements(_FOR_CONTROL), self.data.statements(_APPLICABLE)
        entries, values = expand(applicable.subjects, applicable.objects, about.subjects)
        controls, values = unique_pairs(about.objects[entries], values)
        said: dict[Term, set[bool]] = {}
        for control, value in zip(terms.terms_of(controls), terms.terms_of(values), strict=True):
            if isinstance(value, Literal):
                said.setdefault(control, set()).add(value.value in {"true", "1"})
        return {control for control, found in said.items() if found == {False}}

    def focus_nodes(self, rule: Rule) -> set[Term]:
        """The nodes a rule was applied to, with or without a finding."""
        nodes: set[Term] = set()
        for shape in rule.target_shapes:
            nodes.update(self.report.focus_nodes.get(shape, ()))
        return nodes

    @cached_property
    def _checked(self) -> dict[Term, Ids]:
        """Ids of the nodes that each rule was applied to, ascending."""
        nodes = self._focus_ids()
        known: dict[tuple[Term, ...], Ids] = {}
        for rule in self.rules.values():
            if rule.target_shapes not in known:
                found = [nodes[shape] for shape in rule.target_shapes if shape in nodes]
                ids = np.concatenate(found) if found else np.zeros(0, np.int32)
                known[rule.target_shapes] = unique_ids(ids)
        return {shape: known[rule.target_shapes] for shape, rule in self.rules.items()}

    def _focus_ids(self) -> Mapping[Term, Ids]:
        """Nodes that are not in the data have ids below -1, so that they count and nothing is said of them."""
        nodes, terms = self.report.focus_nodes, self.data.columns.terms
        if isinstance(nodes, FocusNodes):
            return nodes.ids
        absent: dict[Term, int] = {}

        def id_of(node: Term) -> int:
            found = terms.id_of(node)
            return found if found >= 0 else absent.setdefault(node, -2 - len(absent))

        return {shape: np.fromiter(map(id_of, of), np.int32) for shape, of in nodes.items()}

    @cached_property
    def _by_rule(self) -> dict[Term, list[Finding]]:
        return _group(self.findings, lambda finding: (finding.rule.shape,))

    @cached_property
    def by_rule(self) -> dict[Rule, Conformity]:
        """Every rule that was applied or has a source; the grain that counts of one question need."""
        return {
            rule: conformity(len(self._checked[shape]), self._by_rule.get(shape, []))
            for shape, rule in self.rules.items()
            if rule.requirements or rule.requirement_path or len(self._checked[shape])
        }

    @cached_property
    def by_requirement(self) -> dict[Requirement, Conformity]:
        checked: dict[Term, int] = {}
        for shape, rule in self.rules.items():
            if rule.severity == _VIOLATION:
                for requirement, count in self._count_served(rule, self._checked[shape]):
                    checked[requirement] = checked.get(requirement, 0) + count
        found = _group(self.findings, lambda finding: finding.requirements)
        return {
            requirement: self._judge(requirement, checked.get(iri, 0), found.get(iri, []))
            for iri, requirement in self.requirements.items()
        }

    def _count_served(self, rule: Rule, nodes: Ids) -> Iterable[tuple[Term, int]]:
        """Requirements and how many of the focus nodes serve each."""
        if rule.requirement_path is None:
            return ((requirement, len(nodes)) for requirement in rule.requirements)
        pairs = self.data.statements(rule.requirement_path)
        served, counts = group_counts(np.sort(expand(pairs.subjects, pairs.objects, nodes)[1]))
        return zip(self.data.columns.terms.terms_of(served), counts.tolist(), strict=True)

    def _judge(self, requirement: Requirement, checked: int, findings: list[Finding]) -> Conformity:
        if requirement.iri in self.excluded_controls:
            return self._judge_excluded(requirement, findings)
        if requirement.whole_aims and not self.has_aims:
            result = conformity(checked, findings)
            result.state = State.NOT_MET
            result.reason = "No AI management system is described"
            return result
        result = conformity(checked, findings)
        if result.state is not State.MET:
            if not result.checked:
                result.reason = (
                    requirement.not_judged_because or "Nothing to judge it by is recorded"
                )
        elif requirement.needs_evidence and not self.has_current_evidence(requirement):
            result.state = State.UNKNOWN
            result.reason = "No current evidence is attached"
        return result

    def _judge_excluded(self, requirement: Requirement, findings: list[Finding]) -> Conformity:
        """Of an excluded control only the exclusion itself is judged."""
        about_entry = [f for f in findings if f.rule.requirement_path is not None]
        entries = self.data.subjects(_FOR_CONTROL, requirement.iri)
        return conformity(len(entries), about_entry, reason="Declared not applicable")

    def has_current_evidence(self, requirement: Requirement) -> bool:
        """Whether some evidence for it has not run out at the evaluation date."""
        return any(
            (self.data.date(node, _VALID_UNTIL) or self.as_of) >= self.as_of
            for node in self.data.subjects(_ADDRESSES, requirement.iri)
            if node in self.evidence
        )

    @cached_property
    def evidence(self) -> frozenset[Term]:
        return frozenset(self.data.instances(_EVIDENCE))

    @cached_property
    def by_system(self) -> dict[Term, Conformity]:
        """Per AI system: the rules on it and on what its record holds."""
        rules_on = np.zeros(len(self.data.columns.terms), np.int64)
        for shape, rule in self.rules.items():
            if rule.severity == _VIOLATION and rule.requirements:
                nodes = self._checked[shape]
                rules_on[nodes[nodes >= 0]] += 1
        of = self.systems_of
        counts = np.bincount(of.places, rules_on[of.nodes], len(self.systems)).astype(int)
        checked = dict(zip(of.systems, counts.tolist(), strict=True))
        found = _group(self.findings, lambda finding: finding.systems)
        return {
            system: conformity(checked[system], self._relevant(found.get(system, [])))
            for system in self.systems
        }

    def _relevant(self, findings: list[Finding]) -> list[Finding]:
        """Findings of a system without those that serve excluded controls only."""
        excluded = self.excluded_controls
        return [
            finding
            for finding in findings
            if finding.rule.requirement_path
            or not finding.requirements
            or any(requirement not in excluded for requirement in finding.requirements)
        ]

    @cached_property
    def overall(self) -> State:
        return worst(result.state for result in self.by_requirement.values())

    def numbers(self, finding: Finding) -> list[str]:
        """The numbers of the requirements a finding is about, as the standard prints them."""
        known = (self.requirements.get(iri) for iri in finding.requirements)
        return sorted((r.number for r in known if r is not None), key=number_key)

    def controls(self) -> dict[Requirement, Conformity]:
        return {r: c for r, c in self.by_requirement.items() if r.kind == CONTROL}


def _group(
    findings: Iterable[Finding], keys: Callable[[Finding], Iterable[Term]]
) -> dict[Term, list[Finding]]:
    grouped: dict[Term, list[Finding]] = {}
    for finding in findings:
        for key in keys(finding):
            grouped.setdefault(key, []).append(finding)
    return grouped
