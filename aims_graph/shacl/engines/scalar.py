"""The oracle: one node at a time, sets of terms, the words of the specification.

Slow on purpose and shares only the parsed shapes with the columns engine. Whatever the specification defines by a
SPARQL expression (order of values, langMatches, regex) is asked of Oxigraph as that expression.
"""

import re
from collections.abc import Iterator
from functools import cached_property

import numpy as np
from pyoxigraph import BlankNode, Literal, NamedNode, Store, Variable

from aims_graph.columns import Columns
from aims_graph.errors import InputError
from aims_graph.shacl import constraints as c
from aims_graph.shacl.model import (
    Constraint,
    Shape,
    TargetClass,
    TargetNode,
    TargetObjectsOf,
    TargetSubjectsOf,
)
from aims_graph.shacl.names import RDF_TYPE, Term, sh
from aims_graph.shacl.paths import (
    CLASS_PATH,
    Alternative,
    Inverse,
    OneOrMore,
    Path,
    Sequence,
    ZeroOrMore,
    ZeroOrOne,
    turned,
)
from aims_graph.shacl.plan import compile_shapes
from aims_graph.shacl.report import ValidationReport, ValidationResult
from aims_graph.shacl.sparql import SparqlConstraint
from aims_graph.shacl.sparql.reference import Reference
from aims_graph.shacl.sparql.reference_graph import PlainGraph
from aims_graph.vocabulary import XSD

Found = tuple[Term | None, Path | None]  # sh:value, sh:resultPath of one result

LEXICAL = {
    NamedNode(XSD + name): re.compile(pattern)
    for name, pattern in {
        "integer": r"[+-]?\d+",
        "decimal": r"[+-]?(\d+(\.\d*)?|\.\d+)",
        "byte": r"[+-]?0*(\d|[1-9]\d|1[01]\d|12[0-7])|-0*128",
        "double": r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?|[+-]?INF|NaN",
        "boolean": r"true|false|1|0",
        "date": r"-?\d{4,}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])(Z|[+-]\d\d:\d\d)?",
    }.items()
}


def validate(data: Columns, shapes: Columns) -> ValidationReport:
    graph = ScalarGraph(data)
    results: list[ValidationResult] = []
    focus_nodes: dict[Term, tuple[Term, ...]] = {}
    for shape in compile_shapes(shapes).shapes:
        if shape.targets and not shape.deactivated:
            focus = graph.focus_nodes(shape)
            focus_nodes[shape.node] = tuple(focus)
            for node in focus:
                results += graph.validate(shape, node)
    return ValidationReport(results, focus_nodes)


class ScalarGraph:
    def __init__(self, data: Columns) -> None:
        self._data = data
        self._graph = PlainGraph(data.triples())
        self._references: dict[int, Reference] = {}
        self._store = Store()

    @cached_property
    def _kinds(self) -> dict[Term, set[Term]]:
        """The classes of every node that has one."""
        typed = {s for s, _, _ in self._graph.matching(None, RDF_TYPE, None)}
        return {node: self.follow(CLASS_PATH, node) for node in typed}

    def reference(self, query: SparqlConstraint) -> Reference:
        shapes = query.shapes_graph
        if id(shapes) not in self._references:
            self._references[id(shapes)] = Reference(self._graph.triples, shapes=shapes.triples())
        return self._references[id(shapes)]

    def objects(self, subject: Term, predicate: NamedNode) -> set[Term]:
        return {o for _, _, o in self._graph.matching(subject, predicate, None)}

    def ask(self, expression: str, **variables: Term) -> bool:
        """The effective boolean value of a SPARQL expression; an error is false."""
        if any(isinstance(term, BlankNode) for term in variables.values()):
            return False
        names, terms = (
            " ".join(map(str, part)) for part in (map(Variable, variables), variables.values())
        )
        query = f"ASK {{ VALUES ({names}) {{ ({terms}) }} FILTER({expression}) }}"
        return bool(self._store.query(query))

    def focus_nodes(self, shape: Shape) -> set[Term]:
        found: set[Term] = set()
        for target in shape.targets:
            match target:
                case TargetNode(node):
                    found.add(node)
                case TargetClass(kind):
                    found |= {s for s, kinds in self._kinds.items() if kind in kinds}
                case TargetSubjectsOf(predicate):
                    found |= {s for s, _, _ in self._graph.matching(None, predicate, None)}
                case TargetObjectsOf(predicate):
                    found |= {o for _, _, o in self._graph.matching(None, predicate, None)}
        return found

    def follow(self, path: Path, node: Term) -> set[Term]:
        match path:
            case Inverse(NamedNode() as predicate):
                return {s for s, _, _ in self._graph.matching(None, predicate, node)}
            case Inverse(inner):
                return self.follow(turned(inner), node)
            case Sequence(steps):
                reached = {node}
                for step in steps:
                    reached = {end for middle in reached for end in self.follow(step, middle)}
                return reached
            case Alternative(options):
                return {end for option in options for end in self.follow(option, node)}
            case ZeroOrOne(inner):
                return {node} | self.follow(inner, node)
            case ZeroOrMore(inner):
                return self._repeat(inner, {node})
            case OneOrMore(inner):
                return self._repeat(inner, self.follow(inner, node))
        return self.objects(node, path)

    def _repeat(self, path: Path, reached: set[Term]) -> set[Term]:
        pending = list(reached)
        while pending:
            fresh = self.follow(path, pending.pop()) - reached
            reached |= fresh
            pending += fresh
        return reached

    def conforms(self, shape: Shape, node: Term) -> bool:
        return not self.validate(shape, node)

    def validate(self, shape: Shape, focus: Term) -> list[ValidationResult]:
        if shape.deactivated:
            return []
        values = {focus} if shape.path is None else self.follow(shape.path, focus)
        results: list[ValidationResult] = []
        for constraint in shape.constraints:
            if isinstance(constraint, c.Property):
                for node in values:
                    results += self.validate(constraint.shape, node)
                continue
            for value, path in self.check(constraint, focus, values):
                details: list[ValidationResult] = []
                if isinstance(constraint, c.Node) and value is not None:
                    details = self.validate(constraint.shape, value)
                results.append(
                    ValidationResult(
                        focus=focus,
                        shape=shape.node,
                        component=constraint.component,
                        severity=shape.severity,
                        path=path or shape.path,
                        value=value,
                        messages=shape.messages or (Literal(constraint.message()),),
                        details=tuple(details),
                    )
                )
        return results

    def check(self, constraint: Constraint, focus: Term, values: set[Term]) -> Iterator[Found]:
        """One (value, path) for each result; section 4 of the specification in its order."""
        match constraint:
            case c.MinCount(count):
                if len(values) < count:
                    yield None, None
            case c.MaxCount(count):
                if len(values) > count:
                    yield None, None
            case c.UniqueLang():
                tags = [
                    value.language
                    for value in values
                    if isinstance(value, Literal) and value.language
                ]
                for tag in set(tags):
                    if tags.count(tag) > 1:
                        yield None, None
            case c.Equals(predicate):
                for value in values ^ self.objects(focus, predicate):
                    yield value, None
            case c.Disjoint(predicate):
                for value in values & self.objects(focus, predicate):
                    yield value, None
            case c.LessThan(predicate):
                sign = "<=" if isinstance(constraint, c.LessThanOrEquals) else "<"
                for value in values:
                    for other in self.objects(focus, predicate):
                        # Oxigraph orders IRIs and language-tagged strings too, SPARQL 1.1 does not (17.3).
                        plain = all(
                            isinstance(term, Literal) and term.language is None
                            for term in (value, other)
                        )
                        if not (
                            plain and self.ask(f"?value {sign} ?other", value=value, other=other)
                        ):
                            yield value, None
            case c.QualifiedMinCount() | c.QualifiedMaxCount():
                qualifying = [
                    value
                    for value in values
                    if self.conforms(constraint.shape, value)
                    and not any(self.conforms(sibling, value) for sibling in constraint.siblings)
                ]
                too_few = isinstance(constraint, c.QualifiedMinCount)
                if (
                    len(qualifying) < constraint.count
                    if too_few
                    else len(qualifying) > constraint.count
                ):
                    yield None, None
            case c.Sparql(query) if query.outside:
                yield from self._ask_oxigraph(query, focus, values)
            case c.Sparql(query):
                for given in values if query.per_value else [None]:
                    for solution in query.evaluate_plainly(self.reference(query), focus, given):
                        path = solution.get("path")
                        default = focus if query.path is None else None
                        yield (
                            solution.get("value", default),
                            path if isinstance(path, NamedNode) else None,
                        )
            case c.Closed(allowed):
                for subject, used, value in self._graph.triples:
                    if subject in values and used not in allowed:
                        assert isinstance(used, NamedNode)
                        yield value, used
            case c.HasValue(wanted):
                if wanted not in values:
                    yield None, None
            case _:
                for value in values:
                    if not self.holds(constraint, value):
                        yield value, None

    def _ask_oxigraph(
        self, query: SparqlConstraint, focus: Term, values: set[Term]
    ) -> Iterator[Found]:
        """What the plain evaluator does not know: one focus node at a time of the same copy as the columns."""
        terms = self._data.terms
        given = np.array([terms.add(value) for value in values], np.int32)
        start = np.full(len(given) if query.per_value else 1, terms.add(focus), np.int32)
        found = query.evaluate(self._data, start, given)
        for row, value in enumerate(found.value.tolist()):
            path = None if found.path is None else terms.term(int(found.path[row]))
            yield (
                terms.term(value) if value >= 0 else None,
                path if isinstance(path, NamedNode) else None,
            )

    def holds(self, constraint: Constraint, value: Term) -> bool:
        """Constraints that look at one value node at a time."""
        match constraint:
            case c.Class(kind):
                return kind in self.follow(CLASS_PATH, value)
            case c.Datatype(datatype):
                if not isinstance(value, Literal) or value.datatype != datatype:
                    return False
                lexical = LEXICAL.get(datatype)
                return lexical is None or lexical.fullmatch(value.value) is not None
            case c.NodeKind(kind):
                return type(value).__name__.replace("NamedNode", "IRI") in _allowed_kinds(kind)
            case c.MinInclusive(bound):
                return self.ask("?value >= ?bound", value=value, bound=bound)
            case c.MinExclusive(bound):
                return self.ask("?value > ?bound", value=value, bound=bound)
            case c.MaxInclusive(bound):
                return self.ask("?value <= ?bound", value=value, bound=bound)
            case c.MaxExclusive(bound):
                return self.ask("?value < ?bound", value=value, bound=bound)
            case c.MinLength(length):
                return not isinstance(value, BlankNode) and len(value.value) >= length
            case c.MaxLength(length):
                return not isinstance(value, BlankNode) and len(value.value) <= length
            case c.Pattern(pattern):
                text, flags = Literal(pattern.text), Literal(pattern.flags)
                return self.ask(
                    "REGEX(STR(?value), ?text, ?flags)", value=value, text=text, flags=flags
                )
            case c.LanguageIn(ranges):
                return any(
                    self.ask(
                        "LANGMATCHES(LANG(?value), ?range)", value=value, range=Literal(wanted)
                    )
                    for wanted in ranges
                )
            case c.In(members):
                return value in members
            case c.Not(shape):
                return not self.conforms(shape, value)
            case c.And(members):
                return all(self.conforms(member, value) for member in members)
            case c.Or(members):
                return any(self.conforms(member, value) for member in members)
            case c.Xone(members):
                return sum(self.conforms(member, value) for member in members) == 1
            case c.Node(shape):
                return self.conforms(shape, value)
        raise InputError(f"the scalar engine has no {constraint.component}")


def _allowed_kinds(kind: NamedNode) -> set[str]:
    """Names of the term types that a value of sh:nodeKind allows."""
    name = kind.value.removeprefix(sh("").value)
    return set(name.split("Or"))
