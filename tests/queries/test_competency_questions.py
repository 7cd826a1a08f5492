"""docs/competency-questions.md: every question is asked, and its answer holds what the page says."""

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
from aims_graph.cli.graph import find_thing
from aims_graph.columns import Columns
from aims_graph.columns.reader import Reader
from aims_graph.ingest import ingest, read_columns
from aims_graph.report.results import read_answer
from aims_graph.sparql import Index, read_catalogue
from aims_graph.trace import find_path, lineage, touched, trace

ROOT = Path(__file__).resolve().parents[2]
CATALOGUE = read_catalogue(ROOT / "queries")
PAGE = (ROOT / "docs" / "competency-questions.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in PAGE.splitlines()
    if line.startswith("| ") and line[2].isdigit()
]


class Graph:
    def __init__(self, data: Columns, as_of: date) -> None:
        ontology = load_ontology()
        self.graph = with_ontology(data, ontology, as_of)
        self.reader = Reader(self.graph)

        def triples() -> Iterator:
            yield from self.graph.triples()
            yield from load_crosswalks().triples()
            yield from to_triples(evaluate(data, as_of=as_of, ontology=ontology))

        self.index = Index(triples())

    def answer(self, call: str) -> list[str]:
        """Every text of the answer."""
        command, *words = call.strip("`").split()
        if command == "query":
            rows = read_answer(self.index.query(CATALOGUE[words[0]].text)).texts()
            return [cell for row in rows for cell in row]
        things = [find_thing(self.reader, word) for word in words]
        if command == "path":
            return [self.reader.label(s.target) for s in find_path(self.graph, *things)]
        ask = {"trace": trace, "lineage": lineage, "touched": touched}[command]
        return [node.label for node in ask(self.graph, things[0]).nodes]


@pytest.fixture(scope="module")
def shop() -> Graph:
    files: list[Path] = []
    for folder in ("common", "with-gaps"):
        files += sorted((ROOT / "examples" / "shop" / folder).iterdir())
    return Graph(read_columns(files), date(2026, 11, 24))


def test_there_are_at_least_30_and_all_queries_are_among_them() -> None:
    assert len(ROWS) >= 30
    asked = {row[2].strip("`").removeprefix("query ") for row in ROWS}
    assert set(CATALOGUE) <= asked


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_the_shop_answers_as_the_page_says(row: list[str], shop: Graph) -> None:
    answer = shop.answer(row[2])
    if row[3] == "nothing":
        assert answer == []
    else:
        assert any(row[3] in text for text in answer)


@pytest.fixture(scope="module")
def federal(shared: Path) -> Graph:
    folder = shared / "data" / "us-federal-ai-inventory-2025"
    files = sorted(folder.glob("*individually_reported*.csv"))
    mapping = ROOT / "examples" / "federal-inventory" / "mapping.yaml"
    return Graph(ingest(files, mapping=mapping).columns(), date(2026, 6, 30))


@pytest.mark.parametrize("row", [row for row in ROWS if row[4] == "yes"], ids=lambda row: row[0])
def test_the_federal_inventory_answers_too(row: list[str], federal: Graph) -> None:
    assert federal.answer(row[2])
