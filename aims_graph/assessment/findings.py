"""Validation results read with the ontology: what is wrong, against which requirement, whose it is to mend."""

import copy
import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode

from aims_graph.assessment.records import SystemsOfNodes
from aims_graph.assessment.rules import Rule
from aims_graph.assessment.states import State
from aims_graph.columns.reader import Reader, Term, local_name
from aims_graph.shacl import ValidationResult
from aims_graph.vocabulary import AIMS, BASE, DCT, ISO42001

_IDENTIFIER = NamedNode(DCT + "identifier")
_IRI = re.compile(r"https?://[^\s<>\"]+|urn:[^\s<>\"]+")
# What a workspace makes of blank nodes (RDF 1.1, section 3.5).
_SKOLEM = f"<{BASE}.well-known/genid/"
_OWNER = NamedNode(AIMS + "owner")
_RESPONSIBLE = NamedNode(AIMS + "responsible")
_ACCOUNTABLE = NamedNode(AIMS + "accountablePerson")
_AIMS_CLASS = NamedNode(AIMS + "AIManagementSystem")
_NOT_REPORTED = NamedNode(AIMS + "notReported")
_COMPLETENESS = NamedNode(AIMS + "recordCompleteness")
_PARTIAL = NamedNode(AIMS + "PartialRecord")
_STATUS = NamedNode(AIMS + "status")
_IN_PROGRESS = NamedNode(AIMS + "InProgress")
#: Properties that any finding may be read from, besides those that its rule asks for and those that name things.
READ_FOR_ALL: Final = frozenset(
    {_OWNER, _RESPONSIBLE, _ACCOUNTABLE, _NOT_REPORTED, _COMPLETENESS, _STATUS}
)

SEVERITIES = ("violation", "warning", "info")
IN_PROGRESS = "in progress"


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem. The fingerprint stays the same from run to run while the problem does."""

    rule: Rule
    requirements: tuple[NamedNode, ...]
    focus: Term
    path: str
    value: Term | None
    severity: str
    message: str
    state: State
    progress: str
    owner: Term | None
    systems: tuple[Term, ...]
    fingerprint: str

    @property
    def advice(self) -> str:
        """The message, and the rule's own remedy where it has one."""
        return f"{self.message} {self.rule.remedy}" if self.rule.remedy else self.message

    @property
    def counts(self) -> bool:
        """Whether it bears on a state: a "should" or a remark does not."""
        return self.severity == SEVERITIES[0]


class FindingReader:
    """Turns results into findings; keeps what it looked up, since findings share nodes."""

    def __init__(
        self,
        data: Reader,
        rules: Mapping[Term, Rule],
        systems: SystemsOfNodes,
    ) -> None:
        self.data = data
        self.rules = rules
        self.systems = systems
        self._owners: dict[Term, Term | None] = {}
        self._partial = set(data.subjects(_COMPLETENESS, _PARTIAL))
        self._not_reported: dict[Term, set[Term]] = {}
        for node, what in data.pairs(_NOT_REPORTED):
            self._not_reported.setdefault(node, set()).add(what)
        self._in_progress = set(data.subjects(_STATUS, _IN_PROGRESS))
        accountable = (data.value(node, _ACCOUNTABLE) for node in data.instances(_AIMS_CLASS))
        self._accountable = next((person for person in accountable if person is not None), None)

    def over(self, data: Reader) -> "FindingReader":
        """The same one, of data that differ in nothing that it has read."""
        found = copy.copy(self)
        found.data = data
        return found

    def read(
        self,
        results: Iterable[ValidationResult],
        one: Callable[[ValidationResult], Finding] | None = None,
    ) -> Iterator[Finding]:
        """Findings in the order of the results; a repeated one is given once. ``one``: how each is read, when
        not by ``finding``.
        """
        seen: set[str] = set()
        for finding in map(one or self.finding, results):
            if finding.fingerprint not in seen:
                seen.add(finding.fingerprint)
                yield finding

    def finding(self, result: ValidationResult) -> Finding:
        rule = self.rules.get(result.shape) or _unnamed_rule(result)
        path = "" if result.path is None else _path_text(result.path)
        state = self._state(result, rule)
        return Finding(
            rule=rule,
            requirements=self._requirements(rule, result.focus),
            focus=result.focus,
            path=path,
            value=result.value,
            severity=local_name(result.severity).lower(),
            message=self._readable(_message(result, rule)),
            state=state,
            progress=self._progress(result.focus, rule) if state is State.NOT_MET else "",
            owner=self._owner(result.focus),
            systems=self.systems.get(result.focus, ()),
            fingerprint=self._fingerprint(result, rule, path),
        )

    def readable(self, result: ValidationResult) -> ValidationResult:
        """The result with the messages of its finding: SHACL lets a processor choose how the values in a
        message are written (section 5.3.2).
        """
        messages = tuple(_with_text(m, self._readable(m.value)) for m in result.messages)
        return replace(result, messages=messages)

    def _readable(self, message: str) -> str:
        """The message with IRIs of the graph put as the labels of what they name."""
        return _IRI.sub(lambda match: self._name_in_text(match.group()), message)

    def _name_in_text(self, text: str) -> str:
        iri = text.rstrip(".:,;)")
        node = NamedNode(iri)
        label = self.data.label(node) if self.data.types(node) else iri
        number = self.data.text(node, _IDENTIFIER) if iri.startswith(ISO42001) else ""
        return (number or label) + text[len(iri) :]

    def _requirements(self, rule: Rule, focus: Term) -> tuple[NamedNode, ...]:
        if rule.requirement_path is None:
            return rule.requirements
        of_focus = self.data.objects(focus, rule.requirement_path)
        return tuple(node for node in of_focus if isinstance(node, NamedNode)) or rule.requirements

    def _state(self, result: ValidationResult, rule: Rule) -> State:
        if rule.finding_state is State.UNKNOWN:
            return State.UNKNOWN
        not_reported = self._not_reported.get(result.focus, set())
        if any(asked in not_reported for asked in rule.asks_for):
            return State.UNKNOWN
        if result.focus in self._partial and rule.asks_for:
            absent = all(not self.data.objects(result.focus, asked) for asked in rule.asks_for)
            return State.UNKNOWN if absent else State.NOT_MET
        return State.NOT_MET

    def _progress(self, focus: Term, rule: Rule) -> str:
        for asked in rule.asks_for:
            if any(node in self._in_progress for node in self.data.objects(focus, asked)):
                return IN_PROGRESS
        return ""

    def _owner(self, focus: Term) -> Term | None:
        """Its owner, else who is responsible for it, else its system's, else who answers for the AIMS."""
        if focus not in self._owners:
            nodes = (focus, *self.systems.get(focus, ()))
            candidates = (self.data.value(n, p) for n in nodes for p in (_OWNER, _RESPONSIBLE))
            found = next((owner for owner in candidates if owner is not None), None)
            self._owners[focus] = found or self._accountable
        return self._owners[focus]

    def _fingerprint(self, result: ValidationResult, rule: Rule, path: str) -> str:
        parts = (
            rule.identity,
            result.component.value,
            self._name(result.focus),
            path,
            "" if result.value is None else self._name(result.value),
        )
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]

    def _name(self, term: Term, depth: int = 2) -> str:
        """A term's text; a blank node, also one made an IRI, is called by what is said of it: its label changes."""
        if not has_no_name(term):
            return str(term)
        said: list[str] = []
        for predicate in self.data.predicates():
            said.extend(
                f"{predicate.value} {self._name(obj, depth - 1) if depth else ''}"
                for obj in self.data.objects(term, predicate)
            )
            said.extend(
                f"^{predicate.value} {subject}"
                for subject in self.data.subjects(predicate, term)
                if not has_no_name(subject)
            )
        return "[" + ";".join(sorted(said)) + "]"


def has_no_name(term: Term) -> bool:
    """Whether it is a blank node, or one made an IRI."""
    return isinstance(term, BlankNode) or str(term).startswith(_SKOLEM)


def _with_text(message: Literal, text: str) -> Literal:
    if message.language is None:
        return Literal(text)
    return Literal(text, language=message.language)


def _path_text(path: object) -> str:
    return path.value if isinstance(path, NamedNode) else str(path)


def _message(result: ValidationResult, rule: Rule) -> str:
    """The English message, else the first one, else the rule's own."""
    english = [m.value for m in result.messages if m.language in {"en", None}]
    found = english or [m.value for m in result.messages]
    return found[0] if found else rule.message or f"{local_name(result.component)} is violated"


def _unnamed_rule(result: ValidationResult) -> Rule:
    """A shape that no source or target names: a result of somebody's inline shape."""
    unnamed = isinstance(result.shape, BlankNode)
    return Rule(
        shape=result.shape,
        name=local_name(result.component) if unnamed else local_name(result.shape),
        identity="" if unnamed else str(result.shape),
        requirements=(),
        requirement_path=None,
        asks_for=(result.path,) if isinstance(result.path, NamedNode) else (),
        finding_state=State.NOT_MET,
        severity=result.severity,
        level="",
        message="",
        remedy="",
        target_shapes=(),
    )


def literal(term: Term | None) -> str | None:
    """Text of a term for tables and JSON: an IRI, a lexical form, a blank node label."""
    if term is None:
        return None
    return str(term) if isinstance(term, BlankNode) else term.value


__all__ = ["IN_PROGRESS", "SEVERITIES", "Finding", "FindingReader", "literal"]
