"""What somebody sends is parsed in a worker that is confined, never in the service."""

import os
import signal

import pytest

from aims_graph.sparql import untrusted

TURTLE = {"Content-Type": "text/turtle"}
TRIPLE = '<urn:e:x> <urn:e:p> "{}" .'
MAPPING = """base: https://x.example/
sources: {t: {file: "t.csv"}}
entities:
  system: {subject: "system/{id}", type: aims:AISystem}
"""
GRAPH = {"graph": "urn:aims:source:sent"}

REQUESTS = {
    "put a graph": lambda who: who.put("/graphs", params=GRAPH, content=TRIPLE.format(1), headers=TURTLE),
    "add to a graph": lambda who: who.post("/graphs", params=GRAPH, content=TRIPLE.format(2), headers=TURTLE),
    "import triples": lambda who: who.post("/import", content=TRIPLE.format(3), headers=TURTLE),
    "import a table": lambda who: who.post(
        "/import",
        params={"source": "table"},
        files={"file": ("t.csv", "id\n1\n"), "mapping": ("m.yaml", MAPPING)},
    ),
    "suppose a change": lambda who: who.post("/what-if", json={"added": TRIPLE.format(4), "format": "turtle"}),
}  # fmt: skip


@pytest.mark.parametrize("send", REQUESTS.values(), ids=REQUESTS)
def test_a_body_is_parsed_in_a_worker(editor, monkeypatch, send):
    made = []

    class Spy(untrusted.WorkerProcess):
        def __init__(self, **settings):
            super().__init__(**settings)
            made.append(settings)

    monkeypatch.setattr(untrusted, "WorkerProcess", Spy)
    answer = send(editor)
    assert answer.status_code < 300, answer.text
    (settings,) = made
    assert settings.get("writable", []) == []


@pytest.mark.parametrize("send", REQUESTS.values(), ids=REQUESTS)
def test_a_worker_that_dies_is_a_problem_and_nothing_is_written(
    editor, workspace, monkeypatch, send
):
    """As a reader's crash would end it; held first, so it dies before a word of its answer."""
    before = workspace.sequence

    class Dying(untrusted.WorkerProcess):
        def send(self, *arguments, **options):
            assert self.confined is not None  # it has started
            os.kill(self.pid, signal.SIGSTOP)
            super().send(*arguments, **options)
            os.kill(self.pid, signal.SIGKILL)

    monkeypatch.setattr(untrusted, "WorkerProcess", Dying)
    answer = send(editor)
    assert answer.status_code == 503
    assert answer.json()["type"] == "/problems/resource-limit"
    assert workspace.sequence == before
