"""An update becomes a change in exact terms; Oxigraph's own update is the oracle where it keeps them."""

import random

import pyoxigraph as ox
import pytest
from pyoxigraph import Literal, NamedNode, Quad
from sparql_data import QUADS, integer, n

from aims_graph.errors import InputError
from aims_graph.sparql.effects import _Run, evaluate_update
from aims_graph.sparql.errors import LimitError, RefusedError, UpdateError
from aims_graph.sparql.from_clauses import DataSet
from aims_graph.sparql.graphs import RESERVED
from aims_graph.sparql.limits import Limits
from aims_graph.sparql.operations import read_operations
from aims_graph.sparql.snapshot import SnapshotStore, StoredDataset
from aims_graph.sparql.spellings import Spellings
from aims_graph.sparql.update import evaluate_text

BYTE = NamedNode("http://www.w3.org/2001/XMLSchema#byte")


def run(text, quads=QUADS, *, changes=100_000):
    """Added and removed quads, as the worker finds them, without a worker."""
    dataset = StoredDataset(ox.Store(), Spellings())
    dataset.load(quads)
    reserved = [name.value for name in RESERVED]
    request = {"prefixes": {}, "reserved": reserved, "everything": True, "changes": changes}
    it = _Run(dataset, request)
    for step in read_operations(text, {}):
        it.do(step.operation, step.prologue)
    return it.added, it.removed


def quad(subject, value, graph=None):
    terms = (n(subject), n("p"), value)
    return Quad(*terms, n(graph)) if graph else Quad(*terms)


def test_inserted_data_keep_their_spelling():
    added, removed = run(
        'PREFIX xsd: <http://www.w3.org/2001/XMLSchema#> INSERT DATA { <urn:x> <urn:p> 007, "5"^^xsd:byte, "a"@EN .'
        "GRAPH <urn:g> { <urn:x> <urn:p> 1.50 } }"
    )
    assert added == {
        quad("x", integer("007")),
        quad("x", Literal("5", datatype=BYTE)),
        quad("x", Literal("a", language="EN")),
        quad("x", Literal("1.50", datatype=NamedNode(BYTE.value.replace("byte", "decimal"))), "g"),
    }
    assert removed == set()


def test_inserting_another_spelling_of_a_value_that_is_there_adds_it():
    added, _ = run("INSERT DATA { GRAPH <urn:g> { <urn:a> <urn:p> 001, 01, 1 } }")
    assert added == {quad("a", integer("001"), "g")}


def test_deleted_data_name_one_spelling():
    _, removed = run("DELETE DATA { GRAPH <urn:g> { <urn:a> <urn:p> 01 } }")
    assert removed == {quad("a", integer("01"), "g")}
    assert run("DELETE DATA { GRAPH <urn:g> { <urn:a> <urn:p> 001 } }") == (set(), set())


def test_a_found_value_deletes_all_its_spellings():
    _, removed = run("DELETE { ?s <urn:p> ?o } WHERE { ?s <urn:p> ?o FILTER(?o = 1) }")
    assert removed == {quad("a", integer("01"), "g"), quad("a", integer("1"), "g")}


def test_a_literal_of_the_template_deletes_only_itself():
    _, removed = run("DELETE WHERE { ?s <urn:p> 01 }")
    assert removed == {quad("a", integer("01"), "g")}


def test_a_found_value_is_copied_as_it_was_written():
    added, _ = run("INSERT { ?s <urn:q> ?o } WHERE { ?s <urn:p> ?o FILTER(?s = <urn:b>) }")
    assert added == {Quad(n("b"), n("q"), integer("+7"))}


def test_a_triple_that_loses_one_spelling_is_still_found():
    text = "DELETE DATA { GRAPH <urn:g> { <urn:a> <urn:p> 1 } } ; INSERT { <urn:f> <urn:p> ?s } WHERE { ?s <urn:p> 1 }"
    added, removed = run(text)
    assert added == {quad("f", n("a"))}
    assert removed == {quad("a", integer("1"), "g")}


def test_deleting_without_a_graph_deletes_from_all_graphs_that_may_be_written():
    _, removed = run("DELETE DATA { <urn:c> <urn:p> <urn:b> }")
    assert removed == {quad("c", n("b"), "h"), quad("c", n("b"), "g2")}


@pytest.mark.parametrize(
    "text",
    [
        "INSERT DATA { GRAPH <urn:aims:ontology> { <urn:x> <urn:p> 1 } }",
        "DELETE WHERE { GRAPH <urn:aims:findings> { ?s ?p ?o } }",
        "DELETE WHERE { GRAPH ?g { ?s ?p <urn:b> } }",
        "WITH <urn:aims:inferred> INSERT { ?s ?p 1 } WHERE { ?s ?p ?o }",
        "CLEAR GRAPH <urn:aims:ontology>",
        "COPY <urn:g> TO <urn:aims:provenance>",
        "MOVE <urn:aims:ontology> TO <urn:g>",
    ],
)
def test_a_reserved_graph_is_not_written(text):
    with pytest.raises(RefusedError, match="reserved graph"):
        run(text)


def test_what_is_added_and_removed_again_is_no_change():
    text = "INSERT DATA { <urn:x> <urn:p> 1 } ; DELETE DATA { <urn:x> <urn:p> 1 }"
    assert run(text) == (set(), set())
    text = "DELETE DATA { <urn:b> <urn:p> +7 } ; INSERT DATA { <urn:b> <urn:p> +7 }"
    assert run(text) == (set(), set())


def test_each_solution_gets_blank_nodes_of_its_own():
    added, _ = run(
        "INSERT { ?s <urn:q> _:x . _:x <urn:r> ?s } WHERE { GRAPH ?g { ?s <urn:p> ?o } } ",
    )
    found = {q.object for q in added if q.predicate == n("q")}
    assert len(found) == len([q for q in added if q.predicate == n("q")]) >= 3


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("CREATE GRAPH <urn:g>", "there is a graph"),
        ("CREATE GRAPH <urn:new> ; CREATE GRAPH <urn:new>", "there is a graph"),
        ("DROP GRAPH <urn:new>", "there is no graph"),
        ("ADD <urn:new> TO <urn:g>", "there is no graph"),
    ],
)
def test_an_operation_that_cannot_be_done_is_an_error(text, message):
    with pytest.raises(UpdateError, match=message):
        run(text)
    run(text.replace("GRAPH <", "SILENT GRAPH <").replace("ADD <", "ADD SILENT <"))


def test_a_change_over_the_limit_is_refused():
    with pytest.raises(LimitError, match="changed quads > 5"):
        run(
            "INSERT { ?s <urn:x> ?b } WHERE { ?s ?p ?o . ?a ?q ?r . BIND(UUID() AS ?b) }",
            changes=5,
        )


def random_update(rng):
    def term(kinds):
        kind = rng.choice(kinds)
        return f"?{rng.choice('xyz')}" if kind == "v" else f"<urn:{kind}{rng.randrange(4)}>"

    def pattern(kinds):
        subject, value = term(["n", kinds]), rng.choice([term(["n", kinds]), '"l"', "5"])
        return f"{subject} <urn:p{rng.randrange(2)}> {value}"

    def block(kinds, most=2):
        parts = [pattern(kinds) for _ in range(rng.randint(1, most))]
        return f"GRAPH <urn:g{rng.randrange(3)}> {{ {' . '.join(parts)} }}"

    graph = [f"<urn:g{rng.randrange(3)}>" for _ in range(2)]
    return rng.choice(
        [
            lambda: f"INSERT DATA {{ {block('n')} {block('n')} }}",
            lambda: f"DELETE DATA {{ {block('n')} }}",
            lambda: f"DELETE WHERE {{ {block('v')} }}",
            lambda: (
                f"DELETE {{ {block('v')} }} INSERT {{ {block('v')} }} WHERE {{ {block('v')} . {block('v')} }}"
            ),
            lambda: (
                f"WITH {graph[0]} DELETE {{ ?x ?p ?y }} INSERT {{ ?y ?p ?x }} WHERE {{ ?x ?p ?y {block('v')} }}"
            ),
            lambda: (
                f"INSERT {{ GRAPH {graph[0]} {{ ?x <urn:p1> ?y }} }} USING {graph[1]} WHERE {{ ?x ?p ?y }}"
            ),
            lambda: f"CLEAR SILENT GRAPH {graph[0]}",
            lambda: f"DROP SILENT GRAPH {graph[0]}",
            lambda: f"COPY SILENT {graph[0]} TO {graph[1]}",
            lambda: f"MOVE SILENT {graph[0]} TO {graph[1]}",
            lambda: f"ADD SILENT {graph[0]} TO {graph[1]}",
            lambda: "DROP NAMED",
        ]
    )()


@pytest.mark.parametrize("seed", range(150))
def test_sequences_of_operations_do_what_oxigraph_does(seed):
    rng = random.Random(seed)
    names = [n(f"n{i}") for i in range(4)]
    values = [*names, Literal("l"), integer("5")]
    quads = {
        Quad(rng.choice(names), n(f"p{rng.randrange(2)}"), rng.choice(values), n(f"g{rng.randrange(3)}"))
        for _ in range(rng.randrange(25))
    }  # fmt: skip
    operations = [random_update(rng) for _ in range(rng.randint(1, 4))]
    text = " ;\n".join(operations)
    oracle = ox.Store()
    oracle.extend(quads)
    for operation in operations:
        verb, *_, source = operation.partition(" TO ")[0].split()
        if verb in ("COPY", "MOVE", "ADD"):
            graph = NamedNode(source[1:-1])
            if next(oracle.quads_for_pattern(None, None, None, graph), None) is None:
                continue  # from nowhere: Oxigraph empties the target, we leave it
        oracle.update(operation)
    added, removed = run(text, quads)
    assert not added & quads
    assert removed <= quads
    assert (quads - removed) | added == set(oracle), text


def test_a_request_runs_in_a_worker_and_writes_nothing(small):
    before = SnapshotStore(small).position
    change = evaluate_text(
        "PREFIX u: <urn:> DELETE { ?s u:p ?o } INSERT { ?s u:q ?o } WHERE { ?s u:p ?o FILTER(?o = 7) }",
        small,
    )
    assert change.added == [Quad(n("b"), n("q"), integer("+7"))]
    assert change.removed == [quad("b", integer("+7"))]
    assert SnapshotStore(small).position == before
    assert list(small.glob("scratch-*")) == []


def test_prefixes_may_be_declared_between_operations():
    added, _ = run(
        "PREFIX a: <urn:> INSERT DATA { a:x a:p 1 } ; PREFIX a: <urn:other:> INSERT DATA { a:x <urn:p> 1 }"
    )
    assert {quad.subject for quad in added} == {n("x"), n("other:x")}


@pytest.mark.parametrize(
    ("text", "kind", "message"),
    [
        ("DROP SILENT DEFAULT ; PREFIX u: <urn:> INSERT DATA { u:x u:p }", InputError, "^1:62: "),
        ("INSERT DATA {\n <urn:a> <urn:b> }", InputError, "^2:18: not a SPARQL update"),
        ("INSERTDATA{<urn:a> <urn:b> 1}", InputError, "INSERTDATA cannot stand here"),
        ("DROP ALL", RefusedError, "would empty the whole workspace"),
        ("LOAD <http://127.0.0.1:8971/x.ttl>", RefusedError, "LOAD is not allowed"),
        ("CREATE GRAPH <urn:n> ; CREATE GRAPH <urn:g>", UpdateError, "operation 2"),
    ],
)
def test_a_wrong_request_is_refused_with_its_place(small, text, kind, message):
    with pytest.raises(kind, match=message):
        evaluate_text(text, small)
    assert list(small.glob("scratch-*")) == []


def test_an_endless_update_ends_at_its_deadline(cyclic):
    text = "INSERT { ?a <urn:x> ?b } WHERE { ?a ((<urn:q>*)*)* ?b . ?c ((<urn:q>*)*)* ?d }"
    with pytest.raises(InputError, match=r"stopped at its limit|changed quads"):
        evaluate_text(text, cyclic, limits=Limits(seconds=1))


def evaluate(text, quads=QUADS, **more):
    """As the worker does, from the text on."""
    dataset = StoredDataset(ox.Store(), Spellings())
    dataset.load(quads)
    request = {
        "text": text,
        "prefixes": {"u": "urn:"},
        "reserved": [name.value for name in RESERVED],
        "everything": False,
        "changes": 1000,
        **more,
    }
    added, removed = evaluate_update(request, dataset)
    return set(added), set(removed)


@pytest.mark.parametrize(
    ("text", "added", "removed"),
    [
        ("WITH u:h DELETE { ?s ?p ?o } INSERT { ?o ?p ?s } WHERE { ?s ?p ?o }",
         {Quad(n("b"), n("p"), n("c"), n("h"))}, {Quad(n("c"), n("p"), n("b"), n("h"))}),
        ("WITH u:h INSERT { ?s u:q ?g } WHERE { ?s ?p ?o . GRAPH ?g { ?s ?p ?o } FILTER(?g = u:g2) }",
         {Quad(n("c"), n("q"), n("g2"), n("h"))}, set()),
        ("DELETE WHERE { GRAPH u:h { ?s ?p ?o } }", set(), {Quad(n("c"), n("p"), n("b"), n("h"))}),
        ("INSERT { u:x u:in ?g } USING NAMED u:h WHERE { GRAPH ?g { ?s ?p ?o } }",
         {Quad(n("x"), n("in"), n("h"))}, set()),
        ("INSERT { ?s u:q ?o } USING u:h WHERE { ?s ?p ?o }", {Quad(n("c"), n("q"), n("b"))}, set()),
        ("COPY u:h TO DEFAULT", {Quad(n("c"), n("p"), n("b"))}, {Quad(n("b"), n("p"), integer("+7"))}),
        ("COPY <urn:aims:ontology> TO u:h", set(), set()),
        ("MOVE u:h TO u:new", {Quad(n("c"), n("p"), n("b"), n("new"))}, {Quad(n("c"), n("p"), n("b"), n("h"))}),
        ("ADD u:h TO u:h", set(), set()),
        ("MOVE SILENT u:none TO u:h", set(), set()),
        ("CLEAR DEFAULT", set(), {Quad(n("b"), n("p"), integer("+7"))}),
        ("DROP SILENT GRAPH u:none ; CREATE GRAPH u:none ; DROP GRAPH u:none", set(), set()),
        ("CREATE SILENT GRAPH u:h", set(), set()),
        # No quads: a literal as subject, an unbound term, a graph that is no IRI.
        ("INSERT { ?o u:q ?s } WHERE { ?s u:p ?o FILTER(isLiteral(?o)) }", set(), set()),
        ("INSERT { u:x u:q ?none } WHERE { }", set(), set()),
        ("INSERT { u:x ?o u:y } WHERE { GRAPH u:g { ?s ?p ?o } }", set(), set()),
        ("INSERT { GRAPH ?o { u:x u:q u:y } } WHERE { GRAPH u:g { ?s ?p ?o } }", set(), set()),
        ("INSERT { GRAPH ?none { u:x u:q u:y } } WHERE { }", set(), set()),
        ("DELETE { GRAPH ?none { ?s ?p ?o } } WHERE { ?s ?p ?o }", set(), set()),
        ("INSERT DATA { u:y u:p 1 . GRAPH u:h { u:c u:p u:b } . }", {Quad(n("y"), n("p"), integer("1"))}, set()),
        ("", set(), set()),
        ("BASE <urn:> INSERT DATA { <x> <p> <y> } ;", {Quad(n("x"), n("p"), n("y"))}, set()),
    ],
)  # fmt: skip
def test_an_operation_changes_what_the_standard_says(text, added, removed):
    assert evaluate(text) == (added, removed)


def test_graphs_beside_the_request_stand_in_place_of_using():
    text = "INSERT { ?s u:q ?o } WHERE { ?s ?p ?o }"
    assert evaluate(text, using=[["urn:h"], []]) == ({Quad(n("c"), n("q"), n("b"))}, set())


def test_named_leaves_what_has_no_graph():
    _, removed = evaluate("CLEAR NAMED", everything=True)
    assert removed == {quad for quad in QUADS if quad.graph_name in (n("g"), n("h"), n("g2"))}
    _, removed = evaluate("DROP ALL", everything=True)
    assert Quad(n("b"), n("p"), integer("+7")) in removed
    assert not [quad for quad in removed if quad.graph_name in RESERVED]


@pytest.mark.parametrize(
    ("text", "kind", "said"),
    [
        ("COPY u:g u:h", InputError, "^1:10: u:h cannot stand here"),
        ("COPY u:g", InputError, "u:g cannot stand here"),
        ("INSERT DATA u:x", InputError, "u:x cannot stand here"),
        ("WITH u:g DELETE { ?s ?p ?o }", InputError, "} cannot stand here"),
        ("INSERT DATA { } DROP u:g", InputError, "DROP cannot stand here"),
        ("CLEAR", InputError, "CLEAR cannot stand here"),
        ("ASK {}", InputError, "ASK cannot stand here"),
        ("CLEAR x:y", InputError, "no known prefix"),
        ("PREFIX x: <urn:> DELETE { ?s ?p ?o } WHERE { ?s ?p }", InputError, "not a SPARQL update"),
        ("DROP SILENT DEFAULT ;\n\nDELETE { ?s ?p ?o }\nWHERE { ?s ?p }", InputError, "^4:16: "),
        ("WITH <urn:aims:findings> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }", RefusedError, "reserved"),
        ("DELETE { GRAPH ?g { ?s ?p ?o } } WHERE { GRAPH ?g { ?s ?p ?o } }", RefusedError, "reserved"),
        ("INSERT { GRAPH ?g { u:x u:p u:y } } WHERE { GRAPH ?g { } }", RefusedError, "reserved"),
        ("MOVE u:h TO <urn:aims:ontology>", RefusedError, "reserved"),
        ("MOVE <urn:aims:ontology> TO u:h", RefusedError, "reserved"),
        ("INSERT { ?a ?b ?c } WHERE { VALUES ?a { u:1 u:2 u:3 } VALUES ?b { u:1 u:2 u:3 } VALUES ?c { u:1 u:2 u:3 } }",
         LimitError, "changed quads > 20"),
    ],
)  # fmt: skip
def test_what_may_not_or_cannot_be_done_is_said(text, kind, said):
    with pytest.raises(kind, match=said):
        evaluate(text, changes=20)


def test_using_stands_in_one_place_only(small):
    beside = DataSet(("urn:g",), ())
    for text in (
        "INSERT { ?s <urn:q> ?o } USING <urn:h> WHERE { ?s ?p ?o }",
        "CLEAR <urn:h> ;\n WITH <urn:h> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }",
    ):
        with pytest.raises(InputError, match="while the request names graphs") as error:
            evaluate_text(text, small, using=beside)
        assert error.value.line == text.count("\n") + 1
    made = evaluate_text("INSERT DATA { <urn:x> <urn:p> <urn:y> }", small, using=beside)
    assert made.added == [Quad(n("x"), n("p"), n("y"))]
