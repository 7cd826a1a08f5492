"""Query files are read with their headers, and parameters can only ever become one term."""

from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aims_graph.errors import InputError
from aims_graph.sparql import Index, check_text, find_query, read_catalogue, read_query
from aims_graph.sparql.catalogue import Parameter, parameter_term
from aims_graph.sparql.tokens import read_tokens
from aims_graph.vocabulary import XSD

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


@settings(deadline=None)
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


@pytest.mark.parametrize(
    ("kind", "value", "term"),
    [
        ("iri", "urn:a", "<urn:a>"),
        ("string", 'a "b"', '"a \\"b\\""'),
        ("date", "2026-06-30", f'"2026-06-30"^^<{XSD}date>'),
        ("integer", "-5", f'"-5"^^<{XSD}integer>'),
        ("decimal", "1.50", f'"1.50"^^<{XSD}decimal>'),
        ("boolean", "true", f'"true"^^<{XSD}boolean>'),
    ],
)
def test_a_value_becomes_one_term_of_its_type(kind, value, term) -> None:
    assert str(parameter_term(Parameter("x", kind, False, ""), value)) == term


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("iri", "no colon"),
        ("iri", "urn:a> } DROP ALL #"),
        ("iri", "relative"),
        ("date", "30.6.2026"),
        ("integer", "1.0"),
        ("integer", "1\n"),
        ("decimal", "1e5"),
        ("boolean", "yes"),
    ],
)
def test_a_text_that_is_no_such_value_is_refused(kind, value) -> None:
    with pytest.raises(InputError, match=f"of type {kind}"):
        parameter_term(Parameter("x", kind, False, ""), value)


def test_a_required_parameter_has_to_be_given(tmp_path: Path) -> None:
    text = HEADER.replace("type: date, required: false", "type: date, required: true") + BODY
    query = read_query(query_file(tmp_path, text))
    with pytest.raises(InputError, match="needs the parameter 'since'") as error:
        query.bind({"name": "a"})
    assert "--param since=<date>" in str(error.value.hint)
    assert '"2026-01-01"' in query.bind({"since": "2026-01-01"})


def test_only_blocks_of_one_variable_are_parameters(tmp_path: Path) -> None:
    text = "SELECT ?thing { VALUES (?name ?x) { (1 2) } VALUES name { 1 } }"
    with pytest.raises(InputError, match="no VALUES"):
        read_query(query_file(tmp_path, HEADER + text))


def test_a_header_that_is_no_mapping_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is not a list of fields"):
        read_query(query_file(tmp_path, "#+ only words\n" + BODY))


def test_a_name_is_found_as_it_is_and_one_unlike_all_gets_a_hint(root: Path) -> None:
    known = read_catalogue(root / "queries")
    assert find_query(known, "untreated-risks").name == "untreated-risks"
    with pytest.raises(InputError) as error:
        find_query(known, "zzz")
    assert "`aims query` lists them" in str(error.value.hint)


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
