"""An approval makes a draft current, in one entry; it is no change of what the record says."""

import pytest
from pyoxigraph import NamedNode, Quad

from aims_graph.vocabulary import AIMS

RECORDS = "urn:aims:source:records"
PERSON = "https://shop.example/aims#"
PATH = "/documents/policy/approval"
WHY = {"reason": "Read and agreed"}
OTHER = "urn:aims:source:wiki"
DRAFT = """
ex:policy a aims:AIPolicy ; rdfs:label "AI policy" ; aims:author ex:erik .
ex:erik a aims:Person ; rdfs:label "Erik Lind" .
"""
STATUS = "ex:policy aims:documentStatus aims:Draft ."


@pytest.fixture
def drafted(tell, core, reader):
    """Says that the policy is a draft, in one or more graphs."""

    def say(*graphs: str) -> None:
        entry = [tell(DRAFT), *(tell(STATUS, graph) for graph in graphs)][-1]
        core.snapshots.notice()
        assert reader.get("/documents/policy", params={"after": entry}).status_code == 200

    return say


@pytest.fixture
def maria(login):
    return login("approver", person=PERSON + "maria", name="maria")


def said(workspace):
    """Status -> the graphs that say it."""
    found: dict[str, list[str]] = {}
    for quad in workspace.quads():
        if quad.predicate.value == AIMS + "documentStatus":
            name = quad.object.value.removeprefix(AIMS)
            found.setdefault(name, []).append(quad.graph_name.value)
    return {name: sorted(graphs) for name, graphs in found.items()}


def status(name):
    is_a = NamedNode(PERSON + "policy"), NamedNode(AIMS + "documentStatus"), NamedNode(AIMS + name)
    return Quad(*is_a, NamedNode(RECORDS))


def test_an_approved_draft_is_current_and_a_draft_no_more(drafted, maria, workspace):
    drafted(RECORDS)
    before = workspace.sequence
    done = maria.post(PATH, json=WHY)
    assert done.status_code == 200, done.text
    assert workspace.sequence == done.json()["entry"] == before + 1
    assert said(workspace) == {"Current": [RECORDS]}
    record = maria.get("/documents/policy", params={"after": before + 1})
    assert record.headers["ETag"] == done.json()["etag"]
    assert record.json()["properties"]["approvedBy"][0]["iri"] == PERSON + "maria"


def test_the_status_is_replaced_where_it_stands(drafted, maria, workspace):
    drafted(OTHER, RECORDS)
    assert maria.post(PATH, json=WHY).status_code == 200
    assert said(workspace) == {"Current": [RECORDS, OTHER]}


def test_a_draft_that_is_called_current_too_has_one_status_afterwards(drafted, tell, core, maria, workspace):  # fmt: skip
    drafted(RECORDS)
    tell("ex:policy aims:documentStatus aims:Current .", OTHER)
    assert maria.post(PATH, json=WHY).status_code == 200
    assert said(workspace) == {"Current": [OTHER]}


@pytest.mark.parametrize("name", ["Superseded", "Withdrawn", None])
def test_no_other_status_is_touched(drafted, tell, maria, workspace, name):
    drafted()
    if name is not None:
        tell(f"ex:policy aims:documentStatus aims:{name} .")
    before = said(workspace)
    assert maria.post(PATH, json=WHY).status_code == 200
    assert said(workspace) == before


def test_a_status_that_is_not_the_approvers_to_change_is_said(drafted, login, workspace):
    drafted(OTHER)
    sequence = workspace.sequence
    maria = login("approver", write=[RECORDS], person=PERSON + "maria")
    refused = maria.post(PATH, json=WHY)
    assert (refused.status_code, refused.json()["type"]) == (403, "/problems/policy-denied")
    assert OTHER in refused.json()["detail"]
    assert workspace.sequence == sequence


def test_a_status_that_the_approver_does_not_see_is_not_spoken_of(drafted, login, workspace):
    drafted(OTHER)
    maria = login("approver", read=[RECORDS], write=["*"], person=PERSON + "maria")
    done = maria.post(PATH, json=WHY)
    assert (done.status_code, OTHER in done.text) == (200, False)
    assert said(workspace) == {"Draft": [OTHER]}


@pytest.mark.parametrize("person", ["erik", None])
def test_who_wrote_it_does_not_make_it_current_either(drafted, login, workspace, person):
    drafted(RECORDS)
    sequence = workspace.sequence
    approver = login("approver", person=person and PERSON + person)
    assert approver.post(PATH, json=WHY).status_code == 403
    assert workspace.sequence == sequence


def test_the_same_person_approves_it_again_after_it_was_a_draft_again(drafted, maria, workspace):
    drafted(RECORDS)
    assert maria.post(PATH, json=WHY).status_code == 200
    for _ in range(2):
        back = [status("Draft")], [status("Current")]
        workspace.commit(*back, reason="Rewritten", source="test", actor="somebody")
        done = maria.post(PATH, json=WHY)
        assert done.status_code == 200, done.text
        assert said(workspace) == {"Current": [RECORDS]}


def update(client, status, graph=RECORDS, approval=""):
    text = f"""PREFIX a: <{AIMS}> PREFIX ex: <{PERSON}>
      DELETE DATA {{ GRAPH <{graph}> {{ ex:policy a:documentStatus a:Draft }} }} ;
      INSERT DATA {{ GRAPH <{graph}> {{ ex:policy a:documentStatus a:{status} . {approval} }} }}"""
    return client.post("/sparql", data={"update": text})


def test_an_approver_changes_a_status_in_no_other_way(drafted, maria, workspace):
    drafted(RECORDS)
    sequence = workspace.sequence
    own = "ex:policy a:approvedBy ex:maria ."
    assert update(maria, "Current").status_code == 403
    assert update(maria, "Current", approval="ex:policy a:approvedBy ex:zoe .").status_code == 403
    assert update(maria, "Withdrawn", approval=own).status_code == 403
    assert workspace.sequence == sequence
    assert update(maria, "Current", approval=own).status_code in (200, 204)
    assert said(workspace) == {"Current": [RECORDS]}


def test_who_set_the_status_without_an_approval_has_written(drafted, login, maria, workspace):
    drafted(RECORDS)
    editor = login("editor", person=PERSON + "maria", name="maria too")
    assert update(editor, "Current").status_code in (200, 204)
    refused = maria.post(PATH, json=WHY)
    assert (refused.status_code, "who wrote" in refused.json()["detail"]) == (403, True)


def test_a_draft_with_an_approval_waits_too(drafted, tell, maria, core):
    drafted(RECORDS)
    after = tell("ex:policy aims:approvedBy ex:nadia .")
    core.snapshots.notice()
    maria.get("/documents/policy", params={"after": after})
    assert "It is a draft, with an approval." in maria.get("/pages/approvals").text
