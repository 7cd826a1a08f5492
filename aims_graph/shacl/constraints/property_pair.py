"""Property pair constraints: https://www.w3.org/TR/shacl/#core-components-property-pairs"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
from pyoxigraph import NamedNode

from aims_graph.columns.joins import pack_pairs, unpack_pairs
from aims_graph.shacl.evaluation import Evaluation
from aims_graph.shacl.model import Constraint, Findings, Reads, Shape, Values
from aims_graph.shacl.names import sh, short
from aims_graph.shacl.reader import ShapeReader
from aims_graph.shacl.relations import matching_rows


@dataclass(frozen=True, slots=True, eq=False)
class _Pair(Constraint):
    predicate: NamedNode

    cost = 12
    parameter: ClassVar[str]
    only_property_shapes: ClassVar[bool] = False

    @classmethod
    def parse(cls, reader: ShapeReader) -> Iterator[Self]:
        for predicate in reader.iris(cls.parameter, only_property_shapes=cls.only_property_shapes):
            yield cls(predicate)

    @property
    def reads(self) -> Reads:
        return Reads(focus_paths=(self.predicate,))


class Equals(_Pair):
    __slots__ = ()
    component = sh("EqualsConstraintComponent")
    parameter = "equals"

    def find(self, shape: Shape, values: Values, evaluation: Evaluation) -> list[Findings]:
        """One result for each node that is on one side only."""
        other = evaluation.values(self.predicate, values.focus)
        left, right = pack_pairs(values.owner, values.value), pack_pairs(other.owner, other.value)
        only = np.setxor1d(left, right, assume_unique=True)
        return self.findings(shape, *unpack_pairs(only))

    def message(self) -> str:
        return f"Values differ from those of {short(self.predicate)}"


class Disjoint(_Pair):
    __slots__ = ()
    component = sh("DisjointConstraintComponent")
    parameter = "disjoint"

    def find(self, shape: Shape, values: Values, evaluation: Evaluation) -> list[Findings]:
        other = evaluation.values(self.predicate, values.focus)
        left, right = pack_pairs(values.owner, values.value), pack_pairs(other.owner, other.value)
        both = np.intersect1d(left, right, assume_unique=True)
        return self.findings(shape, *unpack_pairs(both))

    def message(self) -> str:
        return f"Value is also a value of {short(self.predicate)}"


class LessThan(_Pair):
    __slots__ = ()
    component = sh("LessThanConstraintComponent")
    parameter = "lessThan"
    only_property_shapes = True
    # Outcomes of comparing value with the other value that are fine.
    allowed: ClassVar[tuple[int, ...]] = (-1,)
    words: ClassVar[str] = "less than"

    def find(self, shape: Shape, values: Values, evaluation: Evaluation) -> list[Findings]:
        """One result for each pair of values that is not in order or not comparable."""
        other = evaluation.values(self.predicate, values.focus)
        left, right = matching_rows(values.owner, other.owner)
        order = evaluation.terms.compare(values.value[left], other.value[right])
        wrong = left[~np.isin(order, self.allowed)]
        return self.findings(shape, values.owner[wrong], values.value[wrong])

    def message(self) -> str:
        return f"Value is not {self.words} every value of {short(self.predicate)}"


class LessThanOrEquals(LessThan):
    __slots__ = ()
    component = sh("LessThanOrEqualsConstraintComponent")
    parameter = "lessThanOrEquals"
    allowed = (-1, 0)
    words = "less than or equal to"
