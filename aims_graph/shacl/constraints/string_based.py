"""String-based constraints: https://www.w3.org/TR/shacl/#core-components-string

Blank nodes have no string and always fail the length and pattern constraints.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

import numpy as np

from aims_graph.columns import BLANK
from aims_graph.shacl.evaluation import Evaluation
from aims_graph.shacl.model import Constraint, Findings, Ids, Mask, Shape, ValueConstraint, Values
from aims_graph.shacl.names import TRUE, sh
from aims_graph.shacl.patterns import MANY, compile_pattern
from aims_graph.shacl.patterns import Pattern as CompiledPattern
from aims_graph.shacl.reader import ShapeReader


@dataclass(frozen=True, slots=True, eq=False)
class MinLength(ValueConstraint):
    length: int

    component = sh("MinLengthConstraintComponent")
    cost = 5

    @classmethod
    def parse(cls, reader: ShapeReader) -> Iterator[Self]:
        for length in reader.integers("minLength"):
            yield cls(length)

    def fails(self, values: Ids, evaluation: Evaluation) -> Mask:
        length = evaluation.terms.length[values]
        fails: Mask = (length < self.length) | (evaluation.kinds(values) == BLANK)
        return fails

    def message(self) -> str:
        return f"Value is shorter than {self.length} characters"


@dataclass(frozen=True, slots=True, eq=False)
class MaxLength(ValueConstraint):
    length: int

    component = sh("MaxLengthConstraintComponent")
    cost = 5

    @classmethod
    def parse(cls, reader: ShapeReader) -> Iterator[Self]:
        for length in reader.integers("maxLength"):
            yield cls(length)

    def fails(self, values: Ids, evaluation: Evaluation) -> Mask:
        length = evaluation.terms.length[values]
        fails: Mask = (length > self.length) | (evaluation.kinds(values) == BLANK)
        return fails

    def message(self) -> str:
        return f"Value is longer than {self.length} characters"


@dataclass(frozen=True, slots=True, eq=False)
class Pattern(ValueConstraint):
    pattern: CompiledPattern

    component = sh("PatternConstraintComponent")
    cost = 30

    @classmethod
    def parse(cls, reader: ShapeReader) -> Iterator[Self]:
        flags = reader.strings("flags", at_most=1)
        for pattern in reader.strings("pattern", at_most=1):
            try:
                yield cls(compile_pattern(pattern, flags[0] if flags else ""))
            except ValueError as error:
                raise reader.error(f"sh:pattern {pattern!r}: {error}") from None

    def fails(self, values: Ids, evaluation: Evaluation) -> Mask:
        fails: Mask = evaluation.kinds(values) == BLANK
        named = np.flatnonzero(~fails)
        distinct, position = evaluation.distinct_with_positions(values[named])
        if len(distinct) < MANY:
            matched = self.pattern.matches_few(evaluation.terms.texts_of(distinct))
        else:
            matched = self.pattern.matches(evaluation.strings(distinct))
        fails[named] = ~matched[position]
        return fails

    def message(self) -> str:
        return f"Value does not match pattern {self.pattern.text!r}"


@dataclass(frozen=True, slots=True, eq=False)
class LanguageIn(ValueConstraint):
    ranges: tuple[str, ...]

    component = sh("LanguageInConstraintComponent")
    cost = 6

    @classmethod
    def parse(cls, reader: ShapeReader) -> Iterator[Self]:
        for members in reader.lists("languageIn", at_most=1):
            yield cls(tuple(reader.string(member, "languageIn").lower() for member in members))

    def fails(self, values: Ids, evaluation: Evaluation) -> Mask:
        language = evaluation.languages(values)
        # The last entry answers for values without language (-1).
        allowed = [self._allows(tag) for tag in evaluation.terms.languages]
        return ~np.array([*allowed, False])[language]

    def _allows(self, tag: str) -> bool:
        """Basic filtering of RFC 4647, the langMatches of SPARQL."""
        return any(
            tag == wanted or tag.startswith(wanted + "-") or wanted == "*" for wanted in self.ranges
        )

    def message(self) -> str:
        return f"Language is none of {', '.join(self.ranges)}"


@dataclass(frozen=True, slots=True, eq=False)
class UniqueLang(Constraint):
    component = sh("UniqueLangConstraintComponent")
    cost = 9

    @classmethod
    def parse(cls, reader: ShapeReader) -> Iterator[Self]:
        for value in reader.booleans("uniqueLang", only_property_shapes=True):
            # Only the term true switches it on; "1"^^xsd:boolean does not (W3C uniqueLang-002).
            if value == TRUE:
                yield cls()

    def find(self, shape: Shape, values: Values, evaluation: Evaluation) -> list[Findings]:
        """One result for each language used more than once."""
        language = evaluation.languages(values.value)
        tagged = language >= 0
        key = (values.owner[tagged].astype(np.int64) << 32) | language[tagged]
        used, times = np.unique(key, return_counts=True)
        owner = (used[times > 1] >> 32).astype(np.int32)
        return self.findings(shape, owner)

    def message(self) -> str:
        return "More than one value in the same language"
