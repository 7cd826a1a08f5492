"""Every file of the catalogue is sound: header, columns, names of the vocabulary, parameters."""

import re
from pathlib import Path

import pyoxigraph as ox
import pytest

from aims_graph.sparql import read_query

QUERIES = sorted((Path(__file__).resolve().parents[2] / "queries").glob("*.rq"))


@pytest.mark.parametrize("path", QUERIES, ids=lambda path: path.stem)
def test_the_header_tells_the_columns_of_the_query(path: Path) -> None:
    query = read_query(path)
    result = ox.Store().query(query.text)
    assert isinstance(result, ox.QuerySolutions)
    assert [variable.value for variable in result.variables] == [c.name for c in query.columns]


@pytest.mark.parametrize("path", QUERIES, ids=lambda path: path.stem)
def test_clauses_are_numbers_of_the_standard(path: Path) -> None:
    for number in read_query(path).clauses:
        assert re.fullmatch(r"(\d+|A)(\.\d+)+", number)


def test_there_are_at_least_24() -> None:
    assert len(QUERIES) >= 24
