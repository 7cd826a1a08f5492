"""An audit has one status, whichever graph its plan stands in; who may not replace it reads why."""

import pytest
from pyoxigraph import NamedNode, Quad

from aims_graph.vocabulary import AIMS

AUDIT_GRAPH, PLAN = "urn:aims:source:audit", "urn:aims:source:plan"
PERSON = "https://shop.example/aims#"
PLANNED = """
ex:yearly a aims:InternalAudit ; rdfs:label "Yearly audit" ; aims:status aims:Planned ;
  aims:auditScope <https://w3id.org/aims-graph/iso42001#4.1> .
ex:nadia a aims:Person ; rdfs:label "Nadia Novak" .
"""
ADDRESS = "/internal-audits/yearly"
CLOSE = {"conclusion": "It works"}
WHY = {"reason": "The report is wrong"}


@pytest.fixture
def planned(tell, core, reader):
    entry = tell(PLANNED, PLAN)
    core.snapshots.notice()
    assert reader.get(ADDRESS, params={"after": entry}).status_code == 200


def at(name):
    return NamedNode(PERSON + name)


def statuses(workspace):
    """Graph and name of each status that the audit has."""
    return sorted(
        (quad.graph_name.value, quad.object.value.removeprefix(AIMS))
        for quad in workspace.quads()
        if (quad.subject, quad.predicate) == (at("yearly"), NamedNode(AIMS + "status"))
    )


def sign_requirement(client):
    path = ADDRESS + "/requirements/4.1"
    entry = client.post(path + "/notes", json={"text": "Seen"}).json()["entry"]
    for method, tail, content in (
        ("PUT", "/verdict", {"verdict": "Conforming"}),
        ("POST", "/sign-off", None),
    ):
        etag = client.get(path, params={"after": entry}).json()["etag"]
        done = client.request(method, path + tail, json=content, headers={"If-Match": etag})
        assert done.status_code == 200, done.text
        entry = done.json()["entry"]


def test_completed_stands_in_place_of_planned(planned, login, workspace):
    nadia = login("auditor", person=PERSON + "nadia")
    sign_requirement(nadia)
    assert statuses(workspace) == [(PLAN, "Planned")]
    before = workspace.sequence
    done = nadia.post(ADDRESS + "/sign-off", json=CLOSE)
    assert done.status_code == 200, done.text
    assert workspace.sequence == before + 1
    assert statuses(workspace) == [(AUDIT_GRAPH, "Completed")]
    assert nadia.post(ADDRESS + "/reopening", json=WHY).status_code == 200
    assert statuses(workspace) == [(AUDIT_GRAPH, "InProgress")]


def test_a_status_that_came_back_elsewhere_goes_when_the_audit_is_reopened(
    planned, login, tell, workspace
):
    nadia = login("auditor", person=PERSON + "nadia")
    sign_requirement(nadia)
    assert nadia.post(ADDRESS + "/sign-off", json=CLOSE).status_code == 200
    tell("ex:yearly aims:status aims:Completed .", PLAN)
    assert nadia.post(ADDRESS + "/reopening", json=WHY).status_code == 200
    assert statuses(workspace) == [(AUDIT_GRAPH, "InProgress")]


def test_who_may_not_write_the_plan_reads_where_the_status_stands(planned, login, workspace):
    nadia = login("auditor", write=[AUDIT_GRAPH], person=PERSON + "nadia")
    sign_requirement(nadia)
    sequence = workspace.sequence
    refused = nadia.post(ADDRESS + "/sign-off", json=CLOSE)
    assert (refused.status_code, refused.json()["type"]) == (403, "/problems/policy-denied")
    assert "the status Planned in the graph " + PLAN in refused.json()["detail"]
    assert (workspace.sequence, statuses(workspace)) == (sequence, [(PLAN, "Planned")])
    page = nadia.get("/pages/audits/yearly").text
    assert f"the status Planned in the graph {PLAN}" in page
    workspace.commit(
        [],
        [Quad(at("yearly"), NamedNode(AIMS + "status"), NamedNode(AIMS + "Planned"), NamedNode(PLAN))],
        reason="Begun", source="test",
    )  # fmt: skip
    assert nadia.post(ADDRESS + "/sign-off", json=CLOSE).status_code == 200
    assert statuses(workspace) == [(AUDIT_GRAPH, "Completed")]


def test_a_status_that_the_auditor_does_not_see_is_not_spoken_of(planned, tell, login, workspace):
    tell("ex:yearly aims:status aims:InProgress .", "urn:aims:source:secret")
    nadia = login("auditor", read=[AUDIT_GRAPH, PLAN], write=["*"], person=PERSON + "nadia")
    sign_requirement(nadia)
    done = nadia.post(ADDRESS + "/sign-off", json=CLOSE)
    assert (done.status_code, "secret" in done.text) == (200, False)
    assert statuses(workspace) == [
        (AUDIT_GRAPH, "Completed"),
        ("urn:aims:source:secret", "InProgress"),
    ]


def update(client, text):
    return client.post(
        "/sparql", data={"update": f"PREFIX a: <{AIMS}> PREFIX ex: <{PERSON}> {text}"}
    )


@pytest.mark.parametrize(
    "said",
    ["ex:yearly a:status a:Completed", "ex:yearly a:hasSignOff <urn:x:s>", "ex:plan a:status a:Completed"],
)  # fmt: skip
def test_an_auditor_changes_a_status_elsewhere_in_no_other_way(planned, login, workspace, said):
    nadia = login("auditor", person=PERSON + "nadia")
    sequence = workspace.sequence
    text = f"""DELETE DATA {{ GRAPH <{PLAN}> {{ ex:yearly a:status a:Planned }} }} ;
      INSERT DATA {{ GRAPH <{AUDIT_GRAPH}> {{ {said} }} }}"""
    assert update(nadia, text).status_code == 403
    assert workspace.sequence == sequence
