"""Spellings that are taken for a store's own without asking it are its own."""

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aims_graph.sparql import spellings as spellings_module
from aims_graph.sparql.spellings import (
    _CANONICAL,
    Normaliser,
    Spellings,
    read_spellings,
    write_spellings,
)
from aims_graph.vocabulary import XSD

digits = st.text("0123456789", min_size=1, max_size=19)
sign = st.sampled_from(["", "-"])
two = st.sampled_from(["00", "01", "02", "12", "13", "23", "24", "29", "31", "59", "60"])
year = st.text("0123456789", min_size=4, max_size=4)
SPELLINGS = {
    "boolean": st.sampled_from(["true", "false", "1", "TRUE"]),
    "integer": st.builds("{}{}".format, sign, digits),
    "decimal": st.builds("{}{}.{}".format, sign, digits, digits),
    "date": st.builds("{}-{}-{}".format, year, two, two),
    "dateTime": st.builds(
        "{}-{}-{}T{}:{}:{}{}".format, year, two, two, two, two, two, st.sampled_from(["", "Z"])
    ),
}


@pytest.mark.parametrize("name", SPELLINGS)
def test_a_canonical_spelling_is_what_the_store_gives_back(name):
    datatype = ox.NamedNode(XSD + name)
    normaliser = Normaliser()
    seen = 0

    @settings(max_examples=400, deadline=None)
    @given(SPELLINGS[name])
    def check(text):
        nonlocal seen
        literal = ox.Literal(text, datatype=datatype)
        assert normaliser.literal(literal) == normaliser._ask(literal)
        seen += _CANONICAL[datatype.value](text) is not None

    check()
    assert seen > 0


def test_what_was_asked_is_not_remembered_without_end(monkeypatch):
    monkeypatch.setattr(spellings_module, "_MOST_KNOWN", 3)
    normaliser = Normaliser()
    for i in range(10):
        asked = ox.Literal(f"0{i}", datatype=ox.NamedNode(XSD + "integer"))
        assert normaliser.literal(asked).value == str(i)
        assert len(normaliser._known) <= 3


def test_spellings_are_written_and_read_again(tmp_path):
    quads = [
        ox.Quad(ox.NamedNode("urn:s"), ox.NamedNode("urn:p"), term, ox.NamedNode("urn:g"))
        for term in (
            ox.Literal("01", datatype=ox.NamedNode(XSD + "integer")),
            ox.Literal('line\n"', language="DE"),
            ox.NamedNode("urn:o"),
        )
    ]
    file = tmp_path / "s.nq"
    write_spellings(Spellings(quads), file)
    assert set(read_spellings(file)) == set(quads)
    assert list(read_spellings(tmp_path / "none.nq")) == []


def test_a_spelling_that_is_not_there_takes_nothing_away():
    one, other, plain = (
        ox.Quad(
            ox.NamedNode("urn:s"),
            ox.NamedNode("urn:p"),
            ox.Literal(text, datatype=ox.NamedNode(XSD + "integer")),
        )
        for text in ("01", "001", "1")
    )
    store, spellings = ox.Store(), Spellings()
    store.add(spellings.add(one, store))
    assert spellings.remove(other) is None
    assert spellings.remove(plain) is None
    assert spellings.exact(plain) == {one}
    assert spellings.remove(one) == plain
    assert spellings.remove(other) is None
    assert spellings.remove(plain) == plain
