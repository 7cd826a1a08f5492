"""SELECT and ASK queries to algebra (SPARQL 1.1 Query, section 18.2 and the grammar of section 19.8)."""

from collections.abc import Collection, Iterator, Mapping
from typing import Final

from aims_graph.errors import InputError

from .algebra import (
    Aggregate,
    Distinct,
    Expression,
    Extend,
    Filter,
    Group,
    Join,
    OrderBy,
    OrderKey,
    Pattern,
    Project,
    Query,
    Slice,
    Values,
)
from .patterns_grammar import PatternsGrammar, conjunction
from .scope import children, mentioned, visible

#: Deepest algebra: evaluators walk it by recursion.
DEEPEST_ALGEBRA: Final = 120


def parse_query(
    text: str,
    *,
    prefixes: Mapping[str, str] | None = None,
    path: str | None = None,
    prebound: Collection[str] = (),
    foreign: bool = False,
) -> Query:
    """The algebra of a SELECT or ASK query.

    ``path``: what ``$PATH`` stands for in predicate position. ``prebound``: variables that may be projected
    next to aggregates although no GROUP BY names them. ``foreign``: functions that only Oxigraph has are
    understood too (see ``outside``). Raises InputError with line and column.
    """
    grammar = QueryGrammar(text, prefixes or {}, path, frozenset(prebound))
    grammar.foreign = foreign
    query = grammar.parse()
    _check_depth(query)
    return query


def _check_depth(query: Query) -> None:
    waiting: list[tuple[object, int]] = [(query, 0)]
    while waiting:
        node, depth = waiting.pop()
        if depth > DEEPEST_ALGEBRA:
            raise InputError(f"query is nested deeper than {DEEPEST_ALGEBRA} levels")
        waiting.extend((child, depth + 1) for child in children(node))


class QueryGrammar(PatternsGrammar):
    def __init__(
        self, text: str, prefixes: Mapping[str, str], path: str | None, prebound: frozenset[str]
    ) -> None:
        super().__init__(text, prefixes, path)
        self._prebound = prebound

    def parse(self) -> Query:
        self.parse_prologue()
        if self.take_word("ASK"):
            self._refuse_dataset()
            self.take_word("WHERE")
            pattern, _ = self._parse_modifiers(self.parse_group(), None, None)
            query = Query(self._join_values(pattern), (), ask=True)
        elif self.at_word("SELECT"):
            pattern = self.parse_select()
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

    def parse_select(self) -> Pattern:
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
        collected: dict[str, Aggregate] | None,
    ) -> tuple[Pattern, tuple[OrderKey, ...]]:
        keys: list[str] | None = None
        having: list[Expression] = []
        orders: list[OrderKey] = []
        if self.take_word("GROUP"):
            self.expect("BY")
            self.aggregates = None
            pattern, keys = self._parse_group_keys(pattern)
        if collected is not None:
            self.aggregates = collected
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
        pattern = Group(
            pattern, tuple(keys or ()), tuple((found or {}).items()), implicit=keys is None
        )
        return (Filter(pattern, conjunction(having)) if having else pattern), tuple(orders)

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
                keys.append(name or self.new_variable())
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
        return (
            Slice(pattern, numbers.get("OFFSET", 0), numbers.get("LIMIT")) if numbers else pattern
        )

    def _join_values(self, pattern: Pattern) -> Pattern:
        if self.at_word("VALUES"):
            return Join(pattern, self.parse_values())
        return pattern


def _projected(pattern: Pattern) -> tuple[str, ...]:
    match pattern:
        case Project(_, variables):
            return variables
        case Distinct(inner) | Slice(inner, _, _):
            return _projected(inner)
        case Join(left, Values(variables, _)):
            return (*_projected(left), *(v for v in variables if v not in _projected(left)))
    raise AssertionError(pattern)
