"""AIMS records written in YAML."""

import pytest

from aims_graph.errors import InputError
from aims_graph.ingest import ingest


@pytest.fixture
def read(write):
    def run(*texts):
        paths = [
            write(f"t{n}.yaml", f"base: https://x.example/\n{text}") for n, text in enumerate(texts)
        ]
        return {quad.triple for quad in ingest(paths).quads}

    return run


def test_a_record_becomes_typed_triples(read, turtle):
    found = read(
        """
prefixes: {ex: 'https://x.example/ns#'}
AISystem:
  recommender:
    label: Product recommendations
    owner: maria-lopez
    systemStage: OperationAndMonitoring
    affectsPeople: true
    retiredOn: 2026-03-31
    hasRisk: [r1, {ref: r2}]
    ex:colour: red
    notReported: hasImpactAssessment
Person:
  maria-lopez: {label: Maria López}
Risk:
  r1:
  r2: {}
"""
    )
    assert found == turtle(
        ':recommender a aims:AISystem ; rdfs:label "Product recommendations" ; aims:owner :maria-lopez ;'
        " aims:systemStage aims:OperationAndMonitoring ; aims:affectsPeople true ;"
        ' aims:retiredOn "2026-03-31"^^xsd:date ; aims:hasRisk :r1, :r2 ; ex:colour "red" ;'
        " aims:notReported aims:hasImpactAssessment ."
        ':maria-lopez a aims:Person ; rdfs:label "Maria López" . :r1 a aims:Risk . :r2 a aims:Risk .'
    )


def test_a_map_is_a_node_of_the_class_that_the_property_leads_to(read, turtle):
    found = read(
        """
AISystem:
  s:
    hasDeployment:
      - {id: dep, deployedOn: 2026-01-31}
      - {deployedOn: 2026-02-01, approvedBy: {type: Person, label: Ann}}
Incident:
  i: {concerns: dep}
"""
    )
    inner = "<https://x.example/s.hasDeployment-2>"
    assert found == turtle(
        f":s a aims:AISystem ; aims:hasDeployment :dep, {inner} ."
        ':dep a aims:Deployment ; aims:deployedOn "2026-01-31"^^xsd:date .'
        f'{inner} a aims:Deployment ; aims:deployedOn "2026-02-01"^^xsd:date ;'
        " aims:approvedBy <https://x.example/s.hasDeployment-2.approvedBy-1> ."
        "<https://x.example/s.hasDeployment-2.approvedBy-1> a aims:Person ; rdfs:label 'Ann' ."
        ":i a aims:Incident ; aims:concerns :dep ."
    )


def test_ids_may_lie_in_another_file_of_the_set(read, turtle):
    found = read("AISystem: {s: {owner: p}}", "Person: {p: {}}")
    assert found == turtle(":s a aims:AISystem ; aims:owner :p . :p a aims:Person .")


def test_a_local_id_comes_before_a_name_of_the_vocabulary(read, turtle):
    found = read("LifeCycleStage: {Retirement: {}}\nAISystem: {s: {systemStage: Retirement}}")
    assert found == turtle(
        ":Retirement a aims:LifeCycleStage . :s a aims:AISystem ; aims:systemStage :Retirement ."
    )


def test_iris_and_prefixed_names_are_references(read, turtle):
    found = read("AISystem: {s: {owner: [<https://y.example/p>, 'aims:x']}}")
    assert found == turtle(":s a aims:AISystem ; aims:owner <https://y.example/p>, aims:x .")


def test_an_inverse_is_written_in_the_direction_that_rules_read(read, turtle):
    found = read("AISystem: {s: {governedBy: m}}\nAIManagementSystem: {m: {}}")
    assert found == turtle(":s a aims:AISystem . :m a aims:AIManagementSystem ; aims:governs :s .")


def test_a_link_that_is_hardly_meant_is_noted_with_its_line(write):
    text = """base: https://x.example/
AISystem:
  s:
    owner: r
    approvedBy: p
    systemStage: Completed
Risk:
  r: {hasDeployment: d}
Deployment: {d: {}}
Person: {p: {}}
"""
    notes = [note.message for note in ingest([write("t.yaml", text)]).report.notes]
    assert notes == [
        "line 4: owner leads to Agent, but r is Risk",
        "line 6: systemStage leads to LifeCycleStage, but Completed is Status",
        "line 8: hasDeployment is said of AISystem, but r is Risk",
    ]


def test_a_language_goes_to_names_and_sentences(read, turtle):
    found = read(
        "language: de\nAISystem: {s: {label: Empfehlungen, identifier: A-1, intendedUse: {en: advice}}}"
    )
    assert found == turtle(
        ':s a aims:AISystem ; rdfs:label "Empfehlungen"@de ; dct:identifier "A-1" ;'
        ' aims:intendedUse "advice"@en .'
    )


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        ("AISytem: {s: {}}", "'AISytem' is no class.* Did you mean 'AISystem'", 2),
        ("AISystem:\n  s:\n    ownr: p", "'ownr' is no property.* Did you mean 'owner'", 4),
        (
            "AISystem:\n  s: {owner: ann}\nPerson:\n  anna: {}",
            "nothing has the id 'ann'.*'anna'",
            3,
        ),
        ("AISystem: {s: {systemStage: Retirment}}", "Did you mean 'Retirement'", 2),
        ("AISystem: {s: {retiredOn: 31.3.2026}}", "no xsd:date. Write for example 2026-03-31", 2),
        ("AISystem: {s: {affectsPeople: yes}}", "no xsd:boolean", 2),
        ("AISystem: {s: {retiredOn: }}", "has no value.*notReported", 2),
        ("AISystem: {s: {retiredOn: {a: b, c: 1}}}", "takes a value, not a map", 2),
        ("AISystem: {s: {owner: [[a]]}}", "list inside a list", 2),
        ("AISystem: {s: {}}\nRisk:\n  s: {}", "already used in t0.yaml on line 2", 4),
        ("AISystem: {s: x}", "must be a map", 2),
        ("AISystem: [s]", "must be a map", 2),
        ("AISystem: {'a b': {}}", "is no id", 2),
        ("AISystem: {s: {concernedBy: {label: x}}}", "say what this is", 2),
        ("AISystem: {s: {amis:owner: p}}", "is no property", 2),
        ("prefixes: {aims: 'urn:x'}", "already means", 2),
        ("AISystem: {s: {intendedUse: {en: [a]}}}", "intendedUse in en must be a text", 2),
        ("language: x_1", "no language tag", 2),
    ],
)
def test_a_mistake_is_named_with_its_line(read, text, message, line):
    with pytest.raises(InputError, match=message) as error:
        read(text)
    assert error.value.line == line


def test_a_file_without_base_is_refused(write):
    with pytest.raises(InputError, match="needs the key 'base'"):
        ingest([write("t.yaml", "AISystem: {}")])
