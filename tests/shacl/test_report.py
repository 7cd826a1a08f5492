"""The report: made when read, counted without being made, complete as RDF."""

import io
from collections import Counter

import pytest
from pyoxigraph import Literal, RdfFormat, parse

from aims_graph.columns import Columns
from aims_graph.shacl import ENGINES, Validator, compile_shapes, validate
from aims_graph.shacl import results as results_module
from aims_graph.shacl.graph import ShapesGraph
from aims_graph.shacl.names import RDF_TYPE, sh

SHAPES = """
ex:PersonShape sh:targetClass ex:Person ; sh:property ex:home, ex:name .
ex:home sh:path ex:home ; sh:node ex:AddressShape ; sh:severity sh:Warning .
ex:name sh:path ( ex:called ex:text ) ; sh:minCount 1 ; sh:message "Give a name."@en, "Namen angeben."@de .
ex:AddressShape sh:property [ sh:path ex:city ; sh:minCount 1 ; sh:class ex:City ] ; sh:nodeKind sh:IRI .
"""
DATA = """
ex:ann a ex:Person ; ex:home [ ex:city ex:rome ] ; ex:called [ ex:text "Ann" ] .
ex:bob a ex:Person ; ex:home ex:house .
ex:cid a ex:Person ; ex:home ex:flat ; ex:called [ ex:text "Cid" ] .
ex:flat ex:city ex:oslo . ex:oslo a ex:City .
"""


@pytest.fixture
def report(turtle):
    return validate(turtle(DATA), turtle(SHAPES))


def test_the_details_of_sh_node_say_what_is_wrong_with_the_value(report):
    found = {
        result.focus.value.rpartition("/")[2]: sorted(
            d.component.value.rpartition("#")[2] for d in result.details
        )
        for result in report.results
        if result.component == sh("NodeConstraintComponent")
    }
    assert found == {
        "ann": ["ClassConstraintComponent", "NodeKindConstraintComponent"],
        "bob": ["MinCountConstraintComponent"],
    }


def test_the_scalar_engine_gives_the_same_details(turtle, report):
    def details(some):
        return Counter(
            (r.focus, r.shape, d.focus, d.value, str(d.path), d.component)
            for r in some.results
            for d in r.details
        )

    data, shapes = turtle(DATA), turtle(SHAPES)
    assert details(validate(data, shapes)) == details(validate(data, shapes, engine="scalar"))


def test_messages_keep_their_languages(report):
    (result,) = (r for r in report.results if r.component == sh("MinCountConstraintComponent"))
    assert set(result.messages) == {
        Literal("Give a name.", language="en"),
        Literal("Namen angeben.", language="de"),
    }


def test_the_report_as_rdf_holds_every_field(report):
    quads = list(parse(report.to_turtle(), format=RdfFormat.TURTLE))
    graph = ShapesGraph(Columns.from_triples((q.subject, q.predicate, q.object) for q in quads))
    (top,) = (node for node, kind in graph.pairs(RDF_TYPE) if kind == sh("ValidationReport"))
    nodes = graph.objects(top, sh("result"))
    assert len(nodes) == len(report.results) == 3
    for node in nodes:
        for name in (
            "focusNode",
            "sourceShape",
            "sourceConstraintComponent",
            "resultSeverity",
            "resultPath",
            "resultMessage",
        ):
            assert graph.objects(node, sh(name)), name
    assert sum(len(graph.objects(node, sh("detail"))) for node in nodes) == 3
    output = io.BytesIO()
    report.write(output, RdfFormat.N_TRIPLES)
    assert len(list(parse(output.getvalue(), format=RdfFormat.N_TRIPLES))) == len(quads)


def test_results_can_be_taken_by_position(report):
    everything = list(report.results)
    assert [report.results[n] for n in range(3)] == everything
    assert report.results[-1] == everything[-1]
    assert list(report.results[1:]) == everything[1:]
    with pytest.raises(IndexError):
        report.results[3]


@pytest.mark.parametrize("engine", ENGINES)
def test_the_summary_counts_by_shape_component_and_severity(turtle, engine):
    report = validate(turtle(DATA), turtle(SHAPES), engine=engine)
    assert report.summary() == Counter((r.shape, r.component, r.severity) for r in report.results)
    assert sum(report.summary().values()) == 3


@pytest.mark.parametrize("engine", ENGINES)
def test_focus_nodes_without_results_are_reported_too(turtle, engine):
    report = validate(turtle(DATA), turtle(SHAPES), engine=engine)
    ((shape, nodes),) = report.focus_nodes.items()
    assert shape.value.endswith("PersonShape")
    assert {node.value.rpartition("/")[2] for node in nodes} == {"ann", "bob", "cid"}


def test_counting_a_hundred_thousand_results_makes_none_of_them(turtle, monkeypatch):
    nodes = " ".join(f"ex:n{number} a ex:C ." for number in range(100_000))
    validator = Validator(
        compile_shapes(turtle("ex:S sh:targetClass ex:C ; sh:path ex:p ; sh:minCount 1 .")),
        turtle(nodes),
    )
    monkeypatch.setattr(results_module, "ValidationResult", None)
    report = validator.report
    assert not report.conforms
    assert len(report.results) == 100_000
    assert list(report.summary().values()) == [100_000]


def test_a_chain_of_thousands_of_steps_is_followed_to_its_end(turtle):
    chain = " ".join(f"ex:n{number} ex:next ex:n{number + 1} ." for number in range(3000))
    shapes = turtle(
        "ex:S sh:targetNode ex:n0 ; sh:path [ sh:oneOrMorePath ex:next ] ; sh:maxCount 2999 ."
    )
    assert len(validate(turtle(chain), shapes).results) == 1
    shapes = turtle(
        "ex:S sh:targetNode ex:n0 ; sh:path [ sh:oneOrMorePath ex:next ] ; sh:minCount 3000 ."
    )
    assert validate(turtle(chain), shapes).conforms
