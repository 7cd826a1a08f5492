"""Delimited text: everything is read exactly, or said to be wrong with its line."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aims_graph.errors import InputError
from aims_graph.ingest import csv_source, readers
from aims_graph.ingest.csv_source import MAX_FIELD
from aims_graph.ingest.readers import read_table
from aims_graph.ingest.tables import TableOptions


@pytest.fixture
def read(write):
    def run(content, name="t.csv", **options):
        return read_table(write(name, content), TableOptions(**options))

    return run


def cells(table):
    return [list(row.cells) for row in table.rows]


def test_rows_know_their_row_and_their_line(read):
    table = read('a,b\n1,"two\nlines"\n\n3,4\n')
    assert table.header == ["a", "b"]
    assert [(row.number, row.line) for row in table.rows] == [(2, 2), (4, 5)]
    assert table.notes == ["1 empty rows are not read"]


def test_a_byte_order_mark_is_no_part_of_the_first_name(read):
    assert read(b"\xef\xbb\xbfa,b\n1,2\n").header == ["a", "b"]


def test_utf16_is_read_by_its_mark_and_reported(read):
    table = read("a,b\nä,2\n".encode("utf-16"))
    assert cells(table) == [["ä", "2"]]
    assert "utf-16" in table.notes[0]


def test_windows_1252_is_recognized_and_reported(read):
    table = read("a,b\n1,x\n2,naïve “quoted”\n".encode("cp1252"))
    assert cells(table)[1] == ["2", "naïve “quoted”"]
    assert table.encoding == "cp1252"
    assert "line 3" in table.notes[0]


@pytest.mark.parametrize(
    ("content", "doubt"),
    [
        (b"a\nx\xe9\x01\n", "control characters"),
        (b"a\nx\xe9\x81\n", "Windows-1252 does not have"),
        ("a\nä\n".encode() + b"\xe9\n", "mixed"),
    ],
)
def test_doubtful_encodings_are_refused_with_the_line(read, content, doubt):
    with pytest.raises(InputError, match=doubt) as error:
        read(content)
    assert error.value.line in (2, 3)


def test_a_declared_encoding_is_used(read):
    assert cells(read("a\nü\n".encode("latin-1"), encoding="latin-1")) == [["ü"]]
    with pytest.raises(InputError, match="not read"):
        read("a\n1\n", encoding="ebcdic")


@pytest.mark.parametrize(
    ("content", "options", "message"),
    [
        (b"a\n\xff\n", {"encoding": "utf-8"}, "not utf-8"),
        (b"\xff\xfe\x00\x00a", {}, "UTF-32"),
        (b'a\n"x"y\n', {}, "text after a closing quote"),
    ],
)
def test_other_damage_is_named(read, content, options, message):
    with pytest.raises(InputError, match=message):
        read(content, **options)


def test_size_and_number_of_rows_are_limited(read, monkeypatch):
    monkeypatch.setattr(csv_source, "MAX_ROWS", 2)
    with pytest.raises(InputError, match="more than 2 rows") as error:
        read("a\n1\n2\n3\n")
    assert error.value.line == 4
    monkeypatch.setattr(readers, "MAX_BYTES", 3)
    with pytest.raises(InputError, match="more than 3"):
        read("a\n1\n")


def test_an_unknown_ending_needs_a_format(read):
    with pytest.raises(InputError, match="no known table format"):
        read("a\n1\n", name="t.dat")
    assert cells(read("a\n1\n", name="t.dat", format="csv")) == [["1"]]


def test_nul_is_refused_with_its_line(read):
    with pytest.raises(InputError, match="NUL") as error:
        read("a\n1\n2\0\n")
    assert error.value.line == 3


def test_an_open_quote_is_named_by_the_line_where_it_opens(read):
    with pytest.raises(InputError, match="opened on line 4") as error:
        read('a,b\n"x\ny",1\nz,"open\nmore\n')
    assert error.value.line == 4


def test_surplus_and_missing_fields_are_errors_or_reported(read):
    with pytest.raises(InputError, match="4 fields, 2 expected") as error:
        read("a,b\n1,2\n1,2,3,4\n")
    assert error.value.line == 3
    with pytest.raises(InputError, match="1 fields, 2 expected"):
        read("a,b\n1\n")
    table = read("a,b\n1\n1,2,3\n1,2,,\n", ragged="report")
    assert cells(table) == [["1", ""], ["1", "2"], ["1", "2"]]
    assert [note.partition(":")[0] for note in table.notes] == ["line 2", "line 3"]


def test_a_huge_field_is_refused(read):
    with pytest.raises(InputError, match="131,072") as error:
        read("a,b\n1," + "x" * (MAX_FIELD + 1))
    assert error.value.line == 2


def test_two_columns_of_one_name_are_refused(read):
    with pytest.raises(InputError, match="columns 1 and 3 are both named 'a'"):
        read("a,b, a \n1,2,3\n")


def test_a_nameless_column_is_reported(read):
    table = read("a,,c\n1,2,3\n")
    assert table.notes == ["column 2 has no name; its cells are not read"]


def test_a_file_without_header_is_refused(read):
    with pytest.raises(InputError, match="no header"):
        read("\n\n")


def test_tabs_other_delimiters_and_a_later_header_are_read(read):
    assert cells(read("a\tb\n1\t2\n", name="t.tsv")) == [["1", "2"]]
    assert cells(read("a;b\n1;2\n", delimiter=";")) == [["1", "2"]]
    table = read("A title\n\na,b\n1,2\n", header_row=3)
    assert (table.header, table.rows[0].number, table.rows[0].line) == (["a", "b"], 4, 4)


text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), max_size=8)


@given(st.lists(st.tuples(text, text, text), max_size=6))
def test_what_a_csv_writer_writes_is_read_back(tmp_path_factory, rows):
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerow(["a", "b", "c"])
    writer.writerows(rows)
    path = tmp_path_factory.mktemp("csv") / "t.csv"
    path.write_bytes(out.getvalue().encode())
    table = read_table(path, TableOptions())
    assert cells(table) == [list(row) for row in rows if any(cell.strip() for cell in row)]
