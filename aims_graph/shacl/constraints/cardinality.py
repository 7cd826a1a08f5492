"""Cardinality constraints: https://www.w3.org/TR/shacl/#core-components-count"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

from aims_graph.shacl.evaluation import Evaluation
from aims_graph.shacl.model import Constraint, Findings, Shape, Values
from aims_graph.shacl.names import sh
from aims_graph.shacl.reader import ShapeReader


@dataclass(frozen=True, slots=True, eq=False)
class MinCount(Constraint):
    count: int

    component = sh("MinCountConstraintComponent")
    cost = 1

    @classmethod
    def parse(cls, reader: ShapeReader) -> Iterator[Self]:
        for count in reader.integers("minCount", only_property_shapes=True):
            yield cls(count)

    def find(self, shape: Shape, values: Values, evaluation: Evaluation) -> list[Findings]:
        return self.findings(shape, values.focus[values.counts < self.count])

    def message(self) -> str:
        return f"Fewer than {self.count} values"


@dataclass(frozen=True, slots=True, eq=False)
class MaxCount(Constraint):
    count: int

    component = sh("MaxCountConstraintComponent")
    cost = 1

    @classmethod
    def parse(cls, reader: ShapeReader) -> Iterator[Self]:
        for count in reader.integers("maxCount", only_property_shapes=True):
            yield cls(count)

    def find(self, shape: Shape, values: Values, evaluation: Evaluation) -> list[Findings]:
        return self.findings(shape, values.focus[values.counts > self.count])

    def message(self) -> str:
        return f"More than {self.count} values"
