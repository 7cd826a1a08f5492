"""The algebra written as SPARQL that Oxigraph reads as the same algebra.

Focus nodes are rows of a named graph, and the query stands in a LATERAL after them (SEP-0006): for each row it is
evaluated with the pre-bound variables in place wherever they are visible: nested groups, OPTIONAL, UNION, EXISTS,
sub-selects that return them. That is what SHACL asks for (appendix A), in one query for all focus nodes.

Joins are written as LATERAL too, in an order of ours: in an EXISTS, Oxigraph 0.5 does not know which variables have a
value, and would join whole relations anew for each solution.
"""

from collections.abc import Sequence
from typing import Final

from pyoxigraph import Literal, NamedNode

from .algebra import (
    Aggregate,
    Bgp,
    Distinct,
    Extend,
    Filter,
    Group,
    Join,
    LeftJoin,
    Minus,
    OrderBy,
    Pattern,
    Project,
    Query,
    Slice,
    Term,
    Union,
    Values,
)
from .join_order import can_follow, in_order
from .scope import certain, visible
from .serialised_expressions import ExpressionsText

_BASE: Final = "urn:x-aims:"
ROWS: Final = NamedNode(_BASE + "rows")
SHAPES: Final = NamedNode(_BASE + "shapes-graph")
#: Row n is named ROW + n; its pre-bound values are at SEED + name.
ROW: Final = _BASE + "row:"
SEED: Final = _BASE + "seed:"
#: What a query mentions and cannot write, blank nodes of the shapes graph, is at CONSTANT + n of ROWS.
CONSTANT: Final = _BASE + "constant:"

_VALUE_OF_NONE: Final = {"COUNT": "0", "SUM": "0", "AVG": "0", "GROUP_CONCAT": '""'}


class QueryText(ExpressionsText):
    """``text`` selects ``?row`` and ``columns``: variable of the algebra by its name in the text.

    ``blanks``: the constants that have to be put into the graph ROWS, in the order of their numbers.
    """

    def __init__(
        self, query: Query, seeds: Sequence[str], columns: Sequence[str], now: Term
    ) -> None:
        super().__init__(query, now)
        self._seeds = tuple(seeds)
        rows = [f"?row <{SEED}{name}> {self.variable(name)} ." for name in seeds]
        rows += [
            f"{ROWS} <{CONSTANT}{number}> {name} ." for number, name in enumerate(self.carried)
        ]
        within = self.braced(query.pattern, frozenset(seeds))
        within = f"FILTER NOT EXISTS {within}" if query.ask else f"LATERAL {within}"
        selected = " ".join(["?row", *map(self.variable, columns)])
        self.columns = {self.variable(name)[1:]: name for name in columns}
        self.text = f"SELECT {selected} {{ GRAPH {ROWS} {{ {' '.join(rows)} }} {within} }}"

    # Patterns: the text between the braces of a group. ``bound``: variables that have a value already.

    def _group(self, pattern: Pattern, bound: frozenset[str]) -> str:
        match pattern:
            case Bgp(patterns, shapes_graph):
                text = " LATERAL ".join(
                    f"{{ {self.triple(each)} }}" for each in in_order(patterns, bound)
                )
                return f"GRAPH {SHAPES} {{ {text} }}" if shapes_graph and patterns else text
            case Join(left, right):
                return self._join(left, right, bound)
            case LeftJoin(left, right, condition):
                # A filter of its own: else one inside the right side would be taken for the condition.
                known = bound | certain(left)
                test = "true"
                if condition is not None:
                    test = self.expression(condition, known | certain(right))
                return f"{self.braced(left, bound)} OPTIONAL {{ {self.braced(right, known)} FILTER({test}) }}"
            case Union(options):
                return " UNION ".join(self.braced(option, bound) for option in options)
            case Minus(left, right):
                return f"{self.braced(left, bound)} MINUS {self.braced(right, bound)}"
            case Filter(inner, condition):
                test = self.expression(condition, bound | certain(inner))
                return f"{self.braced(inner, bound)} FILTER({test})"
            case Extend(inner, name, expression):
                value = self.expression(expression, bound | certain(inner))
                return f"{self.braced(inner, bound)} BIND({value} AS {self.variable(name)})"
            case Values(variables, rows):
                return self._values(variables, rows)
            case Group():
                return self._grouped(pattern, bound)
            case Project() | Distinct() | Slice() | OrderBy():
                return self._select(pattern, bound)

    def braced(self, pattern: Pattern, bound: frozenset[str]) -> str:
        return f"{{ {self._group(pattern, bound)} }}"

    def _join(self, left: Pattern, right: Pattern, bound: frozenset[str]) -> str:
        if not certain(left) & bound and certain(right) & bound:
            left, right = right, left
        first = self.braced(left, bound)
        if can_follow(right, visible(left) - bound):
            return f"{first} LATERAL {self.braced(right, bound | certain(left))}"
        return f"{first} {self.braced(right, bound)}"

    def _values(self, variables: tuple[str, ...], rows: tuple[tuple[Term | None, ...], ...]) -> str:
        names = " ".join(map(self.variable, variables))
        lines = (" ".join("UNDEF" if term is None else str(term) for term in row) for row in rows)
        return f"VALUES ({names}) {{ {' '.join(f'({line})' for line in lines)} }}"

    def _select(self, pattern: Pattern, bound: frozenset[str]) -> str:
        end = start = ""
        if isinstance(pattern, Slice):
            end = f" OFFSET {pattern.offset}"
            end += "" if pattern.limit is None else f" LIMIT {pattern.limit}"
            pattern = pattern.pattern
        if isinstance(pattern, Distinct):
            start, pattern = "DISTINCT ", pattern.pattern
        assert isinstance(pattern, Project)
        names = [*map(self.variable, pattern.variables), *self.carried]
        inner = pattern.pattern
        bound &= frozenset(pattern.variables)
        if isinstance(inner, OrderBy):
            known = bound | certain(inner)
            keys = (
                f"{'DESC' if key.descending else 'ASC'}({self.expression(key.expression, known)})"
                for key in inner.keys
            )
            end = f" ORDER BY {' '.join(keys)}{end}"
            inner = inner.pattern
        return f"SELECT {start}{' '.join(names)} {self.braced(inner, bound)}{end}"

    def _grouped(self, group: Group, bound: frozenset[str]) -> str:
        """Per row of pre-bound values. A group of nothing, which only aggregates without GROUP BY have, is apart."""
        names = dict.fromkeys([*group.keys, *self._seeds])
        keys = [*map(self.variable, names), *self.carried]
        bound &= frozenset(names)
        known = bound | certain(group.pattern)
        made = [
            f"({self._aggregate(function, known)} AS {self.variable(name)})"
            for name, function in group.aggregates
        ]
        inner = self.braced(group.pattern, bound)
        text = f"SELECT {' '.join([*keys, *made])} {inner} GROUP BY {' '.join(keys)}"
        if not group.implicit:
            return text
        nothing = " ".join(
            f"BIND({_VALUE_OF_NONE[function.function]} AS {self.variable(name)})"
            for name, function in group.aggregates
            if function.function in _VALUE_OF_NONE
        )
        return f"{{ {text} }} UNION {{ {{ FILTER NOT EXISTS {inner} }} {nothing} }}"

    def _aggregate(self, aggregate: Aggregate, bound: frozenset[str]) -> str:
        distinct = "DISTINCT " if aggregate.distinct else ""
        argument = "*"
        if aggregate.argument is not None:
            argument = self.expression(aggregate.argument, bound)
        end = ""
        if aggregate.function == "GROUP_CONCAT":
            end = f"; SEPARATOR={Literal(aggregate.separator)}"
        return f"{aggregate.function}({distinct}{argument}{end})"
