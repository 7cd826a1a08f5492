"""People at work in a headless Chromium: an auditor, an editor, an approver."""

from datetime import date

import pytest

from aims_api import Settings, create_app
from aims_graph.cli.graph import expand
from aims_graph.ingest import ingest
from aims_graph.workspace import Workspace

pytest.importorskip("websockets")
from visitor import Visitor

SHOP = "https://shop.example/aims#"


@pytest.fixture
def market(root, tmp_path):
    """The example with gaps, to be written to."""
    made = Workspace.create(tmp_path / "workspace")
    folder = root / "examples" / "shop"
    found = ingest(expand([folder / "common", folder / "with-gaps"])).quads
    made.replace_source(found, reason="Example", source="shop")
    settings = Settings(day=date(2026, 11, 24), rate=10_000, burst=100_000, anonymous_burst=1000)
    app = create_app(made, settings=settings)
    core = app.state.core
    core.snapshots.start()
    yield app
    core.close()


@pytest.fixture
def people(market, serving, chromium, tmp_path):
    """``people("auditor", "nadia-novak", width=…)``: signed in, each with a browser of their own."""
    found = []
    with serving(market) as address:

        def sign_in(role, person, width=1280, start="/pages/"):
            keys = market.state.core.keys
            key = keys.create(person, [role], read=["*"], write=["*"], person=SHOP + person).text
            visitor = Visitor(chromium, tmp_path / "downloads", width)
            found.append(visitor)
            visitor.open(address + start)
            visitor.fill("API key", key)
            visitor.click("button", "Sign in")
            visitor.clicks = 0
            return visitor

        yield sign_in
        for visitor in found:
            visitor.close()


def test_an_auditor_writes_notes_and_signs_off(people, tmp_path):
    auditor = people("auditor", "owen-wright")
    auditor.click("link", "Audits")
    auditor.screenshot(tmp_path / "audits.png")
    auditor.fill("Name of the audit", "Risk treatment, November")
    auditor.click("button", "Begin")
    auditor.screenshot(tmp_path / "audit.png")
    auditor.click("link", "Go on with 4.1")
    auditor.screenshot(tmp_path / "requirement.png")
    auditor.resize(390)
    auditor.screenshot(tmp_path / "requirement-390.png")
