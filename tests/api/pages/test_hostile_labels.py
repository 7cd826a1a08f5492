"""Labels, IRIs, file names and reasons that would like to run: shown in a browser on every page."""

import json
import re
from html import unescape
from urllib.parse import quote

from aims_api.callers import Caller
from aims_graph.characters import reveal

SCRIPT = "</title></textarea></script><script>alert(1)</script><img src=x onerror=alert(2)>"
BREAKS = "\\\"'><svg onload=alert(3)>{{7*7}}${7*7}"
TURNED = "Invoice \u202efdp.exe"
HOSTILE = f"""
<javascript:alert(4)> a aims:Person, aims:Evidence, aims:AISystem ; rdfs:label "{SCRIPT}" ;
  aims:fileName "{SCRIPT}" ; aims:storageLocation "javascript:alert(5)", "data:text/html,<script>alert(6)</script>" ;
  rdfs:seeAlso "https://shop.example/'onmouseover='alert(7)", <data:text/html,x> .
ex:bad a aims:AISystem ; rdfs:label "{BREAKS}" ; aims:owner <javascript:alert(4)> ;
  aims:usesDataset <urn:x:'onmouseover='alert(8)> ; aims:hasRisk ex:badrisk .
ex:badrisk a aims:Risk ; rdfs:label "{SCRIPT}", "{TURNED}" ; aims:riskOf ex:bad ; aims:owner <javascript:alert(4)> .
<urn:x:'onmouseover='alert(8)> a aims:Dataset ; rdfs:label "{TURNED}" ; aims:derivedFrom <vbscript:x> .
<vbscript:x> a aims:Dataset ; rdfs:label "{BREAKS}" .
"""
IRIS = ("javascript:alert(4)", "urn:x:'onmouseover='alert(8)", "vbscript:x",
        "https://shop.example/aims#badrisk")  # fmt: skip
LOOK = """JSON.stringify({
  live: [...document.querySelectorAll('*')].filter((e) => [...e.attributes].some((a) => /^on/i.test(a.name))
    || (e.tagName === 'SCRIPT' && !new URL(e.src || 'x:x', location).pathname.startsWith('/pages/static/'))
    || /^(IFRAME|OBJECT|EMBED|BASE)$/.test(e.tagName)).map((e) => e.outerHTML.slice(0, 200)),
  targets: [...document.querySelectorAll('a, form, area')].map((e) => new URL(e.href?.baseVal ?? e.href ?? e.action, location))
    .filter((address) => !/^https?:$/.test(address.protocol)).map(String),
  turned: (document.title + document.body.textContent).includes('\\u202e'),
  text: document.body.innerText,
})"""


def test_nothing_runs_or_leads_to_script_in_a_browser(tell, admin, serving, walk, session, core):
    last = tell(HOSTILE, reason=SCRIPT + TURNED)
    core.snapshots.after(_caller(core, admin), last)
    addresses = _every_page(admin, last)
    assert len(addresses) > 50
    with serving(admin.app) as place:
        steps = [step for a in addresses for step in ({"go": place + a}, {"ask": LOOK})]
        found = walk({"cookie": [place, session(admin)]}, *steps)
    shown = ""
    for address, answer in zip(addresses, map(json.loads, found["answers"]), strict=True):
        assert answer["live"] == [], address
        assert answer["targets"] == [], address
        assert not answer["turned"], address
        assert "49" not in re.findall(r"<svg onload=alert\(3\)>(\S*)", answer["text"]), address
        shown += answer["text"]
    for text in ("<script>alert(1)</script>", "<svg onload=alert(3)>{{7*7}}${7*7}", reveal(TURNED)):
        assert shown.count(text) > 5, text
    assert [t for t in found["troubles"] if "dialog" in t or "Content Security" in t] == []
    known = (place, "data:image/")  # pictures of the editor's style sheet
    assert [request for request in found["requests"] if not request.startswith(known)] == []


def _caller(core, client) -> Caller:
    return core.keys.caller(client.headers["authorization"].removeprefix("Bearer "))


def _every_page(client, last):
    """Some of every kind, and those of the hostile things."""
    named = [
        f"/pages/{page}/{quote(iri, safe='')}"
        for page in ("things", "trace", "lineage")
        for iri in IRIS
    ]
    echoed = [
        f"/pages/{page}?q={quote(SCRIPT + TURNED)}" for page in ("search", "rules", "records/risks")
    ]
    found = [*named, *echoed, f"/pages/journal/{last}", "/pages/journal",
             f"/pages/findings?q={quote(SCRIPT)}&owner={quote(SCRIPT)}",
             f"/pages/nothing/{quote(SCRIPT, safe='')}", f"/pages/rules/{quote(SCRIPT, safe='')}",
             f"/pages/sign-in?next={quote(SCRIPT)}", f"/pages/query?query={quote('ASK { ' + BREAKS)}",
             f"/pages/query?query={quote('SELECT * { ?s rdfs:label ?o }')}"]  # fmt: skip
    waiting, counts = ["/pages/"], {}
    while waiting and len(found) < 90:
        address = waiting.pop(0)
        answer = client.get(address)
        found.append(address)
        if "html" not in answer.headers["content-type"]:
            continue
        for target in map(unescape, re.findall(r'href="(/pages/[^"]*)"', answer.text)):
            kind = target.split("?")[0].split("/")[2]
            if target in found or target in waiting or kind in ("static", "journal"):
                continue
            counts[kind] = counts.get(kind, 0) + 1
            if counts[kind] <= 4:
                waiting.append(target)
    return list(dict.fromkeys(found))
