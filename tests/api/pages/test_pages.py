"""Who sees which page, what may stand in it, and how far evidence is."""

import re
from html import unescape
from html.parser import HTMLParser
from urllib.parse import quote, urlsplit

import pytest
from fastapi.testclient import TestClient

from aims_api.patches import read_patch

#: Every page that has a name of its own, and one of each kind of thing.
ADDRESSES = (
    "/pages/",
    "/pages/requirements/6.1.3",
    "/pages/requirements/A.6.2.4",
    "/pages/systems/pricing",
    "/pages/findings",
    "/pages/records",
    "/pages/records/risks",
    "/pages/things/https%3A%2F%2Fshop.example%2Faims%23david-kim",
    "/pages/search?q=risk",
    "/pages/trace/https%3A%2F%2Fshop.example%2Faims%23pricing",
    "/pages/lineage/https%3A%2F%2Fshop.example%2Faims%23pricing",
    "/pages/heat-map",
    "/pages/statement-of-applicability",
    "/pages/rules",
    "/pages/rules/SystemInUseIsWithinScope",
    "/pages/questions",
    "/pages/questions/untreated-risks",
    "/pages/query?query=ASK%7B%7D",
    "/pages/audits",
    "/pages/audits/audit-2027",
    "/pages/audits/audit-2027/report",
    "/pages/audits/audit-2027/requirements/A.7.4",
    "/pages/approvals",
    "/pages/what-if",
    "/pages/trend",
    "/pages/trend?by=entries",
    "/pages/documents",
    "/pages/vocabulary",
    "/pages/vocabulary?q=risk",
    "/pages/vocabulary/AISystem",
    "/pages/vocabulary/owner",
    "/pages/vocabulary/HighImpact",
)
JOURNAL = ("/pages/journal", "/pages/journal/1", "/pages/journal/verification")
ROLES = ("reader", "auditor", "editor", "approver", "admin")
SCRIPT = "</script><img src=x onerror=alert(1)>"
HOSTILE = f"""
@prefix aims: <https://w3id.org/aims-graph/ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
<urn:x:system> a aims:AISystem ; rdfs:label "{SCRIPT}" ; aims:owner <javascript:alert(1)> .
<javascript:alert(1)> a aims:Person, aims:Evidence ; rdfs:label "{SCRIPT}" ;
  aims:fileName "{SCRIPT}" ; aims:storageLocation "javascript:alert(1)", "data:text/html,x" .
"""


def links(text):
    """Addresses of the pages that a page links to, in its main part."""
    main = text.partition("<main")[2].partition("</main>")[0]
    found = (unescape(address) for address in re.findall(r'href="([^"]*)"', main))
    return list(dict.fromkeys(a for a in found if a.startswith("/pages/")))


@pytest.fixture
def finding(shop):
    """The address of the first finding."""
    return next(a for a in links(shop.get("/pages/findings").text) if "/findings/" in a)


@pytest.fixture
def of_role(shop):
    def make(role, read=("*",)):
        key = shop.app.state.core.keys.create(role, [role], read=read, write=["*"]).text
        return TestClient(shop.app, headers={"Authorization": f"Bearer {key}"})

    return make


@pytest.mark.parametrize("role", ROLES)
def test_every_role_sees_every_page_that_is_for_it(of_role, finding, role):
    client = of_role(role)
    for address in (*ADDRESSES, finding):
        answer = client.get(address)
        assert answer.status_code == 200, address
        assert answer.headers["content-type"].startswith("text/html")
    expected = 403 if role == "reader" else 200
    for address in JOURNAL:
        assert client.get(address).status_code == expected
    assert ("/pages/journal" in client.get("/pages/").text) is (role != "reader")


def test_without_a_credential_every_page_leads_to_sign_in(shop, finding):
    visitor = TestClient(shop.app, follow_redirects=False)
    for address in (*ADDRESSES, *JOURNAL, finding, "/pages/nothing-there"):
        answer = visitor.get(address)
        assert answer.status_code == 303, address
        assert answer.headers["location"].startswith("/pages/sign-in?next=/pages/")


def test_a_key_opens_a_session_and_signing_out_ends_it(shop, of_role):
    key = of_role("auditor").headers["authorization"].removeprefix("Bearer ")
    browser = TestClient(shop.app, follow_redirects=False)
    assert browser.post("/pages/sign-in", data={"key": "aims_x_y"}).status_code == 401
    answer = browser.post("/pages/sign-in", data={"key": key, "next": "/pages/heat-map"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/pages/heat-map")
    assert "httponly" in answer.headers["set-cookie"].lower()
    text = browser.get("/pages/").text
    token = re.search(r'name="csrf" value="([^"]+)"', text).group(1)
    assert browser.post("/pages/sign-out").status_code == 403
    assert browser.post("/pages/what-if", data={"added": ""}).status_code == 403
    assert browser.post("/pages/what-if", data={"added": "", "csrf": token}).status_code == 200
    assert browser.post("/pages/sign-out", data={"csrf": token}).status_code == 303
    assert browser.get("/pages/").status_code == 303


@pytest.mark.parametrize(
    "target",
    ["https://evil.example/", "//evil.example", "/pages/\\evil", "javascript:alert(1)", "/docs"],
)
def test_sign_in_leads_to_no_other_site(shop, of_role, target):
    key = of_role("reader").headers["authorization"].removeprefix("Bearer ")
    browser = TestClient(shop.app, follow_redirects=False)
    answer = browser.post("/pages/sign-in", data={"key": key, "next": target})
    assert answer.headers["location"] == "/pages/"


def test_evidence_is_at_most_four_links_from_clause_6_1_3(shop):
    start = "/pages/requirements/6.1.3"
    seen, frontier = {start}, [start]
    for distance in range(1, 5):
        following = []
        for address in frontier[:60]:
            for target in links(shop.get(address).text):
                if target not in seen:
                    seen.add(target)
                    following.append(target)
        for target in following:
            if target.startswith("/pages/things/"):
                kind = re.search(r'class="kind">([^<]*)<', shop.get(target).text)
                if kind and "evidence" in kind.group(1).casefold():
                    print(f"evidence after {distance} links: {target}")
                    return
        frontier = following
    pytest.fail("no page of evidence within 4 links")


def test_a_change_by_an_editor_shows_on_the_page(editor):
    before = editor.get("/pages/search?q=Chatbot").text
    assert "Nothing was found" in before
    draft = {"label": "Chatbot for orders", "types": ["AISystem"]}
    answer = editor.post("/systems?reason=New", json=draft)
    assert answer.status_code == 201, answer.text
    assert "Chatbot for orders" in editor.get("/pages/records/systems").text
    assert "Chatbot for orders" in editor.get("/pages/").text


class _Markup(HTMLParser):
    """Tags and addresses of a page."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.addresses, self.handlers = set(), [], []
        self.foreign = False
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        own = dict(attrs).get("src", "").startswith("/pages/")
        if tag in ("script", "img") and not own:
            self.foreign = True
        for name, value in attrs:
            if name in ("href", "src", "action", "xlink:href"):
                self.addresses.append(value)
            if name.startswith("on") or name == "style":
                self.handlers.append(name)


def test_nothing_in_the_data_becomes_script_or_a_link_that_runs(workspace, admin):
    workspace.commit(
        read_patch(HOSTILE.encode(), "turtle", "urn:aims:source:records"),
        reason=SCRIPT, source="test", actor=SCRIPT,
    )  # fmt: skip
    last = workspace.sequence
    admin.app.state.core.snapshots.after(_caller(admin), last)
    hostile = "javascript:alert(1)"
    pages = [
        "/pages/", "/pages/findings", "/pages/records/systems", "/pages/records/documents",
        "/pages/heat-map", "/pages/journal", f"/pages/journal/{last}",
        f"/pages/search?q={quote(SCRIPT)}", f"/pages/things/{quote(hostile, safe='')}",
        f"/pages/trace/{quote(hostile, safe='')}", f"/pages/lineage/{quote(hostile, safe='')}",
        f"/pages/findings?q={quote(SCRIPT)}", f"/pages/rules?q={quote(SCRIPT)}",
        f"/pages/requirements/{quote(SCRIPT, safe='')}", f"/pages/things/{quote('urn:x:system', safe='')}",
        f"/pages/query?query={quote('SELECT * { ?s ?p ?o }')}",
    ]  # fmt: skip
    shown = 0
    for address in pages:
        text = admin.get(address).text
        found = _Markup(text)
        assert not found.tags & {"iframe", "style", "object"}, address
        assert not found.foreign, address
        assert not found.handlers, address
        for target in found.addresses:
            assert urlsplit(target).scheme in ("", "http", "https"), (address, target)
        shown += "&lt;/script&gt;&lt;img" in text or "&lt;img src=x" in text
    assert shown >= 8


def _caller(client):
    key = client.headers["authorization"].removeprefix("Bearer ")
    return client.app.state.core.keys.caller(key)
