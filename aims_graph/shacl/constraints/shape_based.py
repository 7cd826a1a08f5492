"""Shape-based constraints: https://www.w3.org/TR/shacl/#core-components-shape"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from aims_graph.shacl.evaluation import Evaluation
from aims_graph.shacl.model import (
    Constraint,
    Findings,
    Ids,
    Mask,
    Reads,
    Shape,
    ValueConstraint,
    Values,
)
from aims_graph.shacl.names import TRUE, Term, sh
from aims_graph.shacl.reader import ShapeReader
from aims_graph.shacl.relations import spread


@dataclass(frozen=True, slots=True, eq=False)
class Node(ValueConstraint):
    shape: Shape

    component = sh("NodeConstraintComponent")
    cost = 40

    @classmethod
    def parse(cls, reader: ShapeReader) -> Iterator[Self]:
        for shape in reader.shapes("node"):
            if shape.path is not None:
                raise reader.error(
                    f"sh:node {shape.node} is a property shape; a node shape is needed"
                )
            yield cls(shape)

    def fails(self, values: Ids, evaluation: Evaluation) -> Mask:
        return ~evaluation.holds(self.shape, values)

    def message(self) -> str:
        return f"Value does not conform to {self.shape}"

    @property
    def reads(self) -> Reads:
        return Reads(value_shapes=(self.shape,))


@dataclass(frozen=True, slots=True, eq=False)
class Property(Constraint):
    """Results are those of the property shape, once for each way a value node is reached."""

    shape: Shape

    component = sh("PropertyConstraintComponent")
    cost = 50

    @classmethod
    def parse(cls, reader: ShapeReader) -> Iterator[Self]:
        for shape in reader.shapes("property"):
            if shape.path is None:
                raise reader.error(f"sh:property {shape.node} has no sh:path")
            yield cls(shape)

    def find(self, shape: Shape, values: Values, evaluation: Evaluation) -> list[Findings]:
        if values.value is values.focus:
            return evaluation.findings(self.shape, values.focus)
        found = evaluation.findings(self.shape, evaluation.distinct(values.value))
        return [spread(findings, values) for findings in found]

    def message(self) -> str:
        return f"Value does not conform to {self.shape}"

    @property
    def reads(self) -> Reads:
        return Reads(value_shapes=(self.shape,))


@dataclass(frozen=True, slots=True, eq=False)
class _Qualified(Constraint):
    shape: Shape
    siblings: tuple[Shape, ...]
    count: int

    cost = 45
    parameter: ClassVar[str]

    @classmethod
    def parse(cls, reader: ShapeReader) -> Iterator[Self]:
        shapes = reader.shapes("qualifiedValueShape", only_property_shapes=True, at_most=1)
        disjoint = reader.booleans("qualifiedValueShapesDisjoint", at_most=1)
        for count in reader.integers(cls.parameter):
            for shape in shapes:
                yield cls(shape, _siblings(reader, shape) if TRUE in disjoint else (), count)

    def qualifying(self, values: Values, evaluation: Evaluation) -> NDArray[np.intp]:
        """How many value nodes of each focus node conform to the shape and to no sibling shape."""
        qualifies = evaluation.holds(self.shape, values.value)
        for sibling in self.siblings:
            qualifies &= ~evaluation.holds(sibling, values.value)
        totals = np.concatenate(([0], np.cumsum(qualifies)))
        counts: NDArray[np.intp] = totals[values.starts + values.counts] - totals[values.starts]
        return counts

    @property
    def reads(self) -> Reads:
        return Reads(value_shapes=(self.shape, *self.siblings))


def _siblings(reader: ShapeReader, shape: Shape) -> tuple[Shape, ...]:
    """Qualified value shapes of the other property shapes of every parent (section 4.7.3)."""
    graph = reader.graph
    parents = [parent for parent, child in graph.pairs(sh("property")) if child == reader.node]
    nodes: dict[Term, None] = {}
    for parent in parents:
        for child in graph.objects(parent, sh("property")):
            nodes.update(dict.fromkeys(graph.objects(child, sh("qualifiedValueShape"))))
    nodes.pop(shape.node, None)
    return tuple(reader.shape(node) for node in nodes)


class QualifiedMinCount(_Qualified):
    __slots__ = ()
    component = sh("QualifiedMinCountConstraintComponent")
    parameter = "qualifiedMinCount"

    def find(self, shape: Shape, values: Values, evaluation: Evaluation) -> list[Findings]:
        return self.findings(shape, values.focus[self.qualifying(values, evaluation) < self.count])

    def message(self) -> str:
        return f"Fewer than {self.count} values conform to {self.shape}"


class QualifiedMaxCount(_Qualified):
    __slots__ = ()
    component = sh("QualifiedMaxCountConstraintComponent")
    parameter = "qualifiedMaxCount"

    def find(self, shape: Shape, values: Values, evaluation: Evaluation) -> list[Findings]:
        return self.findings(shape, values.focus[self.qualifying(values, evaluation) > self.count])

    def message(self) -> str:
        return f"More than {self.count} values conform to {self.shape}"
