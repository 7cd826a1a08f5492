"""CONSTRUCT queries of rules, run on columns for all focus nodes at once."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from pyoxigraph import NamedNode

from aims_graph.columns import IRI, LITERAL, Columns, Term
from aims_graph.shacl.sparql.algebra import (
    UNIT,
    Bgp,
    Extend,
    Filter,
    Join,
    LeftJoin,
    Pattern,
    Project,
    Query,
    Slot,
    TriplePattern,
    Union,
    Variable,
)
from aims_graph.shacl.sparql.constraint import known_ids
from aims_graph.shacl.sparql.dependencies import Dependencies, outermost_exists
from aims_graph.shacl.sparql.evaluation import Evaluator
from aims_graph.shacl.sparql.grammar import QueryGrammar
from aims_graph.shacl.sparql.prebinding import check_prebinding
from aims_graph.shacl.sparql.scope import computed_variables, constants, visible
from aims_graph.shacl.sparql.space import TermSpace
from aims_graph.shacl.sparql.tables import Ids, Table, distinct

#: Triples of ids.
Triples = tuple[Ids, Ids, Ids]


@dataclass(frozen=True, eq=False)
class Construct:
    """For each solution of ``pattern`` the triples of ``template``; ``$this`` is the focus node."""

    template: tuple[TriplePattern, ...]
    pattern: Pattern

    @cached_property
    def dependencies(self) -> Dependencies:
        """Of solutions on triples."""
        return Dependencies(self.pattern, None, per_value=False)

    @cached_property
    def made(self) -> frozenset[NamedNode] | None:
        """Predicates of the triples that are made; None: any."""
        made = {each.predicate for each in self.template}
        named = frozenset(each for each in made if isinstance(each, NamedNode))
        return named if len(named) == len(made) else None

    @cached_property
    def predicates(self) -> frozenset[NamedNode] | None:
        """Of the triples that matter to the solutions or are made; None: any."""
        read, made = self.dependencies.predicates, self.made
        return None if read is None or made is None else read | made

    @cached_property
    def is_monotone(self) -> bool:
        """Whether further triples can but add solutions. May say no where they can."""
        return _is_monotone(self.pattern)

    @cached_property
    def premises(self) -> tuple[TriplePattern, ...]:
        """The patterns that a solution matches; those over paths are not among them."""
        return tuple(each for each in _matched(self.pattern) if _is_plain(each))

    def run(
        self, data: Columns, focus: Ids, now: Term, given: Iterable[TriplePattern] = ()
    ) -> Iterator[tuple[Triples, list[Triples], Ids]]:
        """For each triple of the template the triples made, a row a solution, its premises and focus nodes.

        ``given`` are further premises. A premise that has no value in some row, or does not hold there, has to be left out by the caller; ids are
        -1 where there is no value.
        """
        query = Query(self.pattern, (), ask=False)
        given = [*self.premises, *given]
        terms = {term for each in (*self.template, *given) for term in _terms(each)}
        terms |= {*constants(query)}
        space = TermSpace(data.terms, terms)
        seed = distinct(Table({"this": focus}, len(focus)))
        evaluator = Evaluator(data, space, seed, now=now, computed=computed_variables(query))
        found = evaluator.solutions(self.pattern)

        def column(slot: object) -> Ids:
            if not isinstance(slot, Variable):
                return np.full(found.size, space.constant(slot), np.int32)  # type: ignore[arg-type]  # a term: paths are left out
            ids = found.columns.get(slot.name)
            return np.full(found.size, -1, np.int32) if ids is None else known_ids(ids, space)

        def triples(each: TriplePattern) -> Triples:
            return column(each.subject), column(each.predicate), column(each.object)

        premises = [triples(each) for each in given]
        for each in self.template:
            made = triples(each)
            keep = np.flatnonzero(np.minimum(np.minimum(*made[:2]), made[2]) >= 0)
            tags = data.terms.tags
            keep = keep[(tags[made[0][keep]] < LITERAL) & (tags[made[1][keep]] == IRI)]
            focus_nodes = column(Variable("this"))[keep]
            yield _rows(made, keep), [_rows(premise, keep) for premise in premises], focus_nodes


def _rows(triples: Triples, rows: np.ndarray[tuple[int], np.dtype[np.intp]]) -> Triples:
    return triples[0][rows], triples[1][rows], triples[2][rows]


def _is_plain(each: TriplePattern) -> bool:
    return isinstance(each.predicate, NamedNode | Variable)


def _terms(each: TriplePattern) -> Iterator[Term]:
    for slot in (each.subject, each.predicate, each.object):
        if not isinstance(slot, Variable):
            yield slot  # type: ignore[misc]  # a term: templates have no paths


def _is_monotone(pattern: Pattern) -> bool:
    match pattern:
        case Bgp(_, shapes_graph):
            return not shapes_graph
        case Join(left, right):
            return _is_monotone(left) and _is_monotone(right)
        case Union(options):
            return all(map(_is_monotone, options))
        case Filter(inner, expression) | Extend(inner, _, expression):
            return _is_monotone(inner) and next(outermost_exists(expression), None) is None
        case Project(inner, _):
            return _is_monotone(inner)
    return False


def _matched(pattern: Pattern) -> Iterator[TriplePattern]:
    match pattern:
        case Bgp(patterns, shapes_graph) if not shapes_graph:
            yield from patterns
        case Join(left, right) | LeftJoin(left, right, _):
            yield from _matched(left)
            yield from _matched(right)
        case Union(options):
            for option in options:
                yield from _matched(option)
        case Filter(inner, _) | Extend(inner, _, _) | Project(inner, _):
            yield from _matched(inner)


def parse_construct(text: str, prefixes: Mapping[str, str]) -> Construct:
    """Raises InputError, with line and column where it has them, for what is no CONSTRUCT or is refused in rules.

    Refused are blank nodes in the template, which would be new ones each time the rule runs, and what SHACL refuses
    where ``$this`` has a value beforehand.
    """
    construct = _ConstructGrammar(text, prefixes, None, frozenset({"this"})).parse_rule()
    outer = Project(construct.pattern, tuple(sorted(visible(construct.pattern))))
    check_prebinding(Query(outer, (), ask=False), {"this"})
    return construct


def _named(node: Any) -> Any:
    """The pattern with names for nodes inside of paths, which evaluation would leave out of solutions."""
    match node:
        case tuple():
            return tuple(map(_named, node))
        case TriplePattern(subject, predicate, value):
            return TriplePattern(_name(subject), predicate, _name(value))
    if not is_dataclass(node) or isinstance(node, type | Variable):
        return node
    return replace(
        node, **{field.name: _named(getattr(node, field.name)) for field in fields(node)}
    )


def _name(slot: Slot) -> Slot:
    if isinstance(slot, Variable) and slot.name.startswith("."):
        return Variable("inner" + slot.name)
    return slot


class _ConstructGrammar(QueryGrammar):
    def parse_rule(self) -> Construct:
        self.parse_prologue()
        self.expect("CONSTRUCT")
        if self.at_word("WHERE", "FROM"):
            self.fail("expected a template in braces")
        start = self.token
        made = self.parse_group()
        if not (made == UNIT or (isinstance(made, Bgp) and all(map(self._is_made, made.patterns)))):
            self.fail("a template is of triples without paths and without blank nodes", start)
        if self.at_word("FROM"):
            self.fail("FROM is refused: a rule is run on the data")
        self.take_word("WHERE")
        pattern = self.parse_group()
        if self.token.kind != "end":
            self.fail("expected the end of the query")
        return Construct(made.patterns if isinstance(made, Bgp) else (), _named(pattern))

    def _is_made(self, each: TriplePattern) -> bool:
        def is_fresh(slot: Slot) -> bool:
            return isinstance(slot, Variable) and slot.name.startswith(".")

        return _is_plain(each) and not is_fresh(each.subject) and not is_fresh(each.object)
