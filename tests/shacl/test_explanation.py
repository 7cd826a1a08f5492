"""What an explanation says is true: the complete remedies work, and the triples are there."""

import pytest
from pyoxigraph import RdfFormat, serialize

from aims_graph.shacl import Validator, compile_shapes

SHAPES = """
ex:SystemShape a sh:NodeShape ; sh:targetClass ex:System ;
    sh:property ex:owner, ex:name, ex:risk, ex:tag ; sh:closed true ;
    sh:ignoredProperties ( rdf:type ) .
ex:owner sh:path ex:owner ; sh:minCount 1 ; sh:class ex:Person .
ex:name sh:path ex:name ; sh:maxCount 1 ; sh:datatype xsd:string .
ex:risk sh:path ex:risk ; sh:node ex:RiskShape .
ex:tag sh:path ex:tag ; sh:hasValue ex:checked ; sh:equals ex:label .
ex:RiskShape sh:property [ sh:path ex:level ; sh:minCount 1 ] .
"""

DATA = """
ex:a a ex:System ; ex:name "A", "B" ; ex:owner ex:bob ; ex:risk ex:r ; ex:tag ex:checked .
ex:b a ex:System ; ex:name 3 ; ex:colour "red" ; ex:tag ex:x ; ex:label ex:x .
"""


@pytest.fixture
def validator(turtle):
    return Validator(compile_shapes(turtle(SHAPES)), turtle(DATA))


def test_every_complete_remedy_takes_the_result_away(validator):
    tried = set()
    for result in validator.report.results:
        for remedy in validator.explain(result).remedies:
            if remedy.complete:
                assert result in validator.what_if(remedy.added, remedy.removed).gone
                tried.add(result.component.value.rpartition("#")[2])
    assert tried >= {
        "MinCountConstraintComponent", "MaxCountConstraintComponent", "ClassConstraintComponent",
        "DatatypeConstraintComponent", "ClosedConstraintComponent", "HasValueConstraintComponent",
        "EqualsConstraintComponent", "NodeConstraintComponent",
    }  # fmt: skip


def test_the_triples_looked_at_are_in_the_data(validator):
    present = set(validator.data.triples())
    for result in validator.report.results:
        explanation = validator.explain(result)
        assert set(explanation.looked_at) <= present
        assert all(set(remedy.removed) <= present for remedy in explanation.remedies)


def test_every_result_can_be_explained_in_words_and_as_rdf(validator):
    for result in validator.report.results:
        explanation = validator.explain(result)
        assert explanation.remedies
        assert "It passes when you:" in str(explanation)
        assert (
            b"wasDerivedFrom" in serialize(explanation.to_triples(), format=RdfFormat.TURTLE)
            or not explanation.looked_at
        )


def test_a_value_at_the_end_of_a_path_is_explained_by_the_triples_on_the_way(turtle):
    data = turtle("ex:a ex:p ex:b . ex:b ex:q ex:c . ex:a ex:p ex:d . ex:d ex:r ex:e .")
    shapes = turtle("ex:S sh:targetNode ex:a ; sh:path ( ex:p ex:q ) ; sh:nodeKind sh:Literal .")
    validator = Validator(compile_shapes(shapes), data)
    (result,) = validator.report.results
    assert set(validator.explain(result).looked_at) == set(
        turtle("ex:a ex:p ex:b . ex:b ex:q ex:c .").triples()
    )


def test_a_result_of_another_report_cannot_be_explained(turtle, validator):
    (result,) = Validator(
        compile_shapes(turtle("ex:S sh:targetNode ex:a ; sh:nodeKind sh:Literal .")), turtle("")
    ).report.results
    with pytest.raises(ValueError, match="not part"):
        validator.explain(result)
