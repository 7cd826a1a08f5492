"""YAML and JSON as tables."""

import pytest

from aims_graph.errors import InputError
from aims_graph.ingest.readers import read_table
from aims_graph.ingest.tables import TableOptions


@pytest.fixture
def read(write):
    def run(name, content, **options):
        table = read_table(write(name, content), TableOptions(**options))
        return [dict(zip(table.header, row.cells, strict=True)) for row in table.rows]

    return run


def test_a_list_of_maps_is_a_table(read):
    rows = read("t.yaml", "- {id: A, tags: [x, y], owner: {name: Ann}}\n- {id: B}")
    assert rows == [
        {"id": "A", "tags": ("x", "y"), "owner.name": "Ann"},
        {"id": "B", "tags": "", "owner.name": ""},
    ]


def test_the_keys_of_a_map_of_maps_are_a_column(read):
    assert read("t.yaml", "A: {n: 1.10}\nB: {n: NO}") == [
        {"@key": "A", "n": "1.10"},
        {"@key": "B", "n": "NO"},
    ]


def test_rows_may_lie_deeper(read):
    assert read("t.json", '{"data": {"rows": [{"id": 1}]}}', items="data.rows") == [{"id": "1"}]
    with pytest.raises(InputError, match=r"no 'data\.items'"):
        read("t.json", '{"data": {}}', items="data.items")


def test_json_numbers_keep_their_text(read):
    assert read("t.json", '[{"a": 1.10, "b": true, "c": null, "d": "é"}]') == [
        {"a": "1.10", "b": "true", "c": "", "d": "é"}
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"score": NaN}', "/score"),
        ('{"a": {"w": 1e999}}', "/a/w"),
        ('{"n": ' + "1" * 5000 + "}", "/n"),
        ('{"title": "\\ud800"}', "/title"),
        ('{"a": 1, "a": 2}', "/a: the key is given twice"),
        ('{"a": 1', ":1:8: not JSON"),
        ("[" * 100_000, "nested deeper"),
        ("[1]", "a row must be a map"),
        ('[{"a": [{"b": 1}]}]', "plain values only"),
    ],
)
def test_json_that_no_other_reader_would_agree_on_is_refused(read, content, message):
    with pytest.raises(InputError, match=message):
        read("t.json", content)
