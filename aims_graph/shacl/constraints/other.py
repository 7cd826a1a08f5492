"""Other constraints: https://www.w3.org/TR/shacl/#core-components-others"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

import numpy as np
from pyoxigraph import NamedNode

from aims_graph.columns.joins import antijoin, is_in
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
from aims_graph.shacl.names import TRUE, Term, sh, short
from aims_graph.shacl.reader import ShapeReader
from aims_graph.shacl.relations import spread


@dataclass(frozen=True, slots=True, eq=False)
class In(ValueConstraint):
    members: tuple[Term, ...]

    component = sh("InConstraintComponent")
    cost = 7

    @classmethod
    def parse(cls, reader: ShapeReader) -> Iterator[Self]:
        for members in reader.lists("in", at_most=1):
            yield cls(tuple(members))

    def fails(self, values: Ids, evaluation: Evaluation) -> Mask:
        return ~is_in(values, evaluation.ids(self.members))

    def message(self) -> str:
        return f"Value is none of {', '.join(map(short, self.members))}"


@dataclass(frozen=True, slots=True, eq=False)
class HasValue(Constraint):
    value: Term

    component = sh("HasValueConstraintComponent")
    cost = 7

    @classmethod
    def parse(cls, reader: ShapeReader) -> Iterator[Self]:
        for value in reader.terms("hasValue"):
            yield cls(value)

    def find(self, shape: Shape, values: Values, evaluation: Evaluation) -> list[Findings]:
        having = values.owner[values.value == evaluation.id(self.value)]
        return self.findings(shape, antijoin(values.focus, having))

    def message(self) -> str:
        return f"Value {short(self.value)} is missing"


@dataclass(frozen=True, slots=True, eq=False)
class Closed(Constraint):
    """One result for each triple whose predicate is not allowed; sh:resultPath is that predicate."""

    allowed: frozenset[NamedNode]

    component = sh("ClosedConstraintComponent")
    cost = 60

    @classmethod
    def parse(cls, reader: ShapeReader) -> Iterator[Self]:
        ignored = reader.lists("ignoredProperties", at_most=1)
        if TRUE not in reader.booleans("closed", at_most=1):
            return
        allowed = {
            reader.iri(member, "ignoredProperties") for members in ignored for member in members
        }
        for child in reader.graph.objects(reader.node, sh("property")):
            paths = reader.graph.objects(child, sh("path"))
            allowed |= {path for path in paths if isinstance(path, NamedNode)}
        yield cls(frozenset(allowed))

    def find(self, shape: Shape, values: Values, evaluation: Evaluation) -> list[Findings]:
        found = []
        allowed = evaluation.ids(self.allowed)
        nodes = evaluation.distinct(values.value)
        for predicate in antijoin(evaluation.data.predicates, allowed).tolist():
            extra = evaluation.step(predicate, nodes)
            if extra.owner.size:
                path = np.full(len(extra.owner), predicate, np.int32)
                at_nodes = Findings(shape, self, extra.owner, extra.owner, extra.value, path)
                found.append(at_nodes)
        if values.value is values.focus:
            return found
        found = [spread(findings, values) for findings in found]
        for findings in found:
            findings.focus = findings.origin
        return found

    def message(self) -> str:
        return "Property is not allowed here: the shape is closed"

    @property
    def reads(self) -> Reads:
        return Reads(whole_value=True)
