"""Answers to SPARQL questions, given again while nothing is written, and to nobody else."""

import pytest

from aims_api.evaluation import Snapshot
from aims_api.graph_index import GraphIndex
from aims_graph.sparql.pool import QueryPool

RECORDS, SECRET = "urn:aims:source:records", "urn:aims:source:secret"
SYSTEMS = "SELECT ?s { ?s a aims:AISystem } ORDER BY ?s"
UPDATE = {"Content-Type": "application/sparql-update"}


@pytest.fixture
def asked(monkeypatch) -> list[str]:
    """The texts that workers are asked."""
    texts: list[str] = []
    query = QueryPool.query

    def noted(self, text, *arguments, **options):
        texts.append(text)
        return query(self, text, *arguments, **options)

    monkeypatch.setattr(QueryPool, "query", noted)
    return texts


def ask(client, text=SYSTEMS, accept="text/csv", **more) -> list[str]:
    answer = client.get("/sparql", params={"query": text, **more}, headers={"Accept": accept})
    assert answer.status_code == 200, answer.text
    return answer.text.splitlines()[1:]


def test_who_asks_the_same_again_waits_for_no_worker(login, asked):
    one, other = login("reader", name="one"), login("reader", name="other")
    first = one.get("/sparql", params={"query": SYSTEMS}, headers={"Accept": "text/csv"})
    again = other.get("/sparql", params={"query": SYSTEMS}, headers={"Accept": "text/csv"})
    assert asked == [SYSTEMS]
    assert (again.content, again.headers["aims-entry"]) == (
        first.content,
        first.headers["aims-entry"],
    )
    assert again.headers["content-type"] == first.headers["content-type"]
    # Another form, text or data set is another question.
    ask(one, accept="text/tab-separated-values")
    ask(one, SYSTEMS + " ")
    assert ask(one, **{"default-graph-uri": "urn:none"}) == []
    assert len(asked) == 4
    for _ in range(2):
        assert one.get("/queries/risk-register/results").status_code == 200
    assert len(asked) == 5


def test_what_readers_of_other_graphs_were_told_is_told_to_nobody_else(login, asked):
    everything, some = login("reader"), login("reader", read=[RECORDS])
    assert len(ask(everything)) == 2
    assert len(ask(some)) == 1
    assert len(asked) == 2


def test_after_a_write_it_is_worked_out_anew(reader, core, tell, asked):
    before = ask(reader)
    tell("ex:assistant a aims:AISystem .")
    core.snapshots._renew(("*",))
    assert len(ask(reader)) == len(before) + 1
    assert len(asked) == 2


def test_who_writes_never_sees_an_answer_from_before(editor, core, monkeypatch):
    before = ask(editor)
    text = f"INSERT DATA {{ GRAPH <{RECORDS}> {{ <urn:x> a aims:AISystem }} }}"
    # The last evaluation is still the one before, and its answer is known.
    old = core.snapshots.of_graphs(("*",))
    assert editor.post("/sparql", content=text, headers=UPDATE).status_code == 204
    core.snapshots.after(core.keys.caller(editor.headers["authorization"][7:]), old.sequence + 1)
    new = core.snapshots.of_graphs(("*",))
    monkeypatch.setitem(core.snapshots._current, ("*",), old)
    monkeypatch.setattr(core.snapshots, "after", lambda *_: new)
    assert [*before, "urn:x"] == ask(editor)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT (NOW() AS ?n) {}",
        "SELECT (rand( ) AS ?n) {}",
        "SELECT (StrUUID # a comment\n() AS ?n) {}",
        "SELECT (UUID() AS ?n) {}",
        "SELECT (BNODE() AS ?n) {}",
    ],
)
def test_what_is_never_the_same_is_not_kept(reader, asked, text):
    for _ in range(2):
        assert len(ask(reader, text)) == 1
    assert len(asked) == 2


def test_an_answer_of_an_index_that_has_gone_on_is_not_kept(reader, core, tell, asked, monkeypatch):
    refresh = GraphIndex.refresh

    def overtaken(self: GraphIndex, snapshot: Snapshot) -> None:
        """The next evaluation has its index before anybody sees it."""
        refresh(self, snapshot)
        monkeypatch.setattr(GraphIndex, "refresh", refresh)
        tell("ex:assistant a aims:AISystem .")
        new = core.snapshots._evaluate(core.workspace, ("*",), core.snapshots.day, snapshot)
        refresh(self, new)

    core.snapshots.close()  # so that nobody else renews it
    old = core.snapshots.of_graphs(("*",))
    monkeypatch.setattr(GraphIndex, "refresh", overtaken)
    assert len(ask(reader)) == 3
    assert not [q for q, _ in old.answers.items() if q[0] == "/sparql"]
    assert len(asked) == 1


def test_what_is_refused_is_refused_again(reader, asked):
    for _ in range(2):
        answer = reader.get("/sparql", params={"query": "SELECT"})
        assert answer.status_code == 400
    assert len(asked) == 2
