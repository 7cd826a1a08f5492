"""YAML is read as text with places, and without what makes it dangerous or surprising."""

import pytest

from aims_graph.errors import InputError
from aims_graph.ingest.yaml_source import ListNode, MapNode, Scalar, parse_yaml, read_yaml


def entries(text: str) -> dict:
    root = parse_yaml(text, "t.yaml")
    assert isinstance(root, MapNode)
    return root.entries


def test_a_scalar_keeps_its_text_and_place():
    found = entries("country: NO\nversion: 1.10\nquoted: 'on'\nday: 2026-01-31")
    assert {key: node.text for key, node in found.items()} == {
        "country": "NO",
        "version": "1.10",
        "quoted": "on",
        "day": "2026-01-31",
    }
    assert (found["version"].line, found["version"].column) == (2, 10)
    assert found["quoted"].quoted
    assert not found["version"].quoted


@pytest.mark.parametrize("text", ["~", "null", ""])
def test_an_unquoted_null_is_one_and_a_quoted_is_text(text):
    assert entries(f"a: {text}")["a"].is_null
    assert not entries(f"a: '{text}'")["a"].is_null


def test_lists_and_maps_nest():
    root = entries("a: [x, {b: c}]")["a"]
    assert isinstance(root, ListNode)
    first, second = root.items
    assert isinstance(first, Scalar)
    assert second.entries["b"].text == "c"


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        ("a: 1\nb: 2\na: 3", "already given on line 1", 3),
        ("a: &x 1", "anchors and aliases", 1),
        ("a: 1\nb: *x", "anchors and aliases", 2),
        ("a: !!python/object:os.system {}", "tag", 1),
        ("b:\n  <<: {a: 1}", "merge keys", 2),
        ("? [a]\n: b", "key must be plain text", 1),
        ("a: [1", "which begins on line 1", 2),
        ("a: 1\n---\nb: 2", "only one document", 2),
        ("a: " + "[" * 100, "nested deeper than 64", 1),
        ("a: \x07", "not YAML", None),
    ],
)
def test_what_is_refused_is_named_with_its_line(text, message, line):
    with pytest.raises(InputError, match=message) as error:
        parse_yaml(text, "t.yaml")
    if line is not None:
        assert error.value.line == line


def test_an_empty_file_is_refused(write):
    with pytest.raises(InputError, match="empty"):
        read_yaml(write("t.yaml", ""))


def test_text_that_is_not_utf8_is_refused_with_its_line(write):
    with pytest.raises(InputError, match="not UTF-8") as error:
        read_yaml(write("t.yaml", b"a: b\nc: \xe9"))
    assert error.value.line == 2


def test_a_missing_file_is_an_input_error(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        read_yaml(tmp_path / "no.yaml")
