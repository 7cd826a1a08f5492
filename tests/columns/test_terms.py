"""The dictionary finds what was added, exactly as it was written, however it was added."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import BaseDirection, BlankNode, Literal, NamedNode

from aims_graph.columns import BLANK, IRI, LITERAL, TermDictionary
from aims_graph.columns import index as index_module
from aims_graph.columns.text import PADDING
from aims_graph.errors import InputError
from aims_graph.vocabulary import RDF, XSD

INTEGER = NamedNode(XSD + "integer")

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40) | st.text(
    "ab", min_size=500, max_size=600
)
iris = st.text("abc/", max_size=12).map(lambda path: NamedNode("http://example.org/" + path))
terms = st.one_of(
    iris,
    st.text("abc", min_size=1, max_size=3).map(BlankNode),
    texts.map(Literal),
    st.builds(lambda text, datatype: Literal(text, datatype=datatype), texts, iris),
    st.builds(
        lambda text, tag: Literal(text, language=tag), texts, st.sampled_from(["en", "de-ch"])
    ),
)


@given(st.lists(terms, max_size=60))
def test_each_distinct_term_has_one_id_and_comes_back_as_written(given_terms):
    dictionary = TermDictionary()
    ids = [dictionary.add(term) for term in given_terms]
    assert [dictionary.term(term_id) for term_id in ids] == given_terms
    assert dictionary.ids_of(given_terms).tolist() == ids
    assert len({*ids}) == len({*given_terms})
    every = [dictionary.term(term_id) for term_id in range(len(dictionary))]
    assert len({*every}) == len(every)


@given(st.lists(terms, max_size=30), st.lists(terms, max_size=60))
def test_adding_in_bulk_gives_the_ids_of_adding_one_by_one(first, then):
    one_by_one, bulk = TermDictionary(), TermDictionary()
    for term in first:
        assert one_by_one.add(term) == bulk.add(term)
    # Datatypes and languages come first in a bulk, as tags need them.
    tags = np.array([bulk.tag_of(term) for term in then], np.int32)
    for term in then:
        one_by_one.tag_of(term)
    data = [term.value.encode() for term in then]
    lengths = np.array([len(text) for text in data], np.int64)
    buffer = np.frombuffer(b"".join(data) + b"x" * PADDING, np.uint8)
    starts = np.cumsum(lengths) - lengths
    absent = bulk.find_slices(buffer, starts, lengths, tags)
    assert absent.tolist() == [one_by_one.id_of(term) for term in then]
    ids = bulk.add_slices(buffer, starts, lengths, tags)
    assert ids.tolist() == [one_by_one.add(term) for term in then]
    assert [bulk.term(term_id) for term_id in ids] == then
    assert bulk.find_slices(buffer, starts, lengths, tags).tolist() == ids.tolist()


def test_terms_whose_hashes_collide_are_still_told_apart(monkeypatch):
    monkeypatch.setattr(index_module, "hash_bytes", lambda data, tag: 7)
    monkeypatch.setattr(
        index_module, "hash_slices", lambda buffer, starts, *_: np.full(len(starts), 7, np.uint64)
    )
    test_adding_in_bulk_gives_the_ids_of_adding_one_by_one()


def test_spellings_of_one_value_are_different_terms():
    dictionary = TermDictionary()
    ids = {dictionary.add(Literal(text, datatype=INTEGER)) for text in ("1", "01", "+1")}
    assert len(ids) == 3
    assert dictionary.id_of(Literal("1")) == -1


def test_facts_describe_each_term():
    dictionary = TermDictionary()
    iri = dictionary.add(NamedNode("urn:x:é"))
    blank = dictionary.add(BlankNode("b"))
    tagged = dictionary.add(Literal("größe😀", language="de-CH"))
    wrong = dictionary.add(Literal("abc", datatype=INTEGER))
    ids = [iri, blank, tagged, wrong]
    assert dictionary.kind[ids].tolist() == [IRI, BLANK, LITERAL, LITERAL]
    assert dictionary.length[ids].tolist() == [7, -1, 6, 3]
    assert dictionary.well_formed[ids].tolist() == [True, True, True, False]
    assert [dictionary.languages[i] for i in dictionary.language[[tagged]]] == ["de-ch"]
    assert dictionary.language[[iri, wrong]].tolist() == [-1, -1]
    assert dictionary.datatype[[iri, blank]].tolist() == [-1, -1]
    assert dictionary.datatype[wrong] == dictionary.id_of(INTEGER)
    assert dictionary.datatype[tagged] == dictionary.id_of(NamedNode(RDF + "langString"))


@given(st.lists(st.lists(terms, max_size=8), max_size=5))
def test_facts_are_the_same_whether_computed_at_once_or_as_terms_arrive(batches):
    growing, whole = TermDictionary(), TermDictionary()
    for batch in batches:
        for term in batch:
            growing.add(term)
            whole.add(term)
        assert len(growing.well_formed) == len(growing.length) == len(growing)
    for name in ("kind", "datatype", "language", "length", "well_formed", "comparison_class"):
        assert getattr(growing, name).tolist() == getattr(whole, name).tolist()


@pytest.mark.parametrize("length", [511, 512, 513, 100_000])
def test_long_literals_are_found(length):
    dictionary = TermDictionary()
    literal = Literal("x" * length)
    term_id = dictionary.add(literal)
    dictionary.add(Literal("x" * length + "y"))
    assert dictionary.id_of(literal) == term_id


def test_a_base_direction_is_refused_and_never_found():
    dictionary = TermDictionary()
    dictionary.add(Literal("x", language="en"))
    directed = Literal("x", language="en", direction=BaseDirection.LTR)
    assert dictionary.id_of(directed) == -1
    for add in (dictionary.add, lambda term: dictionary.add_all([term])):
        with pytest.raises(InputError, match="base directions"):
            add(directed)


@given(st.lists(terms, max_size=20), st.lists(terms, max_size=20))
def test_looking_up_in_bulk_finds_what_looking_up_one_by_one_finds(known, asked):
    dictionary = TermDictionary()
    dictionary.add_all(known)
    size = len(dictionary)
    asked = [*asked, *known, Literal("a", language="en", direction=BaseDirection.LTR)]
    assert dictionary.find_all(asked).tolist() == dictionary.ids_of(asked).tolist()
    assert len(dictionary) == size


@given(st.lists(terms, max_size=20), st.data())
def test_reading_in_bulk_gives_what_reading_one_by_one_gives(known, data):
    dictionary = TermDictionary()
    dictionary.add_all(known)
    ids = data.draw(st.lists(st.integers(0, len(dictionary) - 1)) if known else st.just([]))
    assert dictionary.terms_of(np.array(ids, np.int32)) == [dictionary.term(n) for n in ids]


@given(st.lists(terms, max_size=20), st.lists(terms, max_size=20))
def test_terms_of_another_dictionary_are_taken_over_as_written(ours, theirs):
    dictionary, other = TermDictionary(), TermDictionary()
    dictionary.add_all(ours)
    other.add_all(theirs)
    ids = dictionary.add_terms(other)
    assert [dictionary.term(int(n)) for n in ids] == [other.term(n) for n in range(len(other))]
    assert len(set(map(dictionary.term, range(len(dictionary))))) == len(dictionary)


def test_terms_are_found_while_others_are_being_entered(monkeypatch):
    terms = TermDictionary()
    old = [NamedNode(f"urn:old:{number}") for number in range(200)]
    new = [NamedNode(f"urn:new:{number}") for number in range(300)]
    ids = terms.add_all(old).tolist()
    probe, seen = terms._index._probe, []

    def watched(*given, **named):
        answer = probe(*given, **named)
        seen.append(([terms.id_of(term) for term in old], {terms.id_of(term) for term in new}))
        return answer

    monkeypatch.setattr(terms._index, "_probe", watched)
    terms.add_all(new)
    assert seen == [(ids, {-1})]
    assert [terms.id_of(term) for term in new] == list(range(200, 500))
