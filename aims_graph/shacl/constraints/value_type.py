"""Value type constraints: https://www.w3.org/TR/shacl/#core-components-value-type"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

import numpy as np
from pyoxigraph import NamedNode

from aims_graph.shacl.evaluation import Evaluation
from aims_graph.shacl.model import Ids, Mask, Reads, ValueConstraint
from aims_graph.shacl.names import sh, short
from aims_graph.shacl.paths import CLASS_PATH
from aims_graph.shacl.reader import ShapeReader

# By node kind: is an IRI, a blank node, a literal allowed (the order of TermDictionary.kind)?
NODE_KINDS = {
    sh("IRI"): (True, False, False),
    sh("BlankNode"): (False, True, False),
    sh("Literal"): (False, False, True),
    sh("BlankNodeOrIRI"): (True, True, False),
    sh("BlankNodeOrLiteral"): (False, True, True),
    sh("IRIOrLiteral"): (True, False, True),
}


@dataclass(frozen=True, slots=True, eq=False)
class Class(ValueConstraint):
    target: NamedNode

    component = sh("ClassConstraintComponent")
    cost = 20

    @classmethod
    def parse(cls, reader: ShapeReader) -> Iterator[Self]:
        for target in reader.iris("class"):
            yield cls(target)

    def fails(self, values: Ids, evaluation: Evaluation) -> Mask:
        return ~evaluation.is_instance(values, self.target)

    def message(self) -> str:
        return f"Value is no instance of class {short(self.target)}"

    @property
    def reads(self) -> Reads:
        return Reads(value_paths=(CLASS_PATH,))


@dataclass(frozen=True, slots=True, eq=False)
class Datatype(ValueConstraint):
    datatype: NamedNode

    component = sh("DatatypeConstraintComponent")
    cost = 5

    @classmethod
    def parse(cls, reader: ShapeReader) -> Iterator[Self]:
        for datatype in reader.iris("datatype", at_most=1):
            yield cls(datatype)

    def fails(self, values: Ids, evaluation: Evaluation) -> Mask:
        well_formed = evaluation.terms.well_formed[values]
        return ~(evaluation.has_datatype(values, self.datatype) & well_formed)

    def message(self) -> str:
        return f"Value is no valid literal of datatype {short(self.datatype)}"


@dataclass(frozen=True, slots=True, eq=False)
class NodeKind(ValueConstraint):
    kind: NamedNode

    component = sh("NodeKindConstraintComponent")
    cost = 4

    @classmethod
    def parse(cls, reader: ShapeReader) -> Iterator[Self]:
        for kind in reader.iris("nodeKind", at_most=1):
            if kind not in NODE_KINDS:
                raise reader.error(f"sh:nodeKind {short(kind)} is none of the six node kinds")
            yield cls(kind)

    def fails(self, values: Ids, evaluation: Evaluation) -> Mask:
        allowed = np.array(NODE_KINDS[self.kind])
        return ~allowed[evaluation.kinds(values)]

    def message(self) -> str:
        return f"Value is not of node kind {short(self.kind)}"
