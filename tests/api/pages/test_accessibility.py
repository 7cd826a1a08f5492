"""Every page but the query editor in a headless Chromium under axe-core."""

import pytest

pytest.importorskip("websockets")
from visitor import Visitor

PATHS = (
    "", "requirements/6.1.3", "requirements/A.6.2.4", "systems/pricing", "findings", "records",
    "records/risks", "things/https%3A%2F%2Fshop.example%2Faims%23david-kim", "search?q=risk",
    "trace/https%3A%2F%2Fshop.example%2Faims%23pricing", "heat-map", "statement-of-applicability",
    "lineage/https%3A%2F%2Fshop.example%2Faims%23pricing", "journal", "journal/1", "rules",
    "rules/SystemInUseIsWithinScope", "questions", "questions/untreated-risks", "what-if",
    "nothing-there", "audits", "audits/audit-2027", "audits/audit-2027/requirements/A.7.4",
    "audits/audit-2027/report", "approvals", "edit/https%3A%2F%2Fshop.example%2Faims%23pricing",
    "retire/https%3A%2F%2Fshop.example%2Faims%23pricing", "new?kind=risks", "new?kind=documents",
    "new?class=RiskTreatment&for=https://shop.example/aims%23routing-language&by=hasTreatment",
    "upload/https%3A%2F%2Fshop.example%2Faims%23ai-policy", "trend?as_of=2027-03-01", "documents", "?as_of=2026-01-31&at=1",
    "vocabulary?q=risk", "vocabulary/AISystem", "vocabulary/HighImpact", "journal/verification", "new",
    "../docs",
)  # fmt: skip


def test_no_page_has_an_axe_violation(shop, served, chromium, session, axe, tmp_path):
    visitor = Visitor(chromium, tmp_path)
    visitor.send("Network.setCookie", name="aims_session", value=session(shop), url=served)
    found = {}
    for path in PATHS:
        visitor.open(served + path)
        violations, passes = visitor.judge(axe)
        assert passes > 20, path
        if violations:
            found[path] = violations
    visitor.resize(390)  # still at the interface, whose examples are wide
    assert visitor.run("document.documentElement.scrollWidth") <= 390
    visitor.close()
    assert found == {}
