"""Results of the columns engine: arrays until somebody reads a result."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from typing import overload

import numpy as np
from pyoxigraph import NamedNode

from aims_graph.columns import Columns, TermDictionary
from aims_graph.shacl.constraints.shape_based import Node
from aims_graph.shacl.evaluation import Evaluation
from aims_graph.shacl.model import Findings, Ids
from aims_graph.shacl.names import Term
from aims_graph.shacl.paths import Path
from aims_graph.shacl.plan import Plan
from aims_graph.shacl.report import Counts, Results, ValidationResult


class ColumnResults(Results):
    """The results that ``blocks`` stand for; each is made when it is read and then forgotten."""

    def __init__(self, blocks: Sequence[Findings], evaluation: Evaluation) -> None:
        self.blocks = blocks
        self._evaluation = evaluation
        self._ends = list(accumulate(map(len, blocks)))

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    @overload
    def __getitem__(self, index: int) -> ValidationResult: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[ValidationResult]: ...
    def __getitem__(self, index: int | slice) -> ValidationResult | Sequence[ValidationResult]:
        if isinstance(index, slice):
            return [self[position] for position in range(*index.indices(len(self)))]
        position = index + len(self) if index < 0 else index
        if not 0 <= position < len(self):
            raise IndexError(index)
        block = bisect_right(self._ends, position)
        row = position - (self._ends[block - 1] if block else 0)
        return next(results_of(self.blocks[block].rows(np.array([row])), self._evaluation))

    def __iter__(self) -> Iterator[ValidationResult]:
        for block in self.blocks:
            yield from results_of(block, self._evaluation)

    def counts(self) -> Counts:
        counts: Counts = Counter()
        for block in self.blocks:
            counts[block.shape.node, block.constraint.component, block.shape.severity] += len(block)
        return counts


def results_of(block: Findings, evaluation: Evaluation) -> Iterator[ValidationResult]:
    term = evaluation.terms.term
    shape, constraint = block.shape, block.constraint
    messages = constraint.messages(shape)
    details: dict[int, list[ValidationResult]] = {}
    if isinstance(constraint, Node):
        details = _details(constraint, block.value, evaluation)
    rows = zip(block.focus.tolist(), block.value.tolist(), strict=True)
    for row, (focus, value) in enumerate(rows):
        path: Path | None = shape.path
        if block.path is not None and block.path[row] >= 0:
            predicate = term(int(block.path[row]))
            assert isinstance(predicate, NamedNode)
            path = predicate
        yield ValidationResult(
            focus=term(focus),
            shape=shape.node,
            component=constraint.component,
            severity=shape.severity,
            path=path,
            value=term(value) if value >= 0 else None,
            messages=messages if block.texts is None else block.texts[row],
            constraint=constraint.source,
            details=tuple(details.get(value, ())),
        )


def _details(
    constraint: Node, values: Ids, evaluation: Evaluation
) -> dict[int, list[ValidationResult]]:
    """What is wrong with each value node by the node shape it does not conform to (sh:detail)."""
    details: dict[int, list[ValidationResult]] = {}
    for found in evaluation.findings(constraint.shape, evaluation.distinct(values)):
        for origin, result in zip(
            found.origin.tolist(), results_of(found, evaluation), strict=True
        ):
            details.setdefault(origin, []).append(result)
    return details


class FocusNodes(Mapping[Term, tuple[Term, ...]]):
    """Focus nodes of each shape with targets; terms are looked up when read."""

    def __init__(self, nodes: Mapping[Term, Ids], terms: TermDictionary) -> None:
        self.ids = nodes
        self._terms = terms

    def __getitem__(self, shape: Term) -> tuple[Term, ...]:
        return tuple(map(self._terms.term, self.ids[shape].tolist()))

    def __iter__(self) -> Iterator[Term]:
        return iter(self.ids)

    def __len__(self) -> int:
        return len(self.ids)


def focus_nodes(plan: Plan, data: Columns) -> FocusNodes:
    """The focus nodes of each active shape with targets, without validating them."""
    evaluation = Evaluation(data)
    found: dict[Term, Ids] = {}
    for group in plan.groups:
        nodes = evaluation.focus_nodes(group.targets)
        found |= dict.fromkeys((shape.node for shape in group.shapes), nodes)
    return FocusNodes(found, data.terms)
