"""Strategies for small graphs and for queries of the documented subset over their terms."""

from dataclasses import dataclass

from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode

BASE = "http://example.org/"
XSD = "http://www.w3.org/2001/XMLSchema#"
PREFIXES = {"": BASE, "xsd": XSD}

NODES = [f":n{at}" for at in range(5)]
PREDICATES = [":p", ":q", ":r"]
LITERALS = [
    "1",
    "2",
    '"2"^^xsd:decimal',
    '"1"',
    '"a"',
    '"a"@en',
    '"b"@EN',
    "true",
    '"2024-01-31"^^xsd:date',
    '"2024-02-01Z"^^xsd:date',
    '"2024-01-31T12:00:00"^^xsd:dateTime',
    '"x"^^:unknown',
    '"abc"^^xsd:integer',
    '"NaN"^^xsd:double',
]
VARIABLES = ["?this", "?a", "?b", "?c", "?d"]


def to_term(text: str) -> NamedNode | Literal:
    if text.startswith(":"):
        return NamedNode(BASE + text[1:])
    if not text.startswith('"'):
        kind = "boolean" if text == "true" else "decimal" if "." in text else "integer"
        return Literal(text, datatype=NamedNode(XSD + kind))
    lexical, _, rest = text[1:].partition('"')
    if rest.startswith("@"):
        return Literal(lexical, language=rest[1:])
    if rest.startswith("^^xsd:"):
        return Literal(lexical, datatype=NamedNode(XSD + rest[6:]))
    return Literal(lexical, datatype=NamedNode(BASE + rest[3:])) if rest else Literal(lexical)


triples = st.tuples(
    st.sampled_from(NODES), st.sampled_from(PREDICATES), st.sampled_from(NODES * 3 + LITERALS)
).map(lambda triple: tuple(map(to_term, triple)))
graphs = st.lists(triples, max_size=14).map(lambda found: list(dict.fromkeys(found)))

variables = st.sampled_from(VARIABLES)
steps = st.sampled_from(PREDICATES)


def _paths(inner):
    return st.one_of(
        st.builds("({}/{})".format, inner, inner),
        st.builds("({}|{})".format, inner, inner),
        st.builds("(^{})".format, inner),
        st.builds("({}){}".format, inner, st.sampled_from("*+?")),
        st.sampled_from(["!:p", "!(:p|^:q)", "!^:r"]),
    )


paths = st.recursive(steps, _paths, max_leaves=3)

triple_patterns = st.builds(
    "{} {} {} .".format,
    st.one_of(variables, variables, st.sampled_from(NODES)),
    st.one_of(steps, steps, steps, paths, variables),
    st.one_of(variables, variables, variables, st.sampled_from(NODES + LITERALS)),
)
basic = st.lists(triple_patterns, min_size=1, max_size=3).map(" ".join)

_operands = st.one_of(variables, variables, st.sampled_from(NODES + LITERALS))


def _expressions(inner):
    return st.one_of(
        st.builds(
            "({} {} {})".format, inner, st.sampled_from(["=", "!=", "<", ">", "<=", ">="]), inner
        ),
        st.builds("({} {} {})".format, inner, st.sampled_from(["&&", "||"]), inner),
        st.builds("({} {} {})".format, inner, st.sampled_from("+-*/"), inner),
        st.builds("(! {})".format, inner),
        st.builds("BOUND({})".format, variables),
        st.builds(
            "({} {} ({}, {}))".format, inner, st.sampled_from(["IN", "NOT IN"]), inner, inner
        ),
        st.builds("IF({}, {}, {})".format, inner, inner, inner),
        st.builds("COALESCE({}, {})".format, inner, inner),
        st.builds(
            "{}({})".format,
            st.sampled_from(
                [
                    "STR",
                    "isIRI",
                    "isLiteral",
                    "isNumeric",
                    "LANG",
                    "DATATYPE",
                    "STRLEN",
                    "YEAR",
                    "ABS",
                ]
            ),
            inner,
        ),
        st.builds("sameTerm({}, {})".format, inner, inner),
        st.builds("CONTAINS(STR({}), STR({}))".format, inner, inner),
        st.builds("REGEX(STR({}), '[1a]')".format, inner),
    )


expressions = st.recursive(_operands, _expressions, max_leaves=4)


@dataclass(frozen=True)
class Features:
    """What queries may contain beside the common operators."""

    minus: bool = True
    values: bool = True
    exists: bool = True


@st.composite
def groups(draw, features: Features = Features(), depth: int = 2):
    """The text between the braces of a group."""
    parts = [draw(st.one_of(basic, basic, st.just("")))]
    bound = set()
    parts += [draw(_member(features, depth, bound)) for _ in range(draw(st.integers(0, 3)))]
    return " ".join(parts)


@st.composite
def _member(draw, features: Features, depth: int, bound: set[str]):
    kinds = ["basic", "filter"]
    if depth:
        kinds += ["optional", "union", "group", "select"]
        kinds += ["minus"] if features.minus else []
        kinds += ["exists"] * 2 if features.exists else []
    kinds += ["values"] if features.values else []
    kinds += ["bind"]
    kind = draw(st.sampled_from(kinds))
    if kind == "basic":
        return draw(basic)
    if kind == "filter":
        return f"FILTER({draw(expressions)})"
    if kind == "bind":
        name = f"?x{len(bound)}{depth}{draw(st.integers(0, 99))}"
        bound.add(name)
        return f"BIND({draw(expressions)} AS {name})"
    if kind == "values":
        term = st.sampled_from([*NODES, "1", '"a"', "UNDEF"])
        return f"VALUES (?a ?b) {{ ({draw(term)} {draw(term)}) ({draw(term)} {draw(term)}) }}"
    inner = draw(groups(features, depth - 1))
    if kind == "optional":
        return f"OPTIONAL {{ {inner} }}"
    if kind == "union":
        return f"{{ {inner} }} UNION {{ {draw(groups(features, depth - 1))} }}"
    if kind == "group":
        return f"{{ {inner} }}"
    if kind == "minus":
        return f"MINUS {{ {inner} }}"
    if kind == "exists":
        return f"FILTER {draw(st.sampled_from(['', 'NOT ']))}EXISTS {{ {inner} }}"
    name = f"?y{draw(st.integers(0, 99))}"
    function = draw(
        st.sampled_from(["COUNT(*)", "COUNT(DISTINCT ?b)", "MIN(?b)", "MAX(?b)", "SUM(?b)"])
    )
    return draw(
        st.sampled_from(
            [
                f"{{ SELECT DISTINCT ?this ?a {{ {inner} }} }}",
                f"{{ SELECT ?this ?b {{ {inner} }} }}",
                f"{{ SELECT ?this ({function} AS {name}) {{ {inner} }} GROUP BY ?this }}",
            ]
        )
    )


queries = groups().map("SELECT * WHERE {{ {} }}".format)
shacl_queries = groups(Features(minus=False, values=False)).map("SELECT * WHERE {{ {} }}".format)
