"""What an Accept header asks for, and the place of a syntax error."""

import pytest

from aims_graph.errors import InputError
from aims_graph.sparql import Index
from aims_graph.sparql.formats import choose_formats
from aims_graph.sparql.index import syntax_error

JSON, XML = "application/sparql-results+json", "application/sparql-results+xml"


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, (JSON, "text/turtle")),
        (" ", (JSON, "text/turtle")),
        ("*/*", (JSON, "text/turtle")),
        ("csv", ("text/csv", "text/turtle")),
        ("text/csv;q=0.5, text/tab-separated-values", ("text/tab-separated-values", "text/turtle")),
        ("text/csv;q=0, application/xml", (XML, "application/rdf+xml")),
        ("text/csv;q=none, application/json", (JSON, "application/ld+json")),
        ("text/csv;charset=utf-8", ("text/csv", "text/turtle")),
        ("text/plain", ("text/tab-separated-values", "application/n-triples")),
        ("image/png, application/*;q=0.1", (JSON, "application/n-triples")),
        ("application/n-triples", (JSON, "application/n-triples")),
    ],
)
def test_the_best_format_of_those_accepted_is_chosen(accept, expected):
    assert choose_formats(accept) == expected


@pytest.mark.parametrize("accept", ["image/*", "text/csv;q=0", "sparql"])
def test_what_cannot_be_written_is_refused_with_what_can(accept):
    with pytest.raises(InputError) as error:
        choose_formats(accept)
    assert "text/csv" in str(error.value.hint)


def test_a_query_of_our_own_that_is_wrong_has_its_place():
    with pytest.raises(InputError, match="not a SPARQL query") as error:
        Index([]).query("SELECT ?s {\n ?s ?p }")
    assert error.value.line == 2
    assert bool(Index([]).query("ASK {}"))


def test_a_long_list_of_what_could_stand_there_is_cut():
    error = syntax_error(SyntaxError("error at 3:7: expected one of " + "x, " * 100))
    assert (error.line, error.column) == (3, 7)
    assert error.message == "not a SPARQL query: this cannot stand here"
    plain = syntax_error(SyntaxError("no place"), "update")
    assert (plain.line, plain.message) == (None, "not a SPARQL update: no place")
