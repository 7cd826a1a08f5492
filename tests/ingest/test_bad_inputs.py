"""The hostile and malformed tables of the reference data, each with the outcome it must have."""

import pytest

from aims_graph.errors import InputError
from aims_graph.ingest import ingest
from aims_graph.ingest.yaml_source import read_yaml

TABLE = """\
base: https://x.example/
sources: {t: {}}
entities: {control: {subject: "{control_id}", properties: {rdfs:label: {column: title}}}}
"""

CASES = {
    "csv02.csv": ("opened on line 2", 2),
    "csv03.csv": ("4 fields, 2 expected", 3),
    "csv05.csv": ("not UTF-8", 2),
    "csv08.csv": ("lines 2 and 3", 3),
    "xlsx01.xlsx": ("67,108,864", None),
    "xlsx03.xlsx": ("100,000 rows and 256 columns", None),
    "xlsx04.xlsx": ("not an xlsx file", None),
    "json01.json": ("/score", None),
    "json02.json": ("/n: a number of 5,000", None),
    "json04.json": ("/title", None),
    "yaml01.yaml": ("anchors and aliases", 1),
    "yaml03.yaml": ("line 3 was already given on line 1", 3),
}


@pytest.mark.parametrize("name", CASES)
def test_a_bad_file_is_refused_as_expected(shared, write, name):
    message, line = CASES[name]
    columns = TABLE if name.startswith("csv") else TABLE.replace("control_id", "title")
    with pytest.raises(InputError, match=message) as error:
        ingest([shared / "bad-inputs" / name], mapping=write("m.yaml", columns))
    assert error.value.line == line


def test_norway_stays_a_country_and_a_version_a_text(shared):
    """YAML-04 expects a refusal; nothing is guessed here, so there is nothing to refuse."""
    root = read_yaml(shared / "bad-inputs" / "yaml04.yaml")
    assert [node.text for node in root.entries.values()] == ["NO", "1.10"]
