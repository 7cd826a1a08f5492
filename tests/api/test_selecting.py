"""Findings that are chosen by looking at few are those that looking at all would find."""

from itertools import product

import pytest

from aims_api.selecting import SORTS, Choice, choose


@pytest.fixture(scope="module")
def snapshot(shop):
    return shop.app.state.core.snapshots.of_graphs(["*"])


def wanted(snapshot, choice: Choice) -> set[str]:
    numbers = snapshot.assessment.numbers
    return {
        f.fingerprint
        for f in snapshot.findings
        if (choice.requirement is None
            or any(f"{n}.".startswith(f"{choice.requirement}.") for n in numbers(f)))
        and (choice.severity is None or f.severity == choice.severity)
        and (choice.state is None or (f.counts and str(f.state) == choice.state))
        and (choice.system is None or choice.system in f.systems)
        and (choice.owner is None or f.owner == choice.owner)
        and (choice.focus is None or f.focus == choice.focus)
        and (choice.rule is None or f.rule.name == choice.rule)
    }  # fmt: skip


def test_each_way_to_choose_finds_the_same(snapshot):
    findings = snapshot.findings
    systems = {system for f in findings for system in f.systems}
    ways = {
        "requirement": ["4", "6.1", "6.1.3", "A.7", "A.7.4", "A", "11", ""],
        "severity": ["violation", "warning"],
        "state": ["not met", "unknown"],
        "system": sorted(systems, key=str),
        "owner": sorted({f.owner for f in findings if f.owner is not None}, key=str),
        "focus": sorted({f.focus for f in findings}, key=str),
        "rule": sorted({f.rule.name for f in findings}),
    }
    single = [Choice(**{name: value}) for name, values in ways.items() for value in values]
    double = [
        Choice(**{one: a, two: b})
        for one, two in product(ways, ways)
        if one < two
        for a, b in product(ways[one][:6], ways[two][:6])
    ]
    found = 0
    for choice in (Choice(), *single, *double):
        chosen = choose(snapshot, choice)
        assert {f.fingerprint for f in chosen} == wanted(snapshot, choice), choice
        assert len(chosen) == len(wanted(snapshot, choice))
        found += bool(chosen)
    assert found > len(single) // 2


@pytest.mark.parametrize("sort", SORTS)
def test_few_are_in_the_order_of_all(snapshot, sort):
    places = choose(snapshot, Choice(sort=sort)).places
    turned = [f.fingerprint for f in choose(snapshot, Choice(sort="-" + sort))]
    assert turned == sorted(places, key=lambda name: -places[name])
    for number in ("6", "A.7"):
        some = [f.fingerprint for f in choose(snapshot, Choice(requirement=number, sort=sort))]
        assert len(some) > 1
        assert some == sorted(some, key=places.__getitem__)
