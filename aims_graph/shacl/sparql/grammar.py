"""SELECT and ASK queries to algebra (SPARQL 1.1 Query, section 18.2 and the grammar of section 19.8)."""

from collections.abc import Collection, Iterator, Mapping
from typing import Final

from pyoxigraph import NamedNode

from aims_graph.errors import InputError
from aims_graph.vocabulary import RDF

from .algebra import (
    UNIT,
    And,
    Bgp,
    Constant,
    Distinct,
    Expression,
    Extend,
    Filter,
    Group,
    Inverse,
    Join,
    LeftJoin,
    Minus,
    OrderBy,
    OrderKey,
    Path,
    Pattern,
    Project,
    Query,
    Sequence,
    Slice,
    Slot,
    Term,
    TriplePattern,
    Union,
    Values,
    Variable,
    children,
    mentioned,
    visible,
)
from .expressions_grammar import ExpressionsGrammar

RDF_FIRST: Final = NamedNode(RDF + "first")
RDF_REST: Final = NamedNode(RDF + "rest")
RDF_NIL: Final = NamedNode(RDF + "nil")

#: Deepest algebra: evaluators walk it by recursion.
DEEPEST_ALGEBRA: Final = 120


def parse_query(
    text: str,
    *,
    prefixes: Mapping[str, str] | None = None,
    path: str | None = None,
    prebound: Collection[str] = (),
) -> Query:
    """The algebra of a SELECT or ASK query.

    ``path``: what ``$PATH`` stands for in predicate position. ``prebound``: variables that may be projected
    next to aggregates although no GROUP BY names them. Raises InputError with line and column.
    """
    query = QueryGrammar(text, prefixes or {}, path, frozenset(prebound)).parse()
    _check_depth(query)
    return query


def _check_depth(query: Query) -> None:
    waiting: list[tuple[object, int]] = [(query, 0)]
    while waiting:
        node, depth = waiting.pop()
        if depth > DEEPEST_ALGEBRA:
            raise InputError(f"query is nested deeper than {DEEPEST_ALGEBRA} levels")
        waiting.extend((child, depth + 1) for child in children(node))


class QueryGrammar(ExpressionsGrammar):
    def __init__(
        self, text: str, prefixes: Mapping[str, str], path: str | None, prebound: frozenset[str]
    ) -> None:
        super().__init__(text, prefixes, path)
        self._prebound = prebound
        self._fresh = 0
        self._in_shapes_graph = False
        self._labels: dict[str, int] = {}
        self._block = 0

    def parse(self) -> Query:
        self.parse_prologue()
        if self.take_word("ASK"):
            self._refuse_dataset()
            self.take_word("WHERE")
            pattern, _ = self._parse_modifiers(self.parse_group(), None, None)
            query = Query(self._join_values(pattern), (), ask=True)
        elif self.at_word("SELECT"):
            pattern = self._parse_select()
            query = Query(pattern, _projected(pattern), ask=False)
        else:
            self.fail("expected SELECT or ASK")
        if self.token.kind != "end":
            self.fail("expected the end of the query")
        return query

    def _refuse_dataset(self) -> None:
        if self.at_word("FROM"):
            self.fail("FROM is refused: a query is answered from the data it is asked of")

    # SELECT and its modifiers

    def _parse_select(self) -> Pattern:
        self.expect("SELECT")
        distinct = self.take_word("DISTINCT", "REDUCED") == "DISTINCT"
        outer, self.aggregates = self.aggregates, {}
        columns: list[tuple[str, Expression | None]] | None = None
        if not self.take_sign("*"):
            columns = list(self._parse_columns())
        selected, self.aggregates = self.aggregates, None
        self._refuse_dataset()
        self.take_word("WHERE")
        pattern = self.parse_group()
        self.aggregates = selected
        pattern, orders = self._parse_modifiers(pattern, columns, selected)
        self.aggregates = outer
        pattern = self._select(pattern, columns, orders)
        if distinct:
            pattern = Distinct(pattern)
        return self._join_values(self._parse_slice(pattern))

    def _parse_columns(self) -> Iterator[tuple[str, Expression | None]]:
        count = 0
        while True:
            if self.token.kind == "variable":
                yield self.parse_variable().name, None
            elif self.take_sign("("):
                self.enter()
                expression = self.parse_expression()
                self.expect("AS")
                name = self.parse_variable().name
                self.leave()
                self.expect(")")
                yield name, expression
            elif count:
                return
            else:
                self.fail("expected a variable")
            count += 1

    def _select(
        self,
        pattern: Pattern,
        columns: list[tuple[str, Expression | None]] | None,
        orders: tuple[OrderKey, ...],
    ) -> Pattern:
        known = visible(pattern)
        if columns is None:
            names = tuple(sorted(name for name in known if not name.startswith(".")))
        else:
            names = tuple(name for name, _ in columns)
            for name, expression in columns:
                if expression is None:
                    continue
                if name in visible(pattern):
                    self.fail(f"variable ?{name} already has a value")
                pattern = Extend(pattern, name, expression)
        if len(set(names)) != len(names) and columns is not None and any(e for _, e in columns):
            self.fail("a variable is selected twice")
        if orders:
            pattern = OrderBy(pattern, orders)
        return Project(pattern, tuple(dict.fromkeys(names)))

    def _parse_modifiers(
        self,
        pattern: Pattern,
        columns: list[tuple[str, Expression | None]] | None,
        collected: dict[str, object] | None,
    ) -> tuple[Pattern, tuple[OrderKey, ...]]:
        keys: list[str] | None = None
        having: list[Expression] = []
        orders: list[OrderKey] = []
        if self.take_word("GROUP"):
            self.expect("BY")
            self.aggregates = None
            pattern, keys = self._parse_group_keys(pattern)
        if collected is not None:
            self.aggregates = collected  # type: ignore[assignment]
        if self.take_word("HAVING"):
            having.append(self.parse_constraint())
            while self._at_constraint():
                having.append(self.parse_constraint())
        if self.take_word("ORDER"):
            self.expect("BY")
            orders = list(self._parse_orders())
        found = self.aggregates
        self.aggregates = None
        if keys is None and not found:
            if having:
                self.fail("HAVING needs GROUP BY or an aggregate")
            return pattern, tuple(orders)
        if columns is None and collected is not None:
            self.fail("SELECT * cannot be grouped")
        grouped = frozenset(keys or ()) | self._prebound
        self._check_grouped(columns or [], having, grouped | (found or {}).keys())
        pattern = Group(pattern, tuple(keys or ()), tuple((found or {}).items()), implicit=keys is None)
        return (Filter(pattern, _all(having)) if having else pattern), tuple(orders)

    def _check_grouped(
        self,
        columns: list[tuple[str, Expression | None]],
        having: list[Expression],
        allowed: frozenset[str],
    ) -> None:
        for name, expression in columns:
            used = {name} if expression is None else mentioned(expression)
            for variable in sorted(used - allowed):
                self.fail(f"?{variable} is neither grouped by nor aggregated")
            allowed |= {name}
        for condition in having:
            for variable in sorted(mentioned(condition) - allowed):
                self.fail(f"?{variable} is neither grouped by nor aggregated")

    def _parse_group_keys(self, pattern: Pattern) -> tuple[Pattern, list[str]]:
        keys: list[str] = []
        while True:
            if self.token.kind == "variable":
                keys.append(self.parse_variable().name)
            elif self._at_constraint():
                name = None
                if self.take_sign("("):
                    self.enter()
                    expression = self.parse_expression()
                    if self.take_word("AS"):
                        name = self.parse_variable().name
                    self.leave()
                    self.expect(")")
                else:
                    expression = self.parse_constraint()
                if name in visible(pattern):
                    self.fail(f"variable ?{name} already has a value")
                keys.append(name or self._new_variable())
                pattern = Extend(pattern, keys[-1], expression)
            elif keys:
                return pattern, keys
            else:
                self.fail("expected a variable or an expression to group by")

    def _at_constraint(self) -> bool:
        if self.token.kind == "word":
            return not self.at_word("HAVING", "ORDER", "LIMIT", "OFFSET", "VALUES", "ASC", "DESC")
        return self.at_sign("(") or self.at_iri()

    def _parse_orders(self) -> Iterator[OrderKey]:
        count = 0
        while True:
            if direction := self.take_word("ASC", "DESC"):
                yield OrderKey(self.parse_bracketed(), direction == "DESC")
            elif self.token.kind == "variable":
                yield OrderKey(self.parse_variable(), descending=False)
            elif self._at_constraint():
                yield OrderKey(self.parse_constraint(), descending=False)
            elif count:
                return
            else:
                self.fail("expected an expression to order by")
            count += 1

    def _parse_slice(self, pattern: Pattern) -> Pattern:
        numbers: dict[str, int] = {}
        while keyword := self.take_word("LIMIT", "OFFSET"):
            if self.token.kind != "integer" or keyword in numbers or len(self.token.text) > 18:
                self.fail("expected a number")
            numbers[keyword] = int(self.advance().text)
        return Slice(pattern, numbers.get("OFFSET", 0), numbers.get("LIMIT")) if numbers else pattern

    def _join_values(self, pattern: Pattern) -> Pattern:
        if self.at_word("VALUES"):
            return Join(pattern, self._parse_values())
        return pattern

    # Group graph patterns

    def parse_group(self) -> Pattern:
        pattern, filters = self._parse_group()
        return Filter(pattern, _all(filters)) if filters else pattern

    def _parse_group(self) -> tuple[Pattern, list[Expression]]:
        """The pattern between braces and, apart from it, the filters that stand directly there."""
        self.expect("{")
        self.enter()
        if self.at_word("SELECT"):
            pattern: Pattern = self._parse_select()
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
                self.fail("expected }" if self.token.kind == "end" else "more than 100 members in a group")
            pattern = self._parse_member(self._with_triples(pattern, triples))
            triples = []
            self._block += 1
        return self._with_triples(pattern, triples), filters

    def _with_triples(self, pattern: Pattern, triples: list[TriplePattern]) -> Pattern:
        if not triples:
            return pattern
        return _join(pattern, Bgp(tuple(triples), self._in_shapes_graph))

    def _parse_member(self, pattern: Pattern) -> Pattern:
        if self.at_sign("{"):
            options = [self.parse_group()]
            while self.take_word("UNION"):
                options.append(self.parse_group())
            return _join(pattern, options[0] if len(options) == 1 else Union(tuple(options)))
        if self.take_word("OPTIONAL"):
            right, filters = self._parse_group()
            return LeftJoin(pattern, right, _all(filters) if filters else None)
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
            return _join(pattern, self._parse_values())
        if self.take_word("GRAPH"):
            return _join(pattern, self._parse_graph())
        if self.at_word("SERVICE"):
            self.fail("SERVICE is refused: rules see the data they are given and nothing else")
        self.fail("expected a pattern")

    def _parse_graph(self) -> Pattern:
        if self.token.kind != "variable" or self.token.text[1:] != "shapesGraph":
            self.fail("GRAPH is understood with $shapesGraph only: the data graph has no other name")
        self.advance()
        outer, self._in_shapes_graph = self._in_shapes_graph, True
        pattern = self.parse_group()
        self._in_shapes_graph = outer
        return pattern

    def _parse_values(self) -> Values:
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
        if not self.at_sign("}") and not self.at_word(
            "FILTER", "OPTIONAL", "MINUS", "BIND", "VALUES", "GRAPH", "SERVICE"
        ) and not self.at_sign("{"):
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
            node = Variable(self._new_variable())
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
            cell = Variable(self._new_variable())
            triples += [TriplePattern(cell, RDF_FIRST, member), TriplePattern(cell, RDF_REST, node)]
            node = cell
        return node

    def _add(self, triples: list[TriplePattern], subject: Slot, verb: Slot | Path, node: Slot) -> None:
        """Sequences and inverse steps become plain patterns (section 18.2.2.4)."""
        match verb:
            case Sequence(steps):
                for step in steps[:-1]:
                    middle = Variable(self._new_variable())
                    self._add(triples, subject, step, middle)
                    subject = middle
                self._add(triples, subject, steps[-1], node)
            case Inverse(path):
                self._add(triples, node, path, subject)
            case _:
                triples.append(TriplePattern(subject, verb, node))

    def _new_variable(self) -> str:
        self._fresh += 1
        return f".{self._fresh}"


def _projected(pattern: Pattern) -> tuple[str, ...]:
    match pattern:
        case Project(_, variables):
            return variables
        case Distinct(inner) | Slice(inner, _, _):
            return _projected(inner)
        case Join(left, Values(variables, _)):
            return (*_projected(left), *(v for v in variables if v not in _projected(left)))
    raise AssertionError(pattern)


def _all(conditions: list[Expression]) -> Expression:
    return conditions[0] if len(conditions) == 1 else And(tuple(conditions))


def _join(left: Pattern, right: Pattern) -> Pattern:
    if left == UNIT:
        return right
    return left if right == UNIT else Join(left, right)
