"""Keys, tokens, sessions, roles, and the matrix of routes and roles."""

import json
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from fastapi.testclient import TestClient

from aims_api import Oidc, Settings, create_app
from aims_api.callers import Role
from aims_api.issuer import Issuer
from aims_api.matrix import rows, write_matrix
from aims_api.tokens import Tokens
from aims_graph.errors import InputError

DRAFT = {"name": "Nadia", "roles": ["auditor"], "read": ["*"]}


def test_the_matrix_in_the_repository_is_that_of_the_routes(client, root):
    kept = (root / "docs" / "api-rights.md").read_text(encoding="utf-8")
    assert kept == write_matrix(client.app.openapi()), "run python -m aims_api.matrix"


def test_each_role_gets_what_the_matrix_says(client, login):
    clients = {"nobody": client} | {role.value: login(role.value) for role in Role}
    for method, path, right, *may in rows(client.app.openapi()):
        if path in ("/events", "/session", "/self"):
            continue
        address = path.replace("{kind}", "systems").replace("{key}", "none").replace("{", "")
        address = address.replace("}", "").replace("{", "")
        for (role, found), allowed in zip(clients.items(), may, strict=True):
            status = found.request(method, address, params={"reason": "x"}).status_code
            refused = status == 401 if role == "nobody" else status == 403
            assert refused == (allowed == "no"), (method, path, right, role, status)


def test_a_key_is_kept_as_a_hash_only(admin, core, workspace):
    made = admin.post("/keys", json=DRAFT).json()
    assert len(made["key"]) > 50
    text = made["key"].encode()
    files = [path for path in workspace.path.rglob("*") if path.is_file()]
    assert files
    assert not any(text in path.read_bytes() for path in files)
    assert made["key"] not in admin.get("/keys").text


def test_a_revoked_and_an_expired_key_open_nothing(client, core, admin):
    now = datetime.now(UTC)
    made = core.keys.create("r", ["reader"], read=["*"])
    short = core.keys.create("s", ["reader"], read=["*"], expires=now + timedelta(hours=1))

    def status(key):
        return client.get("/self", headers={"Authorization": f"Bearer {key.text}"}).status_code

    assert (status(made), status(short)) == (200, 200)
    assert admin.delete(f"/keys/{made.id}").status_code == 204
    core.store.write("UPDATE keys SET expires = ? WHERE id = ?", now.isoformat(), short.id)
    core.keys._known.clear()
    assert (status(made), status(short)) == (401, 401)


@pytest.mark.parametrize("roles", [["editor", "approver"], ["admin", "approver"], [], ["boss"]])
def test_roles_that_duties_separate_are_not_held_together(admin, core, roles):
    assert admin.post("/keys", json={**DRAFT, "roles": roles}).status_code == 422
    with pytest.raises(InputError):
        core.keys.create("x", roles, read=["*"])


def test_a_key_is_taken_as_a_password_too(client, core):
    key = core.keys.create("r", ["reader"], read=["*"]).text
    assert client.get("/self", auth=("anybody", key)).status_code == 200
    assert client.get("/self", auth=("anybody", key + "x")).status_code == 401


def test_a_session_needs_its_token_for_what_changes_something(client, core):
    key = core.keys.create("e", ["editor"], read=["*"], write=["*"]).text
    begun = client.post("/session", json={"key": key})
    cookie = begun.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert key not in cookie
    change = {"label": "X", "types": ["AISystem"]}
    path = "/systems?reason=x"
    assert client.get("/self").status_code == 200
    assert client.post(path, json=change).status_code == 403
    headers = {"X-CSRF-Token": begun.json()["csrf"]}
    assert client.post(path, json=change, headers=headers).status_code == 201
    assert client.delete("/session", headers=headers).status_code == 204
    client.cookies.set("aims_session", cookie.partition("=")[2].partition(";")[0])
    assert client.get("/self").status_code == 401


@pytest.fixture(scope="module")
def issuer():
    """A key of an issuer, and the address of its key set, which counts how often it is asked."""
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(private.public_key()))
    keys = json.dumps({"keys": [{**public, "kid": "k1", "use": "sig"}]}).encode()

    class Handler(BaseHTTPRequestHandler):
        asked = 0

        def do_GET(self):
            Handler.asked += 1
            self.send_response(200)
            self.end_headers()
            self.wfile.write(keys)

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield private, f"http://127.0.0.1:{server.server_port}/jwks", Handler
    server.shutdown()


@pytest.fixture
def tokens(issuer, workspace):
    private, address, _ = issuer
    oidc = Oidc(issuer="https://id.example", audience="aims", jwks_url=address)
    app = create_app(workspace, settings=Settings(oidc=oidc, anonymous_burst=1000))

    def token(key=private, algorithm="RS256", kid="k1", **changes):
        now = int(time.time())
        claims = {
            "iss": "https://id.example", "aud": "aims", "sub": "u1", "iat": now, "exp": now + 300,
            "preferred_username": "nadia", "aims_roles": ["reader"], "aims_read": ["urn:a", "urn:b*"],
        } | changes  # fmt: skip
        given = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(given, key, algorithm=algorithm, headers={"kid": kid})

    with TestClient(app) as client:
        yield lambda text: client.get("/self", headers={"Authorization": f"Bearer {text}"}), token


def test_a_token_of_the_issuer_is_good(tokens, issuer):
    ask, token = tokens
    before = issuer[2].asked
    for _ in range(5):
        found = ask(token())
    assert found.status_code == 200
    assert (found.json()["name"], found.json()["roles"]) == ("nadia", ["reader"])
    assert found.json()["read"] == ["urn:a", "urn:b*"]
    assert issuer[2].asked == before + 1


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://other.example"},
        {"aud": "something else"},
        {"exp": 1_000_000},
        {"exp": None},
        {"aims_roles": None},
        {"aims_roles": ["editor", "approver"]},
        {"kid": "k2"},
        {"nbf": 4_000_000_000},
    ],
)
def test_a_token_with_something_wrong_is_not(tokens, changes):
    ask, token = tokens
    assert ask(token(**changes)).status_code == 401


def test_a_token_signed_otherwise_is_not_good(tokens, issuer):
    ask, token = tokens
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    assert ask(token(key=other)).status_code == 401
    assert (
        ask(token(key="a shared secret of thirty-two bytes", algorithm="HS256")).status_code == 401
    )
    assert ask(token(algorithm="RS512")).status_code == 401
    head, body, _ = token().split(".")
    none = "eyJhbGciOiJub25lIiwia2lkIjoiazEifQ"
    assert ask(f"{none}.{body}.").status_code == 401
    assert ask(f"{head}.{body}.").status_code == 401


def test_shared_secrets_cannot_be_configured():
    settings = Oidc("https://i", "a", "https://i/jwks", algorithms=("HS256",))
    with pytest.raises(InputError):
        Tokens(settings, Issuer(settings))


def begun(core, seconds=60):
    """A session of a key and one of somebody from the issuer: their tokens, and the key."""
    key = core.keys.create("Nadia", ["auditor"], read=["*"])
    caller = core.keys.caller(key.text)
    issued = replace(caller, id="oidc:erik", name="Erik", person="https://shop.example/aims#erik")
    made = core.keys.start_session(caller, seconds), core.keys.start_issued_session(issued, seconds)
    return [session.token for session in made], key


def self_of(app, token):
    return TestClient(app, cookies={"aims_session": token}).get("/self").status_code


def test_an_admin_ends_sessions_one_by_one(client, core, admin):
    (by_key, by_issuer), key = begun(core)
    listed = {row["name"]: row for row in admin.get("/sessions").json()}
    assert (listed["Nadia"]["key"], listed["Erik"]["key"]) == (key.id, None)
    assert listed["Erik"]["person"] == "https://shop.example/aims#erik"
    assert not any(token in admin.get("/sessions").text for token in (by_key, by_issuer))
    address = "/sessions/" + listed["Erik"]["id"]
    assert admin.delete(address).status_code == 204
    assert (self_of(client.app, by_key), self_of(client.app, by_issuer)) == (200, 401)
    assert admin.delete(address).status_code == 404
    assert admin.delete("/sessions/" + listed["Nadia"]["id"]).status_code == 204
    assert (self_of(client.app, by_key), admin.get("/sessions").json()) == (401, [])
    assert client.get("/self", headers={"Authorization": f"Bearer {key.text}"}).status_code == 200


@pytest.mark.parametrize("name", ["", "%", "_" * 16, "0" * 16, "0" * 64])
def test_a_name_that_is_no_sessions_ends_none(client, core, admin, name):
    tokens, _ = begun(core)
    assert admin.delete("/sessions/" + name).status_code in (404, 405)
    assert [self_of(client.app, token) for token in tokens] == [200, 200]


def test_what_has_ended_is_not_listed(core, admin):
    _, key = begun(core)
    assert len(admin.get("/sessions").json()) == 2
    assert admin.delete(f"/keys/{key.id}").status_code == 204
    assert [row["name"] for row in admin.get("/sessions").json()] == ["Erik"]
    core.store.write("UPDATE issued_sessions SET expires = 0")
    assert admin.get("/sessions").json() == []
