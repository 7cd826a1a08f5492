"""Clients of the SPARQL endpoint that others wrote, against a server of its own."""

import shutil
import subprocess

import pytest
import rdflib
import SPARQLWrapper
from rdflib.plugins.stores.sparqlstore import SPARQLStore, SPARQLUpdateStore

from aims_graph.vocabulary import AIMS

RECORDS = "urn:aims:source:records"
SYSTEMS = f"SELECT ?s {{ ?s a <{AIMS}AISystem> }}"
ASK = f"ASK {{ ?s a <{AIMS}AISystem> }}"
CONSTRUCT = f"CONSTRUCT {{ ?s a <{AIMS}AISystem> }} WHERE {{ ?s a <{AIMS}AISystem> }}"
SYSTEM = rdflib.URIRef(AIMS + "AISystem")


@pytest.mark.parametrize("method", ["GET", "POST", "POST_FORM"])
def test_rdflib_asks_in_each_way(server, method):
    address, reader, _ = server
    store = SPARQLStore(
        f"{address}/sparql", auth=("key", reader), returnFormat="json", method=method
    )
    graph = rdflib.Graph(store)
    assert len(list(graph.query(SYSTEMS))) == 2
    assert graph.query(ASK).askAnswer is True


def test_rdflib_gets_a_constructed_graph(server):
    address, reader, _ = server
    store = SPARQLStore(f"{address}/sparql", auth=("key", reader), returnFormat="xml")
    assert len(store.query(CONSTRUCT).graph) == 2


def test_rdflib_updates_in_the_text_of_sparql(server):
    address, _, editor = server
    store = SPARQLUpdateStore(f"{address}/sparql", f"{address}/sparql", auth=("key", editor))
    store.update(f"INSERT DATA {{ GRAPH <{RECORDS}> {{ <urn:x> a <{AIMS}AISystem> }} }}")
    store.commit()
    assert len(list(store.query(SYSTEMS))) == 3


def wrapper(address, key, text):
    found = SPARQLWrapper.SPARQLWrapper(f"{address}/sparql")
    found.setCredentials("key", key)
    found.setQuery(text)
    return found


def test_sparqlwrapper_selects_asks_constructs_and_updates(server):
    address, reader, editor = server
    select = wrapper(address, reader, SYSTEMS)
    select.setReturnFormat(SPARQLWrapper.JSON)
    assert len(select.queryAndConvert()["results"]["bindings"]) == 2
    select.setMethod(SPARQLWrapper.POST)
    select.setReturnFormat(SPARQLWrapper.CSV)
    assert select.queryAndConvert().decode().count("\n") == 3
    ask = wrapper(address, reader, ASK)
    ask.setReturnFormat(SPARQLWrapper.JSON)
    assert ask.queryAndConvert()["boolean"] is True
    construct = wrapper(address, reader, CONSTRUCT)
    construct.setReturnFormat(SPARQLWrapper.RDFXML)
    assert len(construct.queryAndConvert()) == 2
    some = wrapper(address, reader, SYSTEMS)
    some.addDefaultGraph("urn:aims:source:secret")
    some.setReturnFormat(SPARQLWrapper.JSON)
    assert len(some.queryAndConvert()["results"]["bindings"]) == 1
    change = wrapper(
        address, editor, f"INSERT DATA {{ GRAPH <{RECORDS}> {{ <urn:x> a <{AIMS}AISystem> }} }}"
    )
    change.setMethod(SPARQLWrapper.POST)
    change.query()
    after = wrapper(address, editor, SYSTEMS)
    after.setReturnFormat(SPARQLWrapper.JSON)
    assert len(after.queryAndConvert()["results"]["bindings"]) == 3


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl here")
def test_curl_asks_changes_and_keeps_graphs(server):
    address, reader, editor = server

    def curl(key, *arguments):
        done = subprocess.run(
            ["curl", "--silent", "--show-error", "--fail", "--max-time", "60", "-H",
             f"Authorization: Bearer {key}", *arguments],
            capture_output=True, text=True, timeout=90, check=False,
        )  # fmt: skip
        return done.returncode, done.stdout

    sparql = f"{address}/sparql"
    code, found = curl(
        reader, "-G", sparql, "--data-urlencode", f"query={SYSTEMS}", "-H", "Accept: text/csv"
    )
    assert (code, found.count("\n")) == (0, 3)
    assert curl(reader, sparql, "--data-urlencode", f"query={ASK}")[1].count("true") == 1
    triples = ("-H", "Accept: application/n-triples")
    assert (
        curl(reader, sparql, "--data-urlencode", f"query={CONSTRUCT}", *triples)[1].count(" .\n")
        == 2
    )
    text = f"INSERT DATA {{ GRAPH <{RECORDS}> {{ <urn:x> a <{AIMS}AISystem> }} }}"
    assert curl(editor, sparql, "--data-urlencode", f"update={text}")[0] == 0
    assert curl(reader, sparql, "--data-urlencode", f"update={text}")[0] == 22  # not theirs to do
    graph = f"{address}/graphs?graph=urn:aims:source:notes"
    turtle = ("-H", "Content-Type: text/turtle", "--data-binary")
    assert curl(editor, "-X", "PUT", graph, *turtle, "<urn:a> <urn:p> 1 .")[0] == 0
    assert curl(editor, graph, *turtle, "<urn:a> <urn:p> 2 .")[0] == 0
    assert curl(editor, graph, *triples)[1].count(" .\n") == 2
    assert curl(editor, "-X", "DELETE", graph)[0] == 0
    assert curl(editor, graph)[0] == 22


@pytest.mark.parametrize(
    "path", ["/ontology/aims", "/ontology/core", "/ns", "/iso42001", "/shapes", "/ns/AISystem"]
)
def test_rdflib_loads_the_ontology_by_url_in_every_format(server, path):
    counts = set()
    for fmt in ("turtle", "xml", "json-ld", None):
        counts.add(len(rdflib.Graph().parse(server[0] + path, format=fmt)))
    assert len(counts) == 1
    assert counts.pop() > 0
