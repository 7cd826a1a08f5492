"""What a change of the data can alter: paths are walked backwards from the changed triples.

Walking over the state after the change is enough. A walk that existed only before holds a removed triple; up to
its first one the walk still exists, and from the subject of that triple it is walked backwards too.
"""

from collections.abc import Callable, Iterable

import numpy as np
from pyoxigraph import NamedNode

from aims_graph.columns import Term, Triple
from aims_graph.columns.joins import unique_ids
from aims_graph.shacl.evaluation import EMPTY, Evaluation
from aims_graph.shacl.model import (
    ONLY_VALUES,
    Constraint,
    Ids,
    Shape,
    Target,
    TargetClass,
    TargetNode,
    TargetObjectsOf,
    TargetSubjectsOf,
)
from aims_graph.shacl.paths import (
    CLASS_PATH,
    Alternative,
    Inverse,
    OneOrMore,
    Path,
    Sequence,
    ZeroOrMore,
    ZeroOrOne,
    turned,
)
from aims_graph.shacl.plan import read_by, read_predicates


class Change:
    """A change and the state after it; a triple both added and removed is present afterwards.

    Answers are ascending ids without repeats; None where no bound is known (every node).
    """

    def __init__(
        self, before: Evaluation, added: Iterable[Triple], removed: Iterable[Triple]
    ) -> None:
        self.before = before
        self.added = list(added)
        self.removed = list(removed)
        terms = before.terms
        come = [_ids(triple, terms.add) for triple in self.added]
        gone = [_ids(triple, terms.id_of) for triple in self.removed]
        self.after = Evaluation(before.data.with_change(come, gone), before)
        self._subjects: dict[Term, list[int]] = {}
        self._objects: dict[Term, list[int]] = {}
        for triple, (subject, _, value) in zip(
            (*self.added, *self.removed), (*come, *gone), strict=True
        ):
            # A removed triple of unknown terms (-1) was not there.
            if subject >= 0 and value >= 0:
                self._subjects.setdefault(triple[1], []).append(subject)
                self._objects.setdefault(triple[1], []).append(value)
        self._touched: dict[Path, Ids] = {}
        self._back: dict[tuple[Path, bytes], Ids] = {}
        self._affected: dict[Shape, Ids | None] = {}

    @property
    def predicates(self) -> Iterable[Term]:
        """Those of all changed triples."""
        return self._subjects

    def concerns(self, predicates: frozenset[Term] | None) -> bool:
        """Whether a triple of one of the predicates (None: of any) is changed."""
        return predicates is None or not predicates.isdisjoint(self._subjects)

    def subjects(self) -> Ids:
        """Subjects of all changed triples."""
        return _set([node for nodes in self._subjects.values() for node in nodes])

    def target_changes(self, targets: tuple[Target, ...]) -> Ids:
        """Nodes that may have become focus nodes or ceased to be."""
        return union(*map(self._target_changes, targets))

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
                    found = union(self._touch(step), self.back(step, found))
                return found
            case Alternative(options):
                return union(*map(self._touch, options))
            case ZeroOrOne(inner):
                return self._touch(inner)
            case ZeroOrMore(inner) | OneOrMore(inner):
                return self.back(ZeroOrMore(inner), self._touch(inner))
        return _set(self._subjects.get(path, []))

    def back(self, path: Path | None, nodes: Ids) -> Ids:
        """Nodes from which the path leads to one of ``nodes``."""
        if path is None or not nodes.size:
            return nodes
        key = (path, nodes.tobytes())
        if key not in self._back:
            self._back[key] = unique_ids(self.after.follow(turned(path), nodes)[1])
        return self._back[key]

    def affected(self, shape: Shape) -> Ids | None:
        """Nodes whose results by the shape may differ."""
        if shape not in self._affected:
            parts = [
                self.affected_by(shape, constraint)
                for constraint in shape.constraints
                if self.concerns(read_predicates(shape, constraint))
            ]
            bounded = [part for part in parts if part is not None]
            self._affected[shape] = union(*bounded) if len(bounded) == len(parts) else None
        return self._affected[shape]

    def affected_by(self, shape: Shape, constraint: Constraint) -> Ids | None:
        """Nodes whose results by one constraint of the shape may differ."""
        reads = read_by(constraint)
        if reads is ONLY_VALUES:
            return EMPTY if shape.path is None else self.touched(shape.path)
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
        return union(*focus, self.back(shape.path, union(*values)))


def _ids(triple: Triple, id_of: Callable[[Term], int]) -> tuple[int, int, int]:
    subject, predicate, value = triple
    return id_of(subject), id_of(predicate), id_of(value)


def _set(nodes: list[int]) -> Ids:
    return unique_ids(np.array(nodes, np.int32)) if nodes else EMPTY


def union(*parts: Ids) -> Ids:
    """Ascending, without repeats, as each part must be."""
    filled = [part for part in parts if len(part)]
    if len(filled) < 2:
        return filled[0] if filled else EMPTY
    if sum(map(len, filled)) < 50:
        return np.array(sorted({node for part in filled for node in part.tolist()}), np.int32)
    return unique_ids(np.concatenate(filled))
