"""Small random data graphs and shapes graphs, so that engines can be compared."""

from itertools import count

from hypothesis import strategies as st
from pyoxigraph import BlankNode, Literal, NamedNode

from aims_graph.shacl.names import RDF_FIRST, RDF_NIL, RDF_REST, RDF_TYPE, RDFS_SUBCLASS, TRUE, sh
from aims_graph.vocabulary import XSD

EX = "http://example.org/"


def ex(name):
    return NamedNode(EX + name)


def typed(lexical, datatype):
    return Literal(lexical, datatype=NamedNode(XSD + datatype))


NODES = [*(ex(f"n{i}") for i in range(5)), BlankNode("b0"), BlankNode("b1")]
CLASSES = [ex(f"C{i}") for i in range(4)]
PREDICATES = [ex(f"p{i}") for i in range(3)]
LITERALS = [
    typed("1", "integer"),
    typed("01", "integer"),
    typed("2", "integer"),
    typed("-3", "integer"),
    typed("1.0", "decimal"),
    typed("2.5", "decimal"),
    typed("1.5e0", "double"),
    typed("NaN", "double"),
    typed("many", "integer"),
    typed("2024-02-29", "date"),
    typed("2025-01-01", "date"),
    typed("true", "boolean"),
    Literal("a"),
    Literal("abc"),
    Literal("héllo wörld"),
    Literal("a", language="en"),
    Literal("b", language="en"),
    Literal("c", language="en-gb"),
    Literal("d", language="de"),
]
BOUNDS = [typed("1", "integer"), typed("1.5", "decimal"), typed("2024-06-01", "date"), Literal("b")]
DATATYPES = [NamedNode(XSD + name) for name in ("integer", "decimal", "string", "date", "boolean")]
NODE_KINDS = ["IRI", "BlankNode", "Literal", "BlankNodeOrIRI", "BlankNodeOrLiteral", "IRIOrLiteral"]
PATTERNS = ["^a", "b$", "[a-c]+", "n[0-3]$", "L"]

NUMBERS = [LITERALS[0], *LITERALS[2:6]]

QUERIES = [
    "$this <{0}> ?value . FILTER NOT EXISTS {{ ?value <{1}> ?other }}",
    "$this <{0}> ?value . $this <{1}> ?value",
    "$this <{0}>/<{1}> ?value",
    "?value <{0}> $this . FILTER (isLiteral(?value) || EXISTS {{ $this <{1}> 1 }})",
    "$this <{0}>+ $this",
    "$this <{0}> ?value . OPTIONAL {{ ?value a ?kind }} FILTER (!BOUND(?kind))",
    "?value <{0}> ?other . FILTER NOT EXISTS {{ ?other <{1}> ?any }}",
    "?other <{0}> ?value . FILTER (?value > 1 && isIRI($this))",
    "{{ $this <{0}> ?value }} UNION {{ $this ^<{1}> ?value }}",
]

predicates = st.sampled_from(PREDICATES)
nodes = st.sampled_from(NODES)


def triples(literals=LITERALS):
    return st.one_of(
        st.tuples(nodes, predicates, st.sampled_from([*NODES, *literals])),
        st.tuples(nodes, st.just(RDF_TYPE), st.sampled_from(CLASSES)),
        st.tuples(st.sampled_from(CLASSES), st.just(RDFS_SUBCLASS), st.sampled_from(CLASSES)),
    )


def data_graphs(literals=LITERALS):
    return st.lists(triples(literals), max_size=25)


paths = st.recursive(
    predicates,
    lambda inner: st.one_of(
        st.tuples(
            st.sampled_from(["inversePath", "zeroOrMorePath", "oneOrMorePath", "zeroOrOnePath"]),
            inner,
        ),
        st.tuples(st.just("sequence"), st.lists(inner, min_size=2, max_size=2)),
        st.tuples(st.just("alternativePath"), st.lists(inner, min_size=2, max_size=2)),
    ),
    max_leaves=3,
)


class ShapesWriter:
    """Draws shapes and writes them as triples."""

    def __init__(self, draw, literals=LITERALS, bounds=BOUNDS, leave_out=("sparql",)):
        self.draw = draw
        self.literals = literals
        self.bounds = bounds
        self.triples = []
        self.leave_out = leave_out
        self._numbers = count()

    def node(self, kind):
        return ex(f"{kind}{next(self._numbers)}")

    def add(self, subject, parameter, value):
        self.triples.append((subject, sh(parameter), value))

    def list(self, members):
        head = RDF_NIL
        for member in reversed(members):
            cell = BlankNode(f"list{next(self._numbers)}")
            self.triples += [(cell, RDF_FIRST, member), (cell, RDF_REST, head)]
            head = cell
        return head

    def path(self, path):
        if isinstance(path, NamedNode):
            return path
        kind, inner = path
        if kind == "sequence":
            return self.list([self.path(step) for step in inner])
        node = BlankNode(f"path{next(self._numbers)}")
        value = (
            self.list([self.path(p) for p in inner])
            if kind == "alternativePath"
            else self.path(inner)
        )
        self.add(node, kind, value)
        return node

    def node_shape(self, depth):
        shape = self.node("NodeShape")
        self.triples.append((shape, RDF_TYPE, sh("NodeShape")))
        self.constraints(shape, depth, is_property=False)
        return shape

    def property_shape(self, depth):
        shape = self.node("PropertyShape")
        self.triples.append((shape, RDF_TYPE, sh("PropertyShape")))
        self.add(shape, "path", self.path(self.draw(paths)))
        self.constraints(shape, depth, is_property=True)
        return shape

    def any_shape(self, depth):
        return self.property_shape(depth) if self.draw(st.booleans()) else self.node_shape(depth)

    def targets(self, shape):
        draw = self.draw
        for kind in draw(
            st.sets(
                st.sampled_from(["Class", "Node", "SubjectsOf", "ObjectsOf"]),
                min_size=1,
                max_size=2,
            )
        ):
            value = {
                "Class": st.sampled_from(CLASSES),
                "Node": st.sampled_from(
                    [
                        node
                        for node in [*NODES, *self.literals[:3]]
                        if not isinstance(node, BlankNode)
                    ]
                ),
                "SubjectsOf": predicates,
                "ObjectsOf": predicates,
            }[kind]
            self.add(shape, f"target{kind}", draw(value))

    def constraints(self, shape, depth, *, is_property):
        names = [
            "class", "datatype", "nodeKind", "minInclusive", "minExclusive", "maxInclusive", "maxExclusive",
            "minLength", "maxLength", "pattern", "languageIn", "equals", "disjoint", "closed", "hasValue", "in", "sparql",
        ]  # fmt: skip
        if is_property:
            names += ["minCount", "maxCount", "uniqueLang", "lessThan", "lessThanOrEquals"]
        if depth:
            names += ["not", "and", "or", "xone", "node", "property"]
            if is_property:
                names.append("qualified")
        names = [name for name in names if name not in self.leave_out]
        for name in self.draw(
            st.lists(st.sampled_from(names), min_size=1, max_size=3, unique=True)
        ):
            self.constraint(shape, name, depth - 1)
        if self.draw(st.integers(0, 9)) == 0:
            self.add(shape, "severity", sh("Warning"))

    def constraint(self, shape, name, depth):
        draw = self.draw
        simple = {
            "class": st.sampled_from(CLASSES),
            "datatype": st.sampled_from(DATATYPES),
            "nodeKind": st.sampled_from([sh(kind) for kind in NODE_KINDS]),
            "minCount": st.sampled_from([typed(str(n), "integer") for n in (0, 1, 2)]),
            "maxCount": st.sampled_from([typed(str(n), "integer") for n in (0, 1, 2)]),
            "minLength": st.sampled_from([typed(str(n), "integer") for n in (1, 2, 20)]),
            "maxLength": st.sampled_from([typed(str(n), "integer") for n in (0, 2, 20)]),
            "pattern": st.sampled_from([Literal(pattern) for pattern in PATTERNS]),
            "uniqueLang": st.just(TRUE),
            "equals": predicates,
            "disjoint": predicates,
            "lessThan": predicates,
            "lessThanOrEquals": predicates,
            "hasValue": st.sampled_from(
                [node for node in [*NODES, *self.literals] if not isinstance(node, BlankNode)]
            ),
        }
        if name in simple:
            self.add(shape, name, draw(simple[name]))
            if name == "pattern" and draw(st.booleans()):
                self.add(shape, "flags", Literal("i"))
        elif name.endswith("clusive"):
            self.add(shape, name, draw(st.sampled_from(self.bounds)))
        elif name == "closed":
            self.add(shape, "closed", TRUE)
            self.add(
                shape,
                "ignoredProperties",
                self.list(draw(st.lists(st.sampled_from([RDF_TYPE, *PREDICATES]), unique=True))),
            )
        elif name == "in":
            members = st.lists(
                st.sampled_from([*NODES[:5], *self.literals]), max_size=4, unique=True
            )
            self.add(shape, "in", self.list(draw(members)))
        elif name == "languageIn":
            tags = st.lists(
                st.sampled_from(["en", "de", "en-GB"]), min_size=1, max_size=2, unique=True
            )
            self.add(shape, "languageIn", self.list([Literal(tag) for tag in draw(tags)]))
        elif name == "sparql":
            query = BlankNode(f"query{next(self._numbers)}")
            where = draw(st.sampled_from(QUERIES)).format(
                draw(predicates).value, draw(predicates).value
            )
            self.add(shape, "sparql", query)
            self.add(query, "select", Literal(f"SELECT DISTINCT $this ?value {{ {where} }}"))
        elif name in ("and", "or", "xone"):
            self.add(
                shape,
                name,
                self.list([self.any_shape(depth) for _ in range(draw(st.integers(1, 2)))]),
            )
        elif name == "not":
            self.add(shape, "not", self.any_shape(depth))
        elif name == "node":
            self.add(shape, "node", self.node_shape(depth))
        elif name == "property":
            self.add(shape, "property", self.property_shape(depth))
        else:
            self.add(shape, "qualifiedValueShape", self.any_shape(depth))
            self.add(shape, "qualifiedMinCount", typed("1", "integer"))
            self.add(shape, "qualifiedMaxCount", typed("1", "integer"))
            if draw(st.booleans()):
                self.add(shape, "qualifiedValueShapesDisjoint", TRUE)


@st.composite
def shapes_graphs(draw, literals=LITERALS, bounds=BOUNDS, leave_out=("sparql",)):
    writer = ShapesWriter(draw, literals, bounds, leave_out)
    for _ in range(draw(st.integers(1, 2))):
        writer.targets(writer.any_shape(depth=2))
    return writer.triples
