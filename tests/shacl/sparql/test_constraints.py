"""sh:sparql and constraint components: from the shapes graph to violations."""

import numpy as np
import pytest
from pyoxigraph import Literal, NamedNode

from aims_graph.errors import InputError
from aims_graph.shacl.graph import ShapesGraph
from aims_graph.shacl.names import sh
from aims_graph.shacl.paths import parse_path
from aims_graph.shacl.sparql import compile_components, compile_constraint
from aims_graph.shacl.sparql.reference import Reference

EX = "http://example.org/"
PREFIXES = f"""
ex:prefixes sh:declare [ sh:prefix "ex" ; sh:namespace "{EX}" ],
    [ sh:prefix "xsd" ; sh:namespace "http://www.w3.org/2001/XMLSchema#" ] .
"""


def ex(name):
    return NamedNode(EX + name)


class Case:
    """A shape ex:S in a shapes graph, and data."""

    def __init__(self, turtle, shapes, data=""):
        self.graph = ShapesGraph(turtle(PREFIXES + shapes))
        self.data = turtle(data)
        paths = self.graph.objects(ex("S"), sh("path"))
        path = parse_path(self.graph, paths[0]) if paths else None
        found = [
            compile_constraint(self.graph, c, ex("S"), path=path)
            for c in self.graph.objects(ex("S"), sh("sparql"))
        ]
        self.constraints = [c for c in found if c] + compile_components(
            self.graph, ex("S"), path=path
        )

    def find(self, *focus, values=None):
        (constraint,) = self.constraints
        ids = self.ids(focus)
        found = constraint.evaluate(self.data, ids, ids if values is None else self.ids(values))
        term = self.data.terms.term
        rows = sorted(
            (term(f).value, term(v).value if v >= 0 else None)
            for f, v in zip(found.focus.tolist(), found.value.tolist(), strict=True)
        )
        if not constraint.per_value:
            reference = Reference(self.data.triples(), shapes=self.graph.columns.triples())
            assert len(rows) == sum(
                len(constraint.evaluate_plainly(reference, node)) for node in dict.fromkeys(focus)
            )
        self.found = found
        return [(f.removeprefix(EX), v and v.removeprefix(EX)) for f, v in rows]

    def ids(self, terms):
        return np.array([self.data.terms.add(term) for term in terms], np.int32)


def select(query, more="", shape=""):
    return f'ex:S sh:sparql ex:C . {shape} ex:C sh:prefixes ex:prefixes ; sh:select """{query}""" . {more}'


OVERDUE = "SELECT $this ?value WHERE { $this ex:due ?value . ex:evaluation ex:asOf ?now . FILTER (?value < ?now) }"
DATES = """
ex:evaluation ex:asOf "2024-06-01"^^xsd:date .
ex:a ex:due "2024-05-31"^^xsd:date . ex:b ex:due "2024-06-01"^^xsd:date . ex:c ex:due "soon" .
"""


def test_a_date_before_the_evaluation_is_found(turtle):
    case = Case(turtle, select(OVERDUE), DATES)
    assert case.find(ex("a"), ex("b"), ex("c")) == [("a", "2024-05-31")]


def test_only_the_focus_nodes_asked_for_are_looked_at(turtle):
    case = Case(turtle, select(OVERDUE), DATES)
    assert case.find(ex("b"), ex("c")) == []


APPROVED_LATE = """SELECT $this ?value WHERE {
    $this ex:deployment ?d . ?d ex:on ?on ; ex:version ?value .
    FILTER NOT EXISTS { $this ex:assessment ?a . ?a ex:approved ?ok . FILTER (?ok <= ?on) } }"""
DEPLOYMENTS = """
ex:a ex:deployment ex:a1, ex:a2 ; ex:assessment ex:x .
ex:a1 ex:on "2024-01-01"^^xsd:date ; ex:version ex:v1 . ex:a2 ex:on "2024-03-01"^^xsd:date ; ex:version ex:v2 .
ex:x ex:approved "2024-02-01"^^xsd:date .
ex:b ex:deployment ex:b1 . ex:b1 ex:on "2024-01-01"^^xsd:date ; ex:version ex:v1 .
"""


def test_a_filter_inside_not_exists_sees_the_outer_solution(turtle):
    case = Case(turtle, select(APPROVED_LATE), DEPLOYMENTS)
    assert case.find(ex("a"), ex("b")) == [("a", "v1"), ("b", "v1")]


def test_without_a_value_the_focus_node_of_a_node_shape_is_the_value(turtle):
    query = "SELECT $this { FILTER NOT EXISTS { $this ex:owner ?o } }"
    assert Case(turtle, select(query)).find(ex("a")) == [("a", "a")]


def test_without_a_value_a_property_shape_has_none(turtle):
    query = "SELECT $this { FILTER NOT EXISTS { $this $PATH ?o } }"
    case = Case(turtle, select(query, shape="ex:S sh:path ex:owner ."), "ex:b ex:owner ex:c .")
    assert case.find(ex("a"), ex("b")) == [("a", None)]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("ex:p", ["b"]),
        ("[ sh:inversePath ex:p ]", ["z"]),
        ("( ex:p ex:p )", ["c"]),
        ("[ sh:alternativePath ( ex:p ex:q ) ]", ["b", "q"]),
        ("[ sh:oneOrMorePath ex:p ]", ["b", "c"]),
        ("[ sh:zeroOrMorePath ex:p ]", ["a", "b", "c"]),
        ("[ sh:zeroOrOnePath ex:p ]", ["a", "b"]),
    ],
)
def test_path_stands_for_the_path_of_the_shape(turtle, path, expected):
    case = Case(
        turtle,
        select("SELECT $this ?value { $this $PATH ?value }", shape=f"ex:S sh:path {path} ."),
        "ex:z ex:p ex:a . ex:a ex:p ex:b ; ex:q ex:q . ex:b ex:p ex:c .",
    )
    assert case.find(ex("a")) == [("a", value) for value in expected]


def test_each_solution_is_a_result_unless_distinct_is_asked_for(turtle):
    data = "ex:a ex:p ex:b, ex:c . ex:b ex:q ex:v . ex:c ex:q ex:v ."
    assert (
        len(
            Case(turtle, select("SELECT $this ?value { $this ex:p/ex:q ?value }"), data).find(
                ex("a")
            )
        )
        == 2
    )
    assert (
        len(
            Case(
                turtle, select("SELECT DISTINCT $this ?value { $this ex:p/ex:q ?value }"), data
            ).find(ex("a"))
        )
        == 1
    )


def test_the_query_runs_once_for_each_focus_node(turtle):
    data = "ex:a ex:p ex:x, ex:y . ex:b ex:p ex:x, ex:y ."
    query = "SELECT $this ?value { $this ex:p ?value } ORDER BY ?value LIMIT 1"
    assert Case(turtle, select(query), data).find(ex("a"), ex("b")) == [("a", "x"), ("b", "x")]
    query = "SELECT $this (COUNT(*) AS ?value) { $this ex:p ?o }"
    assert Case(turtle, select(query), data).find(ex("a"), ex("b"), ex("c")) == [
        ("a", "2"),
        ("b", "2"),
        ("c", "0"),
    ]


def test_a_computed_value_becomes_a_term_of_the_data(turtle):
    query = 'SELECT $this (CONCAT(?l, "!") AS ?value) { $this ex:label ?l }'
    assert Case(turtle, select(query), 'ex:a ex:label "A" .').find(ex("a")) == [("a", "A!")]


def test_values_are_the_terms_as_they_were_parsed(turtle):
    data = 'ex:a ex:n "01"^^xsd:integer, "1"^^xsd:integer, "1"^^xsd:byte .'
    assert (
        len(
            Case(
                turtle,
                select("SELECT $this ?value { $this ex:n ?value FILTER (?value = 1) }"),
                data,
            ).find(ex("a"))
        )
        == 3
    )
    assert Case(
        turtle,
        select("SELECT $this ?value { $this ex:n ?value, 1 FILTER (sameTerm(?value, 1)) }"),
        data,
    ).find(ex("a")) == [("a", "1")]


def test_a_literal_may_be_the_focus_node(turtle):
    query = "SELECT $this { FILTER (STRLEN($this) > 3) }"
    assert Case(turtle, select(query)).find(Literal("long"), Literal("no")) == [("long", "long")]


def test_the_path_of_a_result_is_what_the_query_binds(turtle):
    case = Case(turtle, select("SELECT $this ?path { $this ?path ex:b }"), "ex:a ex:p ex:b .")
    case.find(ex("a"))
    assert [case.data.terms.term(i) for i in case.found.path.tolist()] == [ex("p")]


# Messages


def test_places_in_a_message_are_filled_from_the_solution(turtle):
    more = 'ex:C sh:message "{$this} is due {?value}, {?other}"@en .'
    case = Case(turtle, select(OVERDUE, more), DATES)
    case.find(ex("a"))
    assert case.found.texts == [(Literal(f"{EX}a is due 2024-05-31, {{?other}}", language="en"),)]


def test_places_in_the_message_of_the_shape_are_filled_too(turtle):
    case = Case(turtle, select(OVERDUE, 'ex:S sh:message "Due {?value}" .'), DATES)
    case.find(ex("a"))
    assert case.found.texts == [(Literal("Due 2024-05-31"),)]


def test_a_message_of_the_query_comes_first(turtle):
    query = OVERDUE.replace("?value WHERE", '?value ("Late" AS ?message) WHERE')
    case = Case(turtle, select(query, 'ex:C sh:message "Other" .'), DATES)
    case.find(ex("a"))
    assert case.found.texts == [(Literal("Late"),)]


def test_a_message_without_places_is_not_repeated_for_each_result(turtle):
    case = Case(turtle, select(OVERDUE, 'ex:C sh:message "Late" .'), DATES)
    case.find(ex("a"))
    assert case.found.texts is None
    assert case.constraints[0].messages == (Literal("Late"),)


# What may not be


def test_a_deactivated_constraint_is_left_out(turtle):
    assert Case(turtle, select(OVERDUE, "ex:C sh:deactivated true .")).constraints == []


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("SELECT $this { $this ?p ?o MINUS { $this ex:p 1 } }", "MINUS is not allowed"),
        ("SELECT $this { VALUES ?x { 1 } }", "VALUES is not allowed"),
        ("SELECT $this { FILTER EXISTS { VALUES ?x { 1 } } }", "VALUES is not allowed"),
        ("SELECT $this { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }", "SERVICE is refused"),
        ("SELECT $this { BIND (1 AS $this) }", "AS ?this is not allowed"),
        ("SELECT (1 AS ?currentShape) $this {}", "AS ?currentShape is not allowed"),
        (
            "SELECT $this { $this ?x ?y { SELECT ?x { ?x ?y ?z } } }",
            "a sub-select must return $this",
        ),
        ("SELECT ?value { ?value ?p ?o }", "must select $this"),
        ("ASK { $this ?p ?o }", "needs a SELECT query"),
        (
            "SELECT $this { $this un:p ?o }",
            "line 1 column 22 of the query: prefix un: is not declared",
        ),
    ],
)
def test_a_query_against_the_rules_is_refused_with_the_name_of_the_shape(turtle, query, message):
    with pytest.raises(InputError) as caught:
        Case(turtle, select(query))
    assert message in str(caught.value)
    assert f"{EX}S" in str(caught.value)


def test_a_query_that_reports_a_failure_stops_the_validation(turtle):
    case = Case(turtle, select("SELECT $this (true AS ?failure) {}"))
    with pytest.raises(InputError, match="reports a failure"):
        case.find(ex("a"))


def test_a_constraint_needs_one_query(turtle):
    with pytest.raises(InputError, match="one string as sh:select"):
        Case(turtle, 'ex:S sh:sparql ex:C . ex:C sh:message "x" .')
    with pytest.raises(InputError, match="one string as sh:select"):
        Case(turtle, select("SELECT $this {}", 'ex:C sh:select "SELECT $this { }" .'))


def test_imported_prefixes_are_known(turtle):
    shapes = """ex:S sh:sparql ex:C . ex:C sh:prefixes ex:outer ; sh:select "SELECT $this { $this in:p ?o }" .
    ex:outer <http://www.w3.org/2002/07/owl#imports> ex:inner . ex:inner <http://www.w3.org/2002/07/owl#imports> ex:outer ;
      sh:declare [ sh:prefix "in" ; sh:namespace "http://example.org/"^^xsd:anyURI ] ."""
    assert Case(turtle, shapes, "ex:a ex:p 1 .").find(ex("a")) == [("a", "a")]


def test_a_prefix_with_two_namespaces_is_refused(turtle):
    more = 'ex:prefixes sh:declare [ sh:prefix "ex" ; sh:namespace "urn:other:" ] .'
    with pytest.raises(InputError, match="two namespaces"):
        Case(turtle, select(OVERDUE, more))


def test_a_query_that_needs_too_much_memory_is_refused(turtle, monkeypatch):
    monkeypatch.setattr("aims_graph.shacl.sparql.tables.MOST_SOLUTIONS", 1000)
    data = " ".join(f"ex:a{i} ex:p {i} ." for i in range(40))
    case = Case(turtle, select("SELECT $this { ?x ex:p ?a . ?y ex:p ?b }"), data)
    with pytest.raises(InputError, match="more than 1000 solutions"):
        case.find(ex("a1"))


def test_a_query_that_makes_a_huge_string_is_refused(turtle):
    doubled = " ".join(f"BIND (CONCAT(?x{i}, ?x{i}) AS ?x{i + 1})" for i in range(30))
    case = Case(turtle, select(f'SELECT $this {{ BIND ("aaaaaaaa" AS ?x0) {doubled} }}'))
    with pytest.raises(InputError, match="characters"):
        case.find(ex("a"))


# The shapes graph


def test_the_shapes_graph_and_the_shape_can_be_asked(turtle):
    query = "SELECT $this ?value { GRAPH $shapesGraph { $currentShape ex:limit ?limit } $this ex:n ?value FILTER (?value > ?limit) }"
    case = Case(turtle, select(query, shape="ex:S ex:limit 5 ."), "ex:a ex:n 4, 6 .")
    assert case.find(ex("a")) == [("a", "6")]


def test_the_shapes_graph_is_not_the_data(turtle):
    query = "SELECT $this { $currentShape ex:limit ?limit }"
    assert Case(turtle, select(query, shape="ex:S ex:limit 5 .")).find(ex("a")) == []


# Components

COMPONENT = """
ex:Component a sh:ConstraintComponent ; sh:parameter ex:P, ex:Q ;
    sh:validator [ sh:prefixes ex:prefixes ; sh:message "{$value} is over {$limit}" ;
        sh:ask "ASK { FILTER ($value <= $limit && (!BOUND($least) || $value >= $least)) }" ] .
ex:P sh:path ex:limit . ex:Q sh:path ex:least ; sh:optional true .
"""


def test_an_ask_validator_fails_the_values_it_answers_no_for(turtle):
    case = Case(turtle, COMPONENT + "ex:S ex:limit 5 .")
    four, six = (
        Literal(text, datatype=NamedNode("http://www.w3.org/2001/XMLSchema#integer"))
        for text in "46"
    )
    assert case.find(ex("a"), ex("a"), ex("b"), values=[four, six, six]) == [("a", "6"), ("b", "6")]
    assert case.found.texts == [(Literal("6 is over 5"),)] * 2


def test_an_optional_parameter_is_bound_when_it_is_given(turtle):
    case = Case(turtle, COMPONENT + "ex:S ex:limit 5 ; ex:least 5 .")
    four = Literal("4", datatype=NamedNode("http://www.w3.org/2001/XMLSchema#integer"))
    assert case.find(ex("a"), values=[four]) == [("a", "4")]


def test_a_shape_without_the_required_parameter_does_not_use_the_component(turtle):
    assert Case(turtle, COMPONENT + "ex:S ex:least 5 .").constraints == []


def test_two_values_for_a_parameter_of_two_are_refused(turtle):
    with pytest.raises(InputError, match="more than one value"):
        Case(turtle, COMPONENT + "ex:S ex:limit 5, 6 .")


SELECTING = """
ex:Component a sh:ConstraintComponent ; sh:parameter [ sh:path ex:needs ] ; sh:labelTemplate "Needs {$needs}" ;
    sh:nodeValidator [ sh:select "SELECT $this { FILTER NOT EXISTS { $this $needs ?o } }" ] ;
    sh:propertyValidator [ sh:select "SELECT $this ?value { $this $PATH ?value FILTER NOT EXISTS { ?value $needs ?o } }" ] .
"""


def test_a_parameter_may_be_a_predicate_of_the_query(turtle):
    case = Case(turtle, SELECTING + "ex:S ex:needs ex:owner .", "ex:a ex:owner ex:o .")
    assert case.find(ex("a"), ex("b")) == [("b", "b")]
    assert case.constraints[0].predicates == {ex("owner")}


def test_a_parameter_that_is_no_iri_is_the_predicate_of_no_triple(turtle):
    case = Case(turtle, SELECTING + 'ex:S ex:needs "owner" .', "ex:a ex:owner ex:o .")
    assert case.find(ex("a")) == [("a", "a")]


def test_each_value_of_a_single_parameter_is_a_constraint(turtle):
    assert len(Case(turtle, SELECTING + "ex:S ex:needs ex:owner, ex:name .").constraints) == 2


def test_a_property_shape_uses_the_property_validator(turtle):
    case = Case(
        turtle,
        SELECTING + "ex:S sh:path ex:p ; ex:needs ex:owner .",
        "ex:a ex:p ex:b, ex:c . ex:b ex:owner ex:o .",
    )
    assert case.find(ex("a")) == [("a", "c")]


def test_a_component_may_be_an_instance_of_a_subclass(turtle):
    shapes = (
        SELECTING.replace("a sh:ConstraintComponent", "a ex:Kind")
        + "ex:S ex:needs ex:owner . "
        + ("ex:Kind <http://www.w3.org/2000/01/rdf-schema#subClassOf> sh:ConstraintComponent .")
    )
    assert len(Case(turtle, shapes).constraints) == 1


@pytest.mark.parametrize("name", ["this", "value", "currentShape", "not-a-name"])
def test_a_parameter_that_cannot_be_a_variable_is_refused(turtle, name):
    shapes = f"ex:Component a sh:ConstraintComponent ; sh:parameter [ sh:path ex:{name} ] ."
    with pytest.raises(InputError, match="cannot be a variable"):
        Case(turtle, shapes)


def test_a_validator_may_not_assign_its_value(turtle):
    shapes = COMPONENT.replace("ASK {", "ASK { BIND (true AS ?value)") + "ex:S ex:limit 5 ."
    with pytest.raises(InputError, match=r"AS \?value is not allowed"):
        Case(turtle, shapes)
