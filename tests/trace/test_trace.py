"""What a trace and a lineage select, and where they put it."""

import networkx as nx

from aims_graph.columns.reader import local_name
from aims_graph.trace import DOWN, UP, compare, lineage, trace

CHAIN = """
ex:treat a aims:RiskTreatment ; aims:appliesControl iso42001:A.7.4 .
ex:risk a aims:Risk ; rdfs:label "Unfair" ; aims:hasTreatment ex:treat .
ex:price a aims:AISystem ; aims:hasRisk ex:risk ; aims:usesModel ex:model ; aims:owner ex:ann .
ex:model a aims:AIModel ; aims:hasVersion ex:version .
ex:version a aims:ModelVersion ; aims:trainedOn ex:data .
ex:data a aims:Dataset ; aims:owner ex:ann .
ex:other a aims:Dataset ; aims:owner ex:ann .
ex:ann a aims:Person .
"""
FLOW = """
ex:raw a aims:Dataset ; aims:hasAcquisition ex:got .
ex:got a aims:DataAcquisition .
ex:clean a aims:Dataset ; aims:derivedFrom ex:raw ; aims:hasPreparation ex:prepare .
ex:prepare a aims:DataPreparation ; aims:preparationInput ex:raw .
ex:run a aims:TrainingRun ; aims:usedDataset ex:clean .
ex:version a aims:ModelVersion ; aims:producedBy ex:run ; aims:trainedOn ex:clean .
ex:live a aims:Deployment ; aims:deploysVersion ex:version .
ex:price a aims:AISystem ; aims:hasDeployment ex:live ; aims:hasDecisionRecord ex:decision .
ex:decision a aims:DecisionRecord ; aims:byVersion ex:version .
"""


def names(graph) -> set[str]:
    return {local_name(node.term) for node in graph.nodes}


def test_a_control_traces_to_risk_system_model_data_and_owner(graph, iso) -> None:
    found = trace(graph(CHAIN), iso("A.7.4"))
    assert names(found) >= {"treat", "risk", "price", "model", "version", "data", "ann"}
    columns = {local_name(n.term): found.columns[n.column] for n in found.nodes}
    assert columns["risk"] == "Risk"
    assert columns["price"] == "AI system"
    assert columns["ann"] == "Who answers"


def test_a_trace_never_turns(graph, iso) -> None:
    assert "other" not in names(trace(graph(CHAIN), iso("A.7.4")))


def test_the_same_trace_runs_backwards(graph, iso, ex) -> None:
    data = graph(CHAIN)
    up = trace(data, ex("data"), direction=UP)
    assert iso("A.7.4") in {node.term for node in up.nodes}
    assert ex("ann") not in {node.term for node in up.nodes}
    assert all(node.distance <= 0 for node in up.nodes)


def test_relations_stated_by_their_inverse_are_followed(graph, ex) -> None:
    data = graph("ex:risk a aims:Risk ; aims:riskOf ex:price . ex:price a aims:AISystem .")
    assert names(trace(data, ex("risk"))) == {"risk", "price"}


def test_networkx_has_the_nodes_and_edges(graph, iso) -> None:
    found = trace(graph(CHAIN), iso("A.7.4"))
    graph_ = found.to_networkx()
    assert (graph_.number_of_nodes(), graph_.number_of_edges()) == (
        len(found.nodes),
        len(found.edges),
    )
    assert nx.get_node_attributes(graph_, "label")[iso("A.7.4")].startswith("A.7.4")


def test_lineage_goes_from_source_to_decision(graph, ex) -> None:
    found = lineage(graph(FLOW), ex("raw"))
    column = {local_name(node.term): node.column for node in found.nodes}
    order = ["got", "raw", "prepare", "clean", "run", "version", "live", "price", "decision"]
    assert sorted(column, key=column.__getitem__) == order
    assert found.turned


def test_lineage_up_and_down_are_parts(graph, ex) -> None:
    data = graph(FLOW)
    assert names(lineage(data, ex("clean"), direction=DOWN)) == {"clean", "prepare", "raw", "got"}
    made = {"clean", "run", "version", "live", "price", "decision"}
    assert names(lineage(data, ex("clean"), direction=UP)) == made


def test_data_derived_in_a_circle_stand_in_one_column(graph, ex) -> None:
    found = lineage(
        graph("ex:a a aims:Dataset ; aims:derivedFrom ex:b . ex:b a aims:Dataset ; aims:derivedFrom ex:a ."),
        ex("a"),
    )  # fmt: skip
    assert {node.column for node in found.nodes} == {0}


def test_an_unknown_thing_traces_to_itself_alone(graph, ex) -> None:
    found = trace(graph(CHAIN), ex("nowhere"))
    assert (names(found), found.edges) == ({"nowhere"}, ())


def test_two_traces_are_compared(graph, iso, ex) -> None:
    before = trace(graph(CHAIN), iso("A.7.4"), states={ex("price"): "met"})
    later = CHAIN.replace("aims:trainedOn ex:data", "aims:trainedOn ex:other")
    after = trace(graph(later), iso("A.7.4"), states={ex("price"): "not met"})
    found = compare(before, after)
    assert [local_name(node.term) for node in found.added] == ["other"]
    assert [local_name(node.term) for node in found.removed] == ["data"]
    assert [(a.state, b.state) for a, b in found.changed] == [("met", "not met")]
    assert {edge.label for edge in found.added_edges} == {"trained on", "owner"}
    assert not compare(after, after)
