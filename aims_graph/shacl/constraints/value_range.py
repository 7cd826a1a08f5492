"""Value range constraints: https://www.w3.org/TR/shacl/#core-components-range

A value that SPARQL cannot compare with the bound violates the constraint.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
from pyoxigraph import Literal

from aims_graph.shacl.evaluation import Evaluation
from aims_graph.shacl.model import Ids, Mask, ValueConstraint
from aims_graph.shacl.names import sh, short
from aims_graph.shacl.reader import ShapeReader


@dataclass(frozen=True, slots=True, eq=False)
class _Bound(ValueConstraint):
    bound: Literal

    cost = 8
    parameter: ClassVar[str]
    words: ClassVar[str]
    # Outcomes of comparing value with bound that are fine: -1 less, 0 equal, 1 greater.
    allowed: ClassVar[tuple[int, ...]]

    @classmethod
    def parse(cls, reader: ShapeReader) -> Iterator[Self]:
        for bound in reader.literals(cls.parameter, at_most=1):
            yield cls(bound)

    def fails(self, values: Ids, evaluation: Evaluation) -> Mask:
        bound = np.full(len(values), evaluation.id(self.bound), np.int32)
        return ~np.isin(evaluation.terms.compare(values, bound), self.allowed)

    def message(self) -> str:
        return f"Value is not {self.words} {short(self.bound)}"


class MinInclusive(_Bound):
    __slots__ = ()
    component = sh("MinInclusiveConstraintComponent")
    parameter, words, allowed = "minInclusive", "at least", (0, 1)


class MinExclusive(_Bound):
    __slots__ = ()
    component = sh("MinExclusiveConstraintComponent")
    parameter, words, allowed = "minExclusive", "greater than", (1,)


class MaxInclusive(_Bound):
    __slots__ = ()
    component = sh("MaxInclusiveConstraintComponent")
    parameter, words, allowed = "maxInclusive", "at most", (-1, 0)


class MaxExclusive(_Bound):
    __slots__ = ()
    component = sh("MaxExclusiveConstraintComponent")
    parameter, words, allowed = "maxExclusive", "less than", (-1,)
