"""Any mixture of files; nothing half done; a report of what happened."""

import io
import json

import pytest
from rich.console import Console

from aims_graph.cli.output import print_table
from aims_graph.errors import InputError
from aims_graph.ingest import ingest, read_columns

MAPPING = """\
base: https://x.example/
sources: {t: {file: "*.csv"}}
entities: {thing: {subject: "{id}", type: aims:AISystem, properties: {
  rdfs:label: {column: name, blank: not-reported},
  aims:status: {column: s, values: {Yes: aims:Completed}}}}}
"""


def test_rdf_tables_and_aims_files_go_in_together(write):
    found = ingest(
        [
            write("a.ttl", "<https://x.example/A> a <https://w3id.org/aims-graph/ns#AISystem> ."),
            write("b.csv", "id,name,s\nA,Ann,Yes\n"),
            write("c.yaml", "base: https://x.example/\nRisk: {r: {}}\nAISystem: {B: {hasRisk: r}}"),
        ],
        mapping=write("m.yaml", MAPPING),
    )
    assert [s.format for s in found.report.sources] == ["ttl", "csv", "aims-yaml"]
    assert found.report.triples == len(found.quads) == len(found.columns()) == 6
    assert found.report.entities["https://w3id.org/aims-graph/ns#AISystem"] == 2


def test_columns_come_from_rdf_and_aims_files(write):
    paths = [
        write("a.ttl", "<urn:a> <urn:b> 1 ."),
        write("b.yaml", "base: https://x.example/\nRisk: {r: {}}"),
    ]
    assert len(read_columns(paths)) == 2


@pytest.mark.parametrize(
    ("name", "mapping", "message"),
    [
        ("a.csv", None, "a table needs a mapping.*--mapping"),
        ("a.tsv", MAPPING, "no source of m.yaml fits"),
        ("a.docx", None, "no format that is read"),
    ],
)
def test_a_file_that_cannot_be_read_says_what_is_missing(write, name, mapping, message):
    with pytest.raises(InputError, match=message):
        ingest([write(name, "id\n1\n")], mapping=mapping and write("m.yaml", mapping))


def test_a_missing_file_is_an_input_error(tmp_path):
    for name in ("a.ttl", "a.csv", "a.yaml"):
        with pytest.raises(InputError, match=r"no such file|cannot be read"):
            ingest([tmp_path / name])


def test_an_id_in_two_files_is_taken_like_one_in_two_rows(write):
    paths = [
        write("a.csv", "id,name,s\nA,Ann,Yes\n"),
        write("b.csv", "id,name,s\nB,B,\nA,Bob,Yes\n"),
    ]
    with pytest.raises(InputError, match=r"line 3 and line 2 of a\.csv .* differ in name"):
        ingest(paths, mapping=write("m.yaml", MAPPING))
    paths[1].write_text("id,name,s\nA,Ann,Yes\n")
    found = ingest(paths, mapping=write("m.yaml", MAPPING))
    assert found.report.entities == {"https://w3id.org/aims-graph/ns#AISystem": 1}


def test_the_report_can_be_read_by_machine_and_by_people(write):
    found = ingest(
        [write("b.csv", "id,name,s,more\nA,,perhaps [b]no[/b],x\n")],
        mapping=write("m.yaml", MAPPING),
    )
    data = json.loads(json.dumps(found.report.to_json()))
    assert data["rows"] == 1
    assert data["sources"][0]["unmapped"] == {"more": 1}
    assert data["sources"][0]["notReported"] == {"name": 1}
    assert data["notUnderstood"] == [
        {
            "file": "b.csv",
            "column": "s",
            "value": "perhaps [b]no[/b]",
            "reason": "is not in the list of values",
            "rows": [2],
        }
    ]
    console = Console(file=io.StringIO(), width=200, force_terminal=True, no_color=True)
    for title, columns, rows in found.report.tables():
        print_table(columns, rows, title=title, screen=console)
    shown = console.file.getvalue()
    assert "perhaps [b]no[/b]" in shown
    assert "not mapped" in shown
    assert "AISystem" in shown


def test_a_cell_cannot_drive_the_terminal(write):
    found = ingest([write("b.csv", "id,name,s\nA,x,\x1b[2J\n")], mapping=write("m.yaml", MAPPING))
    console = Console(file=io.StringIO(), width=200, force_terminal=True, no_color=True)
    for title, columns, rows in found.report.tables():
        print_table(columns, rows, title=title, screen=console)
    shown = console.file.getvalue()
    assert "\x1b[2J" not in shown
    assert r"\x1b[2J" in shown


def test_a_long_list_of_strange_values_is_cut_and_says_so(write):
    rows = "".join(f"{n},x,strange {n}\n" for n in range(40))
    found = ingest([write("b.csv", "id,name,s\n" + rows)], mapping=write("m.yaml", MAPPING))
    console = Console(file=io.StringIO(), width=200, force_terminal=True, no_color=True)
    for title, columns, rows in found.report.tables(limit=10):
        print_table(columns, rows, title=title, screen=console)
    assert "30 more in the JSON report" in console.file.getvalue()
