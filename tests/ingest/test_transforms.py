"""Transforms, templates and names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aims_graph.errors import InputError
from aims_graph.ingest import transforms
from aims_graph.ingest.iris import Names, cell_iri, slugify
from aims_graph.ingest.templates import compile_template
from aims_graph.ingest.transforms import CellError, extract, read_list, replace

texts = st.text(st.characters(exclude_categories=["Cs"], max_codepoint=0xFFFF))


@given(st.lists(texts, max_size=5))
def test_the_list_literal_of_python_is_read_back(items):
    assert read_list(repr(items)) == items


@pytest.mark.parametrize(
    "text", ["a", "[a]", "['a'", "[1]", "['a' 'b']", "[['a']]", "[__import__('os')]"]
)
def test_what_is_no_flat_list_of_texts_is_refused(text):
    with pytest.raises(CellError):
        read_list(text)


def test_a_pattern_that_would_run_for_ever_ends_with_an_error(monkeypatch):
    monkeypatch.setattr(transforms, "SECONDS", 0.05)
    with pytest.raises(InputError, match=r"needs more than 0\.05 s"):
        extract(r"^(a|aa)+$")(["a" * 10_000 + "!"])
    with pytest.raises(InputError, match="needs more"):
        replace(r"(a|aa)+$", "")(["a" * 10_000 + "!"])


@pytest.mark.parametrize("pattern", ["(a", "a" * 501, "[b-a]"])
def test_an_unreadable_or_oversized_pattern_is_refused(pattern):
    with pytest.raises(ValueError, match=r"regular expression|longer"):
        extract(pattern)


def test_a_replacement_that_names_no_group_is_refused():
    with pytest.raises(ValueError, match="group"):
        replace("a", r"\1")


def test_extract_gives_the_group_and_replace_the_rest():
    assert extract("v([0-9]+)")(["v12"]) == ["12"]
    assert replace(r"^[a-l]\) ", "")(["c) Age"]) == ["Age"]


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("Dép. of  X & Y", "dep-of-x-y"),
        ("  ", ""),
        ("日本 語", "日本-語"),
        ("../..", ""),
        ("A_b", "a-b"),
    ],
)
def test_slugs_are_plain_words(text, slug):
    assert slugify(text) == slug


def test_a_template_encodes_cells_and_is_none_when_one_is_blank():
    template = compile_template("s/{a|slug}/{b}", iri=True)
    cells = {"a": "Big Co", "b": "x/../y?#é"}
    assert template.render(cells.__getitem__) == "s/big-co/x%2F..%2Fy%3F%23%C3%A9"
    assert template.render({"a": "", "b": "1"}.__getitem__) is None
    assert template.columns == {"a", "b"}
    assert compile_template("{{x}} {a}", iri=False).render(cells.__getitem__) == "{x} Big Co"


@pytest.mark.parametrize("text", ["{a", "a}", "{}", "{a|slgu}", "{@subject|slug}"])
def test_a_broken_template_is_refused(text):
    with pytest.raises(ValueError, match=r"unbalanced|empty|filter"):
        compile_template(text, iri=True)


def test_a_cell_is_a_link_only_with_a_harmless_scheme():
    assert cell_iri("https://x.example/a") is not None
    for text in (
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "x",
        "https://a b",
    ):
        assert cell_iri(text) is None


def test_names_stay_below_the_base():
    names = Names("https://x.example/", {})
    assert names.absolute("a/b").value == "https://x.example/a/b"
    assert names.absolute("a/../b") is None
    assert names.absolute("aims:Risk").value.endswith("ns#Risk")
    assert names.constant("2024-01-31", quoted=False).datatype.value.endswith("date")
    assert names.constant("2024-01-31", quoted=True).datatype.value.endswith("string")
    assert names.constant("amis:Risk", quoted=False) is None
