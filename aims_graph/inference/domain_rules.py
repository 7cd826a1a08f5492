"""SHACL rules (https://www.w3.org/TR/shacl-af/#rules): ``sh:TripleRule`` and ``sh:SPARQLRule`` of node shapes.

A triple rule is read as the CONSTRUCT query that says the same, so that there is one way to run rules.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from pyoxigraph import BlankNode, Literal, NamedNode

from aims_graph.columns import Columns, Term, Triple, load
from aims_graph.columns.lexical import NUMBER
from aims_graph.errors import InputError
from aims_graph.resources import folder
from aims_graph.shacl.evaluation import Evaluation
from aims_graph.shacl.graph import ShapesGraph
from aims_graph.shacl.model import Shape, TargetClass, TargetObjectsOf, TargetSubjectsOf
from aims_graph.shacl.names import RDF_TYPE, RDFS_SUBCLASS, sh, short
from aims_graph.shacl.paths import parse_path
from aims_graph.shacl.shapes import UNSUPPORTED, ShapeParser
from aims_graph.shacl.sparql.algebra import TriplePattern, Variable
from aims_graph.shacl.sparql.literals import value_of
from aims_graph.shacl.sparql.shapes import find_prefixes, is_true
from aims_graph.shacl.sparql.tables import Ids
from aims_graph.vocabulary import SH

from .construct import Construct, parse_construct

_OF_RULES: Final = frozenset(
    sh(name) for name in ["order", "condition", "deactivated", "name", "description"]
)
_OF_TRIPLES: Final = ("subject", "predicate", "object")
_OF_SPARQL: Final = frozenset({sh("construct"), sh("prefixes")})


@dataclass(frozen=True, eq=False)
class DomainRule:
    """``name``: IRI of the rule or, where it has none, of its shape."""

    name: str
    order: float
    shape: Shape
    conditions: tuple[Shape, ...]
    construct: Construct

    def focus_nodes(self, data: Columns) -> Ids:
        """Targets of the shape that conform to all conditions; sorted."""
        evaluation = Evaluation(data)
        nodes = np.unique(evaluation.focus_nodes(self.shape.targets))
        for condition in self.conditions:
            nodes = nodes[evaluation.holds(condition, nodes)]
        return nodes

    @property
    def classes(self) -> frozenset[Term]:
        """That the rule is for the members of."""
        return frozenset(t.target for t in self.shape.targets if isinstance(t, TargetClass))

    @property
    def given(self) -> tuple[TriplePattern, ...]:
        """What else a conclusion rests on: that the focus node is of the class."""
        return tuple(
            TriplePattern(Variable("this"), RDF_TYPE, target.target)
            for target in self.shape.targets
            if isinstance(target, TargetClass)
        )

    def may_matter(self, triples: Iterable[Triple]) -> bool:
        """Whether a change of these triples can change what the rule concludes; they include inferred ones."""
        predicates = self.construct.predicates
        if predicates is None or self.conditions:
            return True
        aimed = {
            target.predicate
            for target in self.shape.targets
            if isinstance(target, TargetSubjectsOf | TargetObjectsOf)
        }
        return any(
            p in predicates or p in aimed or (p == RDF_TYPE and o in self.classes)
            for _, p, o in triples
        )

    def affected(self, old: Columns, new: Columns, added: Sequence[Triple]) -> Ids:
        """Focus nodes for which the rule may conclude something else than before the triples were there; sorted."""
        nodes = self.construct.dependencies.affected(old, new, added, ())
        if nodes is None or self.conditions or any(p == RDFS_SUBCLASS for _, p, _ in added):
            return self.focus_nodes(new)
        come: list[Term] = []
        for target in self.shape.targets:
            match target:
                case TargetClass():
                    come += [s for s, p, _ in added if p == RDF_TYPE]
                case TargetSubjectsOf(predicate):
                    come += [s for s, p, _ in added if p == predicate]
                case TargetObjectsOf(predicate):
                    come += [o for _, p, o in added if p == predicate]
        candidates = np.unique(np.concatenate([nodes, new.terms.ids_of(come)]))
        return Evaluation(new).targets(candidates, self.shape.targets)


@cache
def our_rules() -> tuple[DomainRule, ...]:
    """Those of ``ontology/rules.ttl``."""
    return read_rules(load([folder("ontology") / "rules.ttl"]))


def read_rules(graph: Columns) -> tuple[DomainRule, ...]:
    """All rules that are not deactivated, by sh:order.

    Raises InputError for ill-formed rules and for what else of SHACL Advanced Features stands in the graph.
    """
    rules = list(_Reader(graph).read())
    return tuple(sorted(rules, key=lambda rule: (rule.order, rule.name)))


class _Reader:
    def __init__(self, graph: Columns) -> None:
        self.graph = ShapesGraph(graph)
        # The parser of shapes refuses rules, as they are not for validation.
        plain = [triple for triple in graph.triples() if triple[1] != sh("rule")]
        self.shapes = ShapeParser(ShapesGraph(Columns.from_triples(plain)))

    def read(self) -> Iterator[DomainRule]:
        for predicate, feature in UNSUPPORTED.items():
            for node, _ in self.graph.pairs(predicate):
                if predicate != sh("rule"):
                    raise InputError(f"{node}: {feature} are not supported in rules")
        for node, regime in self.graph.pairs(sh("entailment")):
            if regime != sh("Rules"):
                raise InputError(f"{node} asks for entailment {regime}, which is not supported")
        for node, rule in self.graph.pairs(sh("rule")):
            if isinstance(node, Literal) or isinstance(rule, Literal):
                raise InputError(f"sh:rule of {node}: a rule is no literal")
            shape = self.shapes.shape(node)
            if shape.path is not None:
                raise InputError(f"{node}: rules of property shapes are not supported")
            if not shape.deactivated and not is_true(self.graph, rule, "deactivated"):
                yield self._rule(shape, rule)

    def _rule(self, shape: Shape, rule: NamedNode | BlankNode) -> DomainRule:
        kinds = self.graph.objects(rule, RDF_TYPE)
        if sh("TripleRule") in kinds:
            construct, own = self._triple_rule(rule), {sh(name) for name in _OF_TRIPLES}
        elif sh("SPARQLRule") in kinds:
            construct, own = self._sparql_rule(rule), {*_OF_SPARQL}
        else:
            raise self._error(rule, "neither a sh:TripleRule nor a sh:SPARQLRule")
        for predicate in self.graph.predicates(rule):
            if predicate.value.startswith(SH) and predicate not in _OF_RULES | own:
                raise self._error(rule, f"sh:{short(predicate)} is not supported here")
        name = str((rule if isinstance(rule, NamedNode) else shape.node).value)
        conditions = [self.shapes.shape(c) for c in self.graph.objects(rule, sh("condition"))]
        return DomainRule(name, self._order(rule), shape, tuple(conditions), construct)

    def _error(self, rule: Term, message: str) -> InputError:
        return InputError(f"rule {rule}: {message}")

    def _order(self, rule: Term) -> float:
        orders = self.graph.objects(rule, sh("order"))
        if not orders:
            return 0.0
        value = value_of(orders[0])
        if len(orders) > 1 or value is None or value.order != NUMBER:
            raise self._error(rule, "sh:order is one number")
        return float(value.number)

    def _sparql_rule(self, rule: Term) -> Construct:
        texts = self.graph.objects(rule, sh("construct"))
        if len(texts) != 1 or not isinstance(texts[0], Literal):
            raise self._error(rule, "one string as sh:construct is needed")
        return self._parsed(rule, texts[0].value, find_prefixes(self.graph, rule))

    def _triple_rule(self, rule: Term) -> Construct:
        patterns: list[str] = []
        made = [self._expression(rule, name, patterns) for name in _OF_TRIPLES]
        text = f"CONSTRUCT {{ {' '.join(made)} }} WHERE {{ {' '.join(patterns)} }}"
        return self._parsed(rule, text, {})

    def _parsed(self, rule: Term, text: str, prefixes: dict[str, str]) -> Construct:
        try:
            return parse_construct(text, prefixes)
        except InputError as error:
            where = f" line {error.line} column {error.column}:" if error.line else ""
            raise InputError(f"rule {rule}:{where} {error.message}", hint=error.hint) from error

    def _expression(self, rule: Term, name: str, patterns: list[str]) -> str:
        """What stands in the template; ``patterns`` grows by how it is found."""
        terms = self.graph.objects(rule, sh(name))
        if len(terms) != 1:
            raise self._error(rule, f"one sh:{name} is needed")
        term = terms[0]
        if term == sh("this"):
            return "$this"
        if not isinstance(term, BlankNode):
            return str(term)
        paths = self.graph.objects(term, sh("path"))
        if len(paths) != 1 or self.graph.predicates(term) != [sh("path")]:
            raise self._error(
                rule, f"sh:{name} is neither sh:this, a term nor a path: not supported"
            )
        patterns.append(f"$this {parse_path(self.graph, paths[0])} ?{name} .")
        return f"?{name}"
