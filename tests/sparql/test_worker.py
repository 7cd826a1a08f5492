"""The loop of a worker, run here: frames in, frames out, without the sandbox and its clocks."""

import io
import json

import pyoxigraph as ox
import pytest
from pyoxigraph import Quad
from sparql_data import QUADS, integer, n

from aims_graph.sparql import effects, frames, untrusted, worker
from aims_graph.sparql.graphs import RESERVED
from aims_graph.sparql.snapshot import clone, current_snapshot
from aims_graph.sparql.worker import Worker
from aims_graph.vocabulary import PREFIXES

MEMORY = 1 << 20


class Line:
    """What a parent writes to a worker, and what it reads from it."""

    def __init__(self):
        self.sent = io.BytesIO()

    def ask(self, do, body=None, **fields):
        request = {"do": do, "seconds": 1.5, "cpu": 2, "rows": 1000, "bytes": 10**6, **fields}
        frames.write_json(self.sent, frames.REQUEST, request)
        for part in body or ():
            frames.write_frame(self.sent, frames.DATA, part)
        if body is not None:
            frames.write_frame(self.sent, frames.END)
        return self

    def query(self, text, **fields):
        request = {
            "text": text,
            "prefixes": {},
            "store": None,
            "default_graphs": None,
            "named_graphs": None,
            "solutions_format": "text/tab-separated-values",
            "graph_format": "application/n-triples",
        }
        return self.ask("query", **{**request, **fields})

    def answers(self):
        """Of each request: the head, the body, and the end or the error."""
        out = io.BytesIO()
        Worker(io.BytesIO(self.sent.getvalue()), out, MEMORY).run()
        out.seek(0)
        found = []
        head, data = None, []
        while out.tell() < len(out.getvalue()):
            kind, body = frames.read_frame(out)
            if kind == frames.HEAD:
                head = json.loads(body)
            elif kind == frames.DATA:
                data.append(body)
            else:
                found.append((head, b"".join(data), json.loads(body)))
                head, data = None, []
        return found


@pytest.fixture(autouse=True)
def limits(monkeypatch):
    """The limits that the worker sets itself, which would be those of the tests."""
    said = []
    monkeypatch.setattr(worker, "limit_time", lambda *limits: said.append(("time", *limits)))
    monkeypatch.setattr(worker, "unlimit_time", lambda: said.append(("free",)))
    monkeypatch.setattr(worker, "limit_memory", lambda more: said.append(("memory", more)))
    return said


def test_requests_are_answered_one_after_another_each_with_its_clock(limits):
    line = Line().query("SELECT ?x { VALUES ?x { 1 2 } }").query("ASK {}")
    (first, body, end), (second, _, _) = line.answers()
    assert first == {"media_type": "text/tab-separated-values", "kind": "select"}
    assert body == b"?x\n1\n2\n"
    assert end == {"rows": 2, "bytes": len(body)}
    assert second["kind"] == "ask"
    assert limits == [("time", 1.5, 2), ("free",)] * 2


def test_quads_are_loaded_added_and_taken_out():
    lines = [f"{quad} .\n".encode() for quad in (Quad(n("a"), n("p"), n("b")), Quad(n("c"), n("p"), n("d"), n("g")))]  # fmt: skip
    everything = "SELECT ?s { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } } ORDER BY ?s"
    line = Line().ask("load", lines).query(everything)
    more = b"<urn:e> <urn:p> <urn:f> <urn:g> .\n"
    # A frame may end in the middle of a line.
    line.ask("extend", [more[:9], b"", more[9:]], empty=["urn:g"], memory=5).query(everything)
    line.ask("retract", [more]).query(everything)
    bodies = [body for _, body, _ in line.answers()]
    assert bodies == [
        b"",
        b"?s\n<urn:a>\n<urn:c>\n",
        b"",
        b"?s\n<urn:a>\n<urn:e>\n",
        b"",
        b"?s\n<urn:a>\n",
    ]


@pytest.mark.parametrize("do", ["load", "extend", "retract"])
def test_a_body_that_cannot_be_read_is_not_taken_for_the_next_request(do):
    parts = [b"<urn:a> <urn:p> <urn:b> .\n", b"<urn:a> 5 .\n", b"<urn:c> <urn:p> <urn:d> .\n"]
    parts += [b"<urn:c> <urn:p> <urn:%d> .\n" % i for i in range(20_000)]
    line = Line().ask(do, parts, empty=[], memory=5).query("ASK {}")
    (_, _, error), (head, _, _) = line.answers()
    assert error["kind"] == "InputError"
    assert head["kind"] == "ask"


def test_graphs_are_written_as_triples():
    line = Line().ask("load", [b"<urn:a> <urn:p> <urn:b> .\n"])
    line.query("CONSTRUCT { ?o ?p ?s } { ?s ?p ?o }")
    _, (head, body, end) = line.answers()
    assert head == {"media_type": "application/n-triples", "kind": "graph"}
    assert body == b"<urn:b> <urn:p> <urn:a> .\n"
    assert end["rows"] == 1


def test_a_snapshot_is_held_while_it_is_read_and_changed_for_a_newer_one(small, tmp_path, limits):
    from aims_graph.sparql.snapshot import SnapshotStore

    other = SnapshotStore(tmp_path / "other")
    other.rebuild([Quad(n("z"), n("p"), n("y"))], "0")
    other.close()
    text = "SELECT ?s { ?s <urn:p> ?o } ORDER BY ?s"
    first, second = str(current_snapshot(small)), str(current_snapshot(other.folder))
    line = Line().query(text, store=first).query(text, store=first).query(text, store=second)
    bodies = [body for _, body, _ in line.answers()]
    assert bodies == [b"?s\n<urn:a>\n<urn:b>\n<urn:c>\n"] * 2 + [b"?s\n<urn:z>\n"]
    # Room for a store is made each time one is opened, and taken back.
    assert limits.count(("memory", MEMORY)) == 2


def test_a_snapshot_that_is_gone_is_an_answer_of_its_own(tmp_path):
    ((_, _, error),) = Line().query("ASK {}", store=str(tmp_path / "7")).answers()
    assert error["kind"] == "GoneError"


@pytest.mark.parametrize(
    ("default", "named", "expected"),
    [
        (["urn:g", "urn:h"], None, b"?n\n2\n"),
        (["urn:h", "urn:g2"], None, b"?n\n1\n"),
        (None, ["urn:h"], b"?n\n0\n"),
    ],
)
def test_chosen_graphs_are_merged_and_others_are_out_of_sight(small, default, named, expected):
    """One with two spellings of a value holds one triple; h and g2 hold the same."""
    text = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
    line = Line()
    for _ in range(2):
        line.query(text, store=str(current_snapshot(small)), default_graphs=default, named_graphs=named)  # fmt: skip
    assert [body for _, body, _ in line.answers()] == [expected] * 2


@pytest.mark.parametrize(
    ("text", "kind", "said"),
    [
        ("SELECT ?s { ?s ", "InputError", "not a SPARQL query"),
        ("SELECT * { ?a ?b ?c }", "LimitError", "more than 5 rows"),
    ],
)
def test_what_goes_wrong_is_the_whole_answer(text, kind, said):
    line = Line().ask("load", [b"".join(b"<urn:a> <urn:p> <urn:%d> .\n" % i for i in range(10))])
    _, (head, body, error) = line.query(text, rows=5).answers()
    assert (head, body) == (None, b"")
    assert error["kind"] == kind
    assert said in error["message"]


def test_an_answer_of_too_many_bytes_ends_where_it_stands():
    line = Line().ask(
        "load", [b"".join(b"<urn:a> <urn:p> <urn:%d> .\n" % i for i in range(40_000))]
    )
    _, (_, body, error) = line.query("SELECT * { ?a ?b ?c }", rows=10**6, bytes=200_000).answers()
    assert error["message"] == "the answer is larger than 200000 bytes"
    assert 0 < len(body) <= 200_000


def test_an_answer_that_cannot_be_written_is_no_short_answer():
    """A writer that fails for another cause than a limit."""

    def serialize(_):
        raise OSError("broken")

    writer = worker.AnswerWriter(io.BytesIO(), {}, {"rows": 1, "bytes": 1}, b"")
    with pytest.raises(RuntimeError, match="could not be written"):
        Worker._write(serialize, writer)


def test_memory_that_is_used_up_is_said_as_such(monkeypatch):
    def greedy(*_):
        raise MemoryError

    monkeypatch.setattr(Worker, "_query", greedy)
    line = Line().ask("query")
    ((_, _, error),) = line.answers()
    assert error == {"kind": "MemoryLimitError", "message": "it needs more memory than it may use"}
    assert worker.describe(KeyError("x")) == {
        "kind": "InputError",
        "message": "it cannot be answered: 'x'",
    }


def test_a_damaged_index_is_said_to_be_and_how_it_is_mended(small):
    snapshot = current_snapshot(small)
    for table in snapshot.glob("*.sst"):
        table.write_bytes(bytes(byte ^ 0x55 for byte in table.read_bytes()))
    ((_, _, error),) = Line().query("SELECT * { ?s ?p ?o }", store=str(snapshot)).answers()
    assert error["message"] == "the SPARQL index is damaged"
    assert "aims rebuild" in error["hint"]


def test_an_update_answers_with_the_quads_it_would_change(small, tmp_path):
    scratch = tmp_path / "scratch"
    clone(current_snapshot(small), scratch / "store")
    (scratch / "spellings.nq").write_bytes(current_snapshot(small).with_suffix(".nq").read_bytes())
    text = "DELETE { ?s ?p ?o } INSERT { GRAPH <urn:new> { ?s ?p 001 } } WHERE { ?s ?p ?o FILTER(?o = 7) }"
    line = Line().ask(
        "update",
        text=text,
        prefixes=dict(PREFIXES),
        folder=str(scratch),
        reserved=[name.value for name in RESERVED],
        everything=False,
        changes=100,
    )
    ((head, body, _),) = line.answers()
    assert head == {"added": 1}
    added, removed = ox.parse(body, format=ox.RdfFormat.N_QUADS)
    assert added == Quad(n("b"), n("p"), integer("001"), n("new"))
    assert removed == Quad(n("b"), n("p"), integer("+7"))
    assert effects.open_scratch(str(scratch)).store.contains_named_graph(n("new"))


def test_a_file_is_read_as_lines(tmp_path):
    plain, graphs = tmp_path / "a.ttl", tmp_path / "a.trig"
    plain.write_text("<urn:a> <urn:p> 01, 1 .")
    graphs.write_text("<urn:g> { <urn:a> <urn:p> <urn:b> }")
    line = Line()
    for path in (plain, graphs):
        line.ask("answer", module=untrusted.__name__, path=str(path))
    first, second = (set(ox.parse(body, format=ox.RdfFormat.N_QUADS)) for _, body, _ in line.answers())  # fmt: skip
    assert first == {Quad(n("a"), n("p"), integer(text)) for text in ("01", "1")}
    assert second == {Quad(n("a"), n("p"), n("b"), n("g"))}


def test_a_worker_says_first_what_it_gave_up(monkeypatch):
    settings = {"modules": ["json"], "readable": ["/r"], "writable": [], "memory": 7}
    given = []

    def confine(**what):
        given.append(what)
        return {"network": True, "files": False}

    sent, out = Line().query("ASK {}").sent, io.BytesIO()
    sent.seek(0)
    monkeypatch.setattr(worker, "confine", confine)
    monkeypatch.setattr("sys.argv", ["-c", json.dumps(settings)])
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(sent))
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(out))
    worker.main()
    assert given == [{"readable": ["/r"], "writable": [], "memory": 7}]
    out.seek(0)
    assert frames.read_frame(out) == (frames.HEAD, b'{"network": true, "files": false}')
    assert [frames.read_frame(out)[0] for _ in range(3)] == [frames.HEAD, frames.DATA, frames.END]


def test_a_frame_cut_short_is_the_end():
    with pytest.raises(EOFError):
        frames.read_frame(io.BytesIO(b"R\0\0"))
    with pytest.raises(EOFError):
        frames.read_frame(io.BytesIO(b"R\0\0\0\x05abc"))


def test_all_of_the_fixture_is_there(small):
    ((_, body, _),) = Line().query("SELECT * { GRAPH ?g { ?s ?p ?o } }", store=str(current_snapshot(small))).answers()  # fmt: skip
    assert len(body.splitlines()) - 1 == len(QUADS) - 1  # two spellings of one value
