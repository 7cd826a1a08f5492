"""What every request passes: credentials, limits, headers, problem details."""

import logging
from html.parser import HTMLParser

import pytest
from fastapi.testclient import TestClient

from aims_api import Settings, create_app
from aims_api.openapi import RIGHT

PROBLEM = "application/problem+json"


def test_without_a_credential_nothing_but_health_and_documentation_is_answered(client):
    schema = client.get("/openapi.json").json()
    public = set()
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            if operation[RIGHT] == "none":
                public.add((method, path))
                continue
            answer = client.request(method, path.replace("{", "").replace("}", ""))
            assert answer.status_code == 401, (method, path)
            assert answer.headers["content-type"] == PROBLEM
            assert "Nightfall" not in answer.text
    documents = {path for _, path in public}
    assert {"/healthz", "/readyz", "/docs", "/session", "/ns", "/shapes/{term}"} <= documents
    assert all(
        path.startswith(
            ("/healthz", "/readyz", "/docs", "/ns", "/iso42001", "/shapes", "/ontology")
        )
        for method, path in public
        if method != "post"
    )
    assert [path for method, path in public if method == "post"] == ["/session"]


def test_a_problem_says_its_type_and_no_path_of_the_server(reader, workspace):
    answer = reader.get("/systems/nothing/status")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == PROBLEM
    body = answer.json()
    assert (body["type"], body["status"]) == ("/problems/not-found", 404)
    assert str(workspace.path) not in answer.text


def test_an_unexpected_error_is_a_problem_without_a_trace(reader, core, monkeypatch):
    monkeypatch.setattr(core.keys, "list", lambda: 1 / 0)
    monkeypatch.setattr(core.snapshots, "of", lambda _: 1 / 0)
    answer = reader.get("/gaps")
    assert answer.status_code == 500
    assert answer.json()["type"] == "/problems/internal"
    assert "division" not in answer.text
    assert "Traceback" not in answer.text


def test_every_answer_carries_the_security_headers(client):
    for path in ("/healthz", "/status", "/no-such-thing"):
        headers = client.get(path).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe-inline" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"
        assert "server" not in headers


def test_a_body_that_says_it_is_too_large_is_refused_before_it_is_read(client):
    answer = client.post("/what-if", headers={"Content-Length": "10737418240"})
    assert answer.status_code == 413
    assert answer.json()["type"] == "/problems/limit-exceeded"


def test_a_body_without_a_length_is_cut_off_at_the_limit(workspace):
    app = create_app(workspace, settings=Settings(body_limit=1000))
    key = app.state.core.keys.create("r", ["reader"], read=["*"]).text
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    with TestClient(app, headers=headers) as client:
        answer = client.post("/what-if", content=(b"x" * 100 for _ in range(100)))
    assert answer.status_code == 413


def test_compressed_bodies_are_refused(client):
    answer = client.post("/what-if", headers={"Content-Encoding": "gzip"}, content=b"")
    assert answer.status_code == 415


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}],
)
def test_a_write_from_another_site_is_refused(editor, headers):
    answer = editor.post("/what-if", json={}, headers=headers)
    assert answer.status_code == 403
    assert "origin" in answer.json()["detail"]


def test_who_asks_too_often_is_told_when_to_come_back(workspace):
    app = create_app(workspace, settings=Settings(rate=0.01, burst=3))
    make = app.state.core.keys.create
    keys = [make(name, ["reader"], read=["*"]).text for name in ("a", "b")]
    with TestClient(app) as client:
        codes = [
            client.get("/self", headers={"Authorization": f"Bearer {keys[0]}"}) for _ in range(4)
        ]
        other = client.get("/self", headers={"Authorization": f"Bearer {keys[1]}"})
    assert [answer.status_code for answer in codes] == [200, 200, 200, 429]
    assert int(codes[3].headers["retry-after"]) > 0
    assert other.status_code == 200


def test_who_guesses_keys_is_slowed_down(workspace):
    app = create_app(workspace, settings=Settings(anonymous_rate=0.01, anonymous_burst=2))
    with TestClient(app) as client:
        codes = [
            client.get("/self", headers={"Authorization": "Bearer aims_x_y"}).status_code
            for _ in range(3)
        ]
    assert codes == [401, 401, 429]


def test_logs_hold_no_secret(core, client, caplog):
    key = core.keys.create("r", ["reader"], read=["*"]).text
    logger = logging.getLogger("aims_api")
    logger.propagate = True
    with caplog.at_level(logging.INFO, "aims_api"):
        client.get("/findings?q=secret-word", headers={"Authorization": f"Bearer {key}"})
    fields = [record.fields for record in caplog.records if record.getMessage() == "request"]
    assert fields[-1]["route"] == "/findings"
    assert fields[-1]["status"] == 200
    assert key.split("_", 2)[2] not in str(fields)
    assert "secret-word" not in str(fields)


def test_measures_name_routes_not_addresses(admin):
    admin.get("/systems/pricing/status")
    text = admin.get("/metrics").text
    assert 'route="/systems/{key}/status"' in text
    assert "pricing" not in text


def test_the_interface_answers_below_api_too(reader):
    assert reader.get("/api/self").json() == reader.get("/self").json()


def test_the_documentation_needs_no_network_and_no_script(client):
    page = client.get("/docs").text
    assert "/systems/{key}/gate" in page
    tags = []
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, attributes: tags.append((tag, dict(attributes)))
    parser.feed(page)
    assert not {tag for tag, _ in tags} & {"script", "style", "img", "iframe", "object"}
    leads = [a[name] for _, a in tags for name in ("href", "src", "action") if name in a]
    assert client.get("/pages/static/pages.css").status_code == 200
    assert "/openapi.json" in leads
    assert all(lead.startswith(("/", "#")) and not lead.startswith("//") for lead in leads)
