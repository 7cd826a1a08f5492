"""The shop example: one version conforms, the other has exactly the planted gaps."""

from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from aims_graph.assessment import Assessment, State, evaluate
from aims_graph.columns.reader import local_name
from aims_graph.ingest import read_columns

SHOP = Path(__file__).resolve().parents[2] / "examples" / "shop"
GAPS: dict[str, Any] = yaml.safe_load((SHOP / "gaps.yaml").read_text(encoding="utf-8"))


def assess(version: str) -> Assessment:
    files = [f for folder in ("common", version) for f in sorted((SHOP / folder).iterdir())]
    return evaluate(read_columns(files), as_of=GAPS["as-of"])


@pytest.fixture(scope="module")
def conforming() -> Assessment:
    return assess("conforming")


@pytest.fixture(scope="module")
def with_gaps() -> Assessment:
    return assess("with-gaps")


def test_the_conforming_version_has_no_finding_and_meets_every_requirement(
    conforming: Assessment,
) -> None:
    assert [f.message for f in conforming.findings] == []
    not_met = {r.number: c.reason for r, c in conforming.by_requirement.items() if c.state != "met"}
    assert not_met == {}
    assert {c.state for c in conforming.by_system.values()} == {State.MET}


def test_each_planted_gap_is_found_by_its_rule_and_nothing_else_is(with_gaps: Assessment) -> None:
    planted = Counter(
        (f["rule"], f["requirement"], f["focus"]) for gap in GAPS["gaps"] for f in gap["findings"]
    )
    found = Counter(
        (f.rule.name, with_gaps.numbers(f)[0], local_name(f.focus)) for f in with_gaps.findings
    )
    assert found == planted


def test_there_are_at_least_15_gaps_and_each_brings_a_finding() -> None:
    assert len(GAPS["gaps"]) >= 15
    assert all(gap["findings"] for gap in GAPS["gaps"])


def test_a_requirement_with_a_planted_violation_is_not_met(with_gaps: Assessment) -> None:
    states = {r.number: c.state for r, c in with_gaps.by_requirement.items()}
    for finding in with_gaps.findings:
        if finding.counts:
            assert states[with_gaps.numbers(finding)[0]] is State.NOT_MET


def test_states_follow_the_evaluation_date(conforming: Assessment) -> None:
    files = [f for folder in ("common", "conforming") for f in sorted((SHOP / folder).iterdir())]
    later = evaluate(read_columns(files), as_of=date(2029, 1, 1))
    assert conforming.overall is State.MET
    assert later.overall is State.NOT_MET
