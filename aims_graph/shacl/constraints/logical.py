"""Logical constraints: https://www.w3.org/TR/shacl/#core-components-logical"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from aims_graph.shacl.evaluation import Evaluation
from aims_graph.shacl.model import Ids, Mask, Reads, Shape, ValueConstraint
from aims_graph.shacl.names import sh
from aims_graph.shacl.reader import ShapeReader


@dataclass(frozen=True, slots=True, eq=False)
class Not(ValueConstraint):
    shape: Shape

    component = sh("NotConstraintComponent")
    cost = 40

    @classmethod
    def parse(cls, reader: ShapeReader) -> Iterator[Self]:
        for shape in reader.shapes("not"):
            yield cls(shape)

    def fails(self, values: Ids, evaluation: Evaluation) -> Mask:
        return evaluation.holds(self.shape, values)

    def message(self) -> str:
        return f"Value conforms to {self.shape} but must not"

    @property
    def reads(self) -> Reads:
        return Reads(value_shapes=(self.shape,))


@dataclass(frozen=True, slots=True, eq=False)
class _Members(ValueConstraint):
    members: tuple[Shape, ...]

    cost = 40
    parameter: ClassVar[str]
    words: ClassVar[str]

    @classmethod
    def parse(cls, reader: ShapeReader) -> Iterator[Self]:
        for members in reader.shape_lists(cls.parameter):
            yield cls(members)

    def holding(self, values: Ids, evaluation: Evaluation) -> Ids:
        """How many members each value conforms to; a shape listed twice counts twice."""
        count = np.zeros(len(values), np.int32)
        for member in self.members:
            count += evaluation.holds(member, values)
        return count

    def message(self) -> str:
        return f"Value does not conform to {self.words} {', '.join(map(str, self.members))}"

    @property
    def reads(self) -> Reads:
        return Reads(value_shapes=self.members)


class And(_Members):
    __slots__ = ()
    component = sh("AndConstraintComponent")
    parameter, words = "and", "all of"

    def fails(self, values: Ids, evaluation: Evaluation) -> Mask:
        return np.less(self.holding(values, evaluation), len(self.members))


class Or(_Members):
    __slots__ = ()
    component = sh("OrConstraintComponent")
    parameter, words = "or", "any of"

    def fails(self, values: Ids, evaluation: Evaluation) -> Mask:
        return np.equal(self.holding(values, evaluation), 0)


class Xone(_Members):
    __slots__ = ()
    component = sh("XoneConstraintComponent")
    parameter, words = "xone", "exactly one of"

    def fails(self, values: Ids, evaluation: Evaluation) -> Mask:
        return np.not_equal(self.holding(values, evaluation), 1)
