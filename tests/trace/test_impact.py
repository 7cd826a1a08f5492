"""What an event does to a conforming management system."""

import random
from datetime import date

import pytest
from pyoxigraph import NamedNode

from aims_graph.assessment import Assessment, evaluate, load_shapes, suppose, with_ontology
from aims_graph.columns import Columns
from aims_graph.columns.reader import Reader, local_name
from aims_graph.errors import InputError
from aims_graph.shacl import Validator, compile_shapes
from aims_graph.trace import EVENTS, touched
from aims_graph.vocabulary import AIMS

AS_OF = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("thing", "event", "expected"),
    [
        ("orders-raw", "withdrawn", {"A.7.3"}),
        ("orders-raw", "expired", {"A.7.3"}),
        ("fraud-train", "biased", {"A.7.4"}),
        ("samir-haddad", "left", {"5.3", "A.3.2"}),
        ("evidence-A.8", "withdrawn", {"A.8.2", "A.8.3", "A.8.4", "A.8.5"}),
        ("A.7.4", "failed", {"A.7.4"}),
    ],
)
def test_an_event_turns_the_requirements_that_hang_on_the_thing(
    shop: Columns, shop_data: Columns, ontology: Columns, of_shop, iso, thing, event, expected
) -> None:
    node = iso(thing) if thing.startswith("A.") else of_shop(thing)
    added, removed = EVENTS[event](Reader(shop), node, AS_OF)
    after = evaluate(shop_data.with_change(added, removed), as_of=AS_OF, ontology=ontology)
    not_met = {r.number for r, c in after.by_requirement.items() if str(c.state) == "not met"}
    assert expected <= not_met
    assert len(not_met) <= len(expected) + 1


def test_data_derived_from_withdrawn_data_may_not_be_used_either(graph, ex) -> None:
    data = graph(
        """ex:raw a aims:Dataset . ex:clean a aims:Dataset ; aims:derivedFrom ex:raw ; aims:permitsUse aims:TrainingUse .
        ex:other a aims:Dataset ; aims:permitsUse aims:TrainingUse ."""
    )
    added, removed = EVENTS["withdrawn"](Reader(data), ex("raw"), AS_OF)
    assert {local_name(s) for s, _, _ in added} == {"raw", "clean"}
    assert [local_name(s) for s, _, _ in removed] == ["clean"]


def test_a_dataset_without_audit_gets_one_that_did_not_pass(graph, ex) -> None:
    added, removed = EVENTS["biased"](Reader(graph("ex:d a aims:Dataset .")), ex("d"), AS_OF)
    assert ("passed", "false") in {(local_name(p), o.value) for _, p, o in added}
    assert removed == []


@pytest.mark.parametrize("event", ["left", "biased", "failed", "expired"])
def test_an_event_that_cannot_happen_to_a_thing_is_refused(graph, ex, event: str) -> None:
    reader = Reader(graph("ex:r a aims:Risk ."))
    with pytest.raises(InputError):
        EVENTS[event](reader, ex("r"), AS_OF)


def test_a_dataset_touches_models_systems_and_requirements(shop: Columns, of_shop, iso) -> None:
    found = {node.term for node in touched(shop, of_shop("fraud-train")).nodes}
    assert {
        of_shop("fraud-v2"),
        of_shop("fraud"),
        of_shop("fraud-decision-1"),
        iso("A.7.4"),
    } <= found
    assert of_shop("pricing") not in found


def test_what_else_is_done_for_a_control_on_the_way_is_not_touched(graph, ex, iso) -> None:
    data = graph(
        """ex:data a aims:Dataset . ex:price a aims:AISystem ; aims:usesDataset ex:data ; aims:hasRisk ex:risk .
        ex:risk a aims:Risk ; aims:hasTreatment ex:treat . ex:treat aims:appliesControl iso42001:A.7.4 , iso42001:A.7.3 .
        ex:other aims:appliesControl iso42001:A.7.4 . ex:way aims:implements iso42001:A.7.4 .
        ex:third aims:appliesControl iso42001:A.7.3 ."""
    )
    of_data = {node.term for node in touched(data, ex("data")).nodes}
    assert {iso("A.7.4"), ex("treat"), ex("risk")} <= of_data
    assert not of_data & {ex("other"), ex("way"), ex("third")}
    of_control = touched(data, iso("A.7.4"))
    assert {ex("treat"), ex("other"), ex("way")} <= {n.term for n in of_control.nodes}
    assert ex("third") not in {node.term for node in of_control.nodes}
    assert all(iso("A.7.4") in (e.source, e.target) for e in of_control.edges if e.label == "applies control")  # fmt: skip


HAPPENS = {
    "withdrawn": ("Dataset", "Control", "Person", "Evidence"),
    "left": ("Person",),
    "expired": ("Dataset", "Person", "Evidence", "Supplier"),
    "biased": ("Dataset",),
    "failed": ("Control",),
}


@pytest.mark.parametrize("event", EVENTS)
def test_a_supposition_is_what_evaluating_anew_says(
    shop: Columns, shop_data: Columns, ontology: Columns, event: str
) -> None:
    reader, shapes = Reader(shop), load_shapes()
    plan = compile_shapes(shapes)
    things = {t for kind in HAPPENS[event] for t in reader.instances(NamedNode(AIMS + kind))}
    compared = 0
    # All 330 are the same; a few are enough to see that they stay it.
    for thing in random.Random(event).sample(sorted(things, key=str), 3):
        try:
            added, removed = EVENTS[event](reader, thing, AS_OF)
        except InputError:
            continue
        _, then = suppose(shop, ontology, added, removed, as_of=AS_OF, shapes=shapes)
        data = with_ontology(shop_data.with_change(added, removed), ontology, AS_OF)
        anew = Assessment(
            Reader(data), Reader(shapes), Validator(plan, data).report, as_of=str(AS_OF)
        )
        assert judgements(then) == judgements(anew), thing
        compared += 1
    assert compared


def judgements(assessment: Assessment) -> tuple[object, ...]:
    """Findings, and states with their counts, of requirements and systems."""
    return (
        {finding.fingerprint for finding in assessment.findings},
        {r.number: (c.state, c.checked, c.not_met, c.unknown, c.reason) for r, c in assessment.by_requirement.items()},
        {s: (c.state, c.checked, c.not_met, c.unknown) for s, c in assessment.by_system.items()},
    )  # fmt: skip
