"""The editor for SPARQL: it asks this service and nobody else, with the strict policy for scripts."""

import hashlib
import re

import pytest
from fastapi.testclient import TestClient

from aims_api.pages import sessions
from aims_api.patches import read_patch

RUN = "document.querySelector('.yasqe_queryButton').click()"
READY = {"wait": "!!document.querySelector('.yasqe .CodeMirror')"}
ROWS = "[...document.querySelectorAll('.yasr tbody tr')].map((row) => row.innerText)"
HOSTILE = """
<javascript:alert(1)> <https://w3id.org/aims-graph/ns#owner> <urn:x:'onmouseover='alert(2)'> ;
  <http://www.w3.org/2000/01/rdf-schema#label> "<img src=x onerror=alert(3)>" .
"""


def put(text):
    return {"ask": f"document.querySelector('.yasqe .CodeMirror').CodeMirror.setValue({text!r})"}


def test_a_query_shows_its_rows_and_no_other_host_is_asked(shop, served, walk, session):
    found = walk(
        {"cookie": [served, session(shop)]},
        {"go": served + "query?saved=untreated-risks"},
        READY,
        {"ask": RUN},
        {"wait": "document.querySelectorAll('.yasr tbody tr').length > 0"},
        {"go": served + "query"},
        READY,
        {"ask": RUN},
        {"wait": "document.querySelectorAll('.yasr tbody tr').length > 1"},
        {"ask": ROWS},
        {"ask": "document.querySelector('.select_response').click()"},
        {"wait": "document.querySelector('.yasr_results').innerText.includes('bindings')"},
        # What the completers that come with it would answer to.
        put("SELECT * { ?s foaf:na"),
        {"ask": "document.querySelector('.yasqe .CodeMirror').CodeMirror.setCursor(0, 99)"},
        {"ask": "document.querySelector('.yasqe .CodeMirror').CodeMirror.autocomplete()"},
        put("SELECT * { ?s a aims:"),
        {"ask": "document.querySelector('.yasqe .CodeMirror').CodeMirror.setCursor(0, 99)"},
        {"ask": "document.querySelector('.yasqe .CodeMirror').CodeMirror.autocomplete()"},
        {"wait": "new Promise((resolve) => setTimeout(() => resolve(true), 1000))"},
        {"ask": "Object.keys(localStorage).length"},
    )
    rows = next(answer for answer in found["answers"] if isinstance(answer, list))
    assert any("Dynamic pricing" in row for row in rows)
    root = served.removesuffix("pages/")
    assert f"{root}sparql" in found["requests"]
    assert [address for address in found["requests"] if not address.startswith(root)] == []
    assert found["troubles"] == []
    assert found["answers"][-1] == 0, "nothing of it stays in the browser"


def test_an_error_is_told_and_a_change_is_refused(shop, served, walk, session):
    told = "document.querySelector('.errorResult .problem')?.innerText ?? ''"
    found = walk(
        {"cookie": [served, session(shop)]},
        {"go": served + "query"},
        READY,
        put("SELECT * { ?s ?p ?o FILTER( }"),
        {"ask": RUN},
        {"wait": f"({told}).includes('line 1')"},
        put("INSERT DATA { <urn:a> <urn:b> <urn:c> }"),
        {"ask": RUN},
        {"wait": f"({told}).includes('not a SPARQL query')"},
    )
    assert all("400" in trouble for trouble in found["troubles"])
    assert shop.app.state.core.workspace.sequence == 1


def test_the_keyboard_gets_out_of_the_editor(shop, served, walk, session):
    found = walk(
        {"cookie": [served, session(shop)]},
        {"go": served + "query"},
        READY,
        {"ask": "document.querySelector('.yasqe .CodeMirror').CodeMirror.focus()"},
        {"keys": ["Tab", "Tab", "Tab", "Tab"]},
        {"ask": "document.querySelector('.yasqe').contains(document.activeElement)"},
    )
    assert found["answers"][-1] is False


def test_nothing_in_an_answer_runs_or_leads_to_script(workspace, admin, serving, walk, session):
    core = admin.app.state.core
    workspace.commit(
        read_patch(HOSTILE.encode(), "turtle", "urn:aims:source:records"), reason="x", source="x"
    )
    caller = core.keys.caller(admin.headers["authorization"].removeprefix("Bearer "))
    core.snapshots.after(caller, workspace.sequence)
    with serving(admin.app) as address:
        found = walk(
            {"cookie": [address, session(admin)]},
            {"go": address + "/pages/query"},
            READY,
            put("SELECT * { ?s ?p ?o FILTER(STRSTARTS(STR(?s), 'javascript')) }"),
            {"ask": RUN},
            {"wait": "document.querySelectorAll('.yasr tbody tr').length == 2"},
            {"ask": "[...document.querySelectorAll('.yasr a.iri')].map((link) => link.href)"},
            {"ask": "document.querySelectorAll('.yasr img, .yasr [onmouseover]').length"},
        )
    _, _, targets, marks = found["answers"]
    assert len(targets) > 3
    assert all(target.startswith(address + "/pages/things/") for target in targets)
    assert marks == 0
    assert not any(request.endswith("/x") for request in found["requests"])
    # DOMPurify reads the text into a document without scripts, where the policy speaks up.
    assert all("inline event handler" in trouble for trouble in found["troubles"])


def test_without_script_the_form_answers_and_gives_files(shop):
    query = {"query": "SELECT ?name { ?s a aims:AISystem ; rdfs:label ?name }"}
    page = shop.get("/pages/query", params=query)
    assert "Dynamic pricing" in page.text
    policy = page.headers["content-security-policy"]
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    csv = shop.get("/pages/query", params={**query, "as": "csv"})
    assert csv.headers["content-type"].startswith("text/csv")
    assert "attachment" in csv.headers["content-disposition"]
    assert "Dynamic pricing" in csv.text
    assert shop.get("/pages/query", params={**query, "as": "json"}).json()["results"]["bindings"]
    assert "untreated" in shop.get("/pages/query?saved=untreated-risks").text
    assert shop.get("/pages/query", params={"query": "SELECT"}).status_code == 400


@pytest.mark.parametrize("name", ["yasgui.min.js", "yasgui.min.css"])
def test_the_vendored_files_are_those_that_were_published(shop, name):
    folder = sessions._FOLDER / "vendor" / "yasgui"
    written = re.search(rf"`build/{name}` \| `(\w+)`", (folder / "README.md").read_text()).group(1)
    served = TestClient(shop.app).get(f"/pages/static/vendor/yasgui/{name}")
    assert hashlib.sha256(served.content).hexdigest() == written
    assert (folder / "LICENSES.txt").stat().st_size > 10_000
