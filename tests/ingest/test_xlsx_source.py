"""Workbooks: stored values only, within limits that are checked before anything is unpacked."""

import contextlib
import random
import zipfile
from datetime import date, datetime

import openpyxl
import pytest

from aims_graph.errors import InputError
from aims_graph.ingest.readers import read_table
from aims_graph.ingest.tables import TableOptions


@pytest.fixture
def book(tmp_path):
    def make(rows, title="Systems"):
        workbook = openpyxl.Workbook()
        sheet = workbook.active
        sheet.title = title
        for row in rows:
            sheet.append(row)
        path = tmp_path / "t.xlsx"
        workbook.save(path)
        return path

    return make


def change_part(path, part, change):
    """Rewrites one part of the workbook."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts[part] = change(parts[part])
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)


SHEET = "xl/worksheets/sheet1.xml"


def test_cells_become_the_text_a_person_would_write(book):
    path = book(
        [
            ["id", "when", "at", "n", "x", "yes", "none"],
            [
                "A",
                date(2024, 10, 1),
                datetime(2024, 10, 1, 8, 30),  # noqa: DTZ001 - sheets know no zones
                12,
                0.5,
                True,
                None,
            ],
        ]
    )
    table = read_table(path, TableOptions())
    assert table.header == ["id", "when", "at", "n", "x", "yes", "none"]
    assert table.rows[0].cells == [
        "A",
        "2024-10-01",
        "2024-10-01 08:30:00",
        "12",
        "0.5",
        "true",
        "",
    ]
    assert (table.rows[0].number, table.rows[0].line) == (2, None)


def test_empty_rows_keep_their_numbers(book):
    table = read_table(book([["a"], ["1"], [], ["2"]]), TableOptions())
    assert [row.number for row in table.rows] == [2, 4]


def test_a_formula_is_not_computed_and_reported(book):
    path = book([["a", "b"], [1, "=1+1"], [2, '=HYPERLINK("http://x")']])
    change_part(path, SHEET, lambda xml: xml.replace(b"<f>1+1</f><v />", b"<f>1+1</f><v>2</v>"))
    table = read_table(path, TableOptions())
    assert [row.cells for row in table.rows] == [["1", "2"], ["2", ""]]
    assert table.notes[0].startswith("2 cells hold formulas")
    assert table.notes[1].endswith("B3")


def test_a_misspelt_sheet_is_refused_with_a_hint(book):
    with pytest.raises(InputError, match="Did you mean 'Systems'"):
        read_table(book([["a"]]), TableOptions(sheet="systms"))


def test_cells_beyond_the_header_are_reported(book):
    table = read_table(book([["a"], ["1", "lost"]]), TableOptions())
    assert table.notes == ["row 2: cells beyond the header are not read: ['lost']"]


def test_what_is_no_workbook_is_refused(write):
    with pytest.raises(InputError, match="not an xlsx file"):
        read_table(write("t.xlsx", "hello"), TableOptions())
    path = write("z.xlsx", b"")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "hello")
    with pytest.raises(InputError, match="holds no workbook"):
        read_table(path, TableOptions())


def test_a_bomb_is_refused_before_it_is_unpacked(book):
    path = book([["a"], ["1"]])
    change_part(
        path, SHEET, lambda xml: xml.replace(b"<sheetData>", b" " * 3_000_000 + b"<sheetData>")
    )
    with pytest.raises(InputError, match="to 1, more than 100"):
        read_table(path, TableOptions())


def test_a_cell_far_out_is_refused(book):
    path = book([["a"], ["1"]])
    change_part(path, SHEET, lambda xml: xml.replace(b'r="A2"', b'r="XFD1048576"'))
    with pytest.raises(InputError, match="XFD1048576"):
        read_table(path, TableOptions())


def test_a_doctype_is_refused(book):
    path = book([["a"], ["1"]])
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa">]>'
    change_part(path, SHEET, lambda xml: bomb + xml)
    with pytest.raises(InputError, match="DOCTYPE"):
        read_table(path, TableOptions())


def test_broken_xml_is_an_input_error(book):
    path = book([["a"], ["1"]])
    change_part(path, SHEET, lambda xml: xml[: len(xml) // 2])
    with pytest.raises(InputError, match="not a readable xlsx"):
        read_table(path, TableOptions())


def test_a_sheet_is_checked_wherever_it_lies(book):
    path = book([["a"], ["1"]])
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["xl/picture.png"] = b"<!DOCTYPE x>" + parts.pop(SHEET)
    rels = "xl/_rels/workbook.xml.rels"
    parts[rels] = parts[rels].replace(b"worksheets/sheet1.xml", b"picture.png")
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    with pytest.raises(InputError, match="DOCTYPE"):
        read_table(path, TableOptions())


def test_utf16_parts_are_refused(book):
    path = book([["a"], ["1"]])
    change_part(path, SHEET, lambda xml: xml.decode().encode("utf-16"))
    with pytest.raises(InputError, match="UTF-16"):
        read_table(path, TableOptions())


@pytest.mark.parametrize("seed", range(40))
def test_damage_never_ends_in_another_error(book, seed):
    chance = random.Random(seed)
    path = book([["a", "b"], [1, "x"]])
    data = bytearray(path.read_bytes())
    for _ in range(3):
        data[chance.randrange(len(data))] = chance.randrange(256)
    path.write_bytes(data)
    with contextlib.suppress(InputError):
        read_table(path, TableOptions())
