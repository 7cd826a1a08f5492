"""Records: read and written as JSON and RDF, with versions, reasons and separated duties."""

import pytest
from pyoxigraph import NamedNode, Quad

from aims_graph.vocabulary import AIMS

PRICING = "/systems/pricing"
WHY = {"reason": "Because"}
PERSON = "https://shop.example/aims#"


def test_a_record_is_read_as_json_and_rdf(reader):
    found = reader.get(PRICING)
    assert found.json()["label"] == "Dynamic pricing"
    assert found.json()["properties"]["owner"] == [
        {"iri": PERSON + "maria", "label": "Maria López"}
    ]
    turtle = reader.get(PRICING, headers={"Accept": "text/turtle"})
    assert turtle.headers["content-type"].startswith("text/turtle")
    assert "aims:owner" in turtle.text
    assert turtle.headers["etag"] == found.headers["etag"]
    for media_type in ("application/ld+json", "application/rdf+xml", "application/n-triples"):
        answer = reader.get(PRICING, headers={"Accept": media_type})
        assert answer.headers["content-type"].startswith(media_type)
        assert "Dynamic pricing" in answer.text
    assert reader.get(PRICING, headers={"Accept": "image/png"}).status_code == 406
    version = {"If-None-Match": found.headers["etag"]}
    assert reader.get(PRICING, headers=version).status_code == 304


def test_a_record_is_made_and_found_again(editor, workspace):
    draft = {
        "label": "Chat helper",
        "types": ["AISystem"],
        "properties": {"systemStage": "Inception", "owner": PERSON + "maria"},
    }
    made = editor.post("/systems", params=WHY, json=draft)
    assert made.status_code == 201
    entry = made.json()["entry"]
    found = editor.get("/systems", params={"q": "chat", "after": entry}).json()
    assert [row["iri"] for row in found["records"]] == [made.json()["iri"]]
    record = editor.get(f"/systems/{found['records'][0]['key']}")
    assert record.headers["etag"] == made.json()["etag"]
    assert record.json()["properties"]["systemStage"][0]["iri"] == AIMS + "Inception"
    last = list(workspace.journal.entries())[-1]
    assert (last.sequence, last.reason) == (entry, "Because")
    assert last.actor.startswith("editor <")


def test_what_was_read_can_be_written_back(editor, workspace):
    found = editor.get(PRICING)
    sequence = workspace.sequence
    same = editor.put(PRICING, json=found.json(), headers={"If-Match": found.headers["etag"]})
    assert (same.status_code, same.json()["entry"]) == (200, None)
    assert same.json()["etag"] == found.headers["etag"]
    assert workspace.sequence == sequence


def test_a_change_needs_the_version_that_was_read(editor):
    change = {"properties": {"intendedUse": "Setting prices"}}
    assert editor.patch(PRICING, params=WHY, json=change).status_code == 428
    stale = editor.patch(PRICING, params=WHY, json=change, headers={"If-Match": '"rev-1"'})
    assert stale.status_code == 412
    version = editor.get(PRICING).headers["etag"]
    assert version in stale.json()["detail"]
    done = editor.patch(PRICING, params=WHY, json=change, headers={"If-Match": version})
    assert done.status_code == 200
    again = editor.patch(PRICING, params=WHY, json=change, headers={"If-Match": version})
    assert again.status_code == 412
    now = editor.get(PRICING, params={"after": done.json()["entry"]})
    assert now.headers["etag"] == done.json()["etag"]
    assert now.json()["properties"]["intendedUse"] == [{"value": "Setting prices"}]


def test_a_null_takes_a_property_away(editor):
    version = editor.get(PRICING).headers["etag"]
    done = editor.patch(
        PRICING, params=WHY, json={"properties": {"owner": None}}, headers={"If-Match": version}
    )
    record = editor.get(PRICING, params={"after": done.json()["entry"]}).json()
    assert "owner" not in record["properties"]


@pytest.mark.parametrize(
    ("properties", "said"),
    [
        ({"retiredOn": "tomorrow"}, "date"),
        ({"ownr": "urn:x"}, "ownr"),
        ({"owner": "not an iri"}, "no IRI"),
        ({"owner": [["nested"]]}, "owner"),
        ({"label": {"value": "x", "language": "not a tag!"}}, "label"),
        ({"type": "AISystem"}, "type"),
    ],
)
def test_a_wrong_property_is_refused_and_named(editor, workspace, properties, said):
    sequence = workspace.sequence
    answer = editor.patch(
        PRICING, params=WHY, json={"properties": properties}, headers={"If-Match": "*"}
    )
    assert answer.status_code == 422
    assert said in answer.json()["detail"]
    assert workspace.sequence == sequence


def test_rdf_is_taken_for_a_record(editor):
    turtle = """@prefix aims: <https://w3id.org/aims-graph/ns#> .
    <urn:shop:bot> a aims:AISystem ; aims:intendedUse "Talking"@en ."""
    headers = {"Content-Type": "text/turtle"}
    made = editor.post("/systems", params=WHY, content=turtle, headers=headers)
    assert made.status_code == 201, made.text
    assert editor.post("/systems", params=WHY, content=turtle, headers=headers).status_code == 409
    two = turtle + " <urn:other> a aims:AISystem ."
    assert editor.post("/systems", params=WHY, content=two, headers=headers).status_code == 422
    broken = editor.post("/systems", params=WHY, content="<urn:a> <urn:b>", headers=headers)
    assert (broken.status_code, broken.json()["type"]) == (400, "/problems/parse-error")
    assert "file" not in broken.json()


def test_a_system_is_retired_and_a_record_withdrawn(editor, workspace):
    done = editor.post(f"{PRICING}/retirement", json={"reason": "Replaced"}).json()
    record = editor.get(PRICING, params={"after": done["entry"]}).json()
    assert record["properties"]["systemStage"][0]["iri"] == AIMS + "Retirement"
    assert record["properties"]["retiredOn"] == [{"value": "2026-06-30", "datatype": "date"}]
    gone = editor.delete(PRICING, params=WHY, headers={"If-Match": done["etag"]})
    assert editor.get(PRICING, params={"after": gone.json()["entry"]}).status_code == 404
    assert editor.get(PRICING, params={"at": done["entry"]}).status_code == 200


def test_who_did_the_work_does_not_approve_it(login, workspace):
    why = {"reason": "Looks right"}
    path = "/assessments/assessment/approval"
    own = login("approver", person=PERSON + "erik")
    other = login("approver", person=PERSON + "maria")
    nobody = login("approver")
    refused = own.post(path, json=why)
    assert (refused.status_code, refused.json()["type"]) == (403, "/problems/policy-denied")
    assert nobody.post(path, json=why).status_code == 403
    done = other.post(path, json=why)
    assert done.status_code == 200
    record = other.get("/assessments/assessment", params={"after": done.json()["entry"]}).json()
    assert record["properties"]["approvedBy"][0]["iri"] == PERSON + "maria"
    assert record["properties"]["approvedOn"][0]["value"] == "2026-06-30"


def test_an_editor_cannot_approve_by_any_road(editor, workspace):
    sequence = workspace.sequence
    graph = "urn:aims:source:records"
    statement = f"<{PERSON}assessment> <{AIMS}approvedBy> <{PERSON}maria>"
    roads = [
        editor.post("/assessments/assessment/approval", json={"reason": "x"}),
        editor.patch(
            "/assessments/assessment",
            params=WHY,
            json={"properties": {"approvedBy": PERSON + "maria"}},
            headers={"If-Match": "*"},
        ),
        editor.post(
            "/sparql",
            content=f"INSERT DATA {{ GRAPH <{graph}> {{ {statement} }} }}",
            headers={"Content-Type": "application/sparql-update"},
        ),
        editor.post(
            "/graphs",
            params={"graph": graph},
            content=statement + " .",
            headers={"Content-Type": "text/turtle"},
        ),
        editor.post("/import", content=statement + " .", headers={"Content-Type": "text/turtle"}),
    ]
    assert [road.status_code for road in roads] == [403] * len(roads)
    assert workspace.sequence == sequence


def test_an_approver_changes_nothing_else(login, workspace):
    approver = login("approver", person=PERSON + "maria")
    sequence = workspace.sequence
    text = f"INSERT DATA {{ GRAPH <urn:aims:source:records> {{ <urn:x> <{AIMS}owner> <urn:y> }} }}"
    answers = [
        approver.post(
            "/sparql", content=text, headers={"Content-Type": "application/sparql-update"}
        ),
        approver.delete(PRICING, params=WHY, headers={"If-Match": "*"}),
    ]
    assert [answer.status_code for answer in answers] == [403, 403]
    assert workspace.sequence == sequence


def test_nobody_describes_terms_of_the_vocabulary(editor):
    text = f"INSERT DATA {{ GRAPH <urn:aims:source:records> {{ <{AIMS}AISystem> <urn:p> 1 }} }}"
    answer = editor.post(
        "/sparql", content=text, headers={"Content-Type": "application/sparql-update"}
    )
    assert (answer.status_code, answer.json()["type"]) == (403, "/problems/policy-denied")


def test_the_policy_of_the_workspace_holds_here_too(editor, workspace):
    (workspace.path / "policy.yaml").write_text("block:\n  - severities: [violation]\n")
    draft = {"label": "Unowned", "types": ["AISystem"], "properties": {}}
    answer = editor.post("/systems", params=WHY, json=draft)
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/policy-denied")
    assert answer.json()["blocking"]


def test_files_are_taken_in_after_a_dry_run(editor, workspace):
    turtle = "<urn:shop:a> a <https://w3id.org/aims-graph/ns#Risk> ."
    files = [("file", ("../../risks.ttl", turtle, "text/turtle"))]
    sequence = workspace.sequence
    tried = editor.post("/import", params={"source": "risks", "dry_run": True}, files=files)
    assert tried.json()["added"] == 1
    assert workspace.sequence == sequence
    done = editor.post("/import", params={"source": "risks"}, files=files).json()
    assert done["entry"] == sequence + 1
    again = editor.post("/import", params={"source": "risks"}, files=files).json()
    assert (again["entry"], again["added"]) == (None, 0)
    graph = NamedNode("urn:aims:source:risks")
    assert {quad.subject.value for quad in workspace.quads() if quad.graph_name == graph} == {
        "urn:shop:a"
    }


def test_a_table_is_taken_in_by_a_mapping(editor):
    mapping = """base: https://shop.example/aims/
sources:
  inventory: {file: "inventory*.csv"}
entities:
  system:
    subject: "system/{id|slug}"
    type: aims:AISystem
    properties:
      rdfs:label: {column: name, blank: error}
"""
    files = [
        ("file", ("inventory.csv", "id,name\nR1,Ranking\n", "text/csv")),
        ("mapping", ("map.yaml", mapping, "application/yaml")),
    ]
    done = editor.post("/import", params={"source": "inventory"}, files=files)
    assert done.status_code == 200, done.text
    found = editor.get("/systems", params={"q": "ranking", "after": done.json()["entry"]}).json()
    assert found["total"] == 1
    bad = [("file", ("inventory.csv", "id,name\nR1,\n", "text/csv")), files[1]]
    answer = editor.post("/import", params={"source": "inventory"}, files=bad)
    assert answer.status_code == 400
    assert (answer.json()["file"], answer.json()["line"]) == ("inventory.csv", 2)


def test_an_evidence_file_is_kept_by_its_hash_and_given_out_as_a_download(editor, reader):
    draft = {"label": "Bias audit", "types": ["Evidence"], "properties": {}, "iri": "urn:e:1"}
    editor.post("/evidence", params=WHY, json=draft)
    query = {"evidence": "urn:e:1", "file_name": "../<b>audit.pdf", "after": 3, **WHY}
    data, headers = b"%PDF-1.7 evidence", {"Content-Type": "application/pdf"}
    stored = editor.post("/evidence-files", params=query, content=data, headers=headers)
    assert stored.status_code == 201, stored.text
    found = reader.get("/evidence/~dXJuOmU6MQ/file", params={"after": stored.json()["entry"]})
    assert found.content == data
    assert found.headers["content-disposition"].startswith("attachment;")
    assert "<" not in found.headers["content-disposition"]
    assert "sandbox" in found.headers["content-security-policy"]
    fake = editor.post("/evidence-files", params=query, content=b"<html>", headers=headers)
    assert fake.status_code == 422
    page = {"Content-Type": "text/html"}
    refused = editor.post("/evidence-files", params=query, content=b"<html>", headers=page)
    assert refused.status_code == 415


def test_search_finds_words_in_any_order_without_accents(reader):
    found = reader.get("/search", params={"q": "LOPEZ maria"}).json()
    assert [row["label"] for row in found["records"]] == ["Maria López"]
    assert reader.get("/search", params={"q": "nothing-of-the-kind"}).json()["total"] == 0


def test_a_record_of_another_graph_is_changed_where_it_stands(editor, workspace):
    done = editor.patch(
        "/systems/spy",
        params=WHY,
        json={"properties": {"intendedUse": "Secret"}},
        headers={"If-Match": "*"},
    )
    assert done.status_code == 200
    quad = [q for q in workspace.quads() if q.predicate.value == AIMS + "intendedUse"]
    assert [q.graph_name.value for q in quad] == ["urn:aims:source:secret"]
    assert isinstance(quad[0], Quad)
