"""Property paths (https://www.w3.org/TR/shacl/#property-paths): read, print, turn around.

A path is an IRI (one step along that predicate) or one of the classes below. ``str(path)`` is SPARQL
property path syntax with full IRIs.
"""

from dataclasses import dataclass

from pyoxigraph import BlankNode, NamedNode, Triple

from aims_graph.errors import InputError
from aims_graph.shacl.graph import ShapesGraph
from aims_graph.shacl.names import RDF_FIRST, RDF_NIL, RDF_REST, RDF_TYPE, RDFS_SUBCLASS, Term, sh


@dataclass(frozen=True, slots=True)
class Inverse:
    path: "Path"

    def __str__(self) -> str:
        return f"^{_as_element(self.path)}"


@dataclass(frozen=True, slots=True)
class Sequence:
    steps: tuple["Path", ...]

    def __str__(self) -> str:
        return "/".join(
            f"({step})" if isinstance(step, Alternative | Sequence) else str(step)
            for step in self.steps
        )


@dataclass(frozen=True, slots=True)
class Alternative:
    options: tuple["Path", ...]

    def __str__(self) -> str:
        return "|".join(
            f"({option})" if isinstance(option, Alternative) else str(option)
            for option in self.options
        )


@dataclass(frozen=True, slots=True)
class ZeroOrMore:
    path: "Path"

    def __str__(self) -> str:
        return f"{_as_primary(self.path)}*"


@dataclass(frozen=True, slots=True)
class OneOrMore:
    path: "Path"

    def __str__(self) -> str:
        return f"{_as_primary(self.path)}+"


@dataclass(frozen=True, slots=True)
class ZeroOrOne:
    path: "Path"

    def __str__(self) -> str:
        return f"{_as_primary(self.path)}?"


PathExpression = Inverse | Sequence | Alternative | ZeroOrMore | OneOrMore | ZeroOrOne
Path = NamedNode | PathExpression

# From a node to the classes it is a SHACL instance of.
CLASS_PATH = Sequence((RDF_TYPE, ZeroOrMore(RDFS_SUBCLASS)))

MAXIMUM_DEPTH = 60

_UNARY: dict[NamedNode, type[Inverse | ZeroOrMore | OneOrMore | ZeroOrOne]] = {
    sh("inversePath"): Inverse,
    sh("zeroOrMorePath"): ZeroOrMore,
    sh("oneOrMorePath"): OneOrMore,
    sh("zeroOrOnePath"): ZeroOrOne,
}
_PARAMETER = {kind: predicate for predicate, kind in _UNARY.items()}


def _as_primary(path: "Path") -> str:
    return str(path) if isinstance(path, NamedNode) else f"({path})"


def _as_element(path: "Path") -> str:
    """What may follow ``^``: a primary with at most one modifier."""
    return (
        str(path)
        if isinstance(path, NamedNode | ZeroOrMore | OneOrMore | ZeroOrOne)
        else f"({path})"
    )


def parse_path(graph: ShapesGraph, node: Term) -> Path:
    """The path that ``node`` describes. Raises InputError when it is ill-formed or contains itself."""
    return _parse(graph, node, ())


def _parse(graph: ShapesGraph, node: Term, above: tuple[Term, ...]) -> Path:
    if isinstance(node, NamedNode) and node != RDF_NIL:
        return node
    if not isinstance(node, BlankNode):
        raise InputError(f"{node} is no property path: an IRI or a blank node is needed")
    if node in above:
        raise InputError(f"property path {node} contains itself")
    if len(above) > MAXIMUM_DEPTH:
        raise InputError(f"property path {above[0]} is nested deeper than {MAXIMUM_DEPTH} levels")
    above = (*above, node)
    # A list is read as a sequence even where the node carries other path parameters (W3C path-strange-001).
    if graph.objects(node, RDF_FIRST):
        return Sequence(_members(graph, node, above))
    alternatives = graph.objects(node, sh("alternativePath"))
    unary = [
        (kind, value)
        for predicate, kind in _UNARY.items()
        for value in graph.objects(node, predicate)
    ]
    if len(alternatives) + len(unary) != 1:
        raise InputError(
            f"property path {node} needs exactly one of a list, sh:alternativePath, sh:inversePath, "
            "sh:zeroOrMorePath, sh:oneOrMorePath, sh:zeroOrOnePath"
        )
    if alternatives:
        return Alternative(_members(graph, alternatives[0], above))
    kind, value = unary[0]
    return kind(_parse(graph, value, above))


def _members(graph: ShapesGraph, head: Term, above: tuple[Term, ...]) -> tuple[Path, ...]:
    members = graph.members(head)
    if len(members) < 2:
        raise InputError(f"property path list {head} needs at least two members")
    return tuple(_parse(graph, member, above) for member in members)


def path_triples(path: Path) -> tuple[NamedNode | BlankNode, list[Triple]]:
    """A node that stands for the path and the triples that describe it, with new blank nodes."""
    if isinstance(path, NamedNode):
        return path, []
    if isinstance(path, Sequence):
        return _list_triples(path.steps)
    node = BlankNode()
    if isinstance(path, Alternative):
        head, triples = _list_triples(path.options)
        return node, [Triple(node, sh("alternativePath"), head), *triples]
    inner, triples = path_triples(path.path)
    return node, [Triple(node, _PARAMETER[type(path)], inner), *triples]


def _list_triples(paths: tuple[Path, ...]) -> tuple[NamedNode | BlankNode, list[Triple]]:
    head: NamedNode | BlankNode = RDF_NIL
    triples: list[Triple] = []
    for path in reversed(paths):
        member, inner = path_triples(path)
        cell = BlankNode()
        triples += [Triple(cell, RDF_FIRST, member), Triple(cell, RDF_REST, head), *inner]
        head = cell
    return head, triples


def turned(path: Path) -> Path:
    """The path that leads back, with inversion only ever around an IRI."""
    match path:
        case Inverse(inner):
            return forward(inner)
        case Sequence(steps):
            return Sequence(tuple(turned(step) for step in reversed(steps)))
        case Alternative(options):
            return Alternative(tuple(turned(option) for option in options))
        case ZeroOrMore(inner) | OneOrMore(inner) | ZeroOrOne(inner):
            return type(path)(turned(inner))
    return Inverse(path)


def forward(path: Path) -> Path:
    """The same path with inversion only ever around an IRI."""
    match path:
        case Inverse(inner):
            return turned(inner)
        case Sequence(steps):
            return Sequence(tuple(forward(step) for step in steps))
        case Alternative(options):
            return Alternative(tuple(forward(option) for option in options))
        case ZeroOrMore(inner) | OneOrMore(inner) | ZeroOrOne(inner):
            return type(path)(forward(inner))
    return path


def predicates(path: Path) -> frozenset[NamedNode]:
    match path:
        case Sequence(paths) | Alternative(paths):
            return frozenset().union(*(predicates(inner) for inner in paths))
        case Inverse(inner) | ZeroOrMore(inner) | OneOrMore(inner) | ZeroOrOne(inner):
            return predicates(inner)
    return frozenset({path})
