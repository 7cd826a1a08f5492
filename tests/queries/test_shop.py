"""Every question has an answer on the shop example, but for those whose empty answer is good news there."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from aims_graph.assessment import (
    evaluate,
    load_crosswalks,
    load_ontology,
    to_triples,
    with_ontology,
)
from aims_graph.ingest import read_columns
from aims_graph.report.results import read_answer
from aims_graph.sparql import Index, Query, read_catalogue

ROOT = Path(__file__).resolve().parents[2]
CATALOGUE = read_catalogue(ROOT / "queries")
AS_OF = date(2026, 11, 24)
#: Nothing of the kind is planted in examples/shop/with-gaps.
NO_ROWS = {
    "orphans": "everything hangs on something",
    "overdue-actions": "all actions are done or not yet due",
    "requirements-never-audited": "the two audits of the programme cover all requirements",
    "systems-without-impact-assessment": "all four systems have one; one came too late",
    "systems-without-monitoring": "all four systems are monitored; one result is overdue",
    "systems-without-owner": "all four systems have an owner in post",
}


@pytest.fixture(scope="module")
def index() -> Index:
    files: list[Path] = []
    for folder in ("common", "with-gaps"):
        files += sorted((ROOT / "examples" / "shop" / folder).iterdir())
    data, ontology = read_columns(files), load_ontology()

    def triples() -> Iterator:
        yield from with_ontology(data, ontology, AS_OF).triples()
        yield from load_crosswalks().triples()
        yield from to_triples(evaluate(data, as_of=AS_OF, ontology=ontology))

    return Index(triples())


@pytest.mark.parametrize("query", CATALOGUE.values(), ids=lambda query: query.name)
def test_the_shop_gives_rows_where_it_should(query: Query, index: Index) -> None:
    rows = read_answer(index.query(query.text)).rows
    assert bool(rows) == (query.name not in NO_ROWS), NO_ROWS.get(query.name)


def test_planted_gaps_are_answers(index: Index) -> None:
    def names(query: str, column: int) -> set[str]:
        return {row[column] for row in read_answer(index.query(CATALOGUE[query].text)).texts()}

    shop = "https://shop.example/aims#"
    assert names("untreated-risks", 0) == {shop + "routing-language"}
    assert names("datasets-without-bias-audit", 0) == {shop + "fraud-train"}
    assert names("deployments-without-gate", 0) == {shop + "pricing-deployment"}
    assert names("expiring-evidence", 0) == {shop + "evidence-A.8"}
