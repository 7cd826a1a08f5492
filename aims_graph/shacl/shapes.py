"""From a shapes graph to shapes; ill-formed and recursive ones are refused.

https://www.w3.org/TR/shacl/#shapes and the syntax rules of https://www.w3.org/TR/shacl/#syntax-rules
"""

import re
from collections.abc import Iterator

from pyoxigraph import BlankNode, Literal, NamedNode

from aims_graph.columns import Columns
from aims_graph.errors import InputError
from aims_graph.shacl import constraints
from aims_graph.shacl.graph import ShapesGraph
from aims_graph.shacl.model import (
    Shape,
    Target,
    TargetClass,
    TargetNode,
    TargetObjectsOf,
    TargetSubjectsOf,
)
from aims_graph.shacl.names import (
    FALSE,
    RDFS_CLASS,
    TRUE,
    XSD_BOOLEAN,
    XSD_INTEGER,
    XSD_STRING,
    Term,
    sh,
)
from aims_graph.shacl.paths import Path, parse_path

SHAPE_CLASSES = (sh("NodeShape"), sh("PropertyShape"))
TARGETS = (sh("targetNode"), sh("targetClass"), sh("targetSubjectsOf"), sh("targetObjectsOf"))
# SHACL Advanced Features that change what is validated: refused, because to ignore them is to check less.
UNSUPPORTED = {
    sh("target"): "SPARQL-based and other custom targets (sh:target)",
    sh("rule"): "SHACL rules (sh:rule)",
    sh("values"): "node expressions (sh:values)",
    sh("expression"): "expression constraints (sh:expression)",
    sh("js"): "JavaScript constraints (sh:js)",
}
MAXIMUM_DEPTH = 60
_INTEGER = re.compile(r"[+-]?[0-9]{1,18}")


def parse_shapes(columns: Columns) -> tuple[Shape, ...]:
    """All shapes of the graph, in the order of their nodes. Raises InputError naming the wrong shape."""
    return ShapeParser(ShapesGraph(columns)).parse_all()


class ShapeParser:
    def __init__(self, graph: ShapesGraph) -> None:
        self.graph = graph
        self._shapes: dict[Term, Shape] = {}
        self._open: list[Term] = []

    def parse_all(self) -> tuple[Shape, ...]:
        graph = self.graph
        for predicate, feature in UNSUPPORTED.items():
            for node, _ in graph.pairs(predicate):
                raise InputError(
                    f"shape {node}: {feature} are part of SHACL Advanced Features, which are not supported",
                    hint="Write the condition as sh:sparql, or remove it",
                )
        for node, regime in graph.pairs(sh("entailment")):
            raise InputError(
                f"{node} asks for entailment {regime} (sh:entailment), which is not supported",
                hint="Run inference first and validate its result",
            )
        nodes = graph.instances(*SHAPE_CLASSES)
        for predicate in (*TARGETS, sh("path"), *sorted(constraints.PARAMETERS, key=str)):
            nodes += [node for node, _ in graph.pairs(predicate)]
        for node in dict.fromkeys(nodes):
            # Declarations of parameters are written like shapes but are none to validate with.
            if not isinstance(node, Literal) and not self._is_parameter(node):
                self.shape(node)
        return tuple(self._shapes.values())

    def _is_parameter(self, node: Term) -> bool:
        return any(value == node for _, value in self.graph.pairs(sh("parameter")))

    def shape(self, node: Term) -> Shape:
        known = self._shapes.get(node)
        if known is not None:
            return known
        if isinstance(node, Literal):
            raise InputError(f"{node} is a literal where a shape is needed")
        if node in self._open:
            cycle = " -> ".join(map(str, [*self._open[self._open.index(node) :], node]))
            raise InputError(
                f"shape {node} is recursive: {cycle}",
                hint="Recursive shapes have no defined meaning in SHACL",
            )
        if len(self._open) > MAXIMUM_DEPTH:
            raise InputError(f"shape {self._open[0]} is nested deeper than {MAXIMUM_DEPTH} levels")
        self._open.append(node)
        shape = self._shapes[node] = ShapeReader(self, node).read()
        self._open.pop()
        return shape


class ShapeReader:
    """The declarations of one shape, each checked for kind and number."""

    def __init__(self, parser: ShapeParser, node: NamedNode | BlankNode) -> None:
        self.parser = parser
        self.graph = parser.graph
        self.node = node
        self.path: Path | None = None

    def read(self) -> Shape:
        self.path = self._path()
        found = [
            constraint
            for component in constraints.COMPONENTS
            for constraint in component.parse(self)
        ]
        found.sort(key=lambda constraint: constraint.cost)
        severities = self.iris("severity", at_most=1)
        return Shape(
            node=self.node,
            path=self.path,
            targets=tuple(self._targets()),
            constraints=tuple(found),
            severity=severities[0] if severities else sh("Violation"),
            messages=tuple(self._messages()),
            deactivated=self._deactivated(),
        )

    def _path(self) -> Path | None:
        paths = self.terms("path", at_most=1)
        if not paths:
            if self.graph.is_instance(self.node, sh("PropertyShape")):
                raise self.error("property shape has no sh:path")
            return None
        if self.graph.is_instance(self.node, sh("NodeShape")):
            raise self.error("node shape has an sh:path")
        try:
            return parse_path(self.graph, paths[0])
        except InputError as error:
            raise self.error(error.message) from None

    def _targets(self) -> Iterator[Target]:
        for node in self.terms("targetNode"):
            if isinstance(node, BlankNode):
                raise self.error("sh:targetNode is a blank node; an IRI or a literal is needed")
            yield TargetNode(node)
        for kind in self.iris("targetClass"):
            yield TargetClass(kind)
        if self.graph.is_instance(self.node, RDFS_CLASS) and self.graph.is_instance(
            self.node, *SHAPE_CLASSES
        ):
            if not isinstance(self.node, NamedNode):
                raise self.error("shape is a class too, so it needs an IRI")
            yield TargetClass(self.node)
        for predicate in self.iris("targetSubjectsOf"):
            yield TargetSubjectsOf(predicate)
        for predicate in self.iris("targetObjectsOf"):
            yield TargetObjectsOf(predicate)

    def _messages(self) -> Iterator[Literal]:
        for message in self.terms("message"):
            if not isinstance(message, Literal) or (
                message.language is None and message.datatype != XSD_STRING
            ):
                raise self.error(f"sh:message {message} is no string")
            yield message

    def _deactivated(self) -> bool:
        values = self.terms("deactivated", at_most=1)
        if any(value not in (TRUE, FALSE) for value in values):
            raise self.error(f"sh:deactivated {values[0]} is neither true nor false")
        return TRUE in values

    # What constraint components ask for

    def error(self, message: str) -> InputError:
        return InputError(f"shape {self.node}: {message}")

    def terms(
        self, parameter: str, *, at_most: int | None = None, only_property_shapes: bool = False
    ) -> list[Term]:
        found = self.graph.objects(self.node, sh(parameter))
        if at_most is not None and len(found) > at_most:
            raise self.error(
                f"sh:{parameter} is given {len(found)} times; at most {at_most} is allowed"
            )
        if found and only_property_shapes and self.path is None:
            raise self.error(f"sh:{parameter} is for property shapes; this shape has no sh:path")
        return found

    def iri(self, term: Term, parameter: str) -> NamedNode:
        if not isinstance(term, NamedNode):
            raise self.error(f"sh:{parameter} {term} is no IRI")
        return term

    def string(self, term: Term, parameter: str) -> str:
        if not isinstance(term, Literal) or term.datatype != XSD_STRING:
            raise self.error(f"sh:{parameter} {term} is no string")
        return term.value

    def iris(
        self, parameter: str, *, at_most: int | None = None, only_property_shapes: bool = False
    ) -> list[NamedNode]:
        found = self.terms(parameter, at_most=at_most, only_property_shapes=only_property_shapes)
        return [self.iri(term, parameter) for term in found]

    def strings(self, parameter: str, *, at_most: int | None = None) -> list[str]:
        return [self.string(term, parameter) for term in self.terms(parameter, at_most=at_most)]

    def literals(self, parameter: str, *, at_most: int | None = None) -> list[Literal]:
        literals = []
        for term in self.terms(parameter, at_most=at_most):
            if not isinstance(term, Literal):
                raise self.error(f"sh:{parameter} {term} is no literal")
            literals.append(term)
        return literals

    def integers(self, parameter: str, *, only_property_shapes: bool = False) -> list[int]:
        integers = []
        for term in self.terms(parameter, at_most=1, only_property_shapes=only_property_shapes):
            if (
                not isinstance(term, Literal)
                or term.datatype != XSD_INTEGER
                or not _INTEGER.fullmatch(term.value)
            ):
                raise self.error(f"sh:{parameter} {term} is no integer")
            integers.append(int(term.value))
        return integers

    def booleans(
        self, parameter: str, *, at_most: int = 1, only_property_shapes: bool = False
    ) -> list[Literal]:
        booleans = []
        for term in self.terms(
            parameter, at_most=at_most, only_property_shapes=only_property_shapes
        ):
            if (
                not isinstance(term, Literal)
                or term.datatype != XSD_BOOLEAN
                or term.value not in ("true", "false", "1", "0")
            ):
                raise self.error(f"sh:{parameter} {term} is no boolean")
            booleans.append(term)
        return booleans

    def lists(self, parameter: str, *, at_most: int | None = None) -> list[list[Term]]:
        try:
            return [self.graph.members(head) for head in self.terms(parameter, at_most=at_most)]
        except InputError as error:
            raise self.error(f"sh:{parameter} {error.message}") from None

    def shape(self, node: Term) -> Shape:
        return self.parser.shape(node)

    def shapes(
        self, parameter: str, *, at_most: int | None = None, only_property_shapes: bool = False
    ) -> list[Shape]:
        found = self.terms(parameter, at_most=at_most, only_property_shapes=only_property_shapes)
        return [self.shape(node) for node in found]

    def shape_lists(self, parameter: str) -> list[tuple[Shape, ...]]:
        return [tuple(self.shape(node) for node in members) for members in self.lists(parameter)]
