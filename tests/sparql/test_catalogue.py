"""Query files are read with their headers, and parameters can only ever become one term."""

from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aims_graph.errors import InputError
from aims_graph.sparql import Index, check_text, find_query, read_catalogue, read_query
from aims_graph.sparql.tokens import read_tokens

HEADER = """#+ title: Things
#+ description: Names of things.
#+ clause: [6.1.3, A.7.4]
#+ parameters:
#+   - {name: name, type: string, required: false, description: "one name"}
#+   - {name: since, type: date, required: false, description: "from when"}
#+ columns:
#+   - {name: thing, description: "node"}
"""
BODY = """SELECT ?thing WHERE {
  VALUES ?name { UNDEF } # VALUES ?name { "in a comment" }
  VALUES ?since { "2000-01-01"^^<http://www.w3.org/2001/XMLSchema#date> }
  ?thing <urn:name> ?name ; <urn:on> ?on . FILTER (?on >= ?since)
}
"""


def query_file(tmp_path: Path, text: str = HEADER + BODY) -> Path:
    path = tmp_path / "things.rq"
    path.write_text(text)
    return path


def index(*names: str) -> Index:
    on = ox.Literal("2026-01-01", datatype=ox.NamedNode("http://www.w3.org/2001/XMLSchema#date"))
    triples = []
    for i, name in enumerate(names):
        thing = ox.NamedNode(f"urn:t{i}")
        triples += [
            (thing, ox.NamedNode("urn:name"), ox.Literal(name)),
            (thing, ox.NamedNode("urn:on"), on),
        ]
    return Index(triples)


def test_a_header_is_read_as_written(tmp_path: Path) -> None:
    query = read_query(query_file(tmp_path))
    assert (query.name, query.title, query.clauses) == ("things", "Things", ("6.1.3", "A.7.4"))
    assert [p.type for p in query.parameters] == ["string", "date"]


def test_without_values_the_defaults_of_the_file_hold(tmp_path: Path) -> None:
    query = read_query(query_file(tmp_path))
    assert len(list(index("a", "b").query(query.bind({})))) == 2


@given(st.text(alphabet=st.characters(exclude_categories=("Cs",)), max_size=40))
def test_any_text_as_a_parameter_selects_exactly_itself(tmp_path_factory, name: str) -> None:
    query = read_query(query_file(tmp_path_factory.mktemp("q")))
    found = list(index(name, name + "x", "}").query(query.bind({"name": name})))
    expected = {0} | ({2} if name == "}" else set())
    assert {int(s["thing"].value[5:]) for s in found} == expected


def test_a_value_of_another_type_is_refused(tmp_path: Path) -> None:
    query = read_query(query_file(tmp_path))
    with pytest.raises(InputError, match="type date"):
        query.bind({"since": "yesterday"})
    with pytest.raises(InputError, match="no parameter 'nme'"):
        query.bind({"nme": "x"})


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (BODY, "no #\\+ header"),
        (HEADER.replace("title:", "name:") + BODY, "lacks title"),
        (HEADER + BODY.replace("?name {", "?other {"), "no VALUES"),
        (HEADER.replace("type: date", "type: day") + BODY, "unknown type"),
        ("#+ title: [\n" + BODY, "not YAML"),
    ],
)
def test_an_untrue_header_is_refused(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        read_query(query_file(tmp_path, text))


def test_a_misspelt_name_gets_the_nearest_one(root: Path) -> None:
    with pytest.raises(InputError, match="untreated-risks"):
        find_query(read_catalogue(root / "queries"), "untreated-risk")


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * WHERE { SERVICE <http://example.org/> { ?s ?p ?o } }",
        "select * where { service silent ?x { ?s ?p ?o } }",
        "LOAD <file:///etc/hostname>",
        "SELECT * WHERE { ?s ?p ?o } #" + "x" * 70000,
    ],
)
def test_a_query_that_reaches_outside_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        check_text(text)


def test_words_in_strings_iris_and_comments_are_no_keywords() -> None:
    text = 'SELECT * WHERE { ?s <urn:SERVICE> "LOAD", \'\'\'FROM "\'\'\', """SERVICE""" } # LOAD'
    check_text(text)
    words = [token.text for token in read_tokens(text) if token.kind == "word"]
    assert words == ["SELECT", "WHERE"]
