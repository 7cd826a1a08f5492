"""Names of many nodes at once are those that are found one by one."""

import numpy as np
import pytest
from pyoxigraph import NamedNode

from aims_graph.columns import LITERAL, Columns
from aims_graph.columns.reader import Reader
from aims_graph.trace.naming import best_class, labels_of, texts_of
from aims_graph.vocabulary import DCT, RDFS

LABELLED = """
ex:a rdfs:label "Preis"@de , "Price"@en , "price" .
ex:b rdfs:label "Preis"@de , "price" .
ex:c rdfs:label "Preis"@de ; <http://purl.org/dc/terms/title> "Price"@en .
ex:d rdfs:label "" ; <http://purl.org/dc/terms/title> "Title" .
ex:e rdfs:label ex:a ; <http://www.w3.org/2004/02/skos/core#prefLabel> 7 .
ex:f rdfs:seeAlso [ rdfs:label "inner" ] .
ex:g a aims:Dataset .
"""


def things(data: Columns) -> np.ndarray:
    return np.flatnonzero(data.terms.tags < LITERAL).astype(np.int32)


@pytest.fixture(params=["small", "shop"])
def data(request, graph, shop) -> Columns:
    return graph(LABELLED) if request.param == "small" else shop


def test_terms_and_texts_are_those_of_single_look_ups(data) -> None:
    every = np.arange(len(data.terms), dtype=np.int32)
    terms = [data.terms.term(node) for node in range(len(data.terms))]
    assert data.terms.terms_of(every) == terms
    assert data.terms.texts_of(every) == [term.value for term in terms]


def test_labels_and_texts_are_those_of_the_reader(data) -> None:
    nodes, reader = things(data), Reader(data)
    terms = data.terms.terms_of(nodes)
    assert labels_of(data, nodes, terms) == [reader.label(term) for term in terms]
    for predicate in (NamedNode(RDFS + "label"), NamedNode(DCT + "identifier")):
        found = texts_of(data, nodes, predicate)
        assert [found.get(row, "") for row in range(len(nodes))] == [
            reader.text(term, predicate) for term in terms
        ]


def test_the_class_of_lowest_rank_is_taken_and_of_equals_the_first(graph, ex) -> None:
    data = graph("ex:a a ex:P , ex:Q , ex:R . ex:b a ex:R , ex:Q . ex:c rdfs:label 'c' .")
    nodes = np.sort(data.terms.ids_of([ex("a"), ex("b"), ex("c")]))
    ranks = {ex("P"): (2, ""), ex("Q"): (1, "x"), ex("R"): (1, "x")}
    best = best_class(data, nodes, ranks.__getitem__)
    first = min(ex("Q"), ex("R"), key=data.terms.id_of)
    assert best == [first, first, None]
