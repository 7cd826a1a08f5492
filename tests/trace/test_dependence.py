"""Coverage, single points of failure, critical controls, loose ends, chains."""

from aims_graph.columns.reader import local_name
from aims_graph.trace import Dependences, find_loose_ends, find_path
from aims_graph.trace.loose_ends import NO_OWNER, ORPHAN, UNREACHED

GRAPH = """
ex:how a aims:ControlImplementation ; aims:implements iso42001:A.7.4 ; aims:owner ex:ann ; aims:evidencedBy ex:report .
ex:report a aims:Record ; aims:addresses iso42001:A.7.4 , iso42001:9.1 ; aims:issuedBy ex:lab .
ex:second a aims:Record ; aims:addresses iso42001:9.1 .
ex:process a aims:Process ; aims:addresses iso42001:9.1 ; aims:owner ex:ann , ex:bob .
ex:treat a aims:RiskTreatment ; aims:appliesControl iso42001:A.7.4 .
ex:both a aims:RiskTreatment ; aims:appliesControl iso42001:A.7.4 , iso42001:A.9.3 .
ex:dropped a aims:RiskTreatment ; aims:appliesControl iso42001:A.5.4 ; aims:status aims:Cancelled .
ex:unfair a aims:Risk ; aims:hasTreatment ex:treat , ex:dropped .
ex:wrong a aims:Risk ; aims:hasTreatment ex:both .
ex:price a aims:AISystem ; aims:hasRisk ex:unfair , ex:wrong ; aims:hasSupplier ex:cloud .
ex:cloud a aims:Supplier . ex:lab a aims:Supplier .
ex:ann a aims:Person . ex:bob a aims:Person .
"""


def _names(terms) -> list[str]:
    return sorted(local_name(term) for term in terms)


def _dependences(graph, iso) -> Dependences:
    return Dependences(graph(GRAPH), [iso(n) for n in ("9.1", "A.5.4", "A.7.4", "A.9.3", "10.1")])


def test_coverage_says_what_stands_behind_a_requirement_and_what_is_missing(graph, iso) -> None:
    rows = {local_name(row.requirement): row for row in _dependences(graph, iso).coverage()}
    control = rows["A.7.4"]
    assert _names(control.carried_out_by) == ["how", "report"]
    assert (_names(control.evidence), _names(control.owners)) == (["report"], ["ann"])
    assert _names(control.systems) == ["price"]
    assert control.missing == ()
    assert rows["10.1"].missing == ("anything that carries it out", "evidence", "an owner")


def test_what_one_thing_alone_holds_up_is_a_single_point_of_failure(graph, iso) -> None:
    found = {(d.role, local_name(d.thing)): d for d in _dependences(graph, iso).single_points()}
    ann = found["owner", "ann"]
    assert (_names(ann.requirements), _names(ann.alone)) == (["9.1", "A.7.4"], ["A.7.4"])
    assert _names(found["owner", "bob"].alone) == []
    report = found["evidence", "report"]
    assert (_names(report.requirements), _names(report.alone)) == (["9.1", "A.7.4"], ["A.7.4"])
    assert _names(found["supplier", "cloud"].requirements) == ["A.7.4", "A.9.3"]
    assert _names(found["supplier", "lab"].requirements) == ["9.1", "A.7.4"]


def test_a_control_that_alone_treats_a_risk_comes_first(graph, iso) -> None:
    controls = _dependences(graph, iso).critical_controls()
    assert [local_name(c.control) for c in controls] == ["A.7.4", "A.9.3"]
    assert (_names(controls[0].risks), _names(controls[0].alone)) == (
        ["unfair", "wrong"],
        ["unfair"],
    )
    assert _names(controls[1].alone) == []
    assert _names(controls[1].systems) == ["price"]


def test_loose_ends_are_told_apart(graph) -> None:
    ends = {
        (local_name(end.thing), end.problem)
        for end in find_loose_ends(
            graph(
                GRAPH
                + """
ex:stray a aims:Dataset ; rdfs:label "Stray" ; aims:category aims:TestDataCategory .
ex:island a aims:AISystem ; aims:usesDataset ex:sand ; aims:owner ex:ann .
ex:sand a aims:Dataset ; aims:owner ex:ann ."""
            )
        )
    }
    assert ("stray", ORPHAN) in ends
    assert ("stray", NO_OWNER) not in ends
    assert {("island", UNREACHED), ("sand", UNREACHED)} <= ends
    assert {("price", NO_OWNER), ("unfair", NO_OWNER)} <= ends
    assert not {end for end in ends if end[0] in {"how", "report", "cloud", "lab"}}


def _chain(steps) -> list[str]:
    return [local_name(s.source) for s in steps] + [local_name(s.target) for s in steps[-1:]]


def test_a_chain_reads_one_way_where_it_can(shop, iso, of_shop) -> None:
    steps = find_path(shop, iso("A.7.4"), of_shop("fraud-train"))
    assert all(step.forwards for step in steps)
    assert _chain(steps)[-5:] == [
        "fraud-exclusion",
        "fraud",
        "fraud-model",
        "fraud-v2",
        "fraud-train",
    ]
    back = find_path(shop, of_shop("fraud-train"), iso("A.7.4"))
    assert _chain(back) == _chain(steps)[::-1]
    assert not any(step.forwards for step in back)


def test_a_chain_avoids_people(graph, ex) -> None:
    steps = find_path(
        graph(
            """ex:a a aims:Dataset ; aims:owner ex:ann . ex:d a aims:Risk ; aims:owner ex:ann . ex:ann a aims:Person .
            ex:s a aims:AISystem ; aims:usesDataset ex:a ; aims:hasRisk ex:d ."""
        ),
        ex("a"),
        ex("d"),
    )
    assert _chain(steps) == ["a", "s", "d"]


def test_a_chain_takes_any_relation_where_no_trace_leads(graph, ex) -> None:
    data = graph("ex:i a aims:Incident ; aims:concerns ex:s . ex:s a aims:AISystem .")
    assert _chain(find_path(data, ex("i"), ex("s"))) == ["i", "s"]


def test_a_shared_word_of_the_vocabulary_connects_nothing(graph, ex) -> None:
    data = graph("ex:i a aims:Incident ; aims:status aims:Planned . ex:s a aims:InternalAudit ; aims:status aims:Planned .")  # fmt: skip
    assert find_path(data, ex("i"), ex("s")) == []
    assert find_path(data, ex("i"), ex("unknown")) == []
