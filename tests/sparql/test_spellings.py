"""Spellings that are taken for a store's own without asking it are its own."""

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aims_graph.sparql.spellings import _CANONICAL, Normaliser
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
