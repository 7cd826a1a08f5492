"""Shapes graphs that are ill-formed, recursive or ask for more than SHACL are refused, by name."""

import pytest

from aims_graph.errors import InputError
from aims_graph.shacl import ENGINES, compile_shapes, validate


@pytest.mark.parametrize(
    ("shapes", "reason"),
    [
        ("ex:S a sh:PropertyShape ; sh:minCount 1 .", "no sh:path"),
        ("ex:S a sh:NodeShape ; sh:path ex:p .", "node shape has an sh:path"),
        ("ex:S sh:path ex:p, ex:q .", "sh:path is given 2 times"),
        ("ex:S sh:targetNode ex:a ; sh:minCount 1 .", "for property shapes"),
        ("ex:S sh:targetNode ex:a ; sh:uniqueLang true .", "for property shapes"),
        ("ex:S sh:path ex:p ; sh:minCount 1, 2 .", "given 2 times"),
        ('ex:S sh:path ex:p ; sh:minCount "1" .', "no integer"),
        ("ex:S sh:path ex:p ; sh:minCount 1.5 .", "no integer"),
        ('ex:S sh:path ex:p ; sh:minCount "many"^^xsd:integer .', "no integer"),
        ("ex:S sh:path ex:p ; sh:datatype xsd:string, xsd:date .", "given 2 times"),
        ('ex:S sh:path ex:p ; sh:datatype "string" .', "no IRI"),
        ("ex:S sh:targetNode ex:a ; sh:class [] .", "no IRI"),
        ("ex:S sh:targetNode ex:a ; sh:nodeKind sh:Triple .", "six node kinds"),
        ("ex:S sh:targetNode ex:a ; sh:minInclusive ex:b .", "no literal"),
        ('ex:S sh:targetNode ex:a ; sh:pattern "(" .', "not a valid regular expression"),
        ('ex:S sh:targetNode ex:a ; sh:pattern "a" ; sh:flags "y" .', "unknown flag"),
        ("ex:S sh:targetNode ex:a ; sh:pattern 1 .", "no string"),
        ("ex:S sh:targetNode ex:a ; sh:in ex:b .", "not a well-formed RDF list"),
        ("ex:S sh:targetNode ex:a ; sh:in ( 1 ), ( 2 ) .", "given 2 times"),
        ("ex:S sh:targetNode ex:a ; sh:languageIn ( ex:en ) .", "no string"),
        ("ex:S sh:targetNode ex:a ; sh:closed 1 .", "no boolean"),
        ("ex:S sh:targetNode ex:a ; sh:closed true ; sh:ignoredProperties ( 1 ) .", "no IRI"),
        ('ex:S sh:targetNode ex:a ; sh:deactivated "1"^^xsd:boolean .', "neither true nor false"),
        ("ex:S sh:targetNode ex:a ; sh:severity sh:Info, sh:Warning .", "given 2 times"),
        ("ex:S sh:targetNode ex:a ; sh:message 1 .", "no string"),
        ("ex:S sh:targetNode [] .", "blank node"),
        ('ex:S sh:targetClass "C" .', "no IRI"),
        ("ex:S sh:targetNode ex:a ; sh:property ex:P . ex:P a sh:NodeShape .", "no sh:path"),
        ("ex:S sh:targetNode ex:a ; sh:node ex:P . ex:P sh:path ex:p .", "node shape is needed"),
        ('ex:S sh:targetNode ex:a ; sh:not "x" .', "a literal where a shape is needed"),
        ("ex:S sh:targetNode ex:a ; sh:or ( ex:T 1 ) .", "a literal where a shape is needed"),
        ("_:s a sh:NodeShape, rdfs:Class .", "needs an IRI"),
    ],
)
def test_an_ill_formed_shape_is_refused_by_name(turtle, shapes, reason):
    with pytest.raises(InputError, match=reason) as error:
        compile_shapes(turtle(shapes))
    assert (
        "shape <http://example.org/" in str(error.value)
        or "_:" in str(error.value)
        or "literal" in reason
    )


@pytest.mark.parametrize(
    "shapes",
    [
        "ex:S sh:targetNode ex:a ; sh:node ex:S .",
        "ex:S sh:targetNode ex:a ; sh:property ex:P . ex:P sh:path ex:p ; sh:node ex:S .",
        "ex:S sh:targetNode ex:a ; sh:or ( ex:T ex:U ) . ex:U sh:not ex:S . ex:T sh:nodeKind sh:IRI .",
        "ex:P sh:path ex:p ; sh:qualifiedValueShape ex:P ; sh:qualifiedMinCount 1 .",
    ],
)
def test_a_recursive_shape_is_refused(turtle, shapes):
    with pytest.raises(InputError, match="recursive"):
        compile_shapes(turtle(shapes))


@pytest.mark.parametrize(
    ("shapes", "feature"),
    [
        ("ex:S sh:rule [ a sh:TripleRule ] .", "sh:rule"),
        ("ex:S sh:target [ a sh:SPARQLTarget ] .", "sh:target"),
        ("ex:S sh:path ex:p ; sh:values [ sh:path ex:q ] .", "sh:values"),
        ("ex:S sh:targetNode ex:a ; sh:expression [ ] .", "sh:expression"),
        ("ex:S sh:targetNode ex:a ; sh:js [ ] .", "sh:js"),
        ("ex:S sh:target [ a ex:OwnTarget ; ex:p 1 ] ; sh:nodeKind sh:IRI .", "sh:target"),
        ("ex:S sh:targetClass ex:T ; sh:rule [ a sh:SPARQLRule ; sh:construct '' ] .", "sh:rule"),
        ("ex:S sh:targetNode ex:a ; sh:nodeKind [ sh:path ex:p ] .", "sh:nodeKind _:"),
        ("ex:S sh:targetNode ex:a ; sh:in [ sh:path ex:p ] .", "sh:in _:"),
        ("ex:S sh:path ex:p ; sh:minCount [ sh:count ex:x ] .", "sh:minCount _:"),
        ("ex:S a sh:NodeShape ; sh:filterShape ex:B .", "sh:filterShape"),
        ("ex:S sh:targetNode ex:a ; sh:sparqlExpr '1' .", "sh:sparqlExpr"),
        ("ex:S sh:targetWhere [ sh:nodeKind sh:IRI ] .", "sh:targetWhere"),
        ("ex:S a sh:NodeShape ; sh:someValue ex:B .", "sh:someValue"),
        ("ex:S sh:minCuont 1 .", r"sh:minCuont is no property of SHACL"),
        (
            "ex:S sh:targetNode ex:a ; sh:sparql [ sh:select 'SELECT $this {}' ; sh:resultAnnotation [] ] .",
            "sh:resultAnnotation",
        ),
        (
            """ex:S sh:targetNode ex:a ; ex:limit 1 . ex:C a sh:ConstraintComponent ; sh:parameter [ sh:path ex:limit ] ;
            sh:validator [ a sh:JSValidator ; sh:jsFunctionName 'f' ] .""",
            r"JavaScript validator|JSConstraint",
        ),
        (
            "<http://example.org/> sh:entailment <http://www.w3.org/ns/entailment/RDFS> .",
            "sh:entailment",
        ),
    ],
)
def test_features_beyond_shacl_are_refused_and_never_ignored(turtle, shapes, feature):
    for engine in ENGINES:
        with pytest.raises(InputError, match=feature):
            validate(turtle("ex:a ex:p 1 ."), turtle(shapes), engine=engine)


def test_declarations_that_no_shape_uses_are_harmless(turtle):
    shapes = """
    ex:f a sh:SPARQLFunction ; sh:returnType xsd:string ; sh:parameter [ sh:path ex:p ] ; sh:select "SELECT ?x {}" .
    ex:T a sh:SPARQLTargetType ; rdfs:subClassOf sh:Target ; sh:parameter [ sh:path ex:p ] ; sh:select "SELECT ?this {}" .
    ex:j a sh:JSFunction ; sh:jsFunctionName "f" ; sh:jsLibrary [ sh:jsLibraryURL "http://example.org/f.js" ] .
    [] a sh:ValidationReport ; sh:conforms true .
    """
    assert compile_shapes(turtle(shapes)).shapes == ()


def test_a_declared_function_cannot_be_called(turtle):
    shapes = """
    ex:f a sh:SPARQLFunction ; sh:parameter [ sh:path ex:p ] ; sh:ask "ASK {}" .
    ex:S sh:targetNode ex:a ; sh:sparql [ sh:select "SELECT $this { FILTER (<http://example.org/f>($this)) }" ] .
    """
    with pytest.raises(InputError, match=r"there is no function <http://example\.org/f>"):
        compile_shapes(turtle(shapes))


def test_a_shape_nested_a_hundred_levels_is_refused(turtle):
    text = "ex:S0 sh:targetNode ex:a . " + " ".join(
        f"ex:S{n} sh:node ex:S{n + 1} ." for n in range(100)
    )
    with pytest.raises(InputError, match="nested deeper"):
        compile_shapes(turtle(text))


def test_an_unknown_engine_is_refused(turtle):
    with pytest.raises(InputError, match="unknown engine"):
        validate(turtle(""), turtle(""), engine="magic")


def test_the_plan_shares_targets_and_paths_and_puts_cheap_constraints_first(turtle):
    plan = compile_shapes(
        turtle("""
        ex:A sh:targetClass ex:C ; sh:property
            [ sh:path ex:p ; sh:pattern "^a" ; sh:minCount 1 ], [ sh:path ex:p ; sh:maxCount 2 ] .
        ex:B sh:targetClass ex:C ; sh:property [ sh:path ex:p ; sh:class ex:D ] .
        ex:Off sh:targetClass ex:C ; sh:deactivated true ; sh:nodeKind sh:IRI .
        """)
    )
    (group,) = plan.groups
    assert len(group.shapes) == 2
    (constraints,) = group.by_path().values()
    names = [type(constraint).__name__ for _, constraint in constraints]
    assert sorted(names[:2]) == ["MaxCount", "MinCount"]
    assert names[2:] == ["Class", "Pattern"]
    assert plan.describe().count("values along") == 1
    assert "Off" not in plan.describe()
