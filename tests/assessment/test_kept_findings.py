"""Findings that are kept from the evaluation before are those that would be read anew."""

import random
from datetime import date
from pathlib import Path

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode

from aims_graph.assessment import Assessment, load_ontology, load_shapes, with_ontology
from aims_graph.assessment.findings import FindingReader
from aims_graph.assessment.kept_findings import KeptFindings
from aims_graph.cli.graph import expand
from aims_graph.columns import Columns
from aims_graph.columns.reader import Reader
from aims_graph.ingest import ingest
from aims_graph.shacl import Validator, compile_shapes
from aims_graph.vocabulary import AIMS, RDFS

DAY = date(2026, 6, 30)
SHOP = "https://shop.example/aims#"


@pytest.fixture(scope="module")
def shapes() -> Columns:
    return load_shapes()


@pytest.fixture
def validator(root: Path, shapes: Columns) -> Validator:
    folder = root / "examples" / "shop"
    data = _data(folder)
    return Validator(compile_shapes(shapes), with_ontology(data, load_ontology(), DAY))


def _data(shop: Path) -> Columns:
    quads = ingest(expand([shop / "common", shop / "with-gaps"])).quads
    return Columns.from_triples(quad.triple for quad in quads)


class Chain:
    """One evaluation after another, each with what was kept of the last."""

    def __init__(self, validator: Validator, rules: Reader) -> None:
        self.validator, self.rules = validator, rules
        self.kept = KeptFindings()
        self.reader = Reader(validator.data)
        self.now = self._judge()

    def _judge(self) -> Assessment:
        report, day = self.validator.report, DAY.isoformat()
        return Assessment(self.reader, self.rules, report, as_of=day, kept=self.kept)

    def apply(self, added, removed) -> None:
        self.validator.apply(added, removed)
        self.reader = Reader(self.validator.data, self.reader)
        self.kept = KeptFindings(self.kept)
        self.now = self._judge()

    def anew(self) -> Assessment:
        reader = Reader(self.validator.data)
        return Assessment(reader, self.rules, self.validator.report, as_of=DAY.isoformat())


@pytest.fixture
def chain(validator: Validator, shapes: Columns) -> Chain:
    return Chain(validator, Reader(shapes))


@pytest.fixture
def read(monkeypatch) -> list[object]:
    """Results that were read."""
    found: list[object] = []
    plain = FindingReader.finding
    monkeypatch.setattr(
        FindingReader, "finding", lambda self, result: found.append(result) or plain(self, result)
    )
    return found


def test_the_findings_are_the_same_after_any_changes(chain):
    draw = random.Random(42)
    ontology = set(load_ontology().triples())
    triples = [t for t in chain.validator.data.triples() if t not in ontology]
    gone: list[tuple] = []
    for _ in range(60):
        removed = draw.sample(triples, draw.choice([0, 1, 3]))
        added = draw.sample(gone, min(len(gone), draw.choice([0, 1, 2])))
        subject, predicate, value = draw.choice(triples)
        if draw.random() < 0.5:
            added.append((draw.choice(triples)[0], predicate, value))
        if draw.random() < 0.2:
            added.append((BlankNode(f"new{draw.random()}"), predicate, subject))
        chain.apply(added, [t for t in removed if t not in added])
        gone += removed
        assert chain.now.findings == chain.anew().findings


def test_what_no_finding_is_read_from_leaves_all_as_they_were(chain, read):
    before = chain.now.findings
    note = (NamedNode(SHOP + "recommender"), NamedNode("https://shop.example/note"), Literal("x"))
    chain.apply([note], [])
    named = [f for f in before if isinstance(f.focus, NamedNode)]
    assert len(named) > 15
    assert len(read) == len(before) - len(named)
    assert all(one is other for one, other in zip(before, chain.now.findings, strict=True))


def test_what_a_rule_asks_for_is_read_again_for_that_rule_only(chain, read):
    finding = next(f for f in chain.now.findings if f.rule.asks_for)
    asked = finding.rule.asks_for[0]
    chain.apply([(NamedNode(SHOP + "somebody"), asked, NamedNode(SHOP + "something"))], [])
    assert 0 < len(read) < len(chain.now.findings)
    assert all(asked in chain.now.rules[result.shape].asks_for for result in read)


@pytest.mark.parametrize("name", [RDFS + "label", AIMS + "owner", AIMS + "status"])
def test_names_and_owners_concern_all(chain, read, name):
    chain.apply([(NamedNode(SHOP + "x"), NamedNode(name), NamedNode(SHOP + "y"))], [])
    assert len(read) == len(chain.validator.report.results)


def test_other_terms_or_rules_keep_nothing(chain, shapes, read, root):
    folder = root / "examples" / "shop"
    data = _data(folder)
    other = Validator(compile_shapes(shapes), with_ontology(data, load_ontology(), DAY))
    kept = KeptFindings(chain.kept)
    Assessment(Reader(other.data), chain.rules, other.report, as_of="2026-06-30", kept=kept)
    assert len(read) == len(other.report.results)


def test_a_reader_takes_over_what_the_one_before_looked_up(chain):
    chain.reader.label(NamedNode(SHOP + "recommender"))
    assert Reader(chain.validator.data, chain.reader).names is chain.reader.names
    other = Columns.from_triples([(NamedNode(SHOP + "a"), NamedNode(SHOP + "b"), Literal("c"))])
    assert Reader(other, chain.reader).names is not chain.reader.names


def test_what_is_looked_up_for_several_nodes_comes_in_their_order():
    a, b, c, p, q = (NamedNode(SHOP + name) for name in "abcpq")
    reader = Reader(Columns.from_triples([(a, p, c), (b, p, a), (b, p, c), (c, q, b)]))
    assert reader.objects_of_any([b, a], p) == list(dict.fromkeys([*reader.objects(b, p), c]))
    assert reader.objects_of_any([NamedNode(SHOP + "nobody"), a], p) == [c]
    assert reader.objects_of_any([a], NamedNode(SHOP + "nothing")) == []
    assert reader.subjects_of_any(p, [a, c]) == [b, a]
    assert reader.subjects_of_any(q, []) == []
