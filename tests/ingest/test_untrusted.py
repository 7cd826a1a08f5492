"""Files of others are taken in by a confined worker, and give what they give when read here."""

from pathlib import Path

import openpyxl
import pytest

from aims_graph.errors import InputError
from aims_graph.ingest import ingest
from aims_graph.ingest.untrusted import ingest_untrusted
from aims_graph.resources import folder
from aims_graph.sparql import untrusted
from aims_graph.sparql.errors import LimitError, MemoryLimitError, TimeLimitError
from aims_graph.sparql.limits import Limits

MAPPING = """
base: https://x.example/
prefixes: {ex: 'https://x.example/ns#'}
sources: {t: {file: "t.*"}}
entities:
  system:
    subject: "system/{id}"
    type: aims:AISystem
    properties: {rdfs:label: {column: name}}
"""
ROWS = [("id", "name"), ("1", "Ranking"), ("2", "Prüfung")]


def sheet(path: Path) -> None:
    book = openpyxl.Workbook()
    for row in ROWS:
        book.active.append(row)
    book.save(path)


def text(path: Path) -> None:
    lines = [",".join(row) for row in ROWS]
    if path.suffix == ".csv":
        path.write_bytes("\r\n".join(lines).encode("cp1252"))
        return
    import json

    items = [dict(zip(ROWS[0], row, strict=True)) for row in ROWS[1:]]
    path.write_text(json.dumps(items), encoding="utf-8")  # also YAML


@pytest.mark.parametrize("name", ["t.csv", "t.xlsx", "t.json", "t.yaml"])
def test_a_table_gives_what_it_gives_here(write, tmp_path, name):
    path = tmp_path / name
    (sheet if name.endswith("xlsx") else text)(path)
    mapping = write("mapping.yaml", MAPPING)
    here = ingest([path], mapping=mapping)
    there = ingest_untrusted([path], mapping=mapping)
    assert there.quads == here.quads
    assert len(there.quads) == 4
    assert there.report == here.report.to_json()


def test_the_records_of_the_shop_give_what_they_give_here():
    shop = folder("examples") / "shop"
    files = sorted(path for part in ("common", "conforming") for path in (shop / part).iterdir())
    here, there = ingest(files), ingest_untrusted(files)
    assert set(there.quads) == set(here.quads)
    assert there.report == here.report.to_json()


def test_what_is_wrong_is_said_with_its_place(write, tmp_path):
    file = write("a.ttl", "@prefix : <urn:> .\n:a :b .\n")
    with pytest.raises(InputError) as error:
        ingest_untrusted([file])
    assert (error.value.line, error.value.file) == (2, str(file))
    with pytest.raises(InputError, match="no such file"):
        ingest_untrusted([tmp_path / "none.csv"])
    with pytest.raises(InputError, match="needs a mapping"):
        ingest_untrusted([write("t.csv", "id\n1\n")])


def test_a_reader_that_needs_too_much_ends_alone(write):
    many = "".join(f"{i},n{i}\n" for i in range(30_000))
    table, mapping = write("t.csv", "id,name\n" + many), write("mapping.yaml", MAPPING)
    for limits, kind in (
        (Limits(seconds=0.2), TimeLimitError),
        (Limits(seconds=60, cpu=60, rows=1000), LimitError),
        (Limits(seconds=60, cpu=60, memory=8 << 20), MemoryLimitError),
    ):
        with pytest.raises(kind):
            ingest_untrusted([table], mapping=mapping, limits=limits)


def test_the_worker_sees_no_other_file_and_no_network(write, monkeypatch, tmp_path):
    made = []

    class Spy(untrusted.WorkerProcess):
        def __init__(self, **settings):
            super().__init__(**settings)
            made.append((settings, self.confined))

    monkeypatch.setattr(untrusted, "WorkerProcess", Spy)
    file = write("a.ttl", "<urn:a> <urn:b> <urn:c> .")
    ingest_untrusted([file])
    ((settings, confined),) = made
    assert str(file) in settings["readable"]
    assert str(tmp_path) not in settings["readable"]
    assert settings.get("writable", []) == []
    assert set(confined) == {"network", "files"}
