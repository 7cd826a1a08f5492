"""From a shapes graph to shapes; ill-formed and recursive ones are refused.

https://www.w3.org/TR/shacl/#shapes and the syntax rules of https://www.w3.org/TR/shacl/#syntax-rules
"""

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
    XSD_STRING,
    Term,
    sh,
    short,
)
from aims_graph.shacl.reader import ShapeReader
from aims_graph.vocabulary import SH

SHAPE_CLASSES = (sh("NodeShape"), sh("PropertyShape"))
TARGETS = (sh("targetNode"), sh("targetClass"), sh("targetSubjectsOf"), sh("targetObjectsOf"))
# SHACL Advanced Features that change what is validated: refused, because to ignore them is to check less.
UNSUPPORTED = {
    sh("target"): "SPARQL-based and other custom targets (sh:target)",
    sh("rule"): "SHACL rules (sh:rule)",
    sh("values"): "node expressions (sh:values)",
    sh("expression"): "expression constraints (sh:expression)",
    sh("js"): "JavaScript constraints (sh:js)",
    sh("resultAnnotation"): "annotations of results (sh:resultAnnotation)",
}
# What else of the SHACL vocabulary may stand at a shape. Anything outside is a slip of the pen or a feature
# that this engine has not; to skip it would be to check less than asked.
_ALSO = (
    "name description order group defaultValue message severity deactivated path flags ignoredProperties "
    "qualifiedMinCount qualifiedMaxCount qualifiedValueShapesDisjoint targetNode targetClass targetSubjectsOf "
    "targetObjectsOf declare prefixes namespace prefix select ask construct parameter optional labelTemplate "
    "nodeValidator propertyValidator validator shapesGraph suggestedShapesGraph shapesGraphWellFormed"
)
KNOWN = constraints.PARAMETERS | frozenset(map(sh, _ALSO.split()))
# What may stand at nodes that are no shapes: paths, validation reports, and declarations of functions, libraries and
# kinds of targets, which are harmless by themselves: to use them is refused. (nodeShape is plain data in the W3C suite.)
_ELSEWHERE_TEXT = (
    "inversePath alternativePath zeroOrMorePath oneOrMorePath zeroOrOnePath conforms result focusNode value "
    "resultPath resultSeverity resultMessage sourceShape sourceConstraint sourceConstraintComponent detail "
    "returnType update jsFunctionName jsLibrary jsLibraryURL nodeShape"
)
_ELSEWHERE = frozenset(map(sh, _ELSEWHERE_TEXT.split()))
MAXIMUM_DEPTH = 60


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
        # Declarations of parameters are written like shapes but are none to validate with.
        parameters = {node for _, node in graph.pairs(sh("parameter"))}
        for node in dict.fromkeys(nodes):
            if not isinstance(node, Literal) and node not in parameters:
                self.shape(node)
        self._refuse_unknown()
        return tuple(self._shapes.values())

    def _refuse_unknown(self) -> None:
        """At nodes that nothing marks as shapes: they may have been meant as such."""
        terms = self.graph.columns.terms
        for identifier in self.graph.columns.predicates.tolist():
            predicate = terms.term(identifier)
            assert isinstance(predicate, NamedNode)
            known = not predicate.value.startswith(SH) or predicate in KNOWN | _ELSEWHERE
            for node, _ in () if known else self.graph.pairs(predicate):
                raise InputError(
                    f"{node}: sh:{short(predicate)} is no property of SHACL 1.0",
                    hint="Correct or remove it: it would be passed over",
                )

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
        shape = self._shapes[node] = _read(ShapeReader(self.graph, node, self.shape))
        self._open.pop()
        return shape


def _read(reader: ShapeReader) -> Shape:
    for predicate in reader.graph.predicates(reader.node):
        if predicate.value.startswith(SH) and predicate not in KNOWN:
            raise reader.error(f"sh:{short(predicate)} is no property of SHACL for shapes")
    found = constraints.parse_constraints(reader)
    severities = reader.iris("severity", at_most=1)
    return Shape(
        node=reader.node,
        path=reader.path,
        targets=tuple(_targets(reader)),
        constraints=tuple(found),
        severity=severities[0] if severities else sh("Violation"),
        messages=tuple(_messages(reader)),
        deactivated=_deactivated(reader),
    )


def _targets(reader: ShapeReader) -> Iterator[Target]:
    for node in reader.terms("targetNode"):
        if isinstance(node, BlankNode):
            raise reader.error("sh:targetNode is a blank node; an IRI or a literal is needed")
        yield TargetNode(node)
    for kind in reader.iris("targetClass"):
        yield TargetClass(kind)
    if reader.graph.is_instance(reader.node, RDFS_CLASS) and reader.graph.is_instance(
        reader.node, *SHAPE_CLASSES
    ):
        if not isinstance(reader.node, NamedNode):
            raise reader.error("shape is a class too, so it needs an IRI")
        yield TargetClass(reader.node)
    for predicate in reader.iris("targetSubjectsOf"):
        yield TargetSubjectsOf(predicate)
    for predicate in reader.iris("targetObjectsOf"):
        yield TargetObjectsOf(predicate)


def _messages(reader: ShapeReader) -> Iterator[Literal]:
    for message in reader.terms("message"):
        if not isinstance(message, Literal) or (
            message.language is None and message.datatype != XSD_STRING
        ):
            raise reader.error(f"sh:message {message} is no string")
        yield message


def _deactivated(reader: ShapeReader) -> bool:
    values = reader.terms("deactivated", at_most=1)
    if any(value not in (TRUE, FALSE) for value in values):
        raise reader.error(f"sh:deactivated {values[0]} is neither true nor false")
    return TRUE in values
