"""Reads the rules of shapes/*.ttl one by one, and the fixtures beside the tests."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from rdflib import RDF, RDFS, SH, XSD, BNode, Graph, Literal, URIRef
from rdflib.collection import Collection
from rdflib.term import Node

ROOT = Path(__file__).resolve().parents[2]
FIXTURES = Path(__file__).resolve().parent
AIMS = "https://w3id.org/aims-graph/ns#"
ISO42001 = "https://w3id.org/aims-graph/iso42001#"
SHAPES = "https://w3id.org/aims-graph/shapes#"
PREFIXES = URIRef(SHAPES + "prefixes")

_TARGETS = (SH.targetClass, SH.targetNode, SH.targetSubjectsOf, SH.targetObjectsOf)
_STEPS = {
    SH.inversePath: "^{}",
    SH.zeroOrMorePath: "{}*",
    SH.oneOrMorePath: "{}+",
    SH.zeroOrOnePath: "{}?",
}
#: What a shape may say without constraining anything.
_SILENT = {
    RDF.type,
    SH.property,
    SH.path,
    SH.message,
    SH.severity,
    SH.name,
    SH.description,
    SH.order,
    SH.group,
    SH.deactivated,
    *_TARGETS,
}

#: Focus node, path and value of one result, each as text with full IRIs, "-" for none.
Row = tuple[str, str, str]


@cache
def shapes() -> Graph:
    return _read(sorted((ROOT / "shapes").glob("*.ttl")))


#: The vocabulary and the catalogue; alignments and crosswalks are not loaded with the rules.
ONTOLOGY = [path for part in ("*.ttl", "iso42001/*.ttl") for path in (ROOT / "ontology").glob(part)]


@cache
def ontology() -> Graph:
    return _read(ONTOLOGY)


def _read(paths: Iterable[Path]) -> Graph:
    graph = Graph(bind_namespaces="none")
    for path in paths:
        graph.parse(path)
    return graph


@cache
def rules() -> tuple[URIRef, ...]:
    """Shapes that results can come from: reached from a target by sh:property, with a constraint."""
    graph = shapes()
    pending = [shape for target in _TARGETS for shape in graph.subjects(target)]
    reached: dict[Node, None] = {}
    while pending:
        shape = pending.pop()
        if shape not in reached:
            reached[shape] = None
            pending += graph.objects(shape, SH.property)
    constraints = {p for p in graph.predicates() if p.startswith(str(SH))} - _SILENT
    found = [s for s in reached if any(p in constraints for p in graph.predicates(s))]
    for shape in found:
        assert isinstance(shape, URIRef), (
            f"a shape without a name reports: {graph.cbd(shape).serialize()}"
        )
    return tuple(sorted(URIRef(str(shape)) for shape in found))


def local_name(rule: Node) -> str:
    return str(rule).removeprefix(SHAPES)


@cache
def alone(rule: URIRef) -> Graph:
    """The shapes graph that holds this rule, what it refers to, its targets, and no other rule."""
    graph = shapes()
    part = Graph(bind_namespaces="none")
    _copy(graph, rule, part, without=SH.property)
    _copy(graph, PREFIXES, part)
    child: Node = rule
    for parent in _holders(rule):
        part.add((parent, SH.property, child))
        for triple in graph.triples((parent, None, None)):
            if triple[1] in {*_TARGETS, RDF.type, SH.path}:
                part.add(triple)
                _copy(graph, triple[2], part)
        child = parent
    return part


def _holders(rule: Node) -> list[Node]:
    """The chain of shapes that hold the rule by sh:property, nearest first."""
    chain: list[Node] = []
    while (parent := shapes().value(None, SH.property, rule, any=True)) is not None:
        chain.append(parent)
        rule = parent
    return chain


def _copy(graph: Graph, node: Node, into: Graph, *, without: URIRef | None = None) -> None:
    for s, p, o in graph.triples((node, None, None)):
        if p == without or (s, p, o) in into:
            continue
        into.add((s, p, o))
        if isinstance(o, BNode) or (
            isinstance(o, URIRef) and o.startswith(SHAPES) and p != SH.prefixes
        ):
            _copy(graph, o, into)


def evaluated_on(day: str) -> tuple[Node, Node, Node]:
    """The triple by which a rule knows the date of the evaluation."""
    return URIRef(AIMS + "evaluation"), URIRef(AIMS + "asOf"), Literal(day, datatype=XSD.date)


def focus_nodes(rule: URIRef, data: Graph) -> set[Node]:
    part = alone(rule)
    found: set[Node] = set(part.objects(None, SH.targetNode))
    for cls in part.objects(None, SH.targetClass):
        for sub in data.transitive_subjects(RDFS.subClassOf, cls):
            found |= set(data.subjects(RDF.type, sub))
    for predicate in part.objects(None, SH.targetSubjectsOf):
        found |= set(data.subjects(predicate))
    for predicate in part.objects(None, SH.targetObjectsOf):
        found |= set(data.objects(None, predicate))
    return found


@dataclass(frozen=True, slots=True)
class Fixture:
    path: Path
    text: str
    data: Graph
    as_of: str
    expected: Counter[Row]


@cache
def fixture(rule: URIRef, kind: str) -> Fixture:
    path = FIXTURES / local_name(rule) / f"{kind}.ttl"
    text = path.read_text(encoding="utf-8")
    as_of = re.match(r"# as-of: (\d{4}-\d\d-\d\d)\n", text)
    assert as_of, f"{path}: the first line must read like '# as-of: 2026-06-30'"
    data = Graph(bind_namespaces="none").parse(data=text, format="turtle")
    prefixes = {prefix: str(namespace) for prefix, namespace in data.namespaces()}
    expected: Counter[Row] = Counter()
    for line in re.findall(r"^# expect: (.+)$", text, re.MULTILINE):
        match = re.fullmatch(r"(\S+) (\S+) (.+)", line)
        assert match, f"{path}: '# expect: {line}' must name focus node, path and value"
        focus, via, value = (_expand(part, prefixes) for part in match.groups())
        expected[row_of(focus, via, value)] += 1
    return Fixture(path, text, data, as_of.group(1), expected)


_CURIE = re.compile(
    r'<[^>]*>|"(?:[^"\\]|\\.)*"|@[A-Za-z-]+|(?<![\w.-])([A-Za-z][\w.-]*):([\w.-]*[\w-])'
)


def _expand(text: str, prefixes: dict[str, str]) -> str:
    """Prefixed names to full IRIs; bare numbers and booleans to typed literals; strings without type."""
    if text in {"true", "false"}:
        return as_text(Literal(text, datatype=XSD.boolean))
    if re.fullmatch(r"[+-]?\d+(\.\d+)?", text):
        return as_text(Literal(text, datatype=XSD.decimal if "." in text else XSD.integer))
    full = _CURIE.sub(lambda m: f"<{prefixes[m[1]]}{m[2]}>" if m[1] else m[0], text)
    return full.removesuffix(f"^^<{XSD.string}>")


def row(graph: Graph, result: Node) -> Row:
    focus, value = graph.value(result, SH.focusNode), graph.value(result, SH.value)
    path = graph.value(result, SH.resultPath)
    return row_of(
        as_text(focus),
        "-" if path is None else path_text(graph, path),
        "-" if value is None else as_text(value),
    )


def row_of(focus: str, path: str, value: str) -> Row:
    """In a node shape, the value of a constraint that names none is the focus node: nothing new."""
    return focus, path, "-" if value == focus else value


def as_text(term: Node | None) -> str:
    assert term is not None
    if isinstance(term, Literal) and term.datatype not in {None, XSD.string}:
        return f'"{term}"^^<{term.datatype}>'
    return "[]" if isinstance(term, BNode) else term.n3()


def path_text(graph: Graph, path: Node) -> str:
    """SPARQL syntax with full IRIs and without brackets that are not needed."""
    return _path(graph, path)[0]


def _path(graph: Graph, path: Node) -> tuple[str, int]:
    """The text, and how tightly it binds: 0 alternative, 1 sequence, 2 one step with a sign, 3 an IRI."""
    if isinstance(path, URIRef):
        return path.n3(), 3
    if (path, RDF.first, None) in graph:
        return "/".join(_bracketed(graph, step, 1) for step in Collection(graph, path)), 1
    if (options := graph.value(path, SH.alternativePath)) is not None:
        return "|".join(_bracketed(graph, option, 0) for option in Collection(graph, options)), 0
    for predicate, form in _STEPS.items():
        if (inner := graph.value(path, predicate)) is not None:
            return form.format(_bracketed(graph, inner, 3)), 2
    raise AssertionError(f"not a path: {path}")


def _bracketed(graph: Graph, path: Node, least: int) -> str:
    text, binding = _path(graph, path)
    return text if binding >= least else f"({text})"
