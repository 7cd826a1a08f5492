"""Records whose words are made to do harm, on the pages of a headless Chromium."""

from urllib.parse import quote

import pytest

from aims_api.patches import read_patch

pytest.importorskip("websockets")
from visitor import Visitor

BREAK_OUT = "</textarea></select></option></title></script><script>window.ran = 1</script>"
HANDLER = "\\\" autofocus onfocus='window.ran = 2' x='<img src=x onerror=window.ran=3>"
BIDI = "\\u202Egnp.exe\\u2066 \\u200B\\u2067invoice"
LONG = "W" * 3000
IRI = "javascript:window.ran=4"
DATA = f"""
@prefix aims: <https://w3id.org/aims-graph/ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix iso: <https://w3id.org/aims-graph/iso42001#> .
<urn:x:system> a aims:AISystem ; rdfs:label "{BREAK_OUT}", "{HANDLER}" ; aims:owner <{IRI}> ;
  aims:intendedUse "{BREAK_OUT}", "javascript:window.ran=5" ; aims:hasRisk <urn:x:{BREAK_OUT.replace("<", "%3C").replace(">", "%3E").replace(" ", "")}> .
<{IRI}> a aims:Person ; rdfs:label "{BIDI}" .
<data:text/html,x> a aims:Record ; rdfs:label "{LONG}" ; aims:documentStatus aims:Draft ; aims:addresses iso:6.1.3 ;
  aims:fileName "{BIDI}{BREAK_OUT}.html" ; aims:author <{IRI}> ; dct:description "{LONG}" .
<vbscript:x> a aims:Evidence ; rdfs:label "{BREAK_OUT}" ; aims:documentStatus aims:Draft ; aims:addresses iso:6.1.3 ;
  aims:storageLocation "javascript:window.ran=6", "data:text/html,<script>window.ran=7</script>" .
<urn:x:audit> a aims:InternalAudit ; rdfs:label "{BREAK_OUT}" ; aims:auditScope iso:6.1.3 .
<urn:x:programme> a aims:AuditProgramme ; rdfs:label "{LONG}" .
"""
HARM = """(() => {
  const bad = [];
  if (window.ran !== undefined) bad.push("script ran: " + window.ran);
  for (const e of document.querySelectorAll("a[href], form, button[formaction], area, link, img, iframe, script")) {
    const to = e.href || e.action || e.formAction || e.src || "";
    if (to && !/^https?:/.test(to)) bad.push(e.tagName + " leads to " + to);
    if (e.tagName === "IFRAME" || (e.tagName === "IMG" && !e.src.startsWith(location.origin + "/pages/"))) bad.push(e.tagName);
    if (e.tagName === "SCRIPT" && !e.src.startsWith(location.origin + "/pages/static/")) bad.push("SCRIPT");
  }
  for (const e of document.querySelectorAll("*"))
    for (const a of e.attributes) if (a.name.startsWith("on") || a.name === "style") bad.push(e.tagName + " " + a.name);
  if (/[\\u202A-\\u202E\\u2066-\\u2069]/.test(document.querySelector("main").innerText)) bad.push("text that turns round");
  return bad;
})()"""


#: What sticks out of a phone's screen, unless it stands in a part that scrolls.
WIDE = """[...document.querySelectorAll("body *")].filter((e) => e.getBoundingClientRect().right > 391
  && !e.closest(".scroll, pre, .picture, .quiet, thead, .skip")).map((e) => e.outerHTML.slice(0, 120)).slice(0, 5)"""


def pages():
    def names(what, *iris):
        return [f"/pages/{what}/{quote(iri, safe='')}" for iri in iris]

    things = ("urn:x:system", IRI, "data:text/html,x", "vbscript:x")
    yield from (
        "/pages/",
        "/pages/records/systems",
        "/pages/records/documents",
        "/pages/records/people",
    )
    yield from ("/pages/audits", "/pages/approvals", "/pages/journal", "/pages/requirements/6.1.3")
    yield from names("things", *things)
    yield from names("audits", "urn:x:audit")
    yield from ("/pages/audits/audit/requirements/6.1.3", "/pages/audits/audit/report")
    yield "/pages/search?q=window"


OF_ROLE = {
    "auditor": (),
    "editor": ("edit", "retire"),
    "approver": ("approve",),
}


@pytest.fixture
def hostile(workspace, core):
    workspace.commit(
        read_patch(DATA.encode(), "turtle", "urn:aims:source:records"),
        reason=BREAK_OUT, source="test", actor=BIDI,
    )  # fmt: skip
    return core


@pytest.mark.parametrize("role", OF_ROLE)
def test_nothing_in_a_record_runs_or_leads_astray(
    hostile, client, serving, chromium, tmp_path, role
):
    key = hostile.keys.create(
        BREAK_OUT, [role], read=["*"], write=["*"], person=IRI.replace("window.ran", "x")
    )
    visitor = Visitor(chromium, tmp_path / "downloads", 390)
    with serving(client.app) as origin:
        visitor.open(origin + "/pages/sign-in")
        visitor.fill("API key", key.text)
        visitor.click("button", "Sign in")
        addresses = list(pages())
        things = ("urn:x:system", IRI, "data:text/html,x", "vbscript:x")
        for what in OF_ROLE[role]:
            addresses += [f"/pages/{what}/{quote(iri, safe='')}" for iri in things]
        if role == "editor":
            addresses += [
                "/pages/new?class=Risk&for=urn:x:system&by=hasRisk",
                "/pages/upload/vbscript:x",
            ]
        for address in addresses:
            visitor.open(origin + address)
            assert visitor.run("document.querySelector('h1').innerText"), address
            assert "Nothing" not in visitor.text("h1"), address
            assert visitor.run(HARM) == [], address
            assert visitor.problems() == [], address
            visitor.screenshot(tmp_path / f"{role}-{addresses.index(address)}.png")
            assert visitor.run(WIDE) == [], address
        if role == "auditor":
            writes_hostile_notes(visitor, origin)
        if role == "editor":
            looks_at_the_effect(visitor, origin)
    visitor.close()


def writes_hostile_notes(visitor, origin):
    note = "</textarea><script>window.ran = 8</script> javascript:x \u202egnp"
    visitor.open(origin + "/pages/audits/audit/requirements/6.1.3")
    visitor.fill("New note", note)
    visitor.click("button", "Keep the note")
    assert "window.ran = 8" in visitor.text()
    assert visitor.run(HARM) == []
    visitor.press("summary", "Another document")
    visitor.fill("Document", note, scope="main")
    visitor.click("button", "Mark as looked at", scope="details")
    assert "gnp" in visitor.run("document.getElementById('document').value")
    assert visitor.run(HARM) == []


def looks_at_the_effect(visitor, origin):
    visitor.open(origin + "/pages/edit/urn:x:system")
    visitor.press("summary", "label: add another")
    visitor.fill("label, another", "<script>window.ran = 9</script>")
    visitor.click("button", "See what it does")
    assert "window.ran = 9" in visitor.text(".effect")
    assert visitor.run(HARM) == []
    visitor.fill("Reason for the change", "<b onclick='window.ran=10'>bold</b>")
    visitor.click("button", "Save")
    assert "Saved as journal entry" in visitor.text()
    assert visitor.run(HARM) == []
