"""Evaluating shapes on one snapshot of the data: targets, paths, class membership, conformance.

All of it works on whole arrays of term ids. Sets of nodes are ascending int32 arrays without repeats.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from pyoxigraph import NamedNode

from aims_graph.columns import LITERAL, Columns
from aims_graph.columns.joins import (
    expand,
    is_in,
    ranges_of,
    unique_ids,
    unique_pairs,
)
from aims_graph.shacl.model import (
    Findings,
    Ids,
    Mask,
    Shape,
    Target,
    TargetClass,
    TargetNode,
    TargetObjectsOf,
    TargetSubjectsOf,
    Values,
)
from aims_graph.shacl.names import RDF_LANG_STRING, RDF_TYPE, RDFS_SUBCLASS, Term
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
from aims_graph.shacl.relations import Relation, closure

if TYPE_CHECKING:
    import pyarrow as pa

EMPTY: Ids = np.zeros(0, np.int32)
_ZERO = np.zeros(1, np.intp)


class Evaluation:
    """Keeps what it computed (class instances, values of a path) for as long as it lives."""

    def __init__(self, data: Columns, earlier: "Evaluation | None" = None) -> None:
        """``earlier`` evaluated a snapshot that shares the dictionary; what holds for both is taken over."""
        self.data = data
        self.terms = data.terms
        self._ids: dict[Term, int] = {}
        self._subclasses: dict[int, Ids] = {}
        if earlier is not None:
            self._ids = earlier._ids  # noqa: SLF001 of the same class
            subclass = self.id(RDFS_SUBCLASS)
            if data.pairs(subclass) is earlier.data.pairs(subclass):
                self._subclasses = earlier._subclasses  # noqa: SLF001 - another of its own class
        self._instances: dict[int, Ids] = {}
        self._values: dict[tuple[Path | None, int], Values] = {}
        self._table: tuple[Ids, Ids] | None = None
        self._types: tuple[Ids, NDArray[np.int64], Ids] | None = None

    def id(self, term: Term) -> int:
        """The id of a term of the shapes graph, which enters the dictionary when it is new."""
        found = self._ids.get(term)
        if found is None:
            found = self._ids[term] = self.terms.add(term)
        return found

    def ids(self, terms: Iterable[Term]) -> Ids:
        """Ascending, without repeats."""
        return unique_ids(np.fromiter(map(self.id, terms), np.int32))

    def strings(self, ids: Ids) -> "pa.LargeStringArray":
        """SPARQL STR of IRIs and literals, as an Arrow array that shares the text of the dictionary."""
        import pyarrow as pa  # noqa: PLC0415 slow to load, and only patterns need it

        text, offsets = self.terms.text
        every = pa.LargeStringArray.from_buffers(
            len(self.terms), pa.py_buffer(offsets), pa.py_buffer(text)
        )
        # ``pyarrow.array`` would import pandas, which takes longer than most checks.
        buffers = [None, pa.py_buffer(np.ascontiguousarray(ids, np.int32))]
        return every.take(pa.Array.from_buffers(pa.int32(), len(ids), buffers))

    # Facts of some terms: the dictionary's own arrays answer for all, which a small change cannot afford.

    def kinds(self, ids: Ids) -> Ids:
        """IRI, BLANK or LITERAL."""
        return np.minimum(self.terms.tags[ids], LITERAL)

    def languages(self, ids: Ids) -> Ids:
        """Index into ``terms.languages``, -1 for what has no language."""
        tags = self.terms.tags[ids]
        return np.where((tags > LITERAL) & (tags & 1 == 1), (tags - 3) >> 1, -1)

    def has_datatype(self, ids: Ids, datatype: NamedNode) -> Mask:
        if datatype == RDF_LANG_STRING:
            return np.asarray(self.languages(ids) >= 0)
        return np.asarray(self.terms.tags[ids] == self.id(datatype) * 2 + LITERAL)

    def distinct(self, ids: Ids) -> Ids:
        """Ascending, without repeats."""
        if len(ids) < 2 or bool(np.all(ids[1:] > ids[:-1])):
            return ids
        if len(ids) * 8 < len(self.terms):
            return unique_ids(ids)
        seen = np.zeros(len(self.terms), np.bool_)
        seen[ids] = True
        return np.flatnonzero(seen).astype(np.int32)

    def distinct_with_positions(self, ids: Ids) -> tuple[Ids, NDArray[np.intp]]:
        """The distinct ids, and for each of ``ids`` its position among them."""
        distinct = self.distinct(ids)
        return distinct, np.arange(len(ids)) if distinct is ids else np.searchsorted(distinct, ids)

    # Targets

    def focus_nodes(self, targets: tuple[Target, ...]) -> Ids:
        parts = [self._targeted(target) for target in targets]
        return parts[0] if len(parts) == 1 else self.distinct(np.concatenate([EMPTY, *parts]))

    def _targeted(self, target: Target) -> Ids:
        match target:
            case TargetNode(node):
                return np.array([self.id(node)], np.int32)
            case TargetClass(kind):
                return self.instances(self.id(kind))
            case TargetSubjectsOf(predicate):
                return self.distinct(self.data.pairs(self.id(predicate)).subjects)
            case TargetObjectsOf(predicate):
                return self.distinct(self.data.pairs(self.id(predicate)).by_object[0])

    def targets(self, nodes: Ids, targets: tuple[Target, ...]) -> Ids:
        """Those of ``nodes`` that ``targets`` select."""
        selected = np.zeros(len(nodes), np.bool_)
        for target in targets:
            match target:
                case TargetNode(node):
                    selected |= nodes == self.id(node)
                case TargetClass(kind):
                    selected |= self.is_instance(nodes, kind)
                case TargetSubjectsOf(predicate):
                    selected |= is_in(nodes, self.data.pairs(self.id(predicate)).subjects)
                case TargetObjectsOf(predicate):
                    selected |= is_in(nodes, self.data.pairs(self.id(predicate)).by_object[0])
        return nodes[selected]

    # Classes

    def subclasses(self, kind: int) -> Ids:
        """The class and all classes below it."""
        if kind not in self._subclasses:
            below = self.data.pairs(self.id(RDFS_SUBCLASS)).by_object
            top = np.array([kind], np.int32)
            self._subclasses[kind] = closure(below, top, top)[1]
        return self._subclasses[kind]

    def instances(self, kind: int) -> Ids:
        if kind not in self._instances:
            types, nodes = self.data.pairs(self.id(RDF_TYPE)).by_object
            starts, ends = ranges_of(types, self.subclasses(kind))
            parts = [
                nodes[start:end] for start, end in zip(starts, ends, strict=True) if end > start
            ]
            self._instances[kind] = (
                parts[0] if len(parts) == 1 else self.distinct(np.concatenate([EMPTY, *parts]))
            )
        return self._instances[kind]

    def is_instance(self, nodes: Ids, kind: Term) -> Mask:
        kind_id = self.id(kind)
        if kind_id in self._instances or len(nodes) > 1000:
            return self._member(nodes, self.instances(kind_id))
        if self._types is None or self._types[0] is not nodes:
            pairs = self.data.pairs(self.id(RDF_TYPE))
            self._types = nodes, *expand(pairs.subjects, pairs.objects, nodes)
        _, row, types = self._types
        result = np.zeros(len(nodes), np.bool_)
        result[row[is_in(types, self.subclasses(kind_id))]] = True
        return result

    def _member(self, nodes: Ids, members: Ids) -> Mask:
        if len(nodes) * 64 < len(self.terms):
            return is_in(nodes, members)
        table = np.zeros(len(self.terms), np.bool_)
        table[members] = True
        found: Mask = table[nodes]
        return found

    # Paths

    def values(self, path: Path | None, focus: Ids) -> Values:
        """The value nodes of each of ``focus``; the node itself when there is no path."""
        key = (path, id(focus))
        known = self._values.get(key)
        if known is not None and known.focus is focus:
            return known
        if path is None:
            position = np.arange(len(focus))
            values = Values(focus, focus, focus, position, np.ones(len(focus), np.intp))
        elif isinstance(path, NamedNode):
            values = self.step(self.id(path), focus)
        else:
            owner, value = self.follow(path, focus)
            values = _by_focus(focus, owner, value)
        self._values[key] = values
        return values

    def forget_values(self) -> None:
        """Give back the memory of path values between groups that share none."""
        self._values.clear()
        self._table = None

    def step(self, predicate: int, focus: Ids) -> Values:
        """Values along one predicate."""
        pairs = self.data.pairs(predicate)
        if len(focus) == 1:
            # After a small change nearly every question is about one node.
            _, value = expand(pairs.subjects, pairs.objects, focus)
            return Values(focus, focus.repeat(len(value)), value, _ZERO, _ZERO + len(value))
        if len(focus) * 64 < len(self.terms):
            starts, ends = ranges_of(pairs.subjects, focus)
            counts = ends - starts
            firsts = np.cumsum(counts) - counts
            rows = np.repeat(starts - firsts, counts) + np.arange(int(counts.sum()))
            return Values(focus, np.repeat(focus, counts), pairs.objects[rows], firsts, counts)
        # Where the focus nodes are many, looking each subject up in a table beats searching.
        position = self._positions(focus)[pairs.subjects]
        owner, value = pairs.subjects, pairs.objects
        inside = position >= 0
        if not inside.all():
            position, owner, value = position[inside], owner[inside], value[inside]
        counts = np.bincount(position, minlength=len(focus))
        return Values(focus, owner, value, np.cumsum(counts) - counts, counts)

    def _positions(self, focus: Ids) -> Ids:
        """For each term of the dictionary its position in ``focus``, or -1."""
        if self._table is None or self._table[0] is not focus:
            table = np.full(len(self.terms), -1, np.int32)
            table[focus] = np.arange(len(focus), dtype=np.int32)
            self._table = focus, table
        return self._table[1]

    def follow(self, path: Path, start: Ids) -> Relation:
        """(start, end) rows of the path from each of ``start``, sorted, without repeats."""
        match path:
            case Inverse(NamedNode() as predicate):
                relation = self.data.pairs(self.id(predicate)).by_object
                row, end = expand(*relation, start)
                return start[row], end
            case Inverse(inner):
                return self.follow(turned(inner), start)
            case Sequence(steps):
                relation = self.follow(steps[0], start)
                for step in steps[1:]:
                    relation = self._then(relation, step)
                return relation
            case Alternative(options):
                parts = [self.follow(option, start) for option in options]
                return unique_pairs(
                    np.concatenate([part[0] for part in parts]),
                    np.concatenate([part[1] for part in parts]),
                )
            case ZeroOrOne(inner):
                left, right = self.follow(inner, start)
                return unique_pairs(np.concatenate([left, start]), np.concatenate([right, start]))
            case ZeroOrMore(inner):
                return self._repeat(inner, (start, start))
            case OneOrMore(inner):
                return self._repeat(inner, self.follow(inner, start))
        pairs = self.data.pairs(self.id(path))
        row, end = expand(pairs.subjects, pairs.objects, start)
        return start[row], end

    def reached(self, path: Path, start: Ids) -> Ids:
        """Where the path leads to from any of ``start``."""
        return self.distinct(self.follow(path, start)[1])

    def _then(self, relation: Relation, step: Path) -> Relation:
        left, middle = relation
        onward = self.follow(step, self.distinct(middle))
        row, right = expand(*onward, middle)
        return unique_pairs(left[row], right)

    def _repeat(self, path: Path, seed: Relation) -> Relation:
        """Everything reachable from the ends of ``seed`` by zero or more steps of ``path``."""
        if isinstance(path, NamedNode):
            pairs = self.data.pairs(self.id(path))
            return closure((pairs.subjects, pairs.objects), *seed)
        known: set[int] = set()
        nodes = self.distinct(seed[1])
        edges: list[Relation] = []
        while nodes.size:
            known.update(nodes.tolist())
            edges.append(self.follow(path, nodes))
            ahead = self.distinct(edges[-1][1])
            nodes = np.array([node for node in ahead.tolist() if node not in known], np.int32)
        if not edges:
            return seed
        step = unique_pairs(
            np.concatenate([e[0] for e in edges]), np.concatenate([e[1] for e in edges])
        )
        return closure(step, *seed)

    # Shapes

    def findings(self, shape: Shape, focus: Ids) -> list[Findings]:
        """All results of validating each of ``focus`` against the shape."""
        if shape.deactivated or not focus.size:
            return []
        values = self.values(shape.path, focus)
        return [
            found
            for constraint in shape.constraints
            for found in constraint.find(shape, values, self)
        ]

    def holds(self, shape: Shape, nodes: Ids) -> Mask:
        """Whether each node (any order, repeats allowed) conforms to the shape."""
        distinct, position = self.distinct_with_positions(nodes)
        conforms = np.ones(len(distinct), np.bool_)
        for found in self.findings(shape, distinct):
            conforms[np.searchsorted(distinct, found.origin)] = False
        return conforms[position]


def _by_focus(focus: Ids, owner: Ids, value: Ids) -> Values:
    starts, ends = ranges_of(owner, focus)
    return Values(focus, owner, value, starts, ends - starts)
