"""SPARQL 1.1 Protocol, Graph Store Protocol, catalogue and vocabulary."""

import json

from pyoxigraph import RdfFormat, parse

from aims_graph.sparql import read_catalogue
from aims_graph.vocabulary import AIMS

QUERY = "SELECT ?s { ?s a aims:AISystem } ORDER BY ?s"
UPDATE = {"Content-Type": "application/sparql-update"}
RECORDS = "urn:aims:source:records"
SYSTEMS = ["https://shop.example/aims#pricing", "https://shop.example/aims#spy"]


def values(answer, name="s"):
    assert answer.status_code == 200, answer.text
    return [row[name]["value"] for row in answer.json()["results"]["bindings"]]


def test_a_query_is_taken_in_all_three_ways(reader):
    answers = [
        reader.get("/sparql", params={"query": QUERY}),
        reader.post("/sparql", data={"query": QUERY}),
        reader.post("/sparql", content=QUERY, headers={"Content-Type": "application/sparql-query"}),
    ]
    assert [values(answer) for answer in answers] == [SYSTEMS] * 3


def test_the_answer_has_the_format_that_is_asked_for(reader):
    for media_type in (
        "application/sparql-results+xml", "text/csv", "text/tab-separated-values",
    ):  # fmt: skip
        answer = reader.get("/sparql", params={"query": QUERY}, headers={"Accept": media_type})
        assert answer.headers["content-type"].startswith(media_type)
        assert SYSTEMS[0] in answer.text
    construct = "CONSTRUCT { ?s a aims:AISystem } WHERE { ?s a aims:AISystem }"
    answer = reader.get(
        "/sparql", params={"query": construct}, headers={"Accept": "application/n-triples"}
    )
    assert len(list(parse(answer.content, format=RdfFormat.N_TRIPLES))) == 2
    refused = reader.get("/sparql", params={"query": QUERY}, headers={"Accept": "image/png"})
    assert refused.status_code == 406


def test_findings_and_the_date_can_be_asked_for(reader):
    total = reader.get("/findings").json()["total"]
    count = "SELECT (COUNT(?f) AS ?s) { ?f a aims:Finding . aims:evaluation aims:asOf '2026-06-30'^^xsd:date }"
    assert values(reader.get("/sparql", params={"query": count})) == [str(total)]


def test_an_update_is_an_entry_and_its_writer_sees_it_at_once(editor, workspace):
    text = f"INSERT DATA {{ GRAPH <{RECORDS}> {{ <urn:x> a aims:AISystem }} }}"
    done = editor.post("/sparql", content=text, headers=UPDATE, params={"reason": "A new one"})
    assert done.status_code == 204, done.text
    last = list(workspace.journal.entries())[-1]
    assert (str(last.sequence), last.reason) == (done.headers["aims-entry"], "A new one")
    assert "urn:x" in values(editor.get("/sparql", params={"query": QUERY}))
    text = f"DELETE WHERE {{ GRAPH <{RECORDS}> {{ <urn:x> ?p ?o }} }}"
    assert editor.post("/sparql", data={"update": text}).status_code == 204
    assert values(editor.get("/sparql", params={"query": QUERY})) == SYSTEMS


def test_what_may_not_be_asked_is_refused_with_a_reason(reader, editor, workspace):
    sequence = workspace.sequence
    cases = [
        (reader.get("/sparql", params={"query": "SELECT ?s {"}), 400, "parse-error"),
        (
            reader.get("/sparql", params={"query": "SELECT * { SERVICE <urn:x> { ?s ?p ?o } }"}),
            403,
            "policy-denied",
        ),
        (editor.post("/sparql", content="LOAD <http://127.0.0.1/x>", headers=UPDATE), 403, "policy-denied"),
        (editor.post("/sparql", content="DROP ALL", headers=UPDATE), 403, "policy-denied"),
        (reader.post("/sparql", content="DROP ALL", headers=UPDATE), 403, "forbidden"),
        (reader.post("/sparql", data={"query": QUERY, "update": "DROP ALL"}), 400, "validation-failed"),
        (reader.post("/sparql", json={"query": QUERY}), 415, "unsupported-media-type"),
    ]  # fmt: skip
    for answer, status, kind in cases:
        assert (answer.status_code, answer.json()["type"]) == (status, f"/problems/{kind}")
    assert workspace.sequence == sequence


def test_the_service_describes_itself_without_naming_graphs(reader):
    found = reader.get("/sparql", headers={"Accept": "text/turtle"})
    assert "service-description#Service" in found.text
    assert "urn:aims" not in found.text


def test_a_graph_is_put_read_added_to_and_emptied(editor, workspace):
    name = {"graph": "urn:aims:source:notes"}
    turtle = {"Content-Type": "text/turtle"}
    one, two = "<urn:a> <urn:p> 1 .", "<urn:a> <urn:p> 2 ."
    assert editor.get("/graphs", params=name).status_code == 404
    assert editor.put("/graphs", params=name, content=one, headers=turtle).status_code == 204
    assert editor.post("/graphs", params=name, content=two, headers=turtle).status_code == 204
    accept = {"Accept": "application/n-triples"}
    assert editor.get("/graphs", params=name, headers=accept).text.count("\n") == 2
    assert editor.put("/graphs", params=name, content=two, headers=turtle).status_code == 204
    assert editor.get("/graphs", params=name, headers=accept).text.count("\n") == 1
    assert editor.delete("/graphs", params=name).status_code == 204
    assert editor.delete("/graphs", params=name).status_code == 404
    assert editor.get("/graphs").status_code == 400
    reserved = {"graph": "urn:aims:findings"}
    assert editor.put("/graphs", params=reserved, content=one, headers=turtle).status_code == 403


def test_every_question_of_the_catalogue_has_an_address_that_answers(shop, root):
    for name, query in read_catalogue(root / "queries").items():
        answer = shop.get(f"/queries/{name}/results")
        if any(parameter.required for parameter in query.parameters):
            assert answer.status_code == 422
            continue
        assert answer.status_code == 200, (name, answer.text)
        assert answer.json()["head"]["vars"], name
    assert shop.get("/queries/risk-register/results?system=<x>").status_code == 422
    one = shop.get("/queries/risk-register/results?system=https://shop.example/aims%23recommender")
    every = shop.get("/queries/risk-register/results")
    assert 0 < len(one.json()["results"]["bindings"]) < len(every.json()["results"]["bindings"])


def test_a_parameter_of_a_question_is_checked_by_its_type(shop):
    schema = shop.get("/openapi.json").json()
    operation = schema["paths"]["/queries/expiring-evidence/results"]["get"]
    (parameter,) = [p for p in operation["parameters"] if p["in"] == "query"]
    assert "date" in json.dumps(parameter["schema"])
    name = parameter["name"]
    assert shop.get(f"/queries/expiring-evidence/results?{name}=soon").status_code == 422
    assert shop.get(f"/queries/expiring-evidence/results?{name}=2027-01-01").status_code == 200


def test_the_vocabulary_is_for_everybody_and_in_every_format(client):
    for path in ("/ns", "/ns/AISystem", "/iso42001/6.1.3", "/shapes/SystemHasOwner",
                 "/shapes/clause-06.ttl", "/ontology/core", "/ontology/iso42001/annex-a"):  # fmt: skip
        for media_type in (
            "text/turtle",
            "application/ld+json",
            "application/rdf+xml",
            "text/html",
        ):
            answer = client.get(path, headers={"Accept": media_type})
            assert answer.status_code == 200, path
            assert answer.headers["content-type"].startswith(media_type)
    found = client.get("/ns/AISystem", headers={"Accept": "application/n-triples"}).content
    assert {q.subject.value for q in parse(found, format=RdfFormat.N_TRIPLES)} == {
        AIMS + "AISystem"
    }
    assert client.get("/ns/NoSuchThing").status_code == 404
    assert client.get("/ontology/..%2f..%2fetc%2fpasswd").status_code == 404


def test_why_an_inferred_triple_holds(shop):
    about = "https://shop.example/aims#recommender"
    found = shop.get("/inferences", params={"about": about}).json()
    assert found["total"] > 0
    triple = found["triples"][0]
    text = f"{triple['subject']} {triple['predicate']} {triple['object']}"
    proof = shop.get("/inferences/proof", params={"triple": text})
    assert proof.status_code == 200, proof.text
    assert proof.json()["rests_on"]
    nothing = f"<{about}> <urn:p> <urn:o>"
    assert shop.get("/inferences/proof", params={"triple": nothing}).status_code == 404
