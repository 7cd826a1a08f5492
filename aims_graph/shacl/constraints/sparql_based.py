"""SPARQL-based constraints and constraint components: https://www.w3.org/TR/shacl/#sparql-constraints"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

from pyoxigraph import Literal, NamedNode

from aims_graph.errors import InputError
from aims_graph.shacl.evaluation import Evaluation
from aims_graph.shacl.model import Constraint, Findings, Reads, Shape, Values
from aims_graph.shacl.names import Term
from aims_graph.shacl.reader import ShapeReader
from aims_graph.shacl.sparql import SparqlConstraint, compile_components, compile_constraint


@dataclass(frozen=True, slots=True, eq=False)
class Sparql(Constraint):
    """One sh:sparql value, or one use of a component that the shapes graph declares."""

    query: SparqlConstraint

    cost = 70

    @classmethod
    def parse(cls, reader: ShapeReader) -> Iterator[Self]:
        graph, node, path = reader.graph, reader.node, reader.path
        try:
            for constraint in reader.terms("sparql"):
                query = compile_constraint(graph, constraint, node, path=path)
                if query is not None:
                    yield cls(query)
            for query in compile_components(graph, node, path=path):
                yield cls(query)
        except InputError as error:
            raise reader.error(error.message) from None

    @property
    def component(self) -> NamedNode:
        return self.query.component

    @property
    def source(self) -> Term | None:
        return self.query.source

    def find(self, shape: Shape, values: Values, evaluation: Evaluation) -> list[Findings]:
        data = evaluation.data
        if self.query.per_value:
            found = self.query.evaluate(data, values.owner, values.value)
        else:
            found = self.query.evaluate(data, values.focus)
        if not len(found):
            return []
        return [
            Findings(shape, self, found.focus, found.focus, found.value, found.path, found.texts)
        ]

    def messages(self, shape: Shape) -> tuple[Literal, ...]:
        """Those of the query come before those of the shape (section 5.3.2)."""
        return self.query.messages or Constraint.messages(self, shape)

    def message(self) -> str:
        return self.query.label or "The query of the constraint finds this node"

    @property
    def remark(self) -> str:
        outside = ", ".join(self.query.outside)
        return f"runs on Oxigraph: {outside}" if outside else ""

    @property
    def reads(self) -> Reads:
        return Reads(query=self.query)
