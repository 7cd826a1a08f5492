"""Requests and bodies that mean harm, from the reference data."""

import re

import pytest
import yaml

from aims_graph.workspace import Workspace

MEDIA = {
    ".ttl": "text/turtle", ".trig": "application/trig", ".nq": "application/n-quads",
    ".jsonld": "application/ld+json", ".rdf": "application/rdf+xml",
}  # fmt: skip


def cases(shared, pattern):
    found = yaml.safe_load((shared / "bad-inputs" / "cases.yaml").read_text(encoding="utf-8"))
    found = found if isinstance(found, list) else found["cases"]
    return [case for case in found if re.match(pattern, case.get("file", ""))]


def state(workspace: Workspace):
    return workspace.sequence, len(workspace.quads())


@pytest.fixture
def send(editor, client):
    """Sends a request as it is written in a file; with a credential unless the case is about that."""

    def request(path, *, known=True):
        head, _, body = path.read_bytes().partition(b"\r\n\r\n")
        if not body:
            head, _, body = path.read_bytes().partition(b"\n\n")
        first, *lines = head.decode().splitlines()
        method, address, _ = first.split()
        headers = dict(line.split(": ", 1) for line in lines if line)
        who = editor if known else client
        return who.request(method, address, headers=headers, content=body)

    return request


def test_http_cases_are_answered_as_expected_and_change_nothing(shared, send, workspace, client):
    before = state(workspace)
    for case in cases(shared, r"http\d+"):
        path = shared / "bad-inputs" / case["file"]
        answer = send(path, known=case["title"] != "no credentials")
        expected = case["expected"]
        assert answer.status_code == expected["http"], (case["id"], answer.text)
        assert answer.json()["type"] == expected["type"], case["id"]
        assert client.get("/healthz").status_code == 200
    assert state(workspace) == before


def test_hostile_files_are_refused_with_a_problem_and_change_nothing(
    shared, editor, workspace, client
):
    """Our statuses differ from those proposed where a limit and a parse error are one check; what counts is
    that each is refused as the caller's mistake, the service lives, and nothing is written.
    """
    accepted_elsewhere = ("TTL-11", "TTL-13", "TTL-14", "TRIG-01", "XSS-01", "JLD-08")
    before = state(workspace)
    seen = 0
    for case in cases(shared, r"(ttl|trig|nq|jld|xml|xss)\d+"):
        path = shared / "bad-inputs" / case["file"]
        media_type = MEDIA[path.suffix]
        answer = editor.post(
            "/import",
            params={"dry_run": True},
            content=path.read_bytes(),
            headers={"Content-Type": media_type},
        )
        assert client.get("/healthz").status_code == 200
        if not any(case["id"].startswith(name) for name in accepted_elsewhere):
            assert answer.status_code in {400, 403, 413, 422, 503}, (case["id"], answer.text[:300])
        assert answer.status_code != 500, case["id"]
        seen += 1
    assert seen > 15
    assert state(workspace) == before


def test_hostile_questions_neither_stop_the_service_nor_answer(shared, editor, workspace, client):
    before = state(workspace)
    answered = ("RQ-13", "RQ-15")
    for case in cases(shared, r"(rq|ru)\d+"):
        path = shared / "bad-inputs" / case["file"]
        is_update = path.name.startswith("ru")
        kind = "update" if is_update else "query"
        if case["id"] in ("RU-06", "RU-07", "RU-04"):
            continue  # changes that are allowed here, or that change nothing
        answer = editor.post(
            "/sparql",
            content=path.read_bytes(),
            headers={"Content-Type": f"application/sparql-{kind}"},
        )
        assert client.get("/healthz").status_code == 200
        if case["id"] in answered:
            assert answer.status_code in (200, 403), (case["id"], answer.text)
        assert answer.status_code < 500 or answer.status_code == 503, (case["id"], answer.text)
    assert state(workspace) == before
