"""Pages of another date and of an earlier record: links stay there, forms that write do not."""

import re
from datetime import date
from html import unescape

import pytest

from aims_api.pages.moments import Moment
from aims_graph.characters import reveal

SVG = "http://www.w3.org/2000/svg"


def addresses(text):
    return [unescape(a) for a in re.findall(r'(?:href|src)="([^"]*)"', text)]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('<a href="/pages/">', '<a href="/pages/?as_of=2026-01-31&amp;at=7">'),
        (
            '<a href="/pages/findings?q=a&amp;sort=x#top">',
            '<a href="/pages/findings?q=a&amp;sort=x&amp;as_of=2026-01-31&amp;at=7#top">',
        ),
        ('<img src="/pages/trend.svg">', '<img src="/pages/trend.svg?as_of=2026-01-31&amp;at=7">'),
        (
            '<a href="/exports/findings?format=pdf">',
            '<a href="/exports/findings?format=pdf&amp;as_of=2026-01-31&amp;at=7">',
        ),
        (
            '<form method="get" action="/pages/search">',
            '<form method="get" action="/pages/search"><input type="hidden" name="as_of" '
            'value="2026-01-31"><input type="hidden" name="at" value="7">',
        ),
        (
            '<form action="/pages/what-if" method="post">',
            '<form action="/pages/what-if?as_of=2026-01-31&amp;at=7" method="post">',
        ),
    ],
)
def test_what_leads_on_stays_at_the_moment(before, after):
    assert Moment(date(2026, 1, 31), "7").keep_in(before) == after


@pytest.mark.parametrize(
    "text",
    [
        '<a href="/pages/?as_of=2020-01-01&amp;at=1">',
        '<a data-present href="/pages/">',
        '<link href="/pages/static/pages.css">',
        '<a href="https://other.example/pages/">',
        '<form action="/pages/sign-out" method="post">',
        '<form action="/pages/records/systems" method="post">',
        "<p>href=&#34;/pages/&#34;</p>",
    ],
)
def test_the_rest_stays_as_it_is(text):
    assert Moment(date(2026, 1, 31), None).keep_in(text) == text


def test_a_page_of_an_earlier_entry_shows_what_was_there(tell, admin):
    admin.app.state.core.snapshots.of_graphs(["*"])
    tell('ex:bot a aims:AISystem ; rdfs:label "Chatbot" .')
    admin.app.state.core.written[admin.get("/self").json()["id"]] = 3
    for address in ("/pages/", "/pages/records/systems", "/pages/search?q=chatbot"):
        assert "Chatbot" in admin.get(address).text
        past = admin.get(address, params={"at": "2"} | ({"q": "chatbot"} if "?" in address else {}))
        assert "Chatbot" not in past.text.replace("For “chatbot”", "")
        assert "the record as it was at entry 2" in past.text
    question = {"query": "SELECT ?name { ?s a aims:AISystem ; rdfs:label ?name }"}
    assert "Chatbot" in admin.get("/pages/query", params=question).text
    past = admin.get("/pages/query", params={**question, "at": "2"}).text
    assert "Dynamic pricing" in past
    assert "Chatbot" not in past
    csv = admin.get("/pages/query", params={**question, "at": "2", "as": "csv"}).text
    assert "Chatbot" not in csv
    assert "Chatbot" not in admin.get("/exports/findings?format=csv&at=2").text
    assert admin.get("/pages/?at=99").status_code in (404, 422)


def test_every_link_of_every_page_keeps_the_date(shop):
    seen = set()
    waiting = ["/pages/?as_of=2026-05-31"]
    while waiting and len(seen) < 60:
        address = waiting.pop(0)
        seen.add(address)
        answer = shop.get(address)
        assert answer.status_code == 200, address
        if "html" not in answer.headers["content-type"]:
            continue
        assert "judged as of 2026-05-31" in answer.text, address
        own = [a for a in addresses(answer.text) if a.startswith(("/pages/", "/exports/"))]
        kept = [a for a in own if not a.startswith(("/pages/static", "/pages/journal"))]
        there = {a for a in kept if "as_of=2026-05-31" in a}
        assert set(kept) - there <= {"/pages/"}, address
        following = [a for a in dict.fromkeys(kept) if a in there and a.startswith("/pages/")]
        kinds = {re.sub(r"[?#].*", "", a).split("/")[2] for a in seen}
        waiting += [
            a for a in following
            if a not in seen and re.sub(r"[?#].*", "", a).split("/")[2] not in kinds
        ]  # fmt: skip
    assert len(seen) > 12


def test_a_redirect_keeps_the_date(shop):
    answer = shop.get("/pages/things/aims%3Anone?as_of=2026-05-31", follow_redirects=False)
    assert answer.status_code == 404
    iri = "https%3A%2F%2Fshop.example%2Faims%23pricing"
    answer = shop.get(f"/pages/things/{iri}?as_of=2026-05-31", follow_redirects=False)
    assert answer.headers["location"] == "/pages/systems/pricing?as_of=2026-05-31"


def test_the_trend_shows_each_state_as_picture_and_as_table(tell, admin):
    tell('ex:bot a aims:AISystem ; rdfs:label "Chatbot" .')
    admin.app.state.core.written[admin.get("/self").json()["id"]] = 3
    found = admin.get("/trend?by=entries&until=2100-01-01").json()
    assert [point["entry"] for point in found] == [1, 2, 3]
    assert found[2]["findings"] > found[1]["findings"]
    assert found[2]["by_severity"]["violation"] == found[2]["findings"]
    text = admin.get("/pages/trend?by=entries&as_of=2100-01-01").text
    for point in found:
        row = re.search(rf"<td>{point['entry']}</td>(.*?)</tr>", text).group(1)
        cells = [int(cell) for cell in re.findall(r"<td>(\d+)</td>", row)]
        assert cells[:3] == [point["met"], point["unknown"], point["not_met"]]
        assert cells[3:] == list(point["by_severity"].values())
        assert f"{point['not_met']} not met</title>" in text
    months = admin.get("/trend?by=months&points=3&until=2100-03-15").json()
    assert [point["day"] for point in months] == ["2100-01-31", "2100-02-28", "2100-03-15"]
    picture = admin.get("/pages/trend.svg?as_of=2100-03-15")
    assert picture.headers["content-type"] == "image/svg+xml"
    assert picture.text.count("<rect") >= 6


def test_text_that_would_turn_its_order_is_shown_as_what_it_is(tell, admin):
    name = "Invoice \u202egnp.exe\u200b"
    tell(f'ex:x a aims:AISystem ; rdfs:label "{name}" .', reason=name)
    admin.app.state.core.written[admin.get("/self").json()["id"]] = 3
    shown = reveal(name)
    for address in ("/pages/", "/pages/findings", "/pages/records/systems", "/pages/heat-map",
                    "/pages/systems/x", "/pages/journal", "/pages/trace/ex%3Ax",
                    "/pages/trace/https%3A%2F%2Fshop.example%2Faims%23x"):  # fmt: skip
        text = admin.get(address).text
        assert "\u202e" not in text, address
        if "ex%3Ax" not in address:
            assert shown in text, address
    # A field gives back what was typed.
    assert 'value="\u202ea"' in admin.get("/pages/findings?q=%E2%80%AEa").text
