"""An assessment that is taken over for changed data is the one that would be made of them."""

import copy
import random
from datetime import date
from pathlib import Path

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode

from aims_graph.assessment import (
    Assessment,
    load_ontology,
    load_shapes,
    read_statement,
    with_ontology,
)
from aims_graph.cli.graph import expand
from aims_graph.columns import Columns
from aims_graph.columns.reader import Reader
from aims_graph.ingest import ingest
from aims_graph.report import GROUPINGS, gap_rows
from aims_graph.report.findings import finding_json
from aims_graph.shacl import Validator, compile_shapes
from aims_graph.vocabulary import AIMS, DCT, RDFS, SKOS

DAY = date(2026, 6, 30)
SHOP = "https://shop.example/aims#"
NOTE = NamedNode("https://shop.example/note")
RECOMMENDER = NamedNode(SHOP + "recommender")


@pytest.fixture(scope="module")
def first(root: Path) -> Validator:
    shop = root / "examples" / "shop"
    quads = ingest(expand([shop / "common", shop / "with-gaps"])).quads
    data = Columns.from_triples(quad.triple for quad in quads)
    return Validator(compile_shapes(load_shapes()), with_ontology(data, load_ontology(), DAY))


@pytest.fixture
def validator(first: Validator) -> Validator:
    return copy.copy(first)


@pytest.fixture(scope="module")
def rules() -> Reader:
    return Reader(load_shapes())


def judged(validator: Validator, rules: Reader) -> Assessment:
    return Assessment(Reader(validator.data), rules, validator.report, as_of=DAY.isoformat())


def said(assessment: Assessment) -> tuple[object, ...]:
    """All that is made of it."""
    order = {f.fingerprint: finding_json(assessment, f) for f in assessment.findings}
    return (
        dict(sorted(order.items())),
        assessment.overall,
        assessment.excluded_controls,
        read_statement(assessment),
        *(gap_rows(assessment, by) for by in GROUPINGS),
    )


def test_after_any_change_it_is_refused_or_the_one_that_would_be_made(validator, rules):
    draw = random.Random(5)
    ontology = set(load_ontology().triples())
    triples = [t for t in validator.data.triples() if t not in ontology]
    now = judged(validator, rules)
    taken = refused = 0
    for number in range(80):
        said(now)
        subject, predicate, value = draw.choice(triples)
        texts = [t for t in triples if isinstance(t[2], Literal)]
        added, removed = draw.choice(
            [
                ([(subject, NOTE, Literal(str(number)))], []),
                ([(subject, NamedNode(DCT + "description"), Literal(str(number)))], []),
                ([(draw.choice(triples)[0], predicate, value)], []),
                ([(*draw.choice(texts)[:2], Literal(str(number)))], [draw.choice(texts)]),
                ([], [draw.choice(triples)]),
                ([(subject, NOTE, draw.choice(triples)[0])], []),
            ]
        )
        before = copy.copy(validator)
        validator.apply(added, removed)
        changed = [*added, *removed]
        anew = judged(validator, rules)
        found = None
        if validator.says_as(before):
            found = now.after(validator.data, validator.report, changed)
        if found is None:
            refused += 1
            now = Assessment(
                Reader(validator.data, now.data), rules, validator.report, as_of=DAY.isoformat()
            )
        else:
            taken += 1
            now = found
        assert said(now) == said(anew), (added, removed)
    assert taken > 15
    assert refused > 15


def test_what_it_was_not_read_from_leaves_it_as_it_is(validator, rules):
    before = judged(validator, rules)
    said(before)
    note = (RECOMMENDER, NOTE, Literal("x"))
    validator.apply([note], [])
    found = before.after(validator.data, validator.report, [note])
    assert found.findings is before.findings
    assert found.by_requirement is before.by_requirement
    assert found.data.objects(RECOMMENDER, NOTE) == [Literal("x")]
    assert before.data.objects(RECOMMENDER, NOTE) == []
    assert found.finding_of(validator.report.results[0]) == found.findings[0]


@pytest.mark.parametrize(
    ("predicate", "value"),
    [
        (RDFS + "label", Literal("x")),  # names
        (AIMS + "owner", NamedNode(SHOP + "x")),  # read for findings
        (AIMS + "justification", Literal("x")),  # read for the statement of applicability
        (AIMS + "forControl", NamedNode(SHOP + "x")),
        (AIMS + "somethingNew", NamedNode(SHOP + "x")),  # joins the record of a system
    ],
)
def test_what_it_was_read_from_makes_it_another(validator, rules, predicate, value):
    before = judged(validator, rules)
    said(before)
    change = [(RECOMMENDER, NamedNode(predicate), value)]
    assert before.after(validator.data, validator.report, change) is None


def test_what_was_read_of_an_earlier_one_still_counts(validator, rules):
    change = [(RECOMMENDER, NOTE, Literal("x"))]
    now = judged(validator, rules)
    now.data.objects(RECOMMENDER, NOTE)
    later = Reader(validator.data, now.data)
    assert later.was_asked_for(change)
    assert not Reader(validator.data).was_asked_for(change)


def test_a_finding_about_a_node_without_name_is_read_from_everything(validator, rules):
    node = BlankNode()
    risk = (node, NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type"),
            NamedNode(AIMS + "Risk"))  # fmt: skip
    validator.apply([risk], [])
    before = judged(validator, rules)
    assert any(f.focus == node for f in before.findings)
    change = [(node, NOTE, Literal("x"))]
    assert before.after(validator.data, validator.report, change) is None


def test_questions_aside_are_not_noted():
    columns = Columns.from_triples([(RECOMMENDER, NOTE, Literal("x"))])
    reader = Reader(columns)
    aside = reader.aside()
    assert aside.value(RECOMMENDER, NOTE) == Literal("x")
    assert aside.names is reader.names
    assert reader.asked == set()
    assert not reader.was_asked_for(columns.triples())
    assert reader.predicates() == [NOTE]
    assert reader.was_asked_for([(RECOMMENDER, NamedNode(SKOS + "note"), Literal("y"))])
