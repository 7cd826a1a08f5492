"""Property paths: SPARQL text, RDF both ways, turning around, refusal of ill-formed ones."""

import pytest
from hypothesis import given, settings
from pyoxigraph import BlankNode, Literal, Quad, Store
from shacl_strategies import PREDICATES, ShapesWriter, data_graphs, paths

from aims_graph.columns import Columns
from aims_graph.errors import InputError
from aims_graph.shacl.evaluation import Evaluation
from aims_graph.shacl.graph import ShapesGraph
from aims_graph.shacl.names import sh
from aims_graph.shacl.paths import forward, parse_path, path_triples, predicates, turned


def parsed(path):
    writer = ShapesWriter(draw=None)
    node = writer.path(path)
    return parse_path(ShapesGraph(Columns.from_triples(writer.triples)), node)


def pairs(path, data):
    evaluation = Evaluation(Columns.from_triples(data))
    everything = {term for triple in data for term in (triple[0], triple[2])}
    start, end = evaluation.follow(path, evaluation.ids(everything))
    term = evaluation.terms.term
    return {(term(s), term(e)) for s, e in zip(start.tolist(), end.tolist(), strict=True)}


@settings(deadline=None)
@given(paths)
def test_a_path_written_as_rdf_and_read_back_is_the_same(path):
    path = parsed(path)
    node, triples = path_triples(path)
    graph = ShapesGraph(Columns.from_triples((t.subject, t.predicate, t.object) for t in triples))
    assert parse_path(graph, node) == path


@settings(deadline=None)
@given(paths)
def test_the_text_of_a_path_is_sparql(path):
    Store().query(f"ASK {{ ?s {parsed(path)} ?o }}")


@settings(deadline=None)
@given(data_graphs([Literal("a")]), paths)
def test_a_path_leads_where_its_text_leads_in_sparql(data, path):
    path = parsed(path)
    store = Store()
    store.extend(Quad(*triple) for triple in data)
    rows = store.query(f"SELECT DISTINCT ?s ?o {{ ?s {path} ?o }}")
    assert pairs(path, data) == {(row["s"], row["o"]) for row in rows}


@settings(deadline=None)
@given(data_graphs([Literal("a")]), paths)
def test_the_path_turned_around_leads_back(data, path):
    path = parsed(path)
    assert pairs(turned(path), data) == {(end, start) for start, end in pairs(path, data)}
    assert pairs(forward(path), data) == pairs(path, data)


@settings(deadline=None)
@given(paths)
def test_turning_a_path_twice_and_its_predicates(path):
    path = parsed(path)
    assert turned(turned(path)) == forward(path)
    assert predicates(path) <= set(PREDICATES)
    assert predicates(turned(path)) == predicates(path)


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ('"text"', "no property path"),
        ("[]", "exactly one of"),
        ("[ sh:inversePath ex:p ; sh:zeroOrMorePath ex:q ]", "exactly one of"),
        ("[ sh:inversePath ex:p, ex:q ]", "exactly one of"),
        ("( ex:p )", "at least two members"),
        ("rdf:nil", "no property path"),
        ("[ sh:alternativePath ( ex:p ) ]", "at least two members"),
        ("[ sh:alternativePath ex:p ]", "not a well-formed RDF list"),
        ("[ rdf:first ex:p ; rdf:rest ex:q ]", "not a well-formed RDF list"),
        ("( ex:p [ sh:inversePath 1 ] )", "no property path"),
    ],
)
def test_an_ill_formed_path_is_refused(turtle, path, reason):
    graph = ShapesGraph(turtle(f"ex:S sh:path {path} ."))
    ((_, node),) = graph.pairs(sh("path"))
    with pytest.raises(InputError, match=reason):
        parse_path(graph, node)


def test_a_path_that_contains_itself_is_refused(turtle):
    graph = ShapesGraph(
        turtle("ex:S sh:path _:a . _:a sh:inversePath _:b . _:b sh:inversePath _:a .")
    )
    ((_, node),) = graph.pairs(sh("path"))
    with pytest.raises(InputError, match="contains itself"):
        parse_path(graph, node)


def test_a_path_nested_a_thousand_times_is_refused():
    chain = [(BlankNode(f"b{n}"), sh("inversePath"), BlankNode(f"b{n + 1}")) for n in range(1000)]
    graph = ShapesGraph(Columns.from_triples(chain))
    with pytest.raises(InputError, match="nested deeper"):
        parse_path(graph, BlankNode("b0"))
