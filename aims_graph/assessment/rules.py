"""Shapes read as rules: which requirement each serves, what it asks for, what its findings mean."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from pyoxigraph import NamedNode

from aims_graph.assessment.rule_names import Name, name_shapes
from aims_graph.assessment.states import State
from aims_graph.columns.reader import Reader, Term, local_name
from aims_graph.vocabulary import AIMS, DCT, RDF, SH

_SH_PROPERTY = NamedNode(SH + "property")
_SH_PATH = NamedNode(SH + "path")
_SH_MESSAGE = NamedNode(SH + "message")
_SH_SEVERITY = NamedNode(SH + "severity")
_SH_SHAPES = (NamedNode(SH + "NodeShape"), NamedNode(SH + "PropertyShape"))
_TARGETS = tuple(
    NamedNode(SH + name)
    for name in ("targetClass", "targetNode", "targetSubjectsOf", "targetObjectsOf")
)
_SOURCE = NamedNode(DCT + "source")
_ASKS_FOR = NamedNode(AIMS + "asksFor")
_FINDING_STATE = NamedNode(AIMS + "findingState")
_LEVEL = NamedNode(AIMS + "level")
_REMEDY = NamedNode(AIMS + "remedy")
_REQUIREMENT_PATH = NamedNode(AIMS + "requirementPath")
_JUDGES_STATE = NamedNode(AIMS + "judgesState")
_UNKNOWN = NamedNode(AIMS + "Unknown")
_VIOLATION = NamedNode(SH + "Violation")
_TYPE = NamedNode(RDF + "type")


# A place in a message that a result of the rule fills (SHACL, section 5.3.2), and what mostly goes there.
_PLACE = re.compile(r"\{[?$]\w+\}")
_DATE = re.compile(r"(?:(?<!trained )\bon|(?<!only )\bby|\buntil|\bsince|\bits date) $")
_QUANTITY = re.compile(r"\bthreshold $")


@dataclass(frozen=True, slots=True)
class Rule:
    """One shape that can produce findings. ``identity`` is its IRI, or what tells it from all others without one."""

    shape: Term
    name: str
    identity: str
    requirements: tuple[NamedNode, ...]
    requirement_path: NamedNode | None
    asks_for: tuple[NamedNode, ...]
    finding_state: State
    severity: NamedNode
    level: str
    message: str
    remedy: str
    target_shapes: tuple[Term, ...]
    judges_state: NamedNode | None = None

    @property
    def says(self) -> str:
        """The message as a sentence about no thing in particular: "was due on [date]", "owner of [name]"."""
        return _PLACE.sub(
            lambda place: _what_goes_there(self.message[: place.start()]), self.message
        )


@lru_cache(maxsize=2)
def read_rules(shapes: Reader) -> Mapping[Term, Rule]:
    """Every shape of a shapes graph that has a type, a source or targets, or is held by another; kept for the
    same reader, since a service judges again after each commit.
    """
    parents: dict[Term, list[Term]] = {}
    for parent, child in shapes.pairs(_SH_PROPERTY):
        parents.setdefault(child, []).append(parent)
    nodes: dict[Term, None] = {}
    for predicate in (_SOURCE, *_TARGETS):
        nodes.update(dict.fromkeys(subject for subject, _ in shapes.pairs(predicate)))
    for cls in _SH_SHAPES:
        nodes.update(dict.fromkeys(shapes.subjects(_TYPE, cls)))
    nodes.update(dict.fromkeys(parents))
    names = name_shapes(shapes, nodes, parents)
    return {node: _read_rule(shapes, node, names[node], parents) for node in nodes}


def _read_rule(shapes: Reader, node: Term, name: Name, parents: dict[Term, list[Term]]) -> Rule:
    path = shapes.value(node, _SH_PATH)
    asks_for = [o for o in shapes.objects(node, _ASKS_FOR) if isinstance(o, NamedNode)]
    if isinstance(path, NamedNode) and path not in asks_for:
        asks_for.append(path)
    ancestors = _ancestors(node, parents)
    sources = _first(shapes.objects(shape, _SOURCE) for shape in ancestors)
    severity = shapes.value(node, _SH_SEVERITY)
    level = shapes.value(node, _LEVEL)
    requirement_path = shapes.value(node, _REQUIREMENT_PATH)
    judges_state = shapes.value(node, _JUDGES_STATE)
    return Rule(
        shape=node,
        name=name.short,
        identity=name.identity,
        requirements=tuple(source for source in sources if isinstance(source, NamedNode)),
        requirement_path=requirement_path if isinstance(requirement_path, NamedNode) else None,
        asks_for=tuple(asks_for),
        finding_state=State.UNKNOWN
        if shapes.value(node, _FINDING_STATE) == _UNKNOWN
        else State.NOT_MET,
        severity=severity if isinstance(severity, NamedNode) else _VIOLATION,
        level=local_name(level) if level is not None else "",
        message=shapes.text(node, _SH_MESSAGE),
        remedy=shapes.text(node, _REMEDY),
        target_shapes=tuple(
            shape for shape in ancestors if any(shapes.objects(shape, t) for t in _TARGETS)
        ),
        judges_state=judges_state if isinstance(judges_state, NamedNode) else None,
    )


def _what_goes_there(before: str) -> str:
    if _DATE.search(before):
        return "[date]"
    return "[value]" if _QUANTITY.search(before) else "[name]"


def _ancestors(node: Term, parents: dict[Term, list[Term]]) -> list[Term]:
    """The shape itself, then the shapes that hold it by sh:property, nearest first."""
    found: dict[Term, None] = {node: None}
    pending = [node]
    while pending:
        for parent in parents.get(pending.pop(0), []):
            if parent not in found:
                found[parent] = None
                pending.append(parent)
    return list(found)


def _first(lists: Iterable[list[Term]]) -> list[Term]:
    return next((found for found in lists if found), [])
