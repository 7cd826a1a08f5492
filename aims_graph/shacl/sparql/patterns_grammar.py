"""Group graph patterns of the query language (rules 53 to 107 of the grammar)."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import Final

from pyoxigraph import NamedNode

from aims_graph.vocabulary import RDF

from .algebra import (
    UNIT,
    And,
    Bgp,
    Expression,
    Extend,
    Filter,
    Inverse,
    Join,
    LeftJoin,
    Minus,
    Path,
    Pattern,
    Sequence,
    Slot,
    Term,
    TriplePattern,
    Union,
    Values,
    Variable,
)
from .expressions_grammar import ExpressionsGrammar
from .scope import visible

RDF_FIRST: Final = NamedNode(RDF + "first")
RDF_REST: Final = NamedNode(RDF + "rest")
RDF_NIL: Final = NamedNode(RDF + "nil")


class PatternsGrammar(ExpressionsGrammar):
    def __init__(self, text: str, prefixes: Mapping[str, str], path: str | None) -> None:
        super().__init__(text, prefixes, path)
        self._fresh = 0
        self._in_shapes_graph = False
        self._labels: dict[str, int] = {}
        self._block = 0

    @abstractmethod
    def parse_select(self) -> Pattern: ...

    # Group graph patterns

    def parse_group(self) -> Pattern:
        pattern, filters = self._parse_group()
        return Filter(pattern, conjunction(filters)) if filters else pattern

    def _parse_group(self) -> tuple[Pattern, list[Expression]]:
        """The pattern between braces and, apart from it, the filters that stand directly there."""
        self.expect("{")
        self.enter()
        if self.at_word("SELECT"):
            pattern: Pattern = self.parse_select()
            filters: list[Expression] = []
        else:
            pattern, filters = self._parse_members()
        self.leave()
        self.expect("}")
        return pattern, filters

    def _parse_members(self) -> tuple[Pattern, list[Expression]]:
        pattern: Pattern = UNIT
        filters: list[Expression] = []
        triples: list[TriplePattern] = []
        members = 0
        self._block += 1
        while not self.at_sign("}"):
            if self.take_sign("."):
                continue
            if self._at_triples():
                self._parse_triples(triples)
                continue
            if self.take_word("FILTER"):
                filters.append(self.parse_constraint())
                continue
            members += 1
            if members > 100 or self.token.kind == "end":
                self.fail(
                    "expected }" if self.token.kind == "end" else "more than 100 members in a group"
                )
            pattern = self._parse_member(self._with_triples(pattern, triples))
            triples = []
            self._block += 1
        return self._with_triples(pattern, triples), filters

    def _with_triples(self, pattern: Pattern, triples: list[TriplePattern]) -> Pattern:
        if not triples:
            return pattern
        return join_patterns(pattern, Bgp(tuple(triples), self._in_shapes_graph))

    def _parse_member(self, pattern: Pattern) -> Pattern:
        if self.at_sign("{"):
            options = [self.parse_group()]
            while self.take_word("UNION"):
                options.append(self.parse_group())
            self.check_chain(options)
            return join_patterns(
                pattern, options[0] if len(options) == 1 else Union(tuple(options))
            )
        if self.take_word("OPTIONAL"):
            right, filters = self._parse_group()
            return LeftJoin(pattern, right, conjunction(filters) if filters else None)
        if self.take_word("MINUS"):
            return Minus(pattern, self.parse_group())
        if self.take_word("BIND"):
            self.expect("(")
            expression = self.parse_expression()
            self.expect("AS")
            name = self.parse_variable().name
            self.expect(")")
            if name in visible(pattern):
                self.fail(f"variable ?{name} already has a value")
            return Extend(pattern, name, expression)
        if self.at_word("VALUES"):
            return join_patterns(pattern, self.parse_values())
        if self.take_word("GRAPH"):
            return join_patterns(pattern, self._parse_graph())
        if self.at_word("SERVICE"):
            self.fail("SERVICE is refused: rules see the data they are given and nothing else")
        return self.fail("expected a pattern")

    def _parse_graph(self) -> Pattern:
        if self.token.kind != "variable" or self.token.text[1:] != "shapesGraph":
            self.fail(
                "GRAPH is understood with $shapesGraph only: the data graph has no other name"
            )
        self.advance()
        outer, self._in_shapes_graph = self._in_shapes_graph, True
        pattern = self.parse_group()
        self._in_shapes_graph = outer
        return pattern

    def parse_values(self) -> Values:
        self.expect("VALUES")
        single = self.token.kind == "variable"
        variables: list[str] = []
        if single:
            variables.append(self.parse_variable().name)
        else:
            self.expect("(")
            while not self.take_sign(")"):
                variables.append(self.parse_variable().name)
        self.expect("{")
        rows: list[tuple[Term | None, ...]] = []
        while not self.take_sign("}"):
            if single:
                rows.append((self._parse_value(),))
                continue
            self.expect("(")
            row: list[Term | None] = []
            while not self.take_sign(")"):
                row.append(self._parse_value())
            if len(row) != len(variables):
                self.fail(f"{len(variables)} values are needed in each row")
            rows.append(tuple(row))
        return Values(tuple(variables), tuple(rows))

    def _parse_value(self) -> Term | None:
        if self.take_word("UNDEF"):
            return None
        return self.parse_iri() if self.at_iri() else self.parse_literal()

    # Triples

    def _at_triples(self) -> bool:
        return (
            self.token.kind in {"variable", "iri", "name", "blank"}
            or self.at_sign("(", "[")
            or self.at_literal()
        )

    def _parse_triples(self, triples: list[TriplePattern]) -> None:
        bare = not self.at_sign("[", "(")
        subject = self._parse_node(triples)
        if bare or not self.at_sign(".", "}"):
            self._parse_properties(subject, triples)
        if (
            not self.at_sign("}")
            and not self.at_word(
                "FILTER", "OPTIONAL", "MINUS", "BIND", "VALUES", "GRAPH", "SERVICE"
            )
            and not self.at_sign("{")
        ):
            self.expect(".")

    def _parse_properties(self, subject: Slot, triples: list[TriplePattern]) -> None:
        while True:
            verb = self.parse_verb()
            while True:
                self._add(triples, subject, verb, self._parse_node(triples))
                if not self.take_sign(","):
                    break
            if not self.take_sign(";"):
                return
            while self.take_sign(";"):
                pass
            if self.at_sign(".", "}", "]") or self.token.kind == "end":
                return

    def _parse_node(self, triples: list[TriplePattern]) -> Slot:
        if self.token.kind == "variable":
            return self.parse_variable()
        if self.token.kind == "blank":
            return self._parse_label()
        if self.at_sign("["):
            self.advance()
            node = Variable(self.new_variable())
            if not self.take_sign("]"):
                self.enter()
                self._parse_properties(node, triples)
                self.leave()
                self.expect("]")
            return node
        if self.at_sign("("):
            return self._parse_collection(triples)
        return self.parse_iri() if self.at_iri() else self.parse_literal()

    def _parse_label(self) -> Variable:
        label = self.token.text[2:]
        if self._labels.setdefault(label, self._block) != self._block:
            self.fail(f"blank node _:{label} is used in two patterns")
        self.advance()
        return Variable("._:" + label)

    def _parse_collection(self, triples: list[TriplePattern]) -> Slot:
        self.expect("(")
        self.enter()
        members: list[Slot] = []
        while not self.take_sign(")"):
            members.append(self._parse_node(triples))
            self.check_chain(members)
        self.leave()
        node: Slot = RDF_NIL
        for member in reversed(members):
            cell = Variable(self.new_variable())
            triples += [TriplePattern(cell, RDF_FIRST, member), TriplePattern(cell, RDF_REST, node)]
            node = cell
        return node

    def _add(
        self, triples: list[TriplePattern], subject: Slot, verb: Slot | Path, node: Slot
    ) -> None:
        """Sequences and inverse steps become plain patterns (section 18.2.2.4)."""
        match verb:
            case Sequence(steps):
                for step in steps[:-1]:
                    middle = Variable(self.new_variable())
                    self._add(triples, subject, step, middle)
                    subject = middle
                self._add(triples, subject, steps[-1], node)
            case Inverse(path):
                self._add(triples, node, path, subject)
            case _:
                triples.append(TriplePattern(subject, verb, node))

    def new_variable(self) -> str:
        self._fresh += 1
        return f".{self._fresh}"


def conjunction(conditions: list[Expression]) -> Expression:
    return conditions[0] if len(conditions) == 1 else And(tuple(conditions))


def join_patterns(left: Pattern, right: Pattern) -> Pattern:
    if left == UNIT:
        return right
    return left if right == UNIT else Join(left, right)
