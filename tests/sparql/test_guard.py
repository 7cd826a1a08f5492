"""Text that could hurt is refused on its tokens, whatever it is disguised as."""

import pytest

from aims_graph.errors import InputError
from aims_graph.resources import folder
from aims_graph.sparql import check_text, guard, read_catalogue
from aims_graph.sparql.errors import LimitError, RefusedError
from aims_graph.sparql.from_clauses import take_from_clauses
from aims_graph.vocabulary import PREFIXES

AWAY = "<http://127.0.0.1:8971/x>"

# Each of these was seen to make Oxigraph send a request or evaluate a SERVICE, or is one step away from that.
DISGUISED = {
    "plain": "SELECT * { SERVICE %s { ?a ?b ?c } }",
    "lower case": "select * { service silent %s { ?a ?b ?c } }",
    "glued": "SELECT * { SERVICESILENT%s { ?a ?b ?c } }",
    "as a prefix": "PREFIX : %s SELECT * { SERVICE: { ?a ?b ?c } }",
    "after true": "SELECT * { ?s ?p trueSERVICE%s { ?a ?b ?c } }",
    "after a number": "SELECT * { ?s ?p 1SERVICE%s { ?x ?y ?z } }",
    "after a name's second dot": "PREFIX e: <urn:> SELECT * { ?s ?p e:a.b.SERVICE%s{ ?a ?b ?c } }",
    "after a blank node's dot": "SELECT * { ?s ?p _:a.b.SERVICE%s{ ?a ?b ?c } }",
    "less than, comment": "SELECT * { BIND(%s AS ?e) FILTER(1<2)SERVICE?e#>\n { ?x ?y ?z } }",
    "less than, string": "SELECT * { FILTER(?a<?b)?s?p'> ' SERVICE %s {?x ?y ?z} #'\n }",
    "less than, name": "PREFIX b: <urn:> SELECT * { FILTER(?a<b:c#>'''\n) SERVICE %s {} #'''\n) }",
    "bad escape": 'SELECT * { VALUES ?x { """a"} SERVICE %s {?a ?b ?c} } #\\z""" } }',
    "no character": 'SELECT * { VALUES ?x { """a"} SERVICE %s {?a ?b ?c} } #\\uD800""" } }',
    "quote in an IRI": "SELECT * { ?s <a:\\u0041'> ?o . SERVICE %s {} ?s <a:\\u0041'> ?o }",
    "language direction": 'SELECT * { ?s ?p "x"@en--ltrSERVICE%s { ?a ?b ?c } }',
    "load": "LOAD %s",
    "load, glued": "LOADSILENT%s",
    "load, as a prefix": "PREFIX : %s LOAD:",
}


@pytest.mark.parametrize("text", DISGUISED.values(), ids=DISGUISED)
def test_a_request_to_another_server_is_refused_in_every_disguise(text):
    with pytest.raises(InputError) as error:
        check_text(text.replace("%s", AWAY))
    assert error.value.line is not None


def test_a_service_in_the_open_is_refused_as_such():
    with pytest.raises(RefusedError, match="SERVICE is not allowed") as error:
        check_text(f"ASK {{\n  SERVICE {AWAY} {{}} }}")
    assert (error.value.line, error.value.column) == (2, 3)


@pytest.mark.parametrize(
    "text",
    [
        "PREFIX ex: <http://example.org/service#> SELECT * { ?s ex:service <http://x.example/a'(b)#c> }",
        'SELECT * { ?s ?p "SERVICE", \'LOAD\', """SERVICE \\u0041""" # SERVICE\n }',
        "SELECT * { ?s <urn:aims:source:shop> ?o . FILTER(?a < ?b && ?c > ?d) }",
        "SELECT * { ?s dcat:data-service ?o . ?o ex:uploaded ?payload }",
        "PREFIX urn: <urn:x:> SELECT * { ?s <urn:a:b> ?o }",
    ],
)
def test_names_that_only_look_dangerous_are_let_through(text):
    check_text(text)


def test_all_queries_of_the_catalogue_are_let_through():
    for query in read_catalogue(folder("queries")).values():
        check_text(query.text, PREFIXES)


LIMITS = {
    "size": ("ASK {}" + " " * guard.MAX_QUERY_BYTES, "64 KiB"),
    "braces": ("ASK " + "{" * 65 + "}" * 65, "nesting > 64"),
    "parentheses": ("ASK { FILTER(" + "(" * 64 + "1" + ")" * 64 + ") }", "nesting > 64"),
    "brackets": ("ASK { " + "[ <a:> " * 64 + "1" + "]" * 64 + " }", "nesting > 64"),
    "negations": ("ASK { FILTER(" + "!" * 501 + "true) }", "operators > 500"),
    "sums": ("SELECT (" + "1+" * 501 + "1 AS ?x) {}", "operators > 500"),
    "path": ("ASK { ?s " + "<a:>/" * 65 + "<a:> ?o }", "path steps > 64"),
    "paths": ("ASK { " + "?s <a:>/<a:>/<a:>/<a:>/<a:> ?o . " * 51 + "}", "path steps in all"),
    "patterns": ("ASK { " + "?s ?p ?o . " * 101 + "}", "triple patterns > 100"),
    "objects": ("ASK { ?s ?p " + "1, " * 100 + "1 }", "triple patterns > 100"),
    "items": ("ASK { ?s ?p (" + "1 " * 60 + ") }", "triple patterns > 100"),
    "unions": ("ASK { " + "{} UNION " * 151 + "{} }", "clauses > 150"),
    "values": ("ASK { VALUES ?x { " + "1 " * 5001 + "} }", "values > 5000"),
    "data": ("INSERT DATA { " + "<a:> <b:> 1 . " * 4001 + "<a:> <b:> " + "1," * 1000 + "1}", "64 KiB|triples of data"),
    "prefixes": ("".join(f"PREFIX p{i}: <u:>" for i in range(201)) + " ASK {}", "200 prefixes"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "message"), LIMITS.values(), ids=LIMITS)
def test_what_is_larger_than_a_limit_is_refused(text, message):
    with pytest.raises(LimitError, match=message):
        check_text(text)


@pytest.mark.parametrize(
    "text",
    [
        "ASK " + "{" * 64 + "}" * 64,
        "ASK { FILTER(" + "!" * 500 + "true) }",
        "ASK { ?s " + "<a:>/" * 64 + "<a:> ?o }",
        "ASK { " + "?s ?p ?o . " * 100 + "}",
        "ASK { VALUES ?x { " + "1 " * 5000 + "} }",
        "INSERT DATA { " + "<a:> <b:> 1 . " * 4000 + "}",
    ],
)
def test_what_reaches_a_limit_is_let_through(text):
    check_text(text)


@pytest.mark.parametrize("text", ["ASK {", "ASK }", "ASK { ?s ?p (1 }", "ASK { ?s ?p 'x }"])
def test_brackets_and_quotes_must_match(text):
    with pytest.raises(InputError) as error:
        check_text(text)
    assert error.value.line == 1


def test_triple_terms_are_refused():
    with pytest.raises(InputError, match="triple terms"):
        check_text("ASK { << ?s ?p ?o >> ?q ?r }")


@pytest.mark.parametrize("text", ["ASK { ?s ?p '\ud800' }", "ASK {} # \x00"])
def test_characters_that_are_none_are_refused(text):
    with pytest.raises(InputError, match="not allowed"):
        check_text(text)


def test_a_text_of_too_many_words_is_refused_where_there_is_one_too_many():
    text = "ASK { } " + "a " * guard.MAX_TOKENS
    with pytest.raises(LimitError, match="more than 30000 words") as error:
        check_text(text)
    assert error.value.column == len("ASK { } ") + 2 * (guard.MAX_TOKENS - 3) + 1


@pytest.mark.parametrize(
    "text",
    ["ASK FROM u:g {}", "ASK FROM", "ASK FROM NAMED 5 {}"],
)
def test_a_graph_to_ask_about_is_named_by_an_iri(text):
    with pytest.raises(InputError, match="is no IRI and no known prefix"):
        take_from_clauses(text, check_text(text), {})


def test_from_is_only_read_before_the_pattern():
    text = "PREFIX u: <urn:> SELECT * FROM u:a\nFROM NAMED <urn:b> WHERE { ?from ?p ?o } # FROM"
    found, default, named = take_from_clauses(text, check_text(text), {})
    assert (default, named) == (["urn:a"], ["urn:b"])
    assert "urn:b" not in found
    assert len(found) == len(text)
    assert found.index("WHERE") == text.index("WHERE")
    assert take_from_clauses("ASK {}", check_text("ASK {}"), {}) == ("ASK {}", None, None)
