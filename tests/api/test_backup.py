"""A backup of a workspace that is being served."""

from fastapi.testclient import TestClient

from aims_api import create_app
from aims_graph.workspace import Workspace
from aims_graph.workspace.backup import backup, restore

FILE = b"%PDF-1.7 minutes of the review"
RECORDS = "urn:aims:source:records"


def test_evidence_keys_and_who_may_read_what_come_back(editor, login, workspace, tmp_path):
    limited = login("reader", read=[RECORDS]).headers["Authorization"]
    draft = {"label": "Minutes", "types": ["Evidence"], "properties": {}, "iri": "urn:e:1"}
    assert editor.post("/evidence", params={"reason": "r"}, json=draft).status_code == 201
    stored = editor.post(
        "/evidence-files",
        params={"evidence": "urn:e:1", "file_name": "minutes.pdf", "reason": "r", "after": 3},
        content=FILE,
        headers={"Content-Type": "application/pdf"},
    )
    assert stored.status_code == 201, stored.text
    backup(workspace, tmp_path / "b.tar")
    restore(tmp_path / "b.tar", tmp_path / "restored")
    folder = tmp_path / "restored" / "service"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / "service.sqlite").stat().st_mode & 0o777 == 0o600

    app = create_app(Workspace(tmp_path / "restored"))
    with TestClient(app, headers={"Authorization": limited}) as client:
        found = client.get("/evidence/~dXJuOmU6MQ/file")
        assert (found.status_code, found.content) == (200, FILE)
