"""Answers that outlive an evaluation are those that the next one would give."""

import json
import random
from datetime import date

import pytest
from fastapi.testclient import TestClient
from pyoxigraph import Literal, NamedNode, Quad

from aims_api import Settings, create_app
from aims_api.answers import Answer, Answers
from aims_api.lasting import change_between
from aims_graph.cli.graph import expand
from aims_graph.ingest import ingest
from aims_graph.vocabulary import AIMS, DCT, RDFS
from aims_graph.workspace import Workspace

SHOP = "https://shop.example/aims#"
DAY = date(2026, 6, 30)
GRAPH = NamedNode("urn:aims:source:records")
NOTE = NamedNode("https://shop.example/note")
SETTINGS = Settings(day=DAY, rate=10_000, burst=100_000)
KINDS = ("systems", "datasets", "risks", "controls", "evidence", "entries", "documents")


@pytest.fixture(scope="module")
def shop_quads(root) -> list[Quad]:
    folder = root / "examples" / "shop"
    found = ingest(expand([folder / "common", folder / "with-gaps"])).quads
    return [Quad(q.subject, q.predicate, q.object, GRAPH) for q in found]


@pytest.fixture
def workspace(shop_quads, tmp_path) -> Workspace:
    made = Workspace.create(tmp_path / "workspace")
    made.commit(shop_quads, reason="x", source="x")
    return made


class Asker:
    def __init__(self, client: TestClient) -> None:
        self.client = client
        self.core = client.app.state.core
        self.key = self.core.keys.create("reader", ["reader"], read=["*"], write=[]).text

    def ask(self, path: str) -> tuple[int, object, str | None]:
        answer = self.client.get(path, headers={"Authorization": f"Bearer {self.key}"})
        return answer.status_code, in_order(answer.json()), answer.headers.get("Aims-Entry")

    def renew(self) -> None:
        self.core.snapshots._renew(("*",))

    @property
    def snapshot(self):
        return self.core.snapshots.of_graphs(("*",))

    def kept(self, path: str) -> Answer | None:
        plain, _, query = path.partition("?")
        return self.snapshot.answers.get((plain, query.encode(), "*/*"))


@pytest.fixture
def asker(workspace) -> Asker:
    # Not started: evaluations are renewed where a test says so.
    return Asker(TestClient(create_app(workspace, settings=SETTINGS)))


def in_order(value: object) -> object:
    """Values of one property come in the order of ids, which depends on what was said first."""
    if isinstance(value, dict):
        return {key: in_order(each) for key, each in value.items()}
    if isinstance(value, list):
        return sorted((in_order(each) for each in value), key=json.dumps)
    return value


def addresses(asker: Asker) -> list[str]:
    found = ["/status", "/findings", "/findings?limit=100&sort=-owner", "/findings/groups?by=owner"]
    found += [f"/gaps?by={by}" for by in ("clause", "control", "system", "rule")]
    found += [f"/requirements/{number}" for number in ("6.1.3", "A.6.2.4", "9.2")]
    for kind in KINDS:
        found += [f"/{kind}", f"/{kind}?limit=3&offset=2", f"/{kind}?q=data"]
        rows = asker.ask(f"/{kind}?limit=3")[1]["records"]
        found += [f"/{kind}/{row['key']}" for row in rows]
    found += [f"/systems/{r['key']}/status" for r in asker.ask("/systems")[1]["records"]]
    found += ["/findings?system=recommender", "/findings?owner=ingrid-halden"]
    return found


def test_after_any_commits_the_answers_are_those_of_a_service_just_begun(workspace, asker):
    draw = random.Random(7)
    paths = addresses(asker)
    assert len(paths) > 50
    lasted = 0
    for number in range(7):
        before = [asker.ask(path) for path in paths]
        quads = sorted(workspace.quads(), key=str)
        subject = draw.choice(quads).subject
        added, removed = [
            ([Quad(subject, NOTE, Literal(str(number)), GRAPH)], []),
            ([Quad(subject, NamedNode(DCT + "description"), Literal("data"), GRAPH)], []),
            ([], draw.sample(quads, 2)),
            ([Quad(subject, NamedNode(RDFS + "label"), Literal(f"L{number}"), GRAPH)], []),
            ([Quad(subject, draw.choice(quads).predicate, draw.choice(quads).object, GRAPH)], []),
            ([Quad(q.subject, q.predicate, q.object, NamedNode("urn:aims:source:x"))
              for q in draw.sample(quads, 2)], []),
            ([Quad(subject, NamedNode(AIMS + "intendedUse"), Literal(f"U{number}"), GRAPH)], []),
        ][number % 7]  # fmt: skip
        assert workspace.commit(added, removed, reason="x", source="x") is not None
        asker.renew()
        lasted += sum(asker.kept(path) is not None for path in paths)
        now = [asker.ask(path) for path in paths]
        fresh = Asker(TestClient(create_app(Workspace.find(workspace.path), settings=SETTINGS)))
        for path, answer in zip(paths, now, strict=True):
            assert answer == fresh.ask(path), (number, path)
        assert now != before
    assert lasted > 2 * len(paths)


def commit(workspace: Workspace, asker: Asker, *said: tuple[str, str, str]) -> None:
    quads = [Quad(NamedNode(s), NamedNode(p), Literal(o), GRAPH) for s, p, o in said]
    workspace.commit(quads, reason="x", source="x")
    asker.renew()


def test_an_answer_that_lasts_says_up_to_which_entry_it_holds(workspace, asker):
    path = "/systems/recommender"
    entry = int(asker.ask(path)[2])
    for _ in range(2):  # it lasts more than once
        commit(workspace, asker, (SHOP + "orders", NOTE.value, str(asker.snapshot.sequence)))
    assert asker.kept(path) is not None
    assert asker.ask(path)[2] == str(entry + 2)


def test_what_is_said_of_a_record_ends_its_answer_only(workspace, asker):
    paths = ["/systems/recommender", "/datasets", "/findings", "/gaps?by=control"]
    for path in paths:
        asker.ask(path)
    commit(workspace, asker, (SHOP + "recommender", NOTE.value, "x"))
    assert [asker.kept(path) is not None for path in paths] == [False, True, True, True]


def test_a_name_ends_all_answers(workspace, asker):
    paths = ["/systems/recommender", "/datasets", "/findings", "/gaps", "/requirements/6.1.3"]
    for path in paths:
        asker.ask(path)
    commit(workspace, asker, (SHOP + "somebody", RDFS + "label", "Somebody"))
    assert [asker.kept(path) for path in paths] == [None] * len(paths)


def test_what_a_commit_does_not_concern_is_not_judged_again(workspace, asker):
    asker.ask("/findings?owner=ingrid-halden")
    old = asker.snapshot
    row = old.row(old.findings[0])
    commit(workspace, asker, (SHOP + "recommender", DCT + "description", "Another one"))
    new = asker.snapshot
    assert new is not old
    assert new.findings is old.findings
    assert new.row(new.findings[0]) is row
    for key in (("gaps", "control"), "state", ("ordered findings", "owner")):
        assert new.known(key) is old.known(key) is not None
    commit(workspace, asker, (SHOP + "recommender", RDFS + "label", "Another one"))
    assert asker.snapshot.findings is not old.findings


def test_what_is_read_while_the_next_evaluation_is_made_is_made_again(workspace, asker):
    use, note = NamedNode(SHOP + "recommender"), NOTE
    old = asker.snapshot
    made: list[int] = []

    def make(of) -> list[object]:
        made.append(of.sequence)
        return of.assessment.data.objects(use, note)

    def late(*_) -> None:  # after it was found that the commit concerns nothing
        assert old.once("late", make, "assessment") == []

    prepare = type(old).prepare
    quads = [Quad(use, note, Literal("x"), GRAPH)]
    workspace.commit(quads, reason="x", source="x")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(old), "prepare", lambda self, *rest: (late(), prepare(self, *rest))[1])
        asker.renew()
    new = asker.snapshot
    assert new.findings is old.findings
    assert new.known("late") == [Literal("x")]
    assert made == [old.sequence, new.sequence]


def test_other_rules_or_another_day_end_all_answers(workspace, asker):
    old = asker.snapshot
    assert change_between(old, old) is not None
    core = create_app(workspace, settings=Settings(day=DAY.replace(day=1))).state.core
    assert change_between(old, core.snapshots.of_graphs(("*",))) is None


def test_a_large_change_ends_all_answers(workspace, asker, monkeypatch):
    monkeypatch.setattr("aims_api.lasting._FEW", 3)
    asker.ask("/findings")
    commit(workspace, asker, *((SHOP + "orders", NOTE.value, str(n)) for n in range(4)))
    assert asker.kept("/findings") is None


def test_the_oldest_answers_are_dropped_when_there_are_too_many(monkeypatch):
    monkeypatch.setattr("aims_api.answers._MOST", 4 * (1024 + 10))
    kept = Answers()
    for n in range(6):
        kept.keep((str(n), b"", ""), Answer(None, [], b"x" * 10))
    kept.keep(("5", b"", ""), Answer(None, [], b"y" * 10))
    assert [question[0] for question, _ in kept.items()] == ["2", "3", "4", "5"]
    assert kept.get(("5", b"", "")).body == b"y" * 10
