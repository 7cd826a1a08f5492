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


def test_an_editor_mends_a_gap(people, tmp_path):
    editor = people("editor", "maria-lopez", start="/pages/requirements/6.2")
    editor.screenshot(tmp_path / "0.png")
    assert "not met" in editor.text()
    editor.click("link", "no target", scope="main")
    editor.click("link", "Fix this")
    assert editor.run("document.activeElement.name").startswith("v.targetValue")
    editor.screenshot(tmp_path / "1.png")
    editor.fill("target value", "5")
    editor.click("button", "See what it does")
    editor.screenshot(tmp_path / "2.png")
    editor.fill("Reason for the change", "The board has set the target")
    editor.click("button", "Save")
    editor.screenshot(tmp_path / "3.png")
    print(editor.text())
    editor.resize(390)
    editor.screenshot(tmp_path / "4.png")
