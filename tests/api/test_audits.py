"""Audits: walked through by requirement, signed off, and kept as signed."""

import pytest

from aims_api.patches import read_patch
from aims_graph.vocabulary import AIMS

AUDIT_GRAPH = "urn:aims:source:audit"
NADIA = "https://shop.example/aims#nadia"
EVIDENCE = """
@prefix aims: <https://w3id.org/aims-graph/ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix ex: <https://shop.example/aims#> .
ex:register a aims:Evidence ; rdfs:label "Risk register" ; aims:addresses <https://w3id.org/aims-graph/iso42001#6.1.2> .
ex:nadia a aims:Person ; rdfs:label "Nadia Novak" .
"""


@pytest.fixture
def auditor(login, workspace, core):
    found = read_patch(EVIDENCE.encode(), "turtle", "urn:aims:source:records")
    workspace.commit(found, reason="Evidence", source="test", actor="somebody")
    core.snapshots.notice()
    return login("auditor", person=NADIA, name="nadia")


class Walk:
    """An audit of 6.1.2 and 6.1.3, and what can be done in it."""

    def __init__(self, client, scope=("6.1.2", "6.1.3")):
        self.client = client
        made = self.client.post("/internal-audits", json={"label": "June", "scope": list(scope)})
        assert made.status_code == 201, made.text
        self.entry = made.json()["entry"]
        rows = client.get("/internal-audits", params={"after": self.entry}).json()
        self.address = "/internal-audits/" + next(r["key"] for r in rows if r["label"] == "June")

    def read(self, number=None):
        path = self.address + ("" if number is None else f"/requirements/{number}")
        return self.client.get(path, params={"after": self.entry}).json()

    def post(self, path, content=None, method="POST", **headers):
        answer = self.client.request(method, self.address + path, json=content, headers=headers)
        self.entry = answer.json().get("entry") or self.entry
        return answer

    def note(self, number, text="Seen"):
        return self.post(f"/requirements/{number}/notes", {"text": text})

    def judge(self, number, verdict):
        etag = self.read(number)["etag"]
        path = f"/requirements/{number}/verdict"
        return self.post(path, {"verdict": verdict}, "PUT", **{"If-Match": etag})

    def sign(self, number):
        etag = self.read(number)["etag"]
        return self.post(f"/requirements/{number}/sign-off", **{"If-Match": etag})

    def finish(self, number, verdict="Conforming"):
        for answer in (self.note(number), self.judge(number, verdict), self.sign(number)):
            assert answer.status_code in (200, 201), answer.text


@pytest.fixture
def walk(auditor):
    return Walk(auditor)


def test_an_audit_of_everything_goes_through_70_requirements(auditor):
    content = Walk(auditor, ()).read()
    assert (content["requirements"], content["done"], content["next"]) == (70, 0, "4.1")


def test_a_group_in_the_scope_stands_for_its_controls(auditor):
    content = Walk(auditor, ["6.1", "A.7"]).read()
    numbers = [row["number"] for row in content["examinations"]]
    assert numbers == ["6.1.1", "6.1.2", "6.1.3", "6.1.4", "A.7.2", "A.7.3", "A.7.4", "A.7.5", "A.7.6"]  # fmt: skip


def test_what_was_looked_at_is_kept_with_by_whom_and_when(walk):
    made = walk.post("/requirements/6.1.2/samples", {"document": "register", "remark": "Rows 1-9"})
    assert made.status_code == 201, made.text
    walk.note("6.1.2", "The register is complete.")
    content = walk.read("6.1.2")
    (sample,), (note,) = content["samples"], content["notes"]
    assert (sample["label"], sample["by"], sample["remark"]) == ("Risk register", NADIA, "Rows 1-9")
    assert sample["at"] < note["at"]
    assert (note["text"], note["by"]) == ("The register is complete.", NADIA)
    assert [row["label"] for row in content["evidence"]] == ["Risk register"]


def test_a_sign_off_takes_a_verdict_that_something_shows(walk):
    assert "no verdict" in walk.sign("6.1.2").json()["detail"]
    assert walk.judge("6.1.2", "Conforming").status_code == 200
    assert "Nothing shows" in walk.sign("6.1.2").json()["detail"]
    assert walk.judge("6.1.3", "NotAudited").status_code == 200
    assert "note that says why" in walk.sign("6.1.3").json()["detail"]
    assert walk.note("6.1.2").status_code == 201
    assert walk.sign("6.1.2").status_code == 200
    assert walk.read()["done"] == 1
    assert walk.read()["next"] == "6.1.3"


def test_what_is_signed_is_what_was_read(walk):
    walk.note("6.1.2")
    walk.judge("6.1.2", "Conforming")
    seen = walk.read("6.1.2")["etag"]
    walk.note("6.1.2", "One more thing")
    path = "/requirements/6.1.2/sign-off"
    assert walk.post(path).status_code == 428
    assert walk.post(path, **{"If-Match": seen}).status_code == 412
    assert walk.sign("6.1.2").status_code == 200


def test_a_failing_becomes_an_open_nonconformity(walk, reader):
    walk.finish("6.1.3", "MinorNonconformity")
    found = reader.get("/nonconformities", params={"after": walk.entry}).json()["records"]
    (record,) = [r for r in found if r["label"].startswith("6.1.3")]
    properties = reader.get(f"/nonconformities/{record['key']}").json()["properties"]
    assert properties["nonconformityStatus"][0]["iri"] == AIMS + "NonconformityOpen"
    assert properties["description"][0]["value"] == "Seen"
    rules = {f["shape"] for f in reader.get("/findings", params={"requirement": "10.2", "limit": 500}).json()["findings"]}  # fmt: skip
    assert any("NonconformityHasCorrectiveAction" in rule for rule in rules)


def test_a_signed_requirement_is_changed_only_after_it_was_reopened(walk, workspace):
    walk.finish("6.1.2", "MinorNonconformity")
    sequence = workspace.sequence
    assert walk.note("6.1.2").status_code == 409
    assert walk.judge("6.1.2", "Conforming").status_code == 409
    assert walk.sign("6.1.2").status_code == 409
    assert walk.post("/requirements/6.1.2/samples", {"document": "register"}).status_code == 409
    assert workspace.sequence == sequence
    assert walk.post("/requirements/6.1.2/reopening", {"reason": ""}).status_code == 422
    done = walk.post("/requirements/6.1.2/reopening", {"reason": "A record was overlooked"})
    assert done.status_code == 200, done.text
    (old,) = walk.read("6.1.2")["sign_offs"]
    assert (old["stands"], old["reason"], old["withdrawn_by"]) == (
        False, "A record was overlooked", NADIA,
    )  # fmt: skip
    assert list(workspace.journal.entries())[-1].reason == "A record was overlooked"
    walk.finish("6.1.2", "Conforming")
    assert [s["stands"] for s in walk.read("6.1.2")["sign_offs"]] == [False, True]


def test_a_reopened_failing_takes_its_nonconformity_back(walk, reader):
    walk.finish("6.1.2", "MajorNonconformity")
    walk.post("/requirements/6.1.2/reopening", {"reason": "Wrong clause"})
    found = reader.get("/nonconformities", params={"after": walk.entry}).json()
    assert found["total"] == 0


def test_the_whole_is_signed_off_when_nothing_is_open(walk, reader):
    why = {"conclusion": "It works", "reported_to": ["maria"]}
    walk.finish("6.1.2")
    refused = walk.post("/sign-off", why)
    assert (refused.status_code, "6.1.3" in refused.json()["detail"]) == (409, True)
    walk.finish("6.1.3", "Observation")
    assert walk.post("/sign-off", why).status_code == 200
    assert walk.read()["signed_off"]
    assert walk.note("6.1.2").status_code == 409
    assert walk.post("/requirements/6.1.2/reopening", {"reason": "x"}).status_code == 409
    done = walk.post("/reopening", {"reason": "The report is wrong"})
    assert done.status_code == 200
    assert walk.post("/requirements/6.1.2/reopening", {"reason": "x"}).status_code == 200
    assert not walk.read()["signed_off"]


def update(client, text):
    return client.post("/sparql", data={"update": text})


def test_no_road_leads_around_a_sign_off(walk, admin, workspace):
    walk.finish("6.1.2", "MinorNonconformity")
    sequence = workspace.sequence
    for text in (
        "DELETE {{ GRAPH <{g}> {{ ?e a:auditVerdict ?v }} }} INSERT {{ GRAPH <{g}> {{ ?e a:auditVerdict a:Conforming }} }} WHERE {{ GRAPH <{g}> {{ ?e a:auditVerdict ?v }} }}",
        "DELETE {{ GRAPH <{g}> {{ ?n dct:description ?t }} }} WHERE {{ GRAPH <{g}> {{ ?n a a:AuditNote ; dct:description ?t }} }}",
        "DELETE {{ GRAPH <{g}> {{ ?e a:hasSignOff ?s . ?s ?p ?o }} }} WHERE {{ GRAPH <{g}> {{ ?e a:hasSignOff ?s . ?s ?p ?o }} }}",
        "DELETE {{ GRAPH <{g}> {{ ?s ?p ?o }} }} WHERE {{ GRAPH <{g}> {{ ?s a a:Nonconformity ; ?p ?o }} }}",
        'INSERT {{ GRAPH <{g}> {{ ?s a:withdrawnOn "2026-06-30" }} }} WHERE {{ GRAPH <{g}> {{ ?s a a:SignOff }} }}',
        "INSERT {{ GRAPH <{g}> {{ ?e a:hasNote <urn:x:n> . <urn:x:n> a a:AuditNote }} }} WHERE {{ GRAPH <{g}> {{ ?e a a:Examination }} }}",
        "CLEAR GRAPH <{g}>",
    ):  # fmt: skip
        query = f"PREFIX a: <{AIMS}> PREFIX dct: <http://purl.org/dc/terms/> "
        answer = update(admin, query + text.format(g=AUDIT_GRAPH))
        assert answer.status_code == 409, (text, answer.text)
    assert workspace.sequence == sequence


def test_what_is_said_elsewhere_changes_nothing_in_an_audit(walk, editor):
    walk.note("6.1.2")
    said = f"""PREFIX a: <{AIMS}> INSERT {{ GRAPH <urn:aims:source:records> {{ ?e a:auditVerdict a:Conforming }} }}
      WHERE {{ ?e a a:Examination }}"""
    assert update(editor, said).status_code in (200, 204)
    assert walk.read("6.1.2")["verdict"] is None
    mine = said.replace("urn:aims:source:records", AUDIT_GRAPH)
    assert update(editor, mine).status_code == 403


@pytest.mark.parametrize("role", ["reader", "editor", "approver", "admin"])
def test_only_auditors_write_in_an_audit(walk, login, role):
    client = login(role, person="https://shop.example/aims#maria")
    assert client.get(walk.address).status_code == 200
    path = walk.address + "/requirements/6.1.2"
    assert client.post(path + "/notes", json={"text": "x"}).status_code == 403
    assert client.post("/internal-audits", json={"label": "x"}).status_code == 403


def test_an_auditor_without_a_name_writes_nothing(login):
    answer = login("auditor").post("/internal-audits", json={"label": "x"})
    assert answer.status_code == 403
    assert "which person" in answer.json()["detail"]


def test_a_wrong_scope_and_an_unknown_audit_are_refused(auditor, walk):
    for number in ("99", "A.99", "C.2.1", "../x", "AISystem"):
        draft = {"label": "x", "scope": [number]}
        assert auditor.post("/internal-audits", json=draft).status_code == 422, number
    assert auditor.get("/internal-audits/none").status_code == 404
    assert auditor.get(walk.address + "/requirements/4.1").status_code == 404
    assert walk.note("4.1").status_code == 404
