"""Signing in with a browser at a local OIDC issuer that checks what it is sent."""

import base64
import hashlib
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from fastapi.testclient import TestClient

from aims_api import Settings, create_app
from aims_api.issuer import Issuer as Addresses
from aims_api.settings import Oidc
from aims_api.sign_ins import SignIns
from aims_api.tokens import Tokens
from aims_graph.errors import InputError

CALLBACK = "http://testserver/pages/sign-in/callback"


class Issuer:
    """What it was asked for at the authorization endpoint it holds the token request to."""

    def __init__(self):
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.claims = {"aims_roles": ["editor"], "aims_read": ["*"], "aims_write": ["*"]}
        self.codes, self.asked, self.secret = {}, [], "a secret / with signs"
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://localhost:{self.server.server_port}"  # another site than the service
        self.name = self.url
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def authorize(self, address):
        """What somebody does who signs in there: the address that the browser is sent back to."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert address.startswith(self.url + "/authorize?")
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        back = {"code": code, "state": asked["state"], "iss": self.url}
        return asked["redirect_uri"] + "?" + urlencode(back)

    def token(self, form, authorization):
        asked = self.codes.pop(form["code"])  # a code is good once
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        assert base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == asked["code_challenge"]
        assert form["redirect_uri"] == asked["redirect_uri"]
        if self.secret:
            pair = base64.b64decode(authorization.removeprefix("Basic ")).decode()
            assert pair == "aims-pages:a%20secret%20%2F%20with%20signs"
        now = int(time.time())
        claims = {
            "iss": self.url, "aud": "aims-pages", "sub": "u1", "iat": now, "exp": now + 60,
            "nonce": asked["nonce"], "preferred_username": "nadia",
        } | self.claims  # fmt: skip
        given = {name: value for name, value in claims.items() if value is not None}
        token = jwt.encode(given, self.key, algorithm="RS256", headers={"kid": "k"})
        return {"access_token": "opaque", "token_type": "Bearer", "id_token": token}

    def _handler(self):
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                issuer.asked.append(self.path)
                if self.path == "/.well-known/openid-configuration":
                    self.answer(
                        {
                            "issuer": issuer.name,
                            "authorization_endpoint": issuer.url + "/authorize",
                            "token_endpoint": issuer.url + "/token",
                            "jwks_uri": issuer.url + "/jwks",
                            "end_session_endpoint": issuer.url + "/end",
                        }
                    )
                elif self.path.startswith("/authorize?"):
                    self.send_response(302)
                    self.send_header("Location", issuer.authorize(issuer.url + self.path))
                    self.end_headers()
                else:
                    public = jwt.algorithms.RSAAlgorithm.to_jwk(issuer.key.public_key())
                    self.answer({"keys": [{**json.loads(public), "kid": "k"}]})

            def do_POST(self):
                issuer.asked.append(self.path)
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                form = {name: values[0] for name, values in parse_qs(body).items()}
                try:
                    self.answer(issuer.token(form, self.headers.get("Authorization", "")))
                except (KeyError, AssertionError):
                    self.answer({"error": "invalid_grant"}, 400)

            def answer(self, content, status=200):
                self.send_response(status)
                self.end_headers()
                self.wfile.write(json.dumps(content).encode())

            def log_message(self, *_):
                pass

        return Handler


@pytest.fixture
def issuer():
    made = Issuer()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def settings(issuer):
    oidc = Oidc(
        issuer.url,
        "aims",
        client_id="aims-pages",
        client_secret=issuer.secret,
        redirect_uri=CALLBACK,
    )
    return Settings(oidc=oidc, anonymous_burst=1000)


@pytest.fixture
def browser(workspace, settings):
    with TestClient(create_app(workspace, settings=settings), follow_redirects=False) as client:
        yield client


def begin(browser, target="/pages/findings?q=a"):
    answer = browser.get("/pages/sign-in/issuer", params={"next": target})
    assert answer.status_code == 303
    ticket = answer.headers["set-cookie"].lower()
    assert "httponly" in ticket
    assert "samesite=lax" in ticket
    return answer.headers["location"]


def test_who_signs_in_at_the_issuer_has_a_session_with_its_roles(browser, issuer):
    assert "Sign in with localhost" in browser.get("/pages/sign-in").text
    answer = browser.get(issuer.authorize(begin(browser)))
    assert answer.status_code == 200
    cookie = next(c for c in answer.headers.get_list("set-cookie") if c.startswith("aims_session"))
    assert "SameSite=strict" in cookie
    assert "HttpOnly" in cookie
    assert 'content="0; url=/pages/findings?q=a"' in answer.text
    self = browser.get("/self").json()
    assert (self["name"], self["roles"]) == ("nadia", ["editor"])
    assert self["id"] == f"{issuer.url}#u1"
    page = browser.get("/pages/")
    assert "nadia" in page.text
    assert (
        browser.post("/systems?reason=x", json={"label": "X", "types": ["AISystem"]}).status_code
        == 403
    )
    token = page.text.partition('name="csrf" value="')[2].partition('"')[0]
    made = browser.post(
        "/systems?reason=x",
        json={"label": "X", "types": ["AISystem"]},
        headers={"X-CSRF-Token": token},
    )
    assert made.status_code == 201
    assert browser.app.state.core.workspace.journal.position.sequence == 3
    ended = browser.post("/pages/sign-out", data={"csrf": token})
    assert browser.get("/self").status_code == 401
    assert f"{issuer.url}/end?client_id=aims-pages" in browser.get(ended.headers["location"]).text
    browser.cookies.set("aims_session", cookie.partition("=")[2].partition(";")[0])
    assert browser.get("/self").status_code == 401


def test_the_callback_is_good_once_and_only_in_the_browser_that_began(
    browser, issuer, workspace, settings
):
    back = issuer.authorize(begin(browser))
    with TestClient(create_app(workspace, settings=settings), follow_redirects=False) as other:
        assert other.get(back).status_code == 401
        begin(other)
        assert other.get(back).status_code == 401
        assert "aims_session" not in other.cookies
    assert browser.get(back).status_code == 200
    browser.cookies.clear()
    assert browser.get(back).status_code == 401


@pytest.mark.parametrize(
    "change",
    [{"state": "other"}, {"state": "\u00e9"}, {"code": "guessed"}, {"iss": "https://evil.example"},
     {"code": ""}, {"error": "access_denied"}],
)  # fmt: skip
def test_an_answer_that_is_not_the_issuers_opens_nothing(browser, issuer, change):
    address, _, query = issuer.authorize(begin(browser)).partition("?")
    given = {name: values[0] for name, values in parse_qs(query).items()} | change
    answer = browser.get(f"{address}?{urlencode(given)}")
    assert answer.status_code == 401
    assert 'role="alert"' in answer.text
    assert "aims_session" not in browser.cookies


@pytest.mark.parametrize(
    "claims",
    [{"nonce": "other"}, {"nonce": None}, {"aud": "aims"}, {"aud": ["aims-pages", "x"]},
     {"azp": "x"}, {"iss": "https://evil.example"}, {"exp": 1}, {"aims_roles": None},
     {"aims_roles": ["editor", "approver"]}],
)  # fmt: skip
def test_an_id_token_with_something_wrong_opens_nothing(browser, issuer, claims):
    issuer.claims |= claims
    answer = browser.get(issuer.authorize(begin(browser)))
    assert answer.status_code == 401
    assert "aims_session" not in browser.cookies


def test_a_token_for_pages_is_none_for_the_interface_and_the_other_way_round(browser, issuer):
    begin(browser)
    now = int(time.time())
    claims = {"iss": issuer.url, "sub": "u", "iat": now, "exp": now + 60, "aims_roles": ["reader"]}
    for audience, status in (("aims", 200), ("aims-pages", 401)):
        token = jwt.encode({**claims, "aud": audience}, issuer.key, "RS256", headers={"kid": "k"})
        answer = browser.get("/self", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == status


def test_an_issuer_that_is_away_or_another_is_told(browser, issuer):
    issuer.name = "https://evil.example"
    answer = browser.get("/pages/sign-in/issuer")
    assert answer.status_code == 502
    assert "does not answer" in answer.text


def test_without_an_issuer_there_is_nothing_to_begin(shop):
    assert shop.get("/pages/sign-in/issuer").status_code == 404
    assert shop.get("/pages/sign-in/callback?code=x&state=y").status_code == 404
    assert "Sign in with" not in shop.get("/pages/sign-in").text


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "/pages/\\evil"])
def test_the_issuer_leads_to_no_other_site(browser, issuer, target):
    answer = browser.get(issuer.authorize(begin(browser, target)))
    assert 'content="0; url=/pages/"' in answer.text


def test_nothing_of_a_sign_in_is_kept_that_another_could_use(browser, issuer, workspace):
    browser.get(issuer.authorize(begin(browser)))
    token = browser.cookies["aims_session"].encode()
    files = [path.read_bytes() for path in (workspace.path / "service").iterdir()]
    assert files
    assert not any(token in content for content in files)


def test_addresses_of_the_issuer_are_https(workspace):
    for name in ("jwks_url", "token_url", "authorization_url", "end_session_url"):
        oidc = Oidc("https://id.example", "aims", **{name: "http://id.example/x"})
        with pytest.raises(InputError, match="https"):
            create_app(workspace, settings=Settings(oidc=oidc))
    with pytest.raises(InputError, match="redirect_uri"):
        create_app(workspace, settings=Settings(oidc=Oidc("https://i", "a", client_id="x")))


def test_a_real_browser_comes_back_with_a_session(issuer, workspace, serving, walk):
    """Strict cookies are not sent where another site has led to: the page in between sees to it."""
    app = create_app(workspace, settings=Settings())
    core = app.state.core
    with serving(app) as address:
        oidc = Oidc(
            issuer.url, "aims", client_id="aims-pages", client_secret=issuer.secret,
            redirect_uri=address + "/pages/sign-in/callback",
        )  # fmt: skip
        known = Addresses(oidc)
        core.sign_ins = SignIns(oidc, known, Tokens(oidc, known), core.store)
        found = walk(
            {"go": address + "/pages/sign-in?next=/pages/heat-map"},
            {"ask": "document.querySelector('a.button').click()"},
            {
                "wait": "location.pathname == '/pages/heat-map' && document.title.includes('Heat map')"
            },
            {"ask": "document.querySelector('.who span').innerText"},
        )
    assert found["answers"][-1] == "nadia (editor)"
