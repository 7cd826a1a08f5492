"""pySHACL as an engine: the same question put to an independent implementation through rdflib.

Bare SHACL: no Advanced Features, no inference, no owl:imports. Blank nodes keep their labels both ways.
"""

import logging

import pyshacl
import rdflib
from pyoxigraph import BlankNode, Literal, NamedNode

from aims_graph.columns import Columns
from aims_graph.errors import InputError
from aims_graph.shacl.graph import ShapesGraph
from aims_graph.shacl.names import Term, sh
from aims_graph.shacl.paths import parse_path
from aims_graph.shacl.plan import compile_shapes
from aims_graph.shacl.report import ValidationReport, ValidationResult
from aims_graph.shacl.results import focus_nodes


def validate(data: Columns, shapes: Columns) -> ValidationReport:
    """Raises InputError with the words of pySHACL when it refuses the shapes."""
    # rdflib logs a traceback for each ill-typed literal; that a literal is ill-typed is ours to report.
    logging.getLogger("rdflib.term").setLevel(logging.CRITICAL)
    try:
        _, report, text = pyshacl.validate(
            _to_rdflib(data), shacl_graph=_to_rdflib(shapes), inference="none"
        )
    except Exception as error:  # noqa: BLE001 rdflib and pySHACL raise bare exceptions for bad queries
        raise InputError(f"pySHACL: {error}") from None
    if not isinstance(report, rdflib.Graph):
        raise InputError(f"pySHACL: {text}")
    triples = ((_to_term(s), _to_term(p), _to_term(o)) for s, p, o in report)
    graph = ShapesGraph(Columns.from_triples(triples))
    results = [_result(graph, node) for _, node in graph.pairs(sh("result"))]
    # pySHACL does not say which nodes it checked.
    return ValidationReport(results, focus_nodes(compile_shapes(shapes), data))


def _result(graph: ShapesGraph, node: Term) -> ValidationResult:
    def one(name: str) -> Term | None:
        return next(iter(graph.objects(node, sh(name))), None)

    focus, shape, path = one("focusNode"), one("sourceShape"), one("resultPath")
    component, severity = one("sourceConstraintComponent"), one("resultSeverity")
    assert focus is not None
    assert shape is not None
    assert isinstance(component, NamedNode)
    assert isinstance(severity, NamedNode)
    return ValidationResult(
        focus=focus,
        shape=shape,
        component=component,
        severity=severity,
        path=None if path is None else parse_path(graph, path),
        value=one("value"),
        messages=tuple(
            m for m in graph.objects(node, sh("resultMessage")) if isinstance(m, Literal)
        ),
        constraint=one("sourceConstraint"),
        details=tuple(_result(graph, detail) for detail in graph.objects(node, sh("detail"))),
    )


def _to_rdflib(columns: Columns) -> rdflib.Graph:
    graph = rdflib.Graph()
    for subject, predicate, value in columns.triples():
        graph.add((_to_node(subject), _to_node(predicate), _to_node(value)))
    return graph


def _to_node(term: Term) -> rdflib.term.Node:
    if isinstance(term, NamedNode):
        return rdflib.URIRef(term.value)
    if isinstance(term, BlankNode):
        return rdflib.BNode(term.value)
    if term.language is not None:
        return rdflib.Literal(term.value, lang=term.language)
    return rdflib.Literal(term.value, datatype=rdflib.URIRef(term.datatype.value), normalize=False)


def _to_term(node: rdflib.term.Node) -> Term:
    if isinstance(node, rdflib.URIRef):
        return NamedNode(str(node))
    if isinstance(node, rdflib.BNode):
        return BlankNode(str(node))
    assert isinstance(node, rdflib.Literal)
    if node.language is not None:
        return Literal(str(node), language=node.language)
    # pySHACL writes its own messages without a datatype.
    return Literal(
        str(node), datatype=None if node.datatype is None else NamedNode(str(node.datatype))
    )
