"""Pages without a mouse."""

import pytest

PAGES = (
    "", "findings", "requirements/A.6.2.4", "statement-of-applicability", "heat-map", "documents",
    "trend?as_of=2027-03-01", "records/risks", "what-if", "search?q=risk", "questions/untreated-risks",
    "trace/https%3A%2F%2Fshop.example%2Faims%23pricing",
)  # fmt: skip
FOCUSABLE = """[...document.querySelectorAll(
  'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]')].filter((e) => e.checkVisibility({visibilityProperty: true}))"""
LISTEN = f"""(window.reached = new Set(), window.hidden = 0,
  document.addEventListener('focusin', ({{target}}) => {{
    reached.add(target);
    const seen = target.matches(':focus-visible') && getComputedStyle(target).outlineStyle !== 'none';
    hidden += !seen;
  }}), {FOCUSABLE}.length)"""


@pytest.mark.parametrize("page", PAGES)
def test_the_tab_key_reaches_everything_and_shows_where_it_is(shop, served, walk, session, page):
    start = [{"cookie": [served, session(shop)]}, {"go": served + page}]
    total = walk(*start, {"ask": LISTEN})["answers"][0]
    found = walk(
        *start,
        {"ask": LISTEN},
        {"keys": ["Tab"]},
        {"ask": "document.activeElement.className"},
        {"keys": ["Tab"] * (total + 3)},
        {
            "ask": f"{FOCUSABLE}.filter((e) => !reached.has(e)).map((e) => e.outerHTML.slice(0, 200))"
        },
        {"ask": "hidden"},
        {"ask": "document.querySelectorAll('[tabindex]:not([tabindex=\"0\"]):not(main)').length"},
    )
    _, first, missed, hidden, turned = found["answers"]
    assert first == "skip"
    assert missed == []
    assert hidden == 0
    assert turned == 0


def test_the_first_link_leads_past_the_navigation(shop, served, walk, session):
    found = walk(
        {"cookie": [served, session(shop)]},
        {"go": served + "findings"},
        {"keys": ["Tab", "Enter"]},
        {"ask": "document.activeElement.id"},
        {"keys": ["Tab"]},
        {"ask": "document.querySelector('main').contains(document.activeElement)"},
    )
    assert found["answers"] == ["content", True]
