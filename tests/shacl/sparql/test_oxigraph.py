"""Queries on the Oxigraph copy: the answers of the columns where these know the language, pySHACL's or known
ones where they do not; and a copy that follows the data, and ends.
"""

import gc
import random
import threading
from collections import Counter
from dataclasses import replace
from unittest import mock

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from pyoxigraph import BlankNode, Literal, NamedNode
from shacl_strategies import NODES as SHACL_NODES
from shacl_strategies import NUMBERS, PREDICATES, QUERIES, data_graphs
from sparql.random_queries import LITERALS, NODES, PREFIXES, graphs, shacl_queries, to_term
from sparql.random_queries import PREDICATES as STEPS

from aims_graph.columns import Columns
from aims_graph.errors import InputError
from aims_graph.shacl import Validator, compile_shapes, validate
from aims_graph.shacl.names import RDF_TYPE, sh
from aims_graph.shacl.sparql import oxigraph, shapes
from aims_graph.shacl.sparql.algebra import Query
from aims_graph.shacl.sparql.evaluation import Evaluator
from aims_graph.shacl.sparql.grammar import parse_query
from aims_graph.shacl.sparql.prebinding import check_prebinding, keep_columns
from aims_graph.shacl.sparql.scope import computed_variables, constants
from aims_graph.shacl.sparql.space import TermSpace
from aims_graph.shacl.sparql.tables import Table

EX = "http://example.org/"
PREFIX = f"""ex:prefixes sh:declare [ sh:prefix "ex" ; sh:namespace "{EX}" ],
    [ sh:prefix "xsd" ; sh:namespace "http://www.w3.org/2001/XMLSchema#" ] .
"""
NOW = Literal("2026-01-01T00:00:00Z")


def ex(name):
    return NamedNode(EX + name)


def xsd(lexical, name):
    return Literal(lexical, datatype=NamedNode("http://www.w3.org/2001/XMLSchema#" + name))


def constraint(query, target="sh:targetClass ex:T", more=""):
    return f"""{PREFIX} ex:S a sh:NodeShape ; {target} ; {more}
        sh:sparql [ sh:prefixes ex:prefixes ; sh:select '''{query}''' ] ."""


def forced():
    """Queries run on Oxigraph although the columns could run them."""
    return mock.patch.object(shapes, "reasons", return_value=("forced",))


def on_oxigraph(data, source):
    with forced():
        plan = compile_shapes(source)
    assert "runs on Oxigraph: forced" in plan.describe()
    return Validator(plan, data).report


def found(report):
    return Counter((r.focus, r.value) for r in report.results)


def everything(report):
    return Counter(
        (r.focus, str(r.path), r.component, r.value, r.severity, r.messages, r.constraint)
        for r in report.results
    )


# Against the columns, on random queries


def comparable(literal):
    """Language-tagged and ill-typed literals differ in their truth value: see test_expressions."""
    return "@" not in literal and "abc" not in literal


# Graphs hold every term that a path of no step may begin at: Oxigraph finds none elsewhere.
EVERY_TERM = [
    (to_term(node), to_term(":node"), to_term("1")) for node in [*NODES, *STEPS, ":node"]
] + [
    (to_term(":n0"), to_term(":node"), to_term(literal))
    for literal in LITERALS
    if comparable(literal)
]
# Snapshots of one dictionary share one copy, which has to follow from example to example.
BASE = Columns.from_triples(EVERY_TERM)


def rows(table, space):
    names = [name for name in table.columns if not name.startswith(".")]
    return Counter(
        frozenset(
            (name, term)
            for name, each in zip(names, row, strict=True)
            if (term := space.term(each)) is not None
        )
        for row in zip(*(table.columns[name].tolist() for name in names), strict=True)
    )


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(graphs, shacl_queries)
def test_a_random_query_has_the_solutions_that_the_columns_find(graph, text):
    assume("@e" not in text.lower())
    assume("abc" not in text)
    graph = [triple for triple in graph if comparable(str(triple[2]))]
    query = parse_query(text, prefixes=PREFIXES, prebound=["this"])
    check_prebinding(query, {"this"})
    query = Query(keep_columns(query.pattern, ["this"]), query.variables, query.ask)
    data = BASE.with_change(graph, [])
    focus = [to_term(node) for node in [*NODES, "1", '"a"']]
    seed = Table({"this": np.array([data.terms.add(each) for each in focus], np.int32)}, len(focus))
    space = TermSpace(data.terms, constants(query))
    evaluator = Evaluator(
        data, space, seed, now=NOW, computed=computed_variables(query), shapes=data
    )
    expected = rows(evaluator.solutions(query.pattern), space)
    assert rows(oxigraph.solutions(query, data, data, space, seed, NOW), space) == expected


# Against the columns and pySHACL, as constraints

PREBINDING = {
    "nested group": "{ { $this ex:p0 ?value } FILTER (isIRI($this)) }",
    "filter in a group without the focus node": "?value ex:p0 ?o . { ?value ex:p1 ?x FILTER (?value = $this) }",
    "optional": "$this ex:p0 ?value . OPTIONAL { ?value ex:p1 ?x . FILTER (?x != $this) } FILTER (!BOUND(?x))",
    "optional without the focus node outside": "?a ex:p0 ?value . OPTIONAL { $this ex:p1 ?value . $this ex:p0 ?x } FILTER (BOUND(?x))",
    "union": "{ $this ex:p0 ?value } UNION { ?value ex:p1 ?x FILTER ($this = ?x) }",
    "not exists": "?value ex:p0 ?x . FILTER NOT EXISTS { ?x ex:p1 ?y . FILTER (?y = $this) }",
    "exists in exists": "?value ex:p0 ?x . FILTER EXISTS { ?x ex:p1 ?y FILTER NOT EXISTS { ?y ex:p2 $this } }",
    "sub-select": "$this ex:p0 ?value { SELECT $this (COUNT(?x) AS ?n) { $this ex:p1 ?x } GROUP BY $this } FILTER (?n > 1)",
    "sub-select with a filter": "$this ex:p0 ?value { SELECT DISTINCT $this ?x { ?x ex:p1 ?y FILTER (?y = $this) } }",
    "bind": "BIND ($this AS ?value) FILTER EXISTS { ?value ex:p0 ?x }",
    "the focus node only in a filter": "?value ex:p0 ?x . FILTER (?x = $this)",
    "path": "$this ex:p0/ex:p1|^ex:p2 ?value",
    "repeated path": "$this ex:p0+ ?value . FILTER (?value != $this)",
}  # fmt: skip


@pytest.mark.parametrize("where", PREBINDING.values(), ids=PREBINDING)
def test_the_focus_node_has_its_value_in_every_scope(turtle, where):
    source = turtle(constraint(f"SELECT DISTINCT $this ?value {{ {where} }}"))
    chance = random.Random(where)
    nodes = [*SHACL_NODES[:5], BlankNode("b0")]
    total = 0
    for _ in range(8):
        triples = [
            (chance.choice(nodes), chance.choice(PREDICATES), chance.choice(nodes))
            for _ in range(14)
        ]
        data = Columns.from_triples([*triples, *((node, RDF_TYPE, ex("T")) for node in nodes)])
        report = validate(data, source)
        assert everything(on_oxigraph(data, source)) == everything(report)
        assert found(validate(data, source, engine="pyshacl")) == found(report)
        total += len(report.results)
    assert total


@settings(max_examples=60, deadline=None)
@given(data_graphs(NUMBERS), st.sampled_from(QUERIES), st.permutations(PREDICATES))
def test_columns_copy_and_pyshacl_agree_on_random_data(triples, where, chosen):
    where = where.format(chosen[0].value, chosen[1].value)
    query = BlankNode("q")
    source = Columns.from_triples(
        [
            (ex("S"), sh("targetSubjectsOf"), chosen[0]),
            (ex("S"), sh("targetObjectsOf"), chosen[1]),
            (ex("S"), sh("sparql"), query),
            (query, sh("select"), Literal(f"SELECT DISTINCT $this ?value {{ {where} }}")),
        ]
    )
    data = Columns.from_triples(triples)
    report = validate(data, source)
    assert everything(on_oxigraph(data, source)) == everything(report)
    assert found(validate(data, source, engine="pyshacl")) == found(report)


PER_FOCUS_NODE = """
ex:a a ex:T ; ex:p ex:x, ex:y ; ex:n 4, 6 ; ex:label "A"@EN .
ex:b a ex:T ; ex:p ex:x, ex:y ; ex:n 5 . ex:c a ex:T . ex:x ex:p ex:z .
"""


@pytest.mark.parametrize(
    "query",
    [
        "SELECT $this ?value { $this ex:p ?value } ORDER BY DESC(?value) LIMIT 1",
        "SELECT $this ?value { $this ex:p ?value } ORDER BY ?value OFFSET 1",
        "SELECT $this (COUNT(*) AS ?value) { $this ex:p ?o }",
        "SELECT $this (COUNT(*) AS ?value) (SUM(?n) AS ?sum) (MAX(?n) AS ?most) { $this ex:n ?n }",
        "SELECT $this (AVG(?n) AS ?value) { $this ex:n ?n } GROUP BY $this HAVING (COUNT(*) > 1)",
        "SELECT $this (COUNT(?o) AS ?value) { $this ex:p ?o } GROUP BY $this",
        "SELECT $this ?value { $this ex:p ?value { SELECT $this ?o { $this ex:p ?o } ORDER BY ?o LIMIT 1 } }",
        'SELECT $this ("late" AS ?message) (?o AS ?value) { $this ex:p ?o }',
        "SELECT $this ?path ?value { $this ?path ?value FILTER (isIRI(?value)) }",
        "SELECT $this ?value { $this ex:p|ex:p|!ex:n ?value }",
        "SELECT $this ?value { $this ex:p* ?value }",
        "SELECT $this ?value { GRAPH $shapesGraph { $currentShape ex:limit ?limit } $this ex:n ?value FILTER (?value > ?limit) }",
        "SELECT $this ?value { $this ex:n ?value FILTER (?value IN (4, 5) && NOT EXISTS { GRAPH $shapesGraph { ?s ex:limit ?value } }) }",
        "SELECT $this { FILTER (NOW() > '2020-01-01T00:00:00Z'^^xsd:dateTime) }",
        "SELECT $this ?value { $this ex:label ?value FILTER (LANGMATCHES(LANG(?value), 'en')) }",
    ],
)  # fmt: skip
def test_a_query_runs_as_if_once_for_each_focus_node(turtle, query):
    data = turtle(PER_FOCUS_NODE)
    source = turtle(constraint(query, more='ex:limit 5 ; sh:message "{$this} {?value} {?sum}" ;'))
    report = validate(data, source)
    assert report.results
    assert everything(on_oxigraph(data, source)) == everything(report)


COMPONENT = (
    PREFIX
    + """
ex:Component a sh:ConstraintComponent ; sh:parameter [ sh:path ex:limit ], [ sh:path ex:least ; sh:optional true ] ;
    sh:validator [ sh:prefixes ex:prefixes ; sh:message "{$value} is over {$limit}" ;
        sh:ask "ASK { FILTER ($value <= $limit && (!BOUND($least) || $value >= $least)) }" ] .
ex:Listed a sh:ConstraintComponent ; sh:parameter [ sh:path ex:listed ] ;
    sh:propertyValidator [ sh:prefixes ex:prefixes ; sh:select '''SELECT $this ?value { $this $PATH ?value
        FILTER NOT EXISTS { GRAPH $shapesGraph { $listed ex:member ?value } } }''' ] .
ex:S a sh:NodeShape ; sh:targetClass ex:T ; sh:property [ sh:path ex:n ; ex:limit 5 ] ;
    sh:property [ sh:path ex:n ; ex:listed [ ex:member 4, 5 ] ] .
"""
)


def test_components_have_their_parameters_also_blank_nodes(turtle):
    data, source = turtle(PER_FOCUS_NODE), turtle(COMPONENT)
    report = validate(data, source)
    assert found(report) == Counter({(ex("a"), xsd("6", "integer")): 2})
    assert everything(on_oxigraph(data, source)) == everything(report)


def test_literals_and_blank_nodes_may_be_focus_nodes(turtle):
    data = turtle('ex:a ex:p "long", "no", "01"^^xsd:integer, "1"^^xsd:integer, _:b, "x"@EN .')
    source = turtle(
        constraint("SELECT $this { FILTER (!isIRI($this)) }", "sh:targetObjectsOf ex:p")
    )
    report = validate(data, source)
    assert len(report.results) == 6
    assert everything(on_oxigraph(data, source)) == everything(report)


# Beyond the columns

PERIODS = """
ex:a a ex:T ; ex:start "2024-01-01"^^xsd:date ; ex:end "2024-03-01"^^xsd:date ; ex:takes "P1D"^^xsd:dayTimeDuration .
ex:b a ex:T ; ex:start "2024-12-31"^^xsd:date ; ex:end "2025-01-02"^^xsd:date ; ex:takes "PT1H"^^xsd:dayTimeDuration .
_:c  a ex:T ; ex:start "2024-01-31"^^xsd:date ; ex:end "2025-01-01"^^xsd:date .
ex:d a ex:T ; ex:start 1 ; ex:end "2025-01-01"^^xsd:date .
"""
C = BlankNode("c")


@pytest.mark.parametrize(
    ("query", "reason", "expected"),
    [
        (
            'SELECT $this { $this ex:start ?s ; ex:end ?e FILTER (?e - ?s > "P30D"^^xsd:dayTimeDuration) }',
            "- on what may be dates, durations",
            [("a", "a"), ("_:c", "_:c")],
        ),
        (
            "SELECT $this ?value { $this ex:start ?s ; ex:end ?e BIND (?e - ?s AS ?value) FILTER BOUND(?value) }",
            "- on what may be dates",
            [("a", "P60D"), ("b", "P2D"), ("_:c", "P336D")],
        ),
        (
            'SELECT $this ?value { $this ex:takes ?value FILTER (?value > "PT2H"^^xsd:dayTimeDuration) }',
            "durations",
            [("a", "P1D")],
        ),
        (
            "SELECT $this ?value { $this ex:takes ?d BIND (xsd:dayTimeDuration(STR(?d)) AS ?value) }",
            "xsd:dayTimeDuration",
            [("a", "P1D"), ("b", "PT1H")],
        ),
        (
            'SELECT $this { $this ex:end ?e FILTER (xsd:gYear(STR(YEAR(?e))) = "2024"^^xsd:gYear) }',
            "xsd:gYear",
            [("a", "a")],
        ),
        (
            'SELECT $this { $this ex:end ?e BIND (xsd:dateTime(?e) AS ?t) FILTER (ADJUST(?t, "PT1H"^^xsd:dayTimeDuration) > "2025-01-01T00:00:00+02:00"^^xsd:dateTime) }',
            "ADJUST, durations",
            [("b", "b"), ("_:c", "_:c"), ("d", "d")],
        ),
    ],
)  # fmt: skip
def test_what_only_oxigraph_knows_is_asked_of_it(turtle, query, reason, expected):
    plan = compile_shapes(turtle(constraint(query)))
    assert f"[S; runs on Oxigraph: {reason}]" in plan.describe()
    report = Validator(plan, turtle(PERIODS)).report
    assert sorted(
        (str(r.focus).strip("<>").removeprefix(EX), getattr(r.value, "value", "").removeprefix(EX))
        for r in report.results
    ) == sorted((focus, "c" if value == "_:c" else value) for focus, value in expected)


@pytest.mark.parametrize("sum_", ["?s + ?d", "?d + ?s"])
def test_a_date_and_a_duration_are_added_in_either_order(turtle, sum_):
    """Oxigraph puts the operands of + in an order of its own, and does not add a date to a duration."""
    query = f"""SELECT $this {{ $this ex:start ?s ; ex:end ?e
        BIND ("P1M"^^xsd:yearMonthDuration AS ?d) FILTER ({sum_} < ?e) }}"""
    data, source = turtle(PERIODS), turtle(constraint(query))
    report = validate(data, source)
    assert {r.focus for r in report.results} == {ex("a"), C}


def test_pyshacl_adds_durations_alike(turtle):
    query = 'SELECT $this { $this ex:start ?s ; ex:end ?e FILTER (?s + "P30D"^^xsd:dayTimeDuration < ?e) }'
    data, source = turtle(PERIODS), turtle(constraint(query))
    report = validate(data, source)
    assert found(report) == Counter({(ex("a"), ex("a")): 1, (C, C): 1})
    assert found(validate(data, source, engine="pyshacl")) == found(report)
    assert found(validate(data, source, engine="scalar")) == found(report)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT $this { $this ex:n ?a FILTER (?a - 1 > 2 && 2 + ?a < 9) }",
        "SELECT $this { $this ex:n ?a BIND (STRLEN(STR(?a)) AS ?b) FILTER (?a - ?b > 2) }",
        "SELECT $this { { SELECT $this (COUNT(?x) AS ?n) { $this ex:n ?x } GROUP BY $this } $this ex:n ?m FILTER (?m - ?n > 2) }",
        "SELECT $this { $this ex:n ?a FILTER (-?a * ?a < 5) }",
    ],
)  # fmt: skip
def test_numbers_are_calculated_on_the_columns(turtle, query):
    assert "Oxigraph" not in compile_shapes(turtle(constraint(query))).describe()


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("SELECT $this { FILTER (RAND() < 2) }", "RAND gives another answer each time"),
        ("SELECT $this (UUID() AS ?value) {}", "UUID gives another answer each time"),
        ("SELECT $this (STRUUID() AS ?value) {}", "STRUUID gives another answer each time"),
        ("SELECT $this (BNODE() AS ?value) {}", "BNODE gives another answer each time"),
        ("SELECT $this { FILTER (ex:f($this)) }", f"there is no function <{EX}f>"),
        ("SELECT $this { GRAPH ex:g { $this ?p ?o } }", "the data graph has no other name"),
        ("SELECT $this { SERVICE ex:s { $this ?p ?o } FILTER (xsd:time('x') = 1) }", "SERVICE is refused"),
        ("SELECT $this { BIND (xsd:time('x') AS $this) }", "AS ?this is not allowed"),
    ],
)  # fmt: skip
def test_what_cannot_be_repeated_or_reaches_outside_stays_refused(turtle, query, message):
    with pytest.raises(InputError) as caught:
        compile_shapes(turtle(constraint(query)))
    assert message in str(caught.value)
    assert f"{EX}S" in str(caught.value)


# Terms as they were parsed

SPELLED = """
ex:a a ex:T ; ex:n "01"^^xsd:integer, "1"^^xsd:integer, "1.50"^^xsd:decimal ; ex:due "2024-01-01T00:00:00.0Z"^^xsd:dateTime .
ex:b a ex:T ; ex:n "+1"^^xsd:integer, "5"^^xsd:byte ; ex:m ex:c . ex:c ex:n "007"^^xsd:integer .
ex:d a ex:T ; ex:m ex:e ; ex:text "a"@EN-gb . ex:e ex:n "1"^^xsd:integer .
"""


@pytest.mark.parametrize(
    "where",
    [
        "$this ex:n ?value FILTER (?value > 0)",
        "$this ex:m/ex:n ?value FILTER (?value != 1)",
        "$this ex:due ?value FILTER (?value < '2025-01-01T00:00:00Z'^^xsd:dateTime)",
        "$this ex:text ?value",
        "$this ex:n ?v BIND (?v AS ?value)",
        "$this ex:n ?v BIND (?v * 2 AS ?value) FILTER (?v = 5)",
        "$this ?p ?value FILTER (isLiteral(?value) && ?p != ex:n)",
    ],
)
def test_a_value_is_reported_as_the_data_spell_it(turtle, where):
    data, source = turtle(SPELLED), turtle(constraint(f"SELECT $this ?value {{ {where} }}"))
    report = validate(data, source)
    assert report.results
    assert found(on_oxigraph(data, source)) == found(report)


# A copy that follows


def change(chance, data, nodes, literals):
    present = list(data.triples())
    objects = [*nodes, *literals]
    added = [
        (chance.choice(nodes), chance.choice(PREDICATES), chance.choice(objects))
        for _ in range(chance.randrange(4))
    ]
    removed = chance.sample(present, min(len(present), chance.randrange(4)))
    return added, removed


FOLLOWED = [
    "$this ex:p0 ?value . FILTER NOT EXISTS { ?value ex:p1 $this }",
    "$this ex:p0 ?value FILTER (isLiteral(?value) && ?value > 0)",
    "$this ex:p0/ex:p1 ?value",
    "$this ex:p0* ?value",
    "{ SELECT $this (COUNT(?x) AS ?value) { $this ex:p0 ?x } GROUP BY $this } FILTER (?value > 1)",
]


@pytest.mark.parametrize("where", FOLLOWED)
def test_a_report_kept_up_to_date_is_a_fresh_one(turtle, where):
    chance = random.Random(where)
    nodes = SHACL_NODES
    literals = [xsd(text, "integer") for text in ("1", "01", "+1", "2", "002")]
    with forced():
        plan = compile_shapes(
            turtle(constraint(f"SELECT $this ?value {{ {where} }}", "sh:targetSubjectsOf ex:p0"))
        )
    validator = Validator(plan, Columns.from_triples([]))
    seen = 0
    for _ in range(30):
        added, removed = change(chance, validator.data, nodes, literals)
        before = found(validator.report)
        imagined = validator.what_if(added, removed)
        assert found(validator.report) == before
        appeared, gone = validator.apply(added, removed)
        assert (Counter(appeared), Counter(gone)) == tuple(map(Counter, imagined))
        fresh = Validator(plan, Columns.from_triples(list(validator.data.triples()))).report
        assert found(validator.report) == found(fresh)
        assert before + Counter((r.focus, r.value) for r in appeared) - Counter(
            (r.focus, r.value) for r in gone
        ) == found(fresh)
        seen += len(fresh.results)
    assert seen


def test_no_process_is_started_without_focus_nodes(turtle, monkeypatch):
    monkeypatch.setattr(oxigraph.OxigraphCopy, "_start", None)
    query = "SELECT $this { $this ex:start ?s FILTER (xsd:gYear(?s) = 1) }"
    assert validate(turtle("ex:x ex:p 1 ."), turtle(constraint(query))).conforms


def test_the_process_ends_with_the_data(turtle):
    data = turtle(PER_FOCUS_NODE)
    on_oxigraph(data, turtle(constraint("SELECT $this {}")))
    (worker,) = [copy._worker for terms, copy in oxigraph._copies.items() if terms is data.terms]
    assert worker.alive
    del data
    gc.collect()
    assert not worker.alive


def test_the_process_ends_when_nobody_asks(turtle, monkeypatch):
    ends = []
    monkeypatch.setattr("aims_graph.sparql.watch.set_alarm", lambda _, action: ends.append(action))
    data, source = turtle(PER_FOCUS_NODE), turtle(constraint("SELECT $this {}"))
    with forced():
        validator = Validator(compile_shapes(source), data)
    first = oxigraph._copies[data.terms]._worker
    validator.apply([(ex("n"), RDF_TYPE, ex("T"))], [])
    ends[-2]()
    assert first.alive  # there was a question since
    ends[-1]()
    assert not first.alive
    validator.apply([(ex("m"), RDF_TYPE, ex("T"))], [])
    assert {r.focus for r in validator.report.results} >= {ex("n"), ex("m"), ex("a")}


def test_threads_may_share_a_copy(turtle):
    data, source = (
        turtle(PER_FOCUS_NODE),
        turtle(constraint("SELECT $this ?value { $this ex:p ?value }")),
    )
    expected = found(validate(data, source))
    with forced():
        plan = compile_shapes(source)
    answers = []

    def ask():
        for _ in range(5):
            answers.append(found(Validator(plan, data).report))  # noqa: PERF401

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [expected] * 20


# Limits


def test_a_query_that_does_not_end_is_stopped_with_the_name_of_the_shape(turtle, monkeypatch):
    monkeypatch.setattr(oxigraph, "LIMITS", replace(oxigraph.LIMITS, seconds=1))
    data = turtle("ex:a a ex:T . " + " ".join(f"ex:n{i} ex:p {i} ." for i in range(60)))
    query = "SELECT $this { ?a ex:p ?x . ?b ex:p ?y . ?c ex:p ?z . ?d ex:p ?w . ?e ex:p ?v FILTER (?x + ?y + ?z + ?w + ?v < 0) }"
    with pytest.raises(InputError) as caught:
        validate(data, turtle(constraint(query)))
    assert (
        f"query of <{EX}S>: on Oxigraph (+ on what may be dates): stopped at its limit of 1 s"
        in str(caught.value)
    )
    # The next one is not the worse for it.
    monkeypatch.undo()
    assert not on_oxigraph(data, turtle(constraint("SELECT $this {}"))).conforms


def test_an_answer_that_is_too_large_is_refused(turtle, monkeypatch):
    monkeypatch.setattr(oxigraph, "LIMITS", replace(oxigraph.LIMITS, rows=1000))
    data = turtle("ex:a a ex:T . " + " ".join(f"ex:n{i} ex:p {i} ." for i in range(60)))
    with pytest.raises(InputError, match="more than 1000 rows"):
        on_oxigraph(data, turtle(constraint("SELECT $this ?a ?b { ?a ex:p ?x . ?b ex:p ?y }")))


def test_sums_of_dates_may_not_be_nested_without_end(turtle):
    query = f"SELECT $this {{ $this ex:p ?x FILTER ({' + '.join(['?x'] * 40)} > 1) }}"
    with pytest.raises(InputError, match="nested too deeply"):
        validate(turtle("ex:a a ex:T ; ex:p 1 ."), turtle(constraint(query)))
