"""SPARQL 1.1 Protocol: graphs named beside the text, forms, errors, and what the service says of itself."""

import pytest
from pyoxigraph import NamedNode, RdfFormat, parse

from aims_graph.vocabulary import AIMS

RECORDS, SECRET = "urn:aims:source:records", "urn:aims:source:secret"
SYSTEMS = "SELECT ?s { ?s a aims:AISystem } ORDER BY ?s"
IN_GRAPHS = "SELECT ?s { GRAPH ?g { ?s a aims:AISystem } } ORDER BY ?s"
PRICING, SPY = "https://shop.example/aims#pricing", "https://shop.example/aims#spy"
UPDATE = {"Content-Type": "application/sparql-update"}
QUERY = {"Content-Type": "application/sparql-query"}


def found(answer):
    assert answer.status_code == 200, answer.text
    return [row["s"]["value"] for row in answer.json()["results"]["bindings"]]


@pytest.mark.parametrize(
    ("query", "default", "named", "expected"),
    [
        (SYSTEMS, [], [], [PRICING, SPY]),
        (SYSTEMS, [RECORDS], [], [PRICING]),
        (SYSTEMS, [SECRET], [], [SPY]),
        (SYSTEMS, [RECORDS, SECRET], [], [PRICING, SPY]),
        (SYSTEMS, [], [RECORDS], []),
        (SYSTEMS, ["urn:nothing"], [], []),
        (IN_GRAPHS, [], [SECRET], [SPY]),
        (IN_GRAPHS, [RECORDS], [], []),
        (IN_GRAPHS, [RECORDS], [RECORDS], [PRICING]),
        (SYSTEMS.replace("{", f"FROM <{SECRET}> {{", 1), [RECORDS], [], [PRICING]),
    ],
)
def test_graphs_of_a_request_are_the_data_set_of_its_query(reader, query, default, named, expected):
    """SPARQL 1.1 Protocol, 2.1.4: they stand in place of FROM and FROM NAMED."""
    graphs = {"default-graph-uri": default, "named-graph-uri": named}
    answers = [
        reader.get("/sparql", params={"query": query, **graphs}),
        reader.post("/sparql", data={"query": query, **graphs}),
        reader.post("/sparql", params=graphs, content=query, headers=QUERY),
    ]
    assert [found(answer) for answer in answers] == [expected] * 3


def test_a_request_names_no_graph_into_sight(login):
    some = login("reader", read=[RECORDS])
    for graphs in ({"default-graph-uri": [SECRET]}, {"named-graph-uri": [SECRET]}):
        for query in (SYSTEMS, IN_GRAPHS):
            assert found(some.get("/sparql", params={"query": query, **graphs})) == []
    both = {"default-graph-uri": [RECORDS, SECRET]}
    assert found(some.get("/sparql", params={"query": SYSTEMS, **both})) == [PRICING]


COPY = "INSERT {{ GRAPH <urn:aims:source:copy> {{ ?s a aims:Purpose }} }} {0} WHERE {{ ?s a aims:AISystem }}"


@pytest.mark.parametrize("form", [True, False])
def test_graphs_of_a_request_are_the_data_set_of_its_update(editor, workspace, form):
    """2.2.3: as USING."""
    graphs = {"using-graph-uri": [SECRET]}
    if form:
        answer = editor.post("/sparql", data={"update": COPY.format(""), **graphs})
    else:
        answer = editor.post("/sparql", params=graphs, content=COPY.format(""), headers=UPDATE)
    assert answer.status_code == 204, answer.text
    purpose = NamedNode(AIMS + "Purpose")
    assert [q.subject.value for q in workspace.quads() if q.object == purpose] == [SPY]


@pytest.mark.parametrize("clause", ["USING <urn:x>", "USING NAMED <urn:x>"])
def test_an_update_with_using_takes_no_graphs_of_the_request(editor, workspace, clause):
    sequence = workspace.sequence
    for name in ("using-graph-uri", "using-named-graph-uri"):
        for text in (COPY.format(clause), f"WITH <urn:x> {COPY.format('')}"):
            answer = editor.post("/sparql", params={name: RECORDS}, content=text, headers=UPDATE)
            assert answer.status_code == 400, answer.text
            assert "USING" in answer.json()["detail"]
    assert workspace.sequence == sequence


def test_an_update_reads_no_graph_that_its_writer_may_not(login, workspace):
    some = login("editor", read=[RECORDS, "urn:aims:source:copy"], write=["urn:aims:source:copy"])
    answer = some.post("/sparql", data={"update": COPY.format(""), "using-graph-uri": SECRET})
    assert answer.status_code == 204
    assert not [q for q in workspace.quads() if q.object == NamedNode(AIMS + "Purpose")]


def test_what_is_no_request_of_the_protocol_is_refused(reader, editor):
    two = [("query", SYSTEMS), ("query", SYSTEMS)]
    bad = [
        reader.get("/sparql", params=two),
        reader.get("/sparql", params={"update": "DROP ALL"}),
        reader.get("/sparql", params={"query": "SELEKT *"}),
        reader.get("/sparql", params={"query": SYSTEMS, "default-graph-uri": "no iri"}),
        reader.post("/sparql", data={"reason": "none of them"}),
        reader.post("/sparql", data={"query": SYSTEMS, "using-graph-uri": RECORDS}),
        editor.post("/sparql", content="INSERT DATA { <urn:a> }", headers=UPDATE),
        editor.post("/sparql", data={"update": COPY.format(""), "named-graph-uri": RECORDS}),
        reader.post("/sparql", content=b"\xff\xfe", headers=QUERY),
    ]  # fmt: skip
    assert [answer.status_code for answer in bad] == [400] * len(bad)
    assert {answer.headers["content-type"] for answer in bad} == {"application/problem+json"}
    assert reader.post("/sparql", content=SYSTEMS).status_code == 415
    wrong = reader.post("/sparql", content=SYSTEMS, headers={"Content-Type": "text/plain"})
    assert wrong.status_code == 415
    assert "application/sparql-query" in wrong.headers["accept-post"]
    for method in ("PUT", "DELETE", "PATCH"):
        answer = editor.request(method, "/sparql", params={"query": SYSTEMS})
        assert answer.status_code == 405
        assert answer.headers["allow"]


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (None, "application/sparql-results+json"),
        ("*/*", "application/sparql-results+json"),
        ("application/json", "application/sparql-results+json"),
        ("text/csv;q=0.3, application/sparql-results+xml;q=0.8", "application/sparql-results+xml"),
        ("application/sparql-results+xml;q=0.1, text/csv", "text/csv"),
        ("image/png, text/*;q=0.5", "text/csv"),
        ("text/turtle, application/sparql-results+json;q=0.2", "application/sparql-results+json"),
    ],
)
def test_the_format_is_the_one_that_is_preferred(reader, accept, media_type):
    headers = {} if accept is None else {"Accept": accept}
    answer = reader.get("/sparql", params={"query": SYSTEMS}, headers=headers)
    assert answer.headers["content-type"].partition(";")[0] == media_type
    assert answer.headers["vary"] == "Accept"


def test_parameters_of_a_media_type_make_no_difference(reader):
    for kind in ("application/sparql-query", "Application/SPARQL-Query"):
        headers = {"Content-Type": f"{kind}; charset=utf-8"}
        assert found(reader.post("/sparql", content=SYSTEMS, headers=headers)) == [PRICING, SPY]


def test_the_description_of_the_service_names_endpoint_languages_and_formats(reader):
    sd = "http://www.w3.org/ns/sparql-service-description#"
    for accept, fmt in (
        ("text/turtle", RdfFormat.TURTLE),
        ("application/rdf+xml", RdfFormat.RDF_XML),
        ("application/ld+json", RdfFormat.JSON_LD),
    ):
        answer = reader.get("/sparql", headers={"Accept": accept})
        said = {(q.predicate.value, str(q.object)) for q in parse(answer.content, format=fmt)}
        assert (sd + "endpoint", "<http://testserver/sparql>") in said
        for language in ("SPARQL11Query", "SPARQL11Update"):
            assert (sd + "supportedLanguage", f"<{sd}{language}>") in said
        assert (sd + "feature", f"<{sd}UnionDefaultGraph>") in said
        assert len([1 for predicate, _ in said if predicate == sd + "resultFormat"]) == 8
        assert {sd + "defaultDataset", sd + "defaultGraph"} <= {predicate for predicate, _ in said}
