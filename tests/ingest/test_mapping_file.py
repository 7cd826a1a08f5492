"""A mapping file is checked as a whole before a row is read; errors name the line and what was meant."""

import pytest

from aims_graph.errors import InputError
from aims_graph.ingest.mapping_file import read_mapping

GOOD = """\
base: https://x.example/
prefixes:
  ex: https://x.example/ns#
sources:
  t: {file: "*.csv"}
entities:
  thing:
    subject: "thing/{id}"
    type: ex:Thing
    properties:
      ex:name: {column: name}
"""


def line_of(text, part):
    return text[: text.index(part)].count("\n") + 1


def test_a_good_mapping_is_read(write):
    mapping = read_mapping(write("m.yaml", GOOD))
    assert [entity.name for entity in mapping.entities] == ["thing"]
    assert mapping.sources["t"].file == "*.csv"


@pytest.mark.parametrize(
    ("old", "new", "message", "hint"),
    [
        ("column: name", "colum: name", "no key 'colum'", "Did you mean 'column'"),
        ("entities:", "entitys:", "no key 'entitys'", "Did you mean 'entities'"),
        ("ex:name", "exx:name", "'exx:name' is no IRI", "Did you mean 'ex'"),
        ("type: ex:Thing", "type: Thing", "'Thing' is no IRI", None),
        ("{column: name}", "{}", "needs exactly one of", None),
        ("{column: name}", "{iri: a, template: b}", "needs exactly one of", None),
        ("{column: name}", "{column: name, constant: 1}", "both 'column' and 'constant'", "'when'"),
        (
            "{column: name}",
            "{column: name, blank: not-reportet}",
            "no such meaning",
            "not-reported",
        ),
        ("{column: name}", "{column: name, unknown: drop}", "cannot be 'drop'", "report"),
        ("{column: name}", "{column: name, transforms: [trimm]}", "no transform 'trimm'", "'trim'"),
        (
            "{column: name}",
            "{column: name, transforms: [{extract: '(a'}]}",
            "regular expression",
            None,
        ),
        ("{column: name}", "{column: name, transforms: [{split: ''}]}", "needs one", None),
        ("{column: name}", "{column: name, datatype: xs:date}", "no IRI", "Did you mean 'xsd'"),
        ("{column: name}", "{column: name, date: {forms: [isso]}}", "no date form", "'iso'"),
        (
            "{column: name}",
            "{column: name, date: {forms: [month-day-year, day-month-year]}}",
            "keep one",
            None,
        ),
        ("{column: name}", "{column: name, datatype: xsd:integer, date: {}}", "goes with", None),
        ("{column: name}", "{column: name, language: x_y}", "no language tag", None),
        ("{column: name}", "{column: name, language: en, datatype: iri}", "plain text", None),
        ("{column: name}", "{column: name, values: {a: exx:b}}", "prefix is not declared", "'ex'"),
        ("{column: name}", "{template: '{name', blank: error}", "unbalanced", None),
        ("{column: name}", "{column: name, when: {colum: a}}", "no key 'colum'", "'column'"),
        ("{column: name}", "{column: name, when: {column: a}}", "is a column with one of", None),
        ("{column: name}", "{column: name, once: yes}", "cannot be 'yes'", "true, false"),
        ('"thing/{id}"', "{template: a, duplicates: sufix}", "cannot be 'sufix'", "'suffix'"),
        ('"thing/{id}"', "{fallback: a}", "needs the key 'template'", None),
        ('t: {file: "*.csv"}', "t: {delimiter: ab}", "must be one character", None),
        ('t: {file: "*.csv"}', "t: {header-row: x}", "whole number", None),
        ("ex: https://x.example/ns#", "aims: https://x.example/", "already means", None),
        ("base: https://x.example/", "base: x", "is no IRI", None),
    ],
)
def test_a_mistake_is_named_with_its_line(write, old, new, message, hint):
    text = GOOD.replace(old, new)
    with pytest.raises(InputError, match=message) as error:
        read_mapping(write("m.yaml", text))
    assert error.value.line == line_of(text, new)
    if hint is not None:
        assert hint in str(error.value)


def test_a_source_must_be_known_when_there_are_two(write):
    text = GOOD.replace("  t: {file:", "  u: {}\n  t: {file:")
    with pytest.raises(InputError, match="no known source"):
        read_mapping(write("m.yaml", text))
    text = text.replace('    subject: "', '    source: uu\n    subject: "')
    with pytest.raises(InputError, match="Sources: u, t"):
        read_mapping(write("m.yaml", text))


def test_a_mapping_needs_a_base(write):
    with pytest.raises(InputError, match="needs the key 'base'"):
        read_mapping(write("m.yaml", GOOD.partition("\n")[2]))
