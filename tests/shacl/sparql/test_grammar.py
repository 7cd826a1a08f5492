"""What the query parser accepts, refuses, and says about it."""

import pytest
import rdflib.plugins.sparql
from pyoxigraph import Store

from aims_graph.errors import InputError
from aims_graph.shacl.sparql.grammar import parse_query
from aims_graph.shacl.sparql.tokens import LONGEST_QUERY

GOOD = [
    "SELECT*{?s?p?o}",
    "select distinct ?s where { ?s a <urn:C> ; <urn:p> 1, 2.5, -3e0, true ; . }",
    'PREFIX : <urn:x:> BASE <http://example.org/a/> SELECT ?s { ?s :p <b> . <../c> :q.r "x"@en-GB }',
    "SELECT ?s { ?s <urn:p>/^<urn:q>|(<urn:r>*)?|!(<urn:a>|^a) ?o }",
    "SELECT ?s { [] <urn:p> [ <urn:q> ?s ; <urn:r> (1 ?s ()) ] . _:b <urn:p> _:b }",
    "SELECT ?s { { ?s ?p 1 } UNION { ?s ?p 2 } UNION {} OPTIONAL { ?s ?q 3 FILTER (?p != ?q) } MINUS { ?s a 1 } }",
    "SELECT (COUNT(*) AS ?n) (SUM(?x + 1) / 2 AS ?m) { ?s ?p ?x } GROUP BY (STR(?s) AS ?k) ?p HAVING (COUNT(*) > 1)",
    'SELECT ?s { VALUES (?s ?t) { (<urn:a> UNDEF) (1 "x") } VALUES ?u { 1 2 } FILTER (?t IN (1, 2) && ?u NOT IN ()) }',
    "SELECT ?s { ?s ?p ?o . FILTER NOT EXISTS { ?o ?q ?s } FILTER EXISTS { SELECT ?o { ?o ?r 1 } } }",
    "SELECT ?s { ?s ?p '''long 'quotes' here''' , \"esc\\t\\\"\\u00e9\" # comment }\n }",
    "SELECT ?s { ?s ?p ?o } ORDER BY DESC(?o) ASC(STR(?s)) ?p LIMIT 3 OFFSET 1",
    "SELECT ?s { ?s ?p ?o FILTER (?o < 3 && ?o>-1 || ! BOUND(?s)) BIND (?o-1 AS ?m) BIND (IF(?m, -?m, +?m) AS ?n) }",
    "ASK { ?s ?p ?o } ",
    "SELECT ?été { ?été <urn:p> ?x1 }",
    "SELECT * { ?s ?p ?o } VALUES ?s { <urn:a> }",
]  # fmt: skip

BAD = [
    ("SELECT ?s { ?s ?p }", "expected a literal"),
    ("SELECT ?s { ?s ?p ?o", "expected ."),
    ("SELECT { ?s ?p ?o }", "expected a variable"),
    ("SELECT ?s { ?s x:p ?o }", "prefix x: is not declared"),
    ("SELECT ?s { ?s <p> ?o }", "no absolute IRI"),
    ("SELECT ?s { ?s ?p 'open }", "unexpected character"),
    ("SELECT ?s { ?s ?p ?o } GROUP BY ?p", "neither grouped by nor aggregated"),
    ("SELECT * { ?s ?p ?o } GROUP BY ?p", "cannot be grouped"),
    ("SELECT ?s { ?s ?p ?o FILTER (COUNT(?o) > 1) }", "may stand only in SELECT"),
    ("SELECT ?s { ?s ?p ?o BIND (1 AS ?o) }", "already has a value"),
    ("SELECT (1 AS ?s) { ?s ?p ?o }", "already has a value"),
    ("SELECT ?s { _:b ?p ?o . {} { _:b ?p ?s } }", "used in two patterns"),
    ("SELECT ?s { ?s ?p ?o FILTER (STRLEN(?s, ?p) > 1) }", "does not take 2 arguments"),
    ("SELECT ?s { ?s ?p ?o FILTER (BOUND(1)) }", "takes a variable"),
    ("SELECT ?s { ?s ?p ?o } ; DROP ALL", "expected the end of the query"),
    ('SELECT ?s { ?s ?p "\\ud800" }', "is no character"),
    ("SELECT ?s { ?s ?p ?o VALUES (?a ?b) { (1) } }", "2 values are needed"),
    ("SELECT ?s { ?s ?p 1 HAVING }", "expected"),
]  # fmt: skip

REFUSED = [
    ("SELECT (SUM(COUNT(?s)) AS ?n) { ?s ?p ?o }", "may stand only in SELECT"),
    ("SELECT ?s { ?s ?p ?o FILTER (<urn:f>(?s)) }", "there is no function <urn:f>"),
    ("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }", "expected SELECT or ASK"),
    ("SELECT ?s { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }", "SERVICE is refused"),
    ("SELECT ?s { SERVICE SILENT ?e { ?s ?p ?o } }", "SERVICE is refused"),
    ("SELECT ?s FROM <http://127.0.0.1/x> { ?s ?p ?o }", "FROM is refused"),
    ("SELECT ?s FROM NAMED <http://127.0.0.1/x> { ?s ?p ?o }", "FROM is refused"),
    ("SELECT ?s { GRAPH ?g { ?s ?p ?o } }", "GRAPH is understood with $shapesGraph only"),
    ("SELECT (RAND() AS ?r) { ?s ?p ?o }", "gives another answer each time"),
    ("SELECT (UUID() AS ?r) { ?s ?p ?o }", "gives another answer each time"),
]


@pytest.mark.parametrize("text", GOOD)
def test_what_other_parsers_accept_is_accepted(text):
    rdflib.plugins.sparql.prepareQuery(text)
    Store().query(text)
    parse_query(text)


@pytest.mark.parametrize(("text", "message"), BAD)
def test_what_other_parsers_refuse_is_refused(text, message):
    with pytest.raises((SyntaxError, ValueError)):
        list(Store().query(text))
    with pytest.raises(InputError) as caught:
        parse_query(text)
    assert message in caught.value.message


@pytest.mark.parametrize(("text", "message"), REFUSED)
def test_what_we_do_not_do_is_refused(text, message):
    with pytest.raises(InputError) as caught:
        parse_query(text)
    assert message in str(caught.value)


def test_an_error_names_line_and_column():
    with pytest.raises(InputError) as caught:
        parse_query("SELECT ?s {\n  ?s ?p ?o .\n  ?s ?p\n}")
    assert (caught.value.line, caught.value.column) == (4, 1)
    with pytest.raises(InputError) as caught:
        parse_query("SELECT ?s {\n  ?s ?p 'a' , `")
    assert (caught.value.line, caught.value.column) == (2, 15)


@pytest.mark.parametrize(
    "text",
    [
        "ASK " + "{" * 5000,
        "ASK { FILTER(" + "!" * 5000 + "true) }",
        "ASK { FILTER(" + "(" * 5000 + "1" + ")" * 5000 + ") }",
        "ASK { FILTER(1" + "+1" * 5000 + ") }",
        "ASK { ?s " + "(" * 3000 + "<urn:p>" + ")" * 3000 + " ?o }",
        "ASK { ?s <urn:p>" + "/<urn:p>" * 3000 + " ?o }",
        "ASK {" + "OPTIONAL {} " * 3000 + "}",
        "ASK {" + " {} UNION" * 3000 + " {} }",
        "ASK { FILTER(1 IN (" + "1, " * 9000 + "1)) }",
        "ASK { FILTER(" + "EXISTS { FILTER " * 3000 + "}" * 3000 + ") }",
        "ASK { ?s ?p " + "[ ?p " * 3000 + "1" + " ]" * 3000 + " }",
        "ASK { ?s ?p ?o } #" + "x" * LONGEST_QUERY,
        "ASK { ?s ?p '" + "\\u0041" * 11_000 + "' }",
    ],
)
def test_a_text_made_to_exhaust_the_parser_is_refused(text):
    with pytest.raises(InputError):
        parse_query(text)


def test_a_hostile_query_is_read_or_refused_with_a_message(shared):
    files = sorted((shared / "bad-inputs").glob("*.rq"))
    assert len(files) > 10
    assert sum(is_refused(file.read_text()) for file in files) > 5


def is_refused(text):
    try:
        parse_query(text)
    except InputError:
        return True
    return False
