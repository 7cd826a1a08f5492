"""A caller sees the graphs that are theirs, as if the others were not there."""

import random
from datetime import date

import pytest
from fastapi.testclient import TestClient
from pyoxigraph import Literal, NamedNode, Quad

from aims_api import Settings, create_app
from aims_graph.vocabulary import AIMS, RDF, RDFS
from aims_graph.workspace import Workspace

OWN = ("urn:aims:source:records",)
WORDS = ("Nightfall", "nightfall", "Hidden", "urn:aims:source:secret", "#spy", "#zoe")
QUERIES = (
    "SELECT * { ?s ?p ?o } ORDER BY ?s ?p ?o",
    "SELECT * { GRAPH ?g { ?s a aims:AISystem } }",
    "SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }",
    "SELECT ?g { GRAPH ?g {} }",
    "SELECT (COUNT(*) AS ?n) { ?s a aims:AISystem }",
    "SELECT ?s { ?s a aims:AISystem MINUS { ?s aims:owner ?o } }",
    "ASK { GRAPH <urn:aims:source:secret> { ?s ?p ?o } }",
    "ASK { ?s rdfs:label ?l FILTER CONTAINS(STR(?l), 'Night') }",
    "SELECT * FROM <urn:aims:source:secret> { ?s ?p ?o }",
    "SELECT * FROM NAMED <urn:aims:source:secret> { GRAPH ?g { ?s ?p ?o } }",
    "DESCRIBE <https://shop.example/aims#spy>",
    "CONSTRUCT { ?s ?p ?o } WHERE { GRAPH ?g { ?s ?p ?o } FILTER(STRSTARTS(STR(?g), 'urn:aims:source')) }",
    "SELECT ?f { ?f a aims:Finding ; aims:focusNode ?s . ?s a aims:AISystem }",
)  # fmt: skip


def test_no_answer_names_what_is_in_a_foreign_graph(client, login):
    mine = login("reader", read=OWN)
    for path, operations in client.app.openapi()["paths"].items():
        if "get" not in operations or path == "/events":
            continue
        for key in ("spy", "pricing", "~aHR0cHM6Ly9zaG9wLmV4YW1wbGUvYWltcyNzcHk"):
            address = path.replace("{kind}", "systems").replace("{key}", key)
            answer = mine.get(
                address, params={"q": "night", "about": "https://shop.example/aims#spy"}
            )
            found = [w for w in WORDS if w in answer.text.replace(f"'{key}'", "")]
            assert not found, (address, answer.text[:300])


def test_no_query_reaches_a_foreign_graph(login):
    mine = login("reader", read=OWN)
    for text in QUERIES:
        answer = mine.get("/sparql", params={"query": text})
        assert answer.status_code == 200, (text, answer.text)
        assert not [word for word in WORDS if word in answer.text], text
    for system in ("spy", "none-such"):
        answer = mine.get(f"/systems/{system}")
        assert answer.json()["detail"] == f"none of the systems is called '{system}'"
    foreign = mine.get("/graphs", params={"graph": "urn:aims:source:secret"}).json()
    absent = mine.get("/graphs", params={"graph": "urn:aims:source:none"}).json()
    assert foreign == absent


def test_nothing_is_written_to_a_graph_that_is_not_the_callers(login, workspace):
    mine = login("editor", read=OWN, write=OWN)
    sequence = workspace.sequence
    graph, turtle = "urn:aims:source:secret", {"Content-Type": "text/turtle"}
    update = {"Content-Type": "application/sparql-update"}
    triple = "<urn:a> <urn:p> <urn:o> ."
    answers = [
        mine.put("/graphs", params={"graph": graph}, content=triple, headers=turtle),
        mine.delete("/graphs", params={"graph": graph}),
        mine.post("/sparql", content=f"INSERT DATA {{ GRAPH <{graph}> {{ {triple} }} }}", headers=update),
        mine.post("/import", params={"source": "secret"}, content=triple, headers=turtle),
        mine.post(
            "/import",
            content=f"<{graph}> {{ {triple} }}",
            headers={"Content-Type": "application/trig"},
        ),
        mine.post(
            "/systems",
            params={"reason": "x"},
            json={"label": "x", "types": ["AISystem"], "graph": graph},
        ),
    ]  # fmt: skip
    assert [answer.status_code for answer in answers] == [403] * len(answers)
    emptied = f"DELETE WHERE {{ GRAPH <{graph}> {{ ?s ?p ?o }} }} ; CLEAR SILENT GRAPH <{graph}>"
    assert mine.post("/sparql", content=emptied, headers=update).status_code == 204
    assert (
        mine.delete("/systems/spy", params={"reason": "x"}, headers={"If-Match": "*"}).status_code
        == 404
    )
    assert workspace.sequence == sequence


def test_the_journal_is_for_those_who_read_everything(login):
    mine = login("auditor", read=OWN)
    for path in ("/journal", "/journal/2", "/journal-verification", "/exports/audit-pack"):
        assert mine.get(path).status_code == 403
    every = login("auditor")
    assert every.get("/journal").json()["entries"][0]["reason"] == "Hush"
    assert "Nightfall" in every.get("/journal/2").text


@pytest.mark.parametrize("seed", range(3))
def test_answers_are_those_of_a_copy_that_holds_only_the_callers_graphs(tmp_path, seed):
    """Random graphs, of which a caller reads some; statuses, findings, records and queries agree with a
    workspace that has nothing else.
    """
    chance = random.Random(seed)
    names = [f"urn:aims:source:g{number}" for number in range(4)]
    quads = [quad for name in names for quad in _some_quads(chance, name)]
    own = chance.sample(names, 2)
    answers = []
    for folder, kept in (("whole", names), ("part", own)):
        workspace = Workspace.create(tmp_path / folder)
        workspace.commit([q for q in quads if q.graph_name.value in kept], reason="r", source="s")
        app = create_app(workspace, settings=Settings(day=date(2026, 6, 30), burst=10_000))
        key = app.state.core.keys.create("r", ["reader"], read=own).text
        with TestClient(app, headers={"Authorization": f"Bearer {key}"}) as client:
            answers.append([_answer(client, path) for path in _paths(client)])
    assert answers[0] == answers[1]
    assert len(answers[0]) > 20


def _some_quads(chance: random.Random, graph: str):
    things = [NamedNode(f"urn:thing:{number}") for number in range(12)]
    classes = ("AISystem", "Dataset", "Risk", "Person", "AIModel")
    links = ("owner", "hasRisk", "usesModel", "usesDataset", "derivedFrom")
    name = NamedNode(graph)
    for _ in range(25):
        thing = chance.choice(things)
        yield Quad(thing, NamedNode(RDF + "type"), NamedNode(AIMS + chance.choice(classes)), name)
        yield Quad(thing, NamedNode(AIMS + chance.choice(links)), chance.choice(things), name)
        yield Quad(thing, NamedNode(RDFS + "label"), Literal(f"Of {graph[-2:]}"), name)


def _paths(client: TestClient):
    yield from ("/status", "/findings?limit=500", "/findings/groups?by=system", "/gaps?by=system")
    yield from (
        "/systems",
        "/risks?q=of",
        "/search?q=of",
        "/graph-names",
        "/exports/gap-report?format=json",
    )
    yield from (f"/systems/{number}" for number in range(12))
    yield from (f"/sparql?query={text}" for text in _queries())


def _queries():
    yield "SELECT ?s ?p ?o { ?s ?p ?o FILTER(STRSTARTS(STR(?s), 'urn:thing')) } ORDER BY ?s ?p ?o"
    yield "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g ORDER BY ?g"
    yield "SELECT ?s { ?s a aims:AISystem FILTER NOT EXISTS { ?s aims:owner ?o } } ORDER BY ?s"


def _answer(client: TestClient, path: str):
    path, _, query = path.partition("?query=")
    answer = client.get(path, params={"query": query} if query else None)
    text = answer.text.replace('"entry": 1', "")
    return path, answer.status_code, text
