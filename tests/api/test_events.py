"""Findings that appear, change and close: webhooks and server-sent events; trend and documents."""

import hashlib
import hmac
import io
import json
import threading
import time
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from fastapi.testclient import TestClient
from openpyxl import load_workbook
from pyoxigraph import Literal, NamedNode, Quad

from aims_api import Settings, create_app, delivery
from aims_api.delivery import resolve
from aims_api.events import Place
from aims_api.routes.events import begin_feed
from aims_api.snapshots import ALL
from aims_graph.errors import InputError
from aims_graph.vocabulary import AIMS, RDF

GRAPH = NamedNode("urn:aims:source:records")
SYSTEM = NamedNode("https://shop.example/aims#bot")


class Receiver(ThreadingHTTPServer):
    """Answers with ``statuses`` in turn, then 200; keeps what it got."""

    def __init__(self):
        self.got, self.statuses = [], []
        super().__init__(("127.0.0.1", 0), _Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/hook"

    def wait(self, count, seconds=60):
        end = time.monotonic() + seconds
        while len(self.got) < count and time.monotonic() < end:
            time.sleep(0.05)
        return self.got


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((dict(self.headers), body))
        self.send_response(self.server.statuses.pop(0) if self.server.statuses else 200)
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def receiver():
    found = Receiver()
    yield found
    found.shutdown()


@pytest.fixture
def settings(settings):
    return Settings(day=settings.day, burst=10_000, allow_private_targets=True)


def add_system_quad():
    return Quad(SYSTEM, NamedNode(RDF + "type"), NamedNode(AIMS + "AISystem"), GRAPH)


def told_of(receiver, entry):
    return any(json.loads(body)["entry"] == entry for _, body in receiver.got)


def wait_for(found, seconds=60):
    """What it gives as soon as that is something; fails when it is not."""
    end = time.monotonic() + seconds
    while not (value := found()):
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)
    return value


def add_system(workspace):
    quad = add_system_quad()
    return workspace.commit([quad], reason="r", source="s"), quad


def test_a_webhook_is_told_of_findings_and_can_check_the_signature(admin, workspace, receiver):
    made = admin.post("/webhooks", json={"url": receiver.url}).json()
    entry, quad = add_system(workspace)
    headers, body = receiver.wait(1)[0]
    told = json.loads(body)
    assert told["entry"] == entry.sequence
    assert {event["event"] for event in told["events"]} == {"finding.appeared"}
    assert any(event["finding"]["focus_node"] == SYSTEM.value for event in told["events"])
    parts = dict(part.split("=") for part in headers["Aims-Signature"].split(","))
    expected = hmac.new(
        made["secret"].encode(), f"{parts['t']}.".encode() + body, hashlib.sha256
    ).hexdigest()
    assert parts["v1"] == expected
    workspace.commit([], [quad], reason="Back", source="s")
    closed = json.loads(receiver.wait(2)[1][1])
    assert {event["event"] for event in closed["events"]} == {"finding.closed"}
    assert len(closed["events"]) == len(told["events"])
    assert made["secret"] not in admin.get("/webhooks").text


def test_a_refused_delivery_is_tried_again_and_not_lost(admin, core, workspace, receiver):
    receiver.statuses = [500]
    hook = admin.post("/webhooks", json={"url": receiver.url}).json()["id"]
    add_system(workspace)
    deliveries = f"/webhooks/{hook}/deliveries"
    (kept,) = wait_for(lambda: [row for row in admin.get(deliveries).json() if row["attempts"]])
    assert (kept["state"], kept["attempts"], kept["answer"]) == ("waiting", 1, "HTTP 500")
    core.store.write("UPDATE deliveries SET due = 0")
    first, second = receiver.wait(2)[:2]
    assert first[1] == second[1]
    assert first[0]["Aims-Delivery"] == second[0]["Aims-Delivery"]


def test_a_delivery_that_was_given_up_is_sent_when_somebody_says_so(
    admin, core, workspace, receiver, monkeypatch
):
    monkeypatch.setattr(delivery, "_MOST_ATTEMPTS", 1)
    receiver.statuses = [500]
    hook = admin.post("/webhooks", json={"url": receiver.url}).json()["id"]
    deliveries = f"/webhooks/{hook}/deliveries"
    add_system(workspace)
    (kept,) = wait_for(lambda: [row for row in admin.get(deliveries).json() if row["attempts"]])
    assert kept["state"] == "given up"
    assert core.courier.deliver_due() == 0
    again = admin.post(f"{deliveries}/{kept['id']}/attempt")
    assert (again.status_code, again.json()["state"]) == (202, "waiting")
    first, second = receiver.wait(2)
    assert first[1] == second[1]
    assert first[0]["Aims-Delivery"] == second[0]["Aims-Delivery"] == str(kept["id"])
    wait_for(lambda: admin.get(deliveries).json()[0]["state"] == "delivered")
    # Of the webhook that is named, and no other.
    other = admin.post("/webhooks", json={"url": receiver.url}).json()["id"]
    for address in (
        f"/webhooks/{other}/deliveries/{kept['id']}",
        f"{deliveries}/99",
        f"/webhooks/x/deliveries/{kept['id']}",
    ):
        assert admin.post(f"{address}/attempt").status_code == 404
    assert core.courier.deliver_due() == 0
    assert len(receiver.got) == 2


def test_what_happened_while_the_service_was_down_is_told_afterwards(workspace, settings, receiver):
    app = create_app(workspace, settings=settings)
    key = app.state.core.keys.create("a", ["admin"], read=["*"], write=["*"]).text
    with TestClient(app, headers={"Authorization": f"Bearer {key}"}) as client:
        assert client.post("/webhooks", json={"url": receiver.url}).status_code == 201
    entry, _ = add_system(workspace)
    assert receiver.got == []
    with TestClient(create_app(workspace, settings=settings)):
        told = json.loads(receiver.wait(1)[0][1])
    assert told["entry"] == entry.sequence


@pytest.mark.parametrize(
    "url",
    [
        "http://93.184.216.34/x", "https://127.0.0.1/x", "https://localhost/x", "https://[::1]/x",
        "https://169.254.169.254/latest", "https://10.0.0.8/", "https://[::ffff:127.0.0.1]/",
        "https://user:pw@93.184.216.34/", "ftp://93.184.216.34/", "https://", "nonsense",
        "https://2130706433/", "https://0.0.0.0/", "https://[fe80::1]/", "https://93.184.216.34:99999/",
        "https://[64:ff9b::7f00:1]/", "https://[2002:7f00:1::]/", "https://[::127.0.0.1]/",
        "https://[fd00::1]/", "https://[fec0::1]/", "https://[ff02::1]/", "https://100.64.0.1/",
        "https://224.0.0.1/",
    ],
)  # fmt: skip
def test_webhooks_do_not_lead_into_the_own_network(url):
    with pytest.raises(InputError):
        resolve(url, private=False)


@pytest.mark.parametrize("host", ["93.184.216.34", "[2606:2800:220:1::1]", "[64:ff9b::5db8:d822]"])
def test_a_public_address_is_taken(host):
    assert resolve(f"https://{host}/hook?x=1", private=False).path == "/hook?x=1"


def test_listeners_hear_of_findings_in_their_graphs_only(core, reader, workspace):
    nothing = ("urn:nothing",)
    for key in (ALL, nothing):
        begin_feed(core, key)
    starts = {key: core.feeds.place(key) for key in (ALL, nothing)}
    entry, _ = add_system(workspace)
    heard = wait_for(lambda: core.feeds.after(ALL, starts[ALL]))
    assert {event.kind for event in heard} == {"finding.appeared"}
    assert {event.entry for event in heard} == {entry.sequence}
    wait_for(lambda: core.snapshots.of_graphs(nothing).sequence == entry.sequence)
    assert core.feeds.after(nothing, starts[nothing]) == []


def test_a_feed_ends_when_nobody_asks_for_it_any_more(core, workspace):
    begin_feed(core, ALL)
    place = core.feeds.place(ALL)
    core.store.write("UPDATE feeds SET asked = 0")
    begin_feed(core, ("urn:other",))
    assert core.feeds.keys() == {("urn:other",)}
    assert core.store.rows("SELECT * FROM seen_findings WHERE graphs = ?", '["*"]') == []
    begin_feed(core, ALL)
    assert core.feeds.place(ALL) != place
    assert core.feeds.after(ALL, place) is None


def test_a_feed_of_a_webhook_stays(core, admin, receiver):
    admin.post("/webhooks", json={"url": receiver.url})
    core.store.write("UPDATE feeds SET asked = 0")
    begin_feed(core, ("urn:other",))
    assert core.feeds.keys() >= {ALL}


def test_an_older_evaluation_makes_no_events(core, workspace):
    begin_feed(core, ALL)
    old, start = core.snapshots.of_graphs(ALL), core.feeds.place(ALL)
    add_system(workspace)
    known = wait_for(lambda: core.feeds.after(ALL, start))
    core.feeds.notice(ALL, None, old)
    assert core.feeds.after(ALL, start) == known


def test_who_comes_back_too_late_is_told_that_events_are_missed(core, workspace, monkeypatch):
    monkeypatch.setattr("aims_api.events.KEPT", 3)
    begin_feed(core, ALL)
    start = core.feeds.place(ALL)
    add_system(workspace)
    end = wait_for(lambda: core.feeds.place(ALL).number > 3 and core.feeds.place(ALL))
    assert core.feeds.after(ALL, start) is None
    kept = core.feeds.after(ALL, Place(end.feed, end.number - 3))
    assert [event.place.number for event in kept] == [end.number - 2, end.number - 1, end.number]
    assert core.feeds.after(ALL, Place(end.feed, end.number - 4)) is None
    assert core.feeds.after(ALL, Place(end.feed, end.number + 1)) is None
    assert core.feeds.after(ALL, end) == []


@pytest.mark.parametrize("text", ["", "7", "a.", ".7", "a.x", "a.-1", "a.٣", "a." + "9" * 30])
def test_an_id_that_is_none_of_ours_is_a_missed_one(core, text):
    place = Place.read(text)
    begin_feed(core, ALL)
    assert place is None or core.feeds.after(ALL, place) is None


def test_a_webhook_that_does_not_answer_holds_up_no_other_and_keeps_its_order(
    admin, core, workspace, receiver
):
    dead = admin.post("/webhooks", json={"url": "http://127.0.0.1:9/"}).json()["id"]
    admin.post("/webhooks", json={"url": receiver.url})
    for _ in range(3):
        add_system(workspace)
        entry, quad = workspace.sequence, add_system_quad()
        wait_for(lambda entry=entry: told_of(receiver, entry))
        workspace.commit([], [quad], reason="Back", source="s")
        wait_for(lambda entry=entry: told_of(receiver, entry + 1))
    rows = admin.get(f"/webhooks/{dead}/deliveries").json()
    oldest = min(rows, key=lambda row: row["id"])
    assert len(rows) == 6
    assert oldest["attempts"] >= 1
    assert all(row["attempts"] == 0 for row in rows if row is not oldest)


def test_who_has_lost_the_key_is_told_nothing_more(admin, core, workspace, receiver, client):
    key = core.keys.create("b", ["admin"], read=["*"])
    headers = {"Authorization": f"Bearer {key.text}"}
    assert client.post("/webhooks", json={"url": receiver.url}, headers=headers).status_code == 201
    core.store.write("UPDATE keys SET expires = '2020-01-01T00:00:00+00:00' WHERE id = ?", key.id)
    add_system(workspace)
    (waiting,) = wait_for(lambda: core.store.rows("SELECT * FROM deliveries"))
    assert core.courier.deliver_due() == 0
    assert (waiting["attempts"], receiver.got) == (0, [])


def test_a_delivery_to_a_name_that_has_come_to_lead_inside_is_not_made(
    admin, core, workspace, receiver, monkeypatch
):
    """The address was public when the webhook was made."""
    admin.post("/webhooks", json={"url": receiver.url})
    core.courier._private = False
    add_system(workspace)
    (row,) = wait_for(
        lambda: core.store.rows("SELECT * FROM deliveries WHERE attempts > 0 AND answer NOT NULL")
    )
    assert row["answer"] == "InputError"
    assert receiver.got == []


def test_a_webhook_into_the_own_network_is_refused_with_a_reason(workspace):
    app = create_app(workspace, settings=Settings())
    key = app.state.core.keys.create("a", ["admin"], read=["*"], write=["*"]).text
    with TestClient(app, headers={"Authorization": f"Bearer {key}"}) as client:
        refused = client.post("/webhooks", json={"url": "https://127.0.0.1/hook"})
        assert (refused.status_code, refused.json()["type"]) == (422, "/problems/validation-failed")
        assert "network of its own" in refused.json()["detail"]
        assert client.get("/webhooks").json() == []


def test_the_trend_repeats_what_was_found_then(admin, workspace, core):
    found = admin.get("/trend", params={"points": 3, "step_days": 1, "until": "2100-01-01"}).json()
    assert [point["day"] for point in found] == ["2099-12-30", "2099-12-31", "2100-01-01"]
    assert all(point["entry"] == workspace.sequence for point in found)
    state = admin.get("/status", params={"as_of": "2100-01-01"}).json()
    assert found[2]["not_met"] == sum(r["state"] == "not met" for r in state["requirements"])
    assert admin.get("/trend", params={"until": "2000-01-01"}).json() == []
    again = admin.get("/trend", params={"points": 3, "step_days": 1, "until": "2100-01-01"}).json()
    assert again == found


def test_documents_hold_what_the_evaluation_says(shop):
    status = shop.get("/status").json()
    states = {row["number"]: row["state"] for row in status["requirements"]}
    statement = shop.get("/exports/statement-of-applicability?format=json").json()
    assert len(statement["rows"]) == 38
    assert all(states[row["Control"]] == row["State"] for row in statement["rows"])
    gaps = shop.get("/exports/gap-report?format=json").json()["rows"]
    assert {row["Requirement"]: row["State"] for row in gaps} == states
    for document in ("statement-of-applicability", "gap-report", "risk-register", "findings"):
        for fmt in ("xlsx", "csv", "html"):
            answer = shop.get(f"/exports/{document}?format={fmt}")
            assert answer.status_code == 200
            assert f'filename="{document}.{fmt}"' in answer.headers["content-disposition"]
    sheet = load_workbook(io.BytesIO(shop.get("/exports/risk-register").content)).active
    risks = shop.get("/risks?limit=500").json()
    assert sheet.max_row == risks["total"] + 2


def test_the_audit_pack_holds_documents_journal_and_head(shop):
    pack = zipfile.ZipFile(io.BytesIO(shop.get("/exports/audit-pack").content))
    assert {"findings.ttl", "journal.json", "head.json", "gap-report.xlsx"} <= set(pack.namelist())
    assert json.loads(pack.read("head.json"))["size"] == len(json.loads(pack.read("journal.json")))


def test_text_that_a_spreadsheet_would_run_is_text(admin, workspace):
    label = Quad(
        NamedNode("https://shop.example/aims#evil"),
        NamedNode("http://www.w3.org/2000/01/rdf-schema#label"),
        Literal('=HYPERLINK("https://evil.example")'),
        GRAPH,
    )
    kind = Quad(label.subject, NamedNode(RDF + "type"), NamedNode(AIMS + "Risk"), GRAPH)
    entry = workspace.commit([label, kind], reason="r", source="s")
    answer = admin.get("/exports/risk-register", params={"format": "csv", "after": entry.sequence})
    assert "'=HYPERLINK" in answer.text
