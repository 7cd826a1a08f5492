"""Status, gaps, findings, gate and what-if."""

from datetime import date
from urllib.parse import quote

from pyoxigraph import NamedNode, Quad

from aims_graph.assessment import evaluate
from aims_graph.vocabulary import AIMS

NUMBERS = ("4.1", "6.1.3", "A.5.2", "A.7.4")


def test_the_status_is_what_the_engine_says(shop):
    core = shop.app.state.core
    expected = evaluate(core.workspace.columns(), as_of=date(2026, 6, 30))
    found = shop.get("/status").json()
    assert found["state"] == str(expected.overall)
    assert {row["number"]: row["state"] for row in found["requirements"]} == {
        requirement.number: str(result.state)
        for requirement, result in expected.by_requirement.items()
    }
    listed = shop.get("/findings?limit=500").json()
    assert {f["fingerprint"] for f in listed["findings"]} == {
        f.fingerprint for f in expected.findings
    }


def test_a_requirement_names_its_findings(shop):
    found = shop.get("/requirements/4.1").json()
    assert found["state"] == "not met"
    assert found["not_met"] > 0
    assert all("4.1" in finding["requirements"] for finding in found["findings"])
    assert shop.get("/requirements/4.9").status_code == 404


def test_a_system_is_named_by_key_iri_or_label(shop):
    iri = "https://shop.example/aims#recommender"
    names = ("recommender", quote("Product recommendations"), quote(iri, safe=""))
    by_key, by_label = (shop.get(f"/systems/{name}/status").json() for name in names[:2])
    assert by_key == by_label
    assert by_key["iri"] == iri
    assert shop.get("/systems/recommendr/status").json()["hint"] == "Did you mean recommender?"


def test_gaps_by_control_list_the_38_controls(shop):
    found = shop.get("/gaps?by=control").json()
    assert found["total"] == 38
    assert shop.get("/gaps?by=control&limit=2&offset=37").json()["rows"] == found["rows"][37:]


def test_pages_hold_every_finding_once(shop):
    seen, cursor = [], None
    while True:
        query = {"limit": 7, "sort": "-severity"} | ({} if cursor is None else {"cursor": cursor})
        found = shop.get("/findings", params=query).json()
        seen += [finding["fingerprint"] for finding in found["findings"]]
        cursor = found["next"]
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == found["total"]


def test_filters_agree_with_groups(shop):
    for by in ("requirement", "owner", "rule", "severity", "system"):
        groups = shop.get(f"/findings/groups?by={by}").json()["groups"]
        for group in groups[:4]:
            if group["value"] is None:
                continue
            query = {by: group["value"]}
            total = shop.get("/findings", params=query).json()["total"]
            assert total == group["count"], (by, group)


def test_a_foreign_cursor_is_refused(shop):
    assert shop.get("/findings?cursor=AAAA").status_code == 422
    assert shop.get("/findings?cursor=%C3%A9").status_code == 422


def test_an_explanation_says_what_was_looked_at_and_what_would_help(shop):
    finding = shop.get("/findings?rule=IssueHasBeenReviewed").json()["findings"][0]
    found = shop.get(f"/findings/{finding['fingerprint']}/explanation").json()
    assert found["finding"] == finding
    assert found["rule"] == "IssueHasBeenReviewed"
    assert found["remedies"][0]["words"]
    assert all("reviewedOn" in triple["predicate"] for triple in found["looked_at"])


def test_the_gate_names_the_findings_that_block(shop):
    found = shop.post("/systems/recommender/gate", json={"stage": "deployment"}).json()
    assert found["allowed"] is False
    assert {f["requirement"] for f in found["blocking"]} == {"6.1.3"}
    assert shop.post("/systems/recommender/gate", json={"stage": "lunch"}).status_code == 422


def test_another_date_gives_other_findings(shop):
    then = shop.get("/status?as_of=2030-01-01").json()
    assert then["as_of"] == "2030-01-01"
    assert then["findings"]["not met"] > shop.get("/status").json()["findings"]["not met"]


def test_the_past_is_shown_as_it_was(client, reader, workspace):
    triple = (NamedNode("https://shop.example/aims#new"), NamedNode(AIMS + "owner"))
    graph = NamedNode("urn:aims:source:records")
    type_ = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
    entry = workspace.commit(
        [Quad(triple[0], type_, NamedNode(AIMS + "AISystem"), graph)], reason="New", source="t"
    )
    now = reader.get(f"/gaps?by=system&after={entry.sequence}").json()
    before = reader.get(f"/gaps?by=system&at={entry.sequence - 1}").json()
    assert (now["total"], before["total"]) == (3, 2)
    assert reader.get("/status?at=99").status_code == 422
    assert reader.get("/status?after=99").status_code == 422


def test_what_if_agrees_with_what_then_happens(client, reader, workspace):
    turtle = """
    @prefix ex: <https://shop.example/aims#> . @prefix aims: <https://w3id.org/aims-graph/ns#> .
    ex:bot a aims:AISystem . ex:orders aims:owner ex:maria .
    """
    sequence = workspace.sequence
    before = {f["fingerprint"] for f in reader.get("/findings?limit=500").json()["findings"]}
    found = reader.post("/what-if", json={"added": turtle, "format": "turtle"}).json()
    assert workspace.sequence == sequence
    from aims_api.patches import read_patch

    entry = workspace.commit(
        read_patch(turtle.encode(), "turtle", "urn:aims:source:records"), reason="r", source="s"
    )
    answer = reader.get(f"/findings?limit=500&after={entry.sequence}").json()
    after = {f["fingerprint"] for f in answer["findings"]}
    assert {f["fingerprint"] for f in found["appeared"]} == after - before
    assert {f["fingerprint"] for f in found["gone"]} == before - after
    assert after != before


def test_a_commit_is_evaluated_from_what_changed(client, reader, core, workspace):
    reader.get("/status")
    graph = NamedNode("urn:aims:source:records")
    subject = NamedNode("https://shop.example/aims#pricing")
    for stage in ("Retirement", "Inception", "OperationAndMonitoring"):
        quad = Quad(subject, NamedNode(AIMS + "systemStage"), NamedNode(AIMS + stage), graph)
        entry = workspace.commit([quad], reason="r", source="s")
        if entry is None:
            continue
        answer = reader.get(f"/findings?limit=500&after={entry.sequence}").json()
        expected = evaluate(workspace.columns(), as_of=date(2026, 6, 30))
        assert {f["fingerprint"] for f in answer["findings"]} == {
            f.fingerprint for f in expected.findings
        }
