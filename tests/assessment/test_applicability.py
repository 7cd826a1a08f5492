"""The statement of applicability tells declared, implemented, evidenced, current and effective apart."""

from datetime import date
from pathlib import Path

import pytest

from aims_graph.assessment import Assessment, evaluate, read_statement
from aims_graph.columns import Columns
from aims_graph.ingest import read_columns

SHOP = Path(__file__).resolve().parents[2] / "examples" / "shop"
HEAD = """
@prefix aims: <https://w3id.org/aims-graph/ns#> .
@prefix iso42001: <https://w3id.org/aims-graph/iso42001#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix ex: <https://shop.example/> .
ex:aims a aims:AIManagementSystem ; aims:hasStatementOfApplicability ex:soa .
ex:soa a aims:StatementOfApplicability ; aims:hasEntry ex:entry .
ex:entry a aims:ApplicabilityEntry ; aims:forControl iso42001:A.6.2.6 ; aims:applicable true ;
  aims:justification "Systems change after release." ; aims:owner ex:owner .
ex:owner a aims:Person .
"""
IMPLEMENTED = """
ex:do a aims:ControlImplementation ; aims:implements iso42001:A.6.2.6 ; aims:owner ex:owner ;
  aims:implementationState aims:Implemented ; aims:implementedOn "2026-01-01"^^xsd:date .
"""
EVIDENCED = "ex:do aims:evidencedBy ex:record . ex:record a aims:Record . "
EXPIRED = 'ex:record aims:validUntil "2026-05-31"^^xsd:date .'
CURRENT = 'ex:record aims:validUntil "2026-12-31"^^xsd:date .'
TESTED = """
ex:do aims:hasEffectivenessTest ex:test . ex:test a aims:EffectivenessTest ; aims:effective {} ;
  aims:performedOn "2026-05-01"^^xsd:date ; aims:performedBy ex:owner ; aims:nextDue "2027-05-01"^^xsd:date ;
  aims:status aims:Completed .
"""


def reached(tmp_path: Path, text: str) -> tuple[bool | None, ...]:
    path = tmp_path / "data.ttl"
    path.write_text(HEAD + text)
    assessment = evaluate(read_columns([path]), as_of=date(2026, 6, 30))
    row = next(r for r in read_statement(assessment) if r.requirement.number == "A.6.2.6")
    return row.reached


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", (True, False, False, False, False)),
        (IMPLEMENTED, (True, True, False, False, False)),
        (IMPLEMENTED + EVIDENCED + EXPIRED, (True, True, True, False, False)),
        (IMPLEMENTED + EVIDENCED + CURRENT, (True, True, True, True, False)),
        (
            IMPLEMENTED + EVIDENCED + CURRENT + TESTED.format("false"),
            (True, True, True, True, False),
        ),
        (IMPLEMENTED + EVIDENCED + CURRENT + TESTED.format("true"), (True, True, True, True, True)),
    ],
    ids=["declared", "implemented", "expired", "current", "not effective", "effective"],
)
def test_each_state_rests_on_the_ones_before(
    tmp_path: Path, text: str, expected: tuple[bool, ...]
) -> None:
    assert reached(tmp_path, text) == expected


def test_a_control_that_no_entry_names_is_not_declared(tmp_path: Path) -> None:
    path = tmp_path / "data.ttl"
    path.write_text(HEAD)
    assessment = evaluate(read_columns([path]), as_of=date(2026, 6, 30))
    row = next(r for r in read_statement(assessment) if r.requirement.number == "A.2.2")
    assert (row.applicable, row.reached[0]) == (None, False)


def shop(version: str) -> Assessment:
    files = [f for folder in ("common", version) for f in sorted((SHOP / folder).iterdir())]
    return evaluate(read_columns(files), as_of=date(2026, 11, 24))


def test_the_shop_declares_all_38_and_excludes_one() -> None:
    rows = read_statement(shop("conforming"))
    assert len(rows) == 38
    assert [r.requirement.number for r in rows if r.applicable is False] == ["A.10.4"]
    assert all(all(r.reached) for r in rows if r.applicable)
    assert all(r.owner and r.evidence for r in rows if r.applicable)


def test_without_our_rules_no_state_is_claimed(tmp_path: Path) -> None:
    path = tmp_path / "data.ttl"
    path.write_text(HEAD)
    assessment = evaluate(
        read_columns([path]), as_of=date(2026, 6, 30), shapes=Columns.from_triples([])
    )
    assert {row.reached for row in read_statement(assessment)} == {(None,) * 5}
