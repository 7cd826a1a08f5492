"""What a change of the data can alter: paths are walked backwards over the state before and after it.

A path value appears only along a walk that exists after the change, and vanishes only along one that existed
before; so the nodes found from both states together include every node whose results differ.
"""

from collections.abc import Iterable

import numpy as np
from pyoxigraph import NamedNode

from aims_graph.columns import Term, Triple
from aims_graph.columns.joins import unique_ids
from aims_graph.shacl.evaluation import EMPTY, Evaluation
from aims_graph.shacl.model import (
    Constraint,
    Ids,
    Shape,
    Target,
    TargetClass,
    TargetNode,
    TargetObjectsOf,
    TargetSubjectsOf,
)
from aims_graph.shacl.names import RDF_TYPE, RDFS_SUBCLASS
from aims_graph.shacl.paths import (
    Alternative,
    Inverse,
    OneOrMore,
    Path,
    Sequence,
    ZeroOrMore,
    ZeroOrOne,
    turned,
)

CLASS_PATH = Sequence((RDF_TYPE, ZeroOrMore(RDFS_SUBCLASS)))


class Change:
    """Answers are ascending ids without repeats; None where no bound is known (every node)."""

    def __init__(
        self,
        before: Evaluation,
        after: Evaluation,
        added: Iterable[Triple],
        removed: Iterable[Triple],
    ) -> None:
        self.before = before
        self.after = after
        self.added = list(added)
        self.removed = list(removed)
        self._subjects: dict[Term, list[int]] = {}
        self._objects: dict[Term, list[int]] = {}
        for subject, predicate, value in (*self.added, *self.removed):
            self._subjects.setdefault(predicate, []).append(after.id(subject))
            self._objects.setdefault(predicate, []).append(after.id(value))
        self._touched: dict[Path, Ids] = {}
        self._affected: dict[Shape, Ids | None] = {}

    @property
    def predicates(self) -> frozenset[Term]:
        return frozenset(self._subjects)

    def subjects(self) -> Ids:
        """Subjects of all changed triples."""
        return _set([node for nodes in self._subjects.values() for node in nodes])

    def target_changes(self, targets: tuple[Target, ...]) -> Ids:
        """Nodes that may have become focus nodes or ceased to be."""
        return _union([self._target_changes(target) for target in targets])

    def _target_changes(self, target: Target) -> Ids:
        match target:
            case TargetNode():
                return EMPTY
            case TargetClass():
                return self.touched(CLASS_PATH)
            case TargetSubjectsOf(predicate):
                return _set(self._subjects.get(predicate, []))
            case TargetObjectsOf(predicate):
                return _set(self._objects.get(predicate, []))

    def touched(self, path: Path) -> Ids:
        """Nodes whose values along the path may differ."""
        if path not in self._touched:
            self._touched[path] = self._touch(path)
        return self._touched[path]

    def _touch(self, path: Path) -> Ids:
        match path:
            case Inverse(NamedNode() as predicate):
                return _set(self._objects.get(predicate, []))
            case Inverse(inner):
                return self._touch(turned(inner))
            case Sequence(steps):
                found = EMPTY
                for step in reversed(steps):
                    found = _union([self._touch(step), self.back(step, found)])
                return found
            case Alternative(options):
                return _union([self._touch(option) for option in options])
            case ZeroOrOne(inner):
                return self._touch(inner)
            case ZeroOrMore(inner) | OneOrMore(inner):
                return self.back(ZeroOrMore(inner), self._touch(inner))
        return _set(self._subjects.get(path, []))

    def back(self, path: Path | None, nodes: Ids) -> Ids:
        """Nodes from which the path leads to one of ``nodes``, before or after."""
        if path is None or not nodes.size:
            return nodes
        back = turned(path)
        return _union([self.before.follow(back, nodes)[1], self.after.follow(back, nodes)[1]])

    def affected(self, shape: Shape) -> Ids | None:
        """Nodes whose results by the shape may differ."""
        if shape not in self._affected:
            parts = [self.affected_by(shape, constraint) for constraint in shape.constraints]
            bounded = [part for part in parts if part is not None]
            self._affected[shape] = _union(bounded) if len(bounded) == len(parts) else None
        return self._affected[shape]

    def affected_by(self, shape: Shape, constraint: Constraint) -> Ids | None:
        """Nodes whose results by one constraint of the shape may differ."""
        reads = constraint.reads
        focus = [] if shape.path is None else [self.touched(shape.path)]
        focus += [self.touched(path) for path in reads.focus_paths]
        values = [self.touched(path) for path in reads.value_paths]
        if reads.whole_value:
            values.append(self.subjects())
        for inner in reads.value_shapes:
            part = self.affected(inner)
            if part is None:
                return None
            values.append(part)
        if reads.query is not None:
            part = reads.query.affected(self.before.data, self.after.data, self.added, self.removed)
            if part is None:
                return None
            focus.append(part)
        return _union([*focus, self.back(shape.path, _union(values))])


def _set(nodes: list[int]) -> Ids:
    return unique_ids(np.array(nodes, np.int32)) if nodes else EMPTY


def _union(parts: list[Ids]) -> Ids:
    filled = [part for part in parts if part.size]
    if len(filled) < 2:
        return unique_ids(filled[0]) if filled else EMPTY
    return unique_ids(np.concatenate(filled))
