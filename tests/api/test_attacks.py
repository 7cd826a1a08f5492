"""What somebody with some rights tries in order to have more, or to see what is not theirs."""

import asyncio
from dataclasses import replace

import pytest
from fastapi import Request
from pyoxigraph import NamedNode

from aims_api.boundary import COOKIE
from aims_api.callers import Caller, Role
from aims_api.patches import read_patch
from aims_api.problems import ProblemError
from aims_api.record_changes import approve
from aims_api.routes.events import MOST, begin_feed
from aims_api.routes.events import _stream as stream
from aims_api.snapshots import ALL
from aims_api.writing import change
from aims_graph.vocabulary import ISO42001

RECORDS = "urn:aims:source:records"
PERSON = "https://shop.example/aims#"
BIAS = PERSON + "bias"
UPDATE = {"Content-Type": "application/sparql-update"}


def insert(statements: str, graph: str = RECORDS) -> str:
    return f"INSERT DATA {{ GRAPH <{graph}> {{ {statements} }} }}"


# Duties


def approval(by="maria", on='"2026-06-30"^^xsd:date'):
    return f"<{PERSON}assessment> aims:approvedBy <{PERSON}{by}> ; aims:approvedOn {on} ."


@pytest.mark.parametrize(
    "said",
    [approval(by="zoe"), approval(on='"2025-01-01"^^xsd:date'), approval(on='"soon"')],
    ids=["in the name of somebody else", "of an earlier day", "of no day"],
)
def test_an_approval_is_the_approvers_own_and_of_today(login, workspace, said):
    maria = login("approver", person=PERSON + "maria")
    sequence = workspace.sequence
    answer = maria.post("/sparql", content=insert(said), headers=UPDATE)
    assert (answer.status_code, answer.json()["type"]) == (403, "/problems/policy-denied")
    assert workspace.sequence == sequence
    assert maria.post("/sparql", content=insert(approval()), headers=UPDATE).status_code == 204


def test_who_stands_for_nobody_approves_by_no_road(login, workspace):
    sequence = workspace.sequence
    answer = login("approver").post("/sparql", content=insert(approval()), headers=UPDATE)
    assert answer.status_code == 403
    assert workspace.sequence == sequence


def test_who_wrote_under_a_token_does_not_approve_with_a_key(core, workspace):
    """Nor under another name: that is the issuer's to change, or its bearer's."""

    def caller(id_, name, role):
        return Caller(id_, name, frozenset({role}), ("*",), ("*",), PERSON + "maria")

    def approves(who):
        return approve(core, who, NamedNode(BIAS), "Fine", core.snapshots.day)

    comment = read_patch(f'<{BIAS}> <urn:x:note> "Known since May" .'.encode(), "turtle", RECORDS)
    written = caller("https://id.example#7", "maria", Role.EDITOR)
    change(core, written, lambda _: (comment, ()), reason="x", source="records")
    for other in (
        caller("https://id.example#7", "Maria L.", Role.APPROVER),
        caller("0a1b2c3d4e5f", "maria", Role.APPROVER),
    ):
        with pytest.raises(ProblemError, match="wrote the record"):
            approves(other)
    assert approves(replace(other, id="1", person=PERSON + "zoe")).status_code == 200


# Graphs


def test_making_a_record_does_not_tell_that_there_is_one_elsewhere(login):
    mine = login("editor", read=[RECORDS], write=[RECORDS])
    draft = {"label": "Mine", "types": ["AISystem"]}
    answers = [
        mine.post("/systems", params={"reason": "x"}, json={**draft, "iri": PERSON + name})
        for name in ("spy", "not-there")
    ]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert mine.get("/systems/spy", params={"after": 4}).json()["label"] == "Mine"
    again = mine.post("/systems", params={"reason": "x"}, json={**draft, "iri": PERSON + "spy"})
    assert again.status_code == 409


def test_a_blocked_change_tells_nothing_of_other_graphs(login, tell, workspace):
    """What a policy forbids follows from all graphs, so what blocks may be of any of them."""
    (workspace.path / "policy.yaml").write_text("block:\n  - severities: [violation]\n")
    draft = {"label": "Unowned", "types": ["AISystem"]}
    mine = login("editor", read=[RECORDS], write=[RECORDS])
    blocked = mine.post("/systems", params={"reason": "x"}, json=draft)
    assert (blocked.status_code, blocked.json()["type"]) == (409, "/problems/policy-denied")
    assert "blocking" not in blocked.json()
    assert not any(character.isdigit() for character in blocked.json()["detail"])
    assert login("editor").post("/systems", params={"reason": "x"}, json=draft).json()["blocking"]


def test_a_hash_gives_no_file_of_another_graph(login):
    def keep(client, iri, graph, properties):
        draft = {"label": iri, "types": ["Evidence"], "iri": iri, "graph": graph}
        made = client.post(
            "/evidence", params={"reason": "x"}, json={**draft, "properties": properties}
        )
        return made.json()["entry"]

    every, mine = login("editor"), login("editor", read=[RECORDS], write=[RECORDS])
    entry = keep(every, "urn:e:secret", "urn:aims:source:secret", {})
    query = {"evidence": "urn:e:secret", "file_name": "a.pdf", "reason": "x", "after": entry}
    pdf = {"Content-Type": "application/pdf"}
    stored = every.post("/evidence-files", params=query, content=b"%PDF-1 spy", headers=pdf).json()
    answers = []
    for number, digest in enumerate((stored["sha256"], "0" * 64)):
        iri = f"urn:e:{number}"
        after = keep(mine, iri, RECORDS, {"fileHash": digest, "fileName": "a.pdf"})
        found = mine.get(f"/evidence/{iri}/file", params={"after": after})
        page = mine.get(f"/pages/things/{iri}").text
        answers.append((found.status_code, found.json()["detail"], "/file" in page))
    assert answers == [(404, "the record has no file here", False)] * 2
    address = "/evidence/urn:e:secret/file"
    assert every.get(address, params={"after": stored["entry"]}).content == b"%PDF-1 spy"
    own = {**query, "evidence": "urn:e:1", "after": after}
    shown = mine.post("/evidence-files", params=own, content=b"%PDF-1 spy", headers=pdf).json()
    assert mine.get("/evidence/urn:e:1/file", params={"after": shown["entry"]}).status_code == 200


def test_sets_of_graphs_never_share_an_index(core):
    keys = [("urn:a", "urn:b"), ("urn:a\nurn:b",)]
    one, other = (core.questions.folder(key, core.snapshots.of_graphs(key)) for key in keys)
    assert one != other


# Streams


@pytest.fixture
def listen(client, core):
    """The stream of a reader with the key or cookie, as the service makes it."""

    def begin(headers, caller):
        raw = [(name.encode(), value.encode()) for name, value in headers.items()]
        scope = {"type": "http", "app": client.app, "headers": raw, "state": {}}
        begin_feed(core, ALL)
        return stream(Request(scope), core, caller, ALL, None)

    return begin


@pytest.mark.parametrize("way", ["revoked", "expired", "signed out"])
def test_a_stream_tells_nothing_after_its_key_or_session_has_ended(core, tell, listen, way):
    made = core.keys.create("r", ["reader"], read=["*"])
    caller = core.keys.caller(made.text)
    session = core.keys.start_session(caller, 1000)
    headers = {"cookie": f"{COOKIE}={session.token}"}
    if way != "signed out":
        headers = {"authorization": f"Bearer {made.text}"}

    async def told():
        body = listen(headers, caller)
        found = [await anext(body), await anext(body)]
        if way == "revoked":
            core.keys.revoke(made.id)
        elif way == "expired":
            core.store.write("UPDATE keys SET expires = '2020-01-01T00:00:00+00:00'")
            core.keys._known.clear()
        else:
            core.keys.end_session(session.token)
        entry = tell("ex:new a aims:AISystem .", reason=way)
        await asyncio.to_thread(core.snapshots.after, caller, entry)
        found += [await anext(body, "")]
        await body.aclose()
        return found[2:]

    assert asyncio.run(told()) == [""]


def test_a_caller_has_so_many_streams_and_no_more(core, login):
    reader = login("reader")
    core.listening[reader.get("/self").json()["id"]] = MOST
    answer = reader.get("/events")
    assert (answer.status_code, answer.json()["type"]) == (429, "/problems/rate-limited")


# The record


@pytest.mark.parametrize(
    "said",
    [
        '<urn:aims:entry:1> <http://purl.org/dc/terms/creator> "somebody else" .',
        "<urn:aims:findings> <http://www.w3.org/ns/prov#wasDerivedFrom> <urn:aims:entry:99> .",
        f'<{ISO42001}6.1.3> rdfs:label "Nothing to do" .',
        f"<urn:x:1> a aims:ConformityResult ; aims:resultFor <{ISO42001}6.1.3> .",
        "<urn:x:1> aims:conformityState aims:Met .",
        "<urn:x:1> a aims:Finding .",
    ],
)
def test_nobody_says_what_only_the_engine_says(editor, workspace, said):
    sequence = workspace.sequence
    assert editor.post("/sparql", content=insert(said), headers=UPDATE).status_code == 403
    assert workspace.sequence == sequence


def test_no_graph_stands_in_front_of_the_one_without_a_name(editor, workspace):
    """Under the name that it has in answers: one of the two would be seen by nobody."""
    sequence = workspace.sequence
    trig = {"Content-Type": "application/trig"}
    said = b"<urn:aims:unnamed> { <urn:x:1> <urn:x:p> 1 }"
    answer = editor.post("/import", params={"source": "x"}, content=said, headers=trig)
    assert (answer.status_code, workspace.sequence) == (403, sequence)
    turtle = {"Content-Type": "text/turtle"}
    said = b"<urn:x:1> <urn:x:p> 1 ."
    assert editor.post("/graphs?default", content=said, headers=turtle).status_code == 204


# Answers


def test_an_unexpected_error_has_the_headers_of_every_answer(reader, core, monkeypatch):
    monkeypatch.setattr(core.snapshots, "of", lambda _: int("a secret"))
    answer = reader.get("/gaps")
    assert (answer.status_code, answer.json()["type"]) == (500, "/problems/internal")
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    assert "secret" not in answer.text


# Webhooks


@pytest.mark.parametrize(
    "url",
    [
        "https://1.1.1.1/\u00fc",
        "https://1.1.1.1/?\u00fc",
        "https://1.1.1.1/a b",
        "https://1.1.1.1/\r\nX:",
    ],
)
def test_an_address_that_no_request_can_carry_is_refused(admin, url):
    assert admin.post("/webhooks", json={"url": url}).status_code == 422
