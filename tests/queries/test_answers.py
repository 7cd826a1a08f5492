"""Every question has data and an expected answer: tests/queries/<name>/data.ttl, expected.csv, params.yaml.

The data are asked together with the ontology, unless their first comment says "alone". Cells of IRIs are
written with prefixes; ``ex:`` is https://example.org/. Dates are judged as of 2026-06-30.
"""

import csv
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
import rdflib
import yaml

from aims_graph.assessment import load_ontology, with_ontology
from aims_graph.columns import Columns, load
from aims_graph.report.results import read_answer
from aims_graph.sparql import Index, Query, read_query
from aims_graph.vocabulary import AIMS, PREFIXES

HERE = Path(__file__).parent
QUERIES = sorted((HERE.parents[1] / "queries").glob("*.rq"))
NAMES = {**PREFIXES, "ex": "https://example.org/"}
AS_OF = date(2026, 6, 30)


@dataclass(frozen=True)
class Case:
    """One call of a query and the rows it must give."""

    folder: Path
    expected: Path
    values: dict[str, str]

    def __str__(self) -> str:
        return f"{self.folder.name}/{self.expected.stem}"

    @property
    def query(self) -> Query:
        return read_query(HERE.parents[1] / "queries" / f"{self.folder.name}.rq")

    def text(self) -> str:
        return self.query.bind({name: _expand(value) for name, value in self.values.items()})


def _expand(value: str) -> str:
    prefix, colon, local = value.partition(":")
    return NAMES[prefix] + local if colon and prefix in NAMES else value


def _cases() -> Iterator[Case]:
    for path in QUERIES:
        folder = HERE / path.stem
        if not (folder / "expected.csv").is_file():
            continue
        yield Case(folder, folder / "expected.csv", {})
        more = folder / "params.yaml"
        if more.is_file():
            for name, values in yaml.safe_load(more.read_text(encoding="utf-8")).items():
                yield Case(folder, folder / name, values)


CASES = list(_cases())


def _rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def _settle(columns: list[str], rows: list[list[str]], text: str) -> list[list[str]]:
    """SPARQL leaves the order inside GROUP_CONCAT open: such cells are compared as sorted lists."""
    lists = {}
    for separator, name in re.findall(r'GROUP_CONCAT\(.*?separator="([^"]+)"\) AS \?(\w+)', text):
        lists[columns.index(name)] = separator
    return [
        [
            lists[i].join(sorted(cell.split(lists[i]))) if i in lists else cell
            for i, cell in enumerate(row)
        ]
        for row in rows
    ]


@pytest.fixture(scope="session")
def ontology() -> Columns:
    return load_ontology()


def _graph(case: Case, ontology: Columns) -> Columns:
    data = case.folder / "data.ttl"
    nothing = Columns.from_triples([])
    alone = "# alone" in data.read_text(encoding="utf-8")
    return with_ontology(load([data]), nothing if alone else ontology, AS_OF)


@pytest.mark.parametrize("path", QUERIES, ids=lambda path: path.stem)
def test_every_query_has_data_and_an_answer_to_each_parameter(path: Path) -> None:
    folder = HERE / path.stem
    assert (folder / "data.ttl").is_file()
    assert len(_rows(folder / "expected.csv")) > 1, "an expected answer without rows shows nothing"
    given = {name for case in CASES if case.folder == folder for name in case.values}
    assert given == {parameter.name for parameter in read_query(path).parameters}


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_answer_is_the_expected_one_in_order(case: Case, ontology: Columns) -> None:
    text = case.text()
    answer = read_answer(Index(_graph(case, ontology).triples()).query(text))
    columns, *expected = _rows(case.expected)
    assert list(answer.columns) == columns
    found = [list(row) for row in answer.texts(NAMES)]
    assert _settle(columns, found, text) == _settle(columns, expected, text)


@pytest.fixture(scope="session")
def ontology_in_rdflib(ontology: Columns) -> rdflib.Graph:
    return _rdflib(ontology)


def _rdflib(columns: Columns) -> rdflib.Graph:
    lines = [f"{s} {p} {o} ." for s, p, o in columns.triples()]
    return rdflib.Graph().parse(data="\n".join(lines), format="nt")


@pytest.mark.parametrize("case", [c for c in CASES if not c.values], ids=str)
def test_another_sparql_engine_gives_the_same_rows(
    case: Case, ontology_in_rdflib: rdflib.Graph
) -> None:
    data = case.folder / "data.ttl"
    graph = rdflib.Graph().parse(data)
    graph.add(
        (rdflib.URIRef(AIMS + "evaluation"), rdflib.URIRef(AIMS + "asOf"), rdflib.Literal(AS_OF))
    )
    if "# alone" not in data.read_text(encoding="utf-8"):
        graph += ontology_in_rdflib
    columns, *expected = _rows(case.expected)
    found = [[_cell(term) for term in row] for row in graph.query(case.text())]
    assert Counter(map(tuple, _settle(columns, found, case.text()))) == Counter(
        map(tuple, _settle(columns, expected, case.text()))
    )


def _cell(term: rdflib.term.Node | None) -> str:
    if isinstance(term, rdflib.URIRef):
        for prefix, base in NAMES.items():
            if str(term).startswith(base):
                return f"{prefix}:{str(term).removeprefix(base)}"
    return "" if term is None else str(term)
