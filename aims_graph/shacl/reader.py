"""The declarations of one shape as constraint components ask for them: each checked for kind and number."""

import re
from collections.abc import Callable

from pyoxigraph import BlankNode, Literal, NamedNode

from aims_graph.errors import InputError
from aims_graph.shacl.graph import ShapesGraph
from aims_graph.shacl.model import Shape
from aims_graph.shacl.names import XSD_BOOLEAN, XSD_INTEGER, XSD_STRING, Term, sh
from aims_graph.shacl.paths import Path, parse_path

_INTEGER = re.compile(r"[+-]?[0-9]{1,18}")


class ShapeReader:
    """graph, node: the shape. path: its sh:path, None for a node shape. resolve: the shape of another node."""

    def __init__(
        self, graph: ShapesGraph, node: NamedNode | BlankNode, resolve: Callable[[Term], Shape]
    ) -> None:
        self.graph = graph
        self.node = node
        self._resolve = resolve
        self.path = self._path()

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
        return self._resolve(node)

    def shapes(
        self, parameter: str, *, at_most: int | None = None, only_property_shapes: bool = False
    ) -> list[Shape]:
        found = self.terms(parameter, at_most=at_most, only_property_shapes=only_property_shapes)
        return [self.shape(node) for node in found]

    def shape_lists(self, parameter: str) -> list[tuple[Shape, ...]]:
        return [tuple(self.shape(node) for node in members) for members in self.lists(parameter)]
