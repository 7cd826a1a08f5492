"""Which triples a query can depend on, and which focus nodes a changed triple can matter to.

Every triple pattern of the query is reached from ``$this`` along other patterns that hold whenever it matters. Turned
around, that way leads from a changed triple back to the focus nodes: over the new state for an added triple, over the
old one for a removed triple. The answer may name focus nodes whose results stay the same, never miss one whose
results change.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from pyoxigraph import NamedNode

from aims_graph.columns import Columns, Triple
from aims_graph.columns.joins import unique_ids

from .algebra import (
    Bgp,
    Distinct,
    Exists,
    Extend,
    Filter,
    Group,
    Inverse,
    Join,
    LeftJoin,
    Minus,
    NegatedSet,
    OrderBy,
    Path,
    Pattern,
    Project,
    Slice,
    Slot,
    Term,
    TriplePattern,
    Union,
    Values,
    Variable,
)
from .matching import Matcher
from .path_steps import may_be_empty, split
from .scope import walk
from .tables import Ids
from .terms_grammar import parse_path_text

Edges = tuple[TriplePattern, ...]

_ANY_STEP = NegatedSet((), None)


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A place where a triple can match.

    ``predicate`` None: any but ``excluded``. ``subject``, ``object``: what the triple's own ends must be, None for
    anything. The focus nodes are at the end of ``way`` from the triple's object (``from_object``) or subject; a way of
    None means that nothing leads back to them.
    """

    predicate: NamedNode | None
    excluded: tuple[NamedNode, ...]
    subject: Slot | None
    object: Slot | None
    way: tuple[Path, ...] | None
    from_object: bool

    def start(self, triple: Triple) -> Term | None:
        """The end of the triple where the way begins; None when the triple cannot match here."""
        subject, predicate, object_ = triple
        if self.predicate is not None and predicate != self.predicate:
            return None
        if predicate in self.excluded:
            return None
        if self.subject not in (None, subject) or self.object not in (None, object_):
            return None
        return object_ if self.from_object else subject


class Dependencies:
    """``per_value``: whether ``$value`` is given, as the end of ``value_path`` (in SPARQL syntax) from ``$this``,
    or ``$this`` itself without a path. Elsewhere it is a variable like any other.
    """

    def __init__(self, pattern: Pattern, value_path: str | None, *, per_value: bool) -> None:
        self._roots = {"this", "value"} if per_value and value_path is None else {"this"}
        self._given: Edges = ()
        if per_value and value_path is not None:
            path = parse_path_text(value_path)
            self._given = (TriplePattern(Variable("this"), path, Variable("value")),)
        self._everything = False
        self._occurrences: list[Occurrence] = []
        self._visit(pattern, ())

    @property
    def predicates(self) -> frozenset[NamedNode] | None:
        found = [occurrence.predicate for occurrence in self._occurrences]
        if self._everything or None in found:
            return None
        return frozenset(predicate for predicate in found if predicate is not None)

    def affected(
        self, old: Columns, new: Columns, added: Iterable[Triple], removed: Iterable[Triple]
    ) -> Ids | None:
        if self._everything:
            return None
        parts = [np.zeros(0, np.int32)]
        for triples, state in ((list(added), new), (list(removed), old)):
            matcher = Matcher(state, state.terms.id_of)
            for occurrence in self._occurrences_of({triple[1] for triple in triples}):
                starts = [
                    node for triple in triples if (node := occurrence.start(triple)) is not None
                ]
                if not starts:
                    continue
                if occurrence.way is None:
                    return None
                nodes = unique_ids(state.terms.ids_of(starts))
                for path in occurrence.way:
                    nodes = unique_ids(matcher.step(path, nodes)[1])
                parts.append(nodes[nodes >= 0])
        return unique_ids(np.concatenate(parts))

    def _occurrences_of(self, predicates: Iterable[Term]) -> list[Occurrence]:
        """Those where a triple of one of the predicates may match."""
        by_predicate = self._by_predicate
        found = list(by_predicate.get(None, ()))
        for predicate in predicates:
            found += by_predicate.get(predicate, ())
        return found

    @cached_property
    def _by_predicate(self) -> dict[Term | None, list[Occurrence]]:
        found: dict[Term | None, list[Occurrence]] = {}
        for occurrence in self._occurrences:
            found.setdefault(occurrence.predicate, []).append(occurrence)
        return found

    # Reading the query

    def _visit(self, pattern: Pattern, edges: Edges) -> None:
        """``edges``: patterns outside this one that hold whenever its solutions matter."""
        match pattern:
            case Bgp(patterns, False):
                for triple in patterns:
                    others = tuple(other for other in patterns if other is not triple)
                    self._add(triple, edges + others)
            case Join(left, right):
                self._visit(left, edges + certain_edges(right))
                self._visit(right, edges + certain_edges(left))
            case LeftJoin(left, right, condition):
                self._visit(left, edges)
                self._visit(right, edges + certain_edges(left))
                self._visit_expression(
                    condition, edges + certain_edges(left) + certain_edges(right)
                )
            case Minus(left, right):
                self._visit(left, edges)
                self._visit(right, edges + certain_edges(left))
            case Filter(inner, expression) | Extend(inner, _, expression):
                self._visit(inner, edges)
                self._visit_expression(expression, edges + certain_edges(inner))
            case Union(options):
                for option in options:
                    self._visit(option, edges)
            case Project(inner, _) | Group(inner, _, _, _):
                # Names inside a sub-select may be others than the same names outside.
                self._visit(inner, ())
                if isinstance(pattern, Group):
                    self._visit_expression(pattern.aggregates, certain_edges(inner))
            case OrderBy(inner, keys):
                self._visit(inner, edges)
                self._visit_expression(keys, edges + certain_edges(inner))
            case Distinct(inner) | Slice(inner, _, _):
                self._visit(inner, edges)

    def _visit_expression(self, expression: object, edges: Edges) -> None:
        if expression is None:
            return
        for part in outermost_exists(expression):
            self._visit(part.pattern, edges)

    def _add(self, triple: TriplePattern, edges: Edges) -> None:
        edges += self._given
        predicate = triple.predicate
        path: Path = _ANY_STEP if not isinstance(predicate, Path) else predicate
        if may_be_empty(path) and not any(
            isinstance(end, Variable) and (end.name in self._roots or _touches(edges, end.name))
            for end in (triple.subject, triple.object)
        ):
            # A path of no step joins every node of the graph to itself: any triple may bring a new node.
            self._everything = True
        ways = {
            side: self._way(slot, edges)
            for side, slot in (("subject", triple.subject), ("object", triple.object))
        }
        for before, step, forward, after in split(path):
            self._occurrences.append(
                _occurrence(triple, before, step, after, ways, forward=forward)
            )

    def _way(self, slot: Slot, edges: Edges) -> tuple[Path, ...] | None:
        """The shortest way from the slot to ``$this`` along ``edges``."""
        if not isinstance(slot, Variable):
            return None
        ways: dict[str, tuple[Path, ...]] = {slot.name: ()}
        frontier = [slot.name]
        while frontier:
            if root := next((name for name in frontier if name in self._roots), None):
                return ways[root]
            ahead: list[str] = []
            for name in frontier:
                for neighbour, path in _neighbours(name, edges):
                    if neighbour not in ways:
                        ways[neighbour] = (*ways[name], path)
                        ahead.append(neighbour)
            frontier = ahead
        return None


def _occurrence(
    triple: TriplePattern,
    before: tuple[Path, ...],
    step: NamedNode | NegatedSet,
    after: tuple[Path, ...],
    ways: dict[str, tuple[Path, ...] | None],
    *,
    forward: bool,
) -> Occurrence:
    """``before``, ``after``: paths from the pattern's subject to the step, and from it to the object."""
    back, ahead = ways["subject"], ways["object"]
    candidates = []
    if back is not None:
        candidates.append((tuple(Inverse(path) for path in reversed(before)) + back, not forward))
    if ahead is not None:
        candidates.append((after + ahead, forward))
    way, from_object = min(candidates, key=lambda c: len(c[0])) if candidates else (None, False)
    near = None if before or isinstance(triple.subject, Variable) else triple.subject
    far = None if after or isinstance(triple.object, Variable) else triple.object
    excluded: tuple[NamedNode, ...] = ()
    if isinstance(step, NegatedSet):
        excluded = step.forward or ()
    return Occurrence(
        predicate=step if isinstance(step, NamedNode) else None,
        excluded=excluded,
        subject=near if forward else far,
        object=far if forward else near,
        way=way,
        from_object=from_object,
    )


def certain_edges(pattern: Pattern) -> Edges:
    """Triple patterns that hold in every solution, in terms of variables that are visible outside."""
    match pattern:
        case Bgp(patterns, shapes_graph):
            return () if shapes_graph else patterns
        case Join(left, right):
            return certain_edges(left) + certain_edges(right)
        case LeftJoin(left, _, _) | Minus(left, _):
            return certain_edges(left)
        case (
            Filter(inner, _)
            | Extend(inner, _, _)
            | Distinct(inner)
            | OrderBy(inner, _)
            | Slice(inner, _, _)
        ):
            return certain_edges(inner)
        case Union() | Values() | Project() | Group():
            return ()


def outermost_exists(expression: object) -> Iterator[Exists]:
    """The EXISTS of an expression that stand in no other EXISTS."""
    inner: set[int] = set()
    for part in walk(expression):
        if isinstance(part, Exists):
            if id(part) not in inner:
                yield part
            inner.update(id(below) for below in walk(part.pattern) if isinstance(below, Exists))


def _neighbours(name: str, edges: Edges) -> Iterator[tuple[str, Path]]:
    for edge in edges:
        path: Path = _ANY_STEP if not isinstance(edge.predicate, Path) else edge.predicate
        subject, object_ = edge.subject, edge.object
        if isinstance(subject, Variable) and isinstance(object_, Variable):
            if subject.name == name:
                yield object_.name, path
            if object_.name == name:
                yield subject.name, Inverse(path)


def _touches(edges: Edges, name: str) -> bool:
    return any(Variable(name) in (edge.subject, edge.object) for edge in edges)
