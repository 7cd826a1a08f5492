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

from aims_api import Settings, create_app
from aims_api.delivery import resolve
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


def add_system(workspace):
    quad = Quad(SYSTEM, NamedNode(RDF + "type"), NamedNode(AIMS + "AISystem"), GRAPH)
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
    receiver.wait(1)
    time.sleep(0.2)
    (kept,) = admin.get(f"/webhooks/{hook}/deliveries").json()
    assert (kept["state"], kept["attempts"], kept["answer"]) == ("waiting", 1, "HTTP 500")
    core.store.write("UPDATE deliveries SET due = 0")
    first, second = receiver.wait(2)[:2]
    assert first[1] == second[1]
    assert first[0]["Aims-Delivery"] == second[0]["Aims-Delivery"]


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
    ],
)  # fmt: skip
def test_webhooks_do_not_lead_into_the_own_network(url):
    with pytest.raises(InputError):
        resolve(url, private=False)


def test_a_public_address_is_taken():
    assert resolve("https://93.184.216.34/hook?x=1", private=False).path == "/hook?x=1"


def test_listeners_hear_of_findings_in_their_graphs_only(core, reader, workspace):
    reader.get("/status")
    core.snapshots.of_graphs(("urn:nothing",))
    entry, _ = add_system(workspace)
    reader.get("/status", params={"after": entry.sequence})
    feeds = core.feeds._feeds
    kinds = {event.kind for event in feeds[("*",)].past}
    assert kinds == {"finding.appeared"}
    assert {event.entry for event in feeds[("*",)].past} == {entry.sequence}
    assert ("urn:nothing",) not in feeds or not feeds[("urn:nothing",)].past


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
