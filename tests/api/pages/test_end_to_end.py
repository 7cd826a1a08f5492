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
    """``people("auditor", "owen-wright")``: signed in, each with a browser of their own."""
    found = []
    with serving(market) as address:

        def sign_in(role, person, start="/pages/"):
            keys = market.state.core.keys
            key = keys.create(person, [role], read=["*"], write=["*"], person=SHOP + person).text
            visitor = Visitor(chromium, tmp_path / "downloads")
            found.append(visitor)
            visitor.open(address + start)
            visitor.fill("API key", key)
            visitor.click("button", "Sign in")
            return visitor

        yield sign_in
        for visitor in found:
            visitor.close()


@pytest.fixture
def look(tmp_path, axe):
    """Takes pictures of a page, wide and as on a phone; nothing may stick out there, axe finds nothing."""

    def at(visitor, name):
        visitor.screenshot(tmp_path / f"{name}.png")
        assert visitor.judge(axe)[0] == [], name
        visitor.resize(390)
        visitor.screenshot(tmp_path / f"{name}-390.png")
        assert visitor.run("document.documentElement.scrollWidth") <= 390, name
        visitor.resize(1280)
        assert visitor.problems() == []

    return at


def state_of(visitor, number):
    """What the page of a requirement says of its state."""
    visitor.open(visitor.origin + f"/pages/requirements/{number}")
    return visitor.run("document.querySelector('main .state').innerText").lower()


def record_evidence(editor, look, tmp_path):
    """From the page of 6.1.3: a record, then its file."""
    file = tmp_path / "minutes.txt"
    file.write_text("Treatments were decided.")
    editor.open(editor.origin + "/pages/requirements/6.1.3")
    editor.click("link", "Record new evidence")
    editor.fill("label", "Minutes on risk treatment")
    editor.fill("document status", "Draft")
    editor.click("button", "See what it does")
    look(editor, "new-evidence")
    editor.fill("Reason for the change", "Board met")
    editor.click("button", "Save")
    editor.click("link", "Store its file")
    look(editor, "upload")
    editor.fill("File", str(file))
    editor.fill("Reason", "Minutes as signed", scope="main")
    editor.click("button", "Store the file")
    look(editor, "stored")


def mend(editor, look):
    """The objective without a target."""
    assert "not met" in state_of(editor, "6.2")
    editor.click("link", "no target", scope="main")
    look(editor, "finding")
    editor.click("link", "Fix this")
    assert editor.run("document.activeElement.name") == "v.targetValue.0"
    editor.fill("target value", "5")
    editor.click("button", "See what it does")
    assert "Findings that would go (1)" in editor.text()
    look(editor, "preview")
    editor.fill("Reason for the change", "The board has set the target")
    editor.click("button", "Save")
    assert "met" in editor.text(".done")
    assert "not met" not in editor.text(".done")
    look(editor, "saved")
    assert "not met" not in state_of(editor, "6.2")


def begin_audit(auditor, look):
    """Of clause 6 alone."""
    auditor.click("link", "Audits")
    auditor.fill("Name of the audit", "Planning, November")
    for label in auditor.run(
        "[...document.querySelectorAll('.choices label')].map((l) => l.innerText)"
    ):
        if label != "6 Planning":
            auditor.press("field", label)
    look(auditor, "audits")
    auditor.click("button", "Begin")
    look(auditor, "audit")
    assert "0 of 6 requirements signed off" in auditor.text()


def go_through(auditor, number, verdict):
    auditor.fill("New note", f"Seen what {number} asks for.")
    auditor.click("button", "Keep the note")
    auditor.press("field", verdict)
    auditor.click("button", "Keep the verdict")
    auditor.click("button", f"Sign off {number}")
    assert "Signed off." in auditor.text(".done")


def test_an_auditor_reaches_a_file_an_editor_mends_a_gap_an_approver_approves(
    people, look, tmp_path
):
    editor = people("editor", "maria-lopez")
    record_evidence(editor, look, tmp_path)
    mend(editor, look)

    auditor = people("auditor", "owen-wright", start="/pages/requirements/6.1.3")
    look(auditor, "requirement")
    auditor.clicks = 0
    name = auditor.download("File: minutes.txt")
    assert name == "minutes.txt"
    assert (tmp_path / "downloads" / name).read_text() == "Treatments were decided."
    assert auditor.clicks <= 4

    own = people("approver", "maria-lopez")
    own.click("link", "Approvals")
    look(own, "approvals")
    own.click("link", "Look and approve: Minutes on risk treatment")
    assert "This is not yours to approve." in own.text()
    assert own.run("document.querySelectorAll('main form').length") == 0
    look(own, "refused")

    approver = people("approver", "ingrid-halden")
    approver.click("link", "Approvals")
    approver.click("link", "Look and approve: Minutes on risk treatment")
    look(approver, "approve")
    approver.fill("Reason", "As decided", scope="main")
    approver.click("button", "Approve", scope="main")
    assert "Ingrid Halden" in approver.text()

    begin_audit(auditor, look)
    auditor.click("link", "6.1.3")
    auditor.click("button", "Mark as looked at: Minutes on risk treatment")
    assert "looked at by Owen Wright" in auditor.text()
    look(auditor, "audit-requirement")
    go_through(auditor, "6.1.3", "Minor nonconformity")
    look(auditor, "signed")
    for number in ("6.1.4", "6.2", "6.3", "6.1.1", "6.1.2"):
        auditor.click("link", f"Go on with {number}", scope=".done")
        assert auditor.text("h1").startswith(number)
        go_through(auditor, number, "Conforming")
    auditor.click("link", "sign off the audit", scope=".done")
    assert "6 of 6 requirements signed off" in auditor.text()
    look(auditor, "to-be-signed")
    auditor.click("button", "Sign off the audit")
    assert "Write what the audit came to." in auditor.text()
    auditor.fill("What the audit came to", "Planning works; one treatment is missing.")
    auditor.fill("Reported to", "Ingrid Halden")
    auditor.click("button", "Sign off the audit")
    assert "one treatment is missing" in auditor.text()
    look(auditor, "audit-signed")
    auditor.click("link", "Report to print")
    look(auditor, "report")

    auditor.click("link", "Journal")
    journal = auditor.text()
    for who, why in (
        ("maria-lopez", "Board met"), ("maria-lopez", "Minutes as signed"),
        ("maria-lopez", "The board has set the target"), ("ingrid-halden", "As decided"),
        ("owen-wright", "Sign-off of 6.1.3"), ("owen-wright", "Sign-off of the audit Planning, November"),
    ):  # fmt: skip
        assert any(who in line and why in line for line in journal.splitlines()), (who, why)
    look(auditor, "journal")


def test_an_auditor_gets_everywhere_by_keyboard(people):
    auditor = people("auditor", "owen-wright", start="/pages/audits/audit-2027/requirements/A.7.4")
    wanted = auditor.run(
        "[...document.querySelectorAll('main a[href], main button, main textarea, main summary, main input:not([type=hidden])')]"
        ".filter((e) => e.checkVisibility()).filter((e) => e.type !== 'radio').map((e) => e.outerHTML)"
    )
    reached = set()
    for _ in range(300):
        for kind in ("rawKeyDown", "keyUp"):
            auditor.send("Input.dispatchKeyEvent", type=kind, key="Tab", code="Tab", windowsVirtualKeyCode=9)  # fmt: skip
        html = auditor.run("document.activeElement.outerHTML")
        if html in reached and html.startswith('<a class="skip"'):
            break
        reached.add(html)
    assert len(wanted) > 10
    assert [html for html in wanted if html not in reached] == []
    assert any('type="radio"' in html for html in reached)
