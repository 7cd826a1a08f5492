"""The algebra written as SPARQL that Oxigraph reads as the same algebra.

Focus nodes are rows of a named graph, and the query stands in a LATERAL after them (SEP-0006): for each row it is
evaluated with the pre-bound variables in place wherever they are visible: nested groups, OPTIONAL, UNION, EXISTS,
sub-selects that return them. That is what SHACL asks for (appendix A), in one query for all focus nodes.
"""

from collections.abc import Sequence
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode

from aims_graph.errors import InputError

from .algebra import (
    Aggregate,
    Alternative,
    And,
    Bgp,
    Call,
    Closure,
    Comparison,
    Constant,
    Distinct,
    Exists,
    Expression,
    Extend,
    Filter,
    Group,
    Inverse,
    Join,
    LeftJoin,
    Membership,
    Minus,
    NegatedSet,
    Not,
    Or,
    OrderBy,
    Path,
    Pattern,
    Project,
    Query,
    Slice,
    Slot,
    Term,
    TriplePattern,
    Union,
    Values,
    Variable,
)
from .algebra import (
    Sequence as PathSequence,
)
from .outside import Dates
from .scope import constants

_BASE: Final = "urn:x-aims:"
ROWS: Final = NamedNode(_BASE + "rows")
SHAPES: Final = NamedNode(_BASE + "shapes-graph")
#: Row n is named ROW + n; its pre-bound values are at SEED + name.
ROW: Final = _BASE + "row:"
SEED: Final = _BASE + "seed:"
#: What a query mentions and cannot write, blank nodes of the shapes graph, is at CONSTANT + n of ROWS.
CONSTANT: Final = _BASE + "constant:"

#: Each sum is written twice.
_LONGEST_SUM: Final = 100_000
_VALUE_OF_NONE: Final = {"COUNT": "0", "SUM": "0", "AVG": "0", "GROUP_CONCAT": '""'}


class QueryText:
    """``text`` selects ``?row`` and ``columns``: variable of the algebra by its name in the text.

    ``blanks``: the constants that have to be put into the graph ROWS, in the order of their numbers.
    """

    def __init__(
        self, query: Query, seeds: Sequence[str], columns: Sequence[str], now: Term
    ) -> None:
        self._now = now
        self._dates = Dates(query)
        self._names: dict[str, str] = {}
        self._seeds = tuple(seeds)
        blank = (term for term in constants(query.pattern) if isinstance(term, BlankNode))
        self.blanks: list[BlankNode] = sorted(blank, key=str)
        self._carried = tuple(f"?c_{number}" for number in range(len(self.blanks)))
        rows = [f"?row <{SEED}{name}> {self._variable(name)} ." for name in seeds]
        rows += [
            f"{ROWS} <{CONSTANT}{number}> {name} ." for number, name in enumerate(self._carried)
        ]
        within = self._group(query.pattern)
        within = f"FILTER NOT EXISTS {{ {within} }}" if query.ask else f"LATERAL {{ {within} }}"
        selected = " ".join(["?row", *map(self._variable, columns)])
        self.columns = {self._variable(name)[1:]: name for name in columns}
        self.text = f"SELECT {selected} {{ GRAPH {ROWS} {{ {' '.join(rows)} }} {within} }}"

    def _variable(self, name: str) -> str:
        if not name.startswith("."):
            return "?v_" + name
        return "?" + self._names.setdefault(name, f"b_{len(self._names)}")

    def _fresh(self) -> str:
        return self._variable(f".. {len(self._names)}")

    # Patterns: the text between the braces of a group

    def _group(self, pattern: Pattern) -> str:
        match pattern:
            case Bgp(patterns, shapes_graph):
                text = " ".join(map(self._triple, patterns))
                return f"GRAPH {SHAPES} {{ {text} }}" if shapes_graph and patterns else text
            case Join(left, right):
                return f"{self._braced(left)} {self._braced(right)}"
            case LeftJoin(left, right, condition):
                # A filter of its own: else one inside the right side would be taken for the condition.
                test = "true" if condition is None else self._expression(condition)
                return f"{self._braced(left)} OPTIONAL {{ {self._braced(right)} FILTER({test}) }}"
            case Union(options):
                return " UNION ".join(map(self._braced, options))
            case Minus(left, right):
                return f"{self._braced(left)} MINUS {self._braced(right)}"
            case Filter(inner, condition):
                return f"{self._braced(inner)} FILTER({self._expression(condition)})"
            case Extend(inner, name, expression):
                value = self._expression(expression)
                return f"{self._braced(inner)} BIND({value} AS {self._variable(name)})"
            case Values(variables, rows):
                return self._values(variables, rows)
            case Group():
                return self._grouped(pattern)
            case Project() | Distinct() | Slice() | OrderBy():
                return self._select(pattern)

    def _braced(self, pattern: Pattern) -> str:
        return f"{{ {self._group(pattern)} }}"

    def _values(self, variables: tuple[str, ...], rows: tuple[tuple[Term | None, ...], ...]) -> str:
        names = " ".join(map(self._variable, variables))
        lines = (" ".join("UNDEF" if term is None else str(term) for term in row) for row in rows)
        return f"VALUES ({names}) {{ {' '.join(f'({line})' for line in lines)} }}"

    def _select(self, pattern: Pattern) -> str:
        end = start = ""
        if isinstance(pattern, Slice):
            end = f" OFFSET {pattern.offset}"
            end += "" if pattern.limit is None else f" LIMIT {pattern.limit}"
            pattern = pattern.pattern
        if isinstance(pattern, Distinct):
            start, pattern = "DISTINCT ", pattern.pattern
        assert isinstance(pattern, Project)
        names = [*map(self._variable, pattern.variables), *self._carried]
        inner = pattern.pattern
        if isinstance(inner, OrderBy):
            keys = (
                f"{'DESC' if key.descending else 'ASC'}({self._expression(key.expression)})"
                for key in inner.keys
            )
            end = f" ORDER BY {' '.join(keys)}{end}"
            inner = inner.pattern
        return f"SELECT {start}{' '.join(names)} {self._braced(inner)}{end}"

    def _grouped(self, group: Group) -> str:
        """Per row of pre-bound values. A group of nothing, which only aggregates without GROUP BY have, is apart."""
        names = dict.fromkeys([*group.keys, *self._seeds])
        keys = [*map(self._variable, names), *self._carried]
        made = [
            f"({self._aggregate(function)} AS {self._variable(name)})"
            for name, function in group.aggregates
        ]
        inner = self._braced(group.pattern)
        text = f"SELECT {' '.join([*keys, *made])} {inner} GROUP BY {' '.join(keys)}"
        if not group.implicit:
            return text
        nothing = " ".join(
            f"BIND({_VALUE_OF_NONE[function.function]} AS {self._variable(name)})"
            for name, function in group.aggregates
            if function.function in _VALUE_OF_NONE
        )
        return f"{{ {text} }} UNION {{ {{ FILTER NOT EXISTS {inner} }} {nothing} }}"

    def _aggregate(self, aggregate: Aggregate) -> str:
        distinct = "DISTINCT " if aggregate.distinct else ""
        argument = "*" if aggregate.argument is None else self._expression(aggregate.argument)
        end = ""
        if aggregate.function == "GROUP_CONCAT":
            end = f"; SEPARATOR={Literal(aggregate.separator)}"
        return f"{aggregate.function}({distinct}{argument}{end})"

    # Triples and paths

    def _triple(self, triple: TriplePattern) -> str:
        if isinstance(triple.subject, Literal):
            return "FILTER(false)"
        subject, object_ = self._slot(triple.subject), self._slot(triple.object)
        if isinstance(triple.predicate, Variable | NamedNode | BlankNode | Literal):
            return f"{subject} {self._slot(triple.predicate)} {object_} ."
        return self._path_triples(subject, triple.predicate, object_)

    def _path_triples(self, subject: str, path: Path, object_: str) -> str:
        """Alternatives and negated sets as patterns of their own: Oxigraph counts a pair once that two of
        them join, where section 18.4 counts both.
        """
        match path:
            case NamedNode():
                return f"{subject} {path} {object_} ."
            case Inverse(inner):
                return self._path_triples(object_, inner, subject)
            case PathSequence(steps):
                ends = [subject, *(self._fresh() for _ in steps[1:]), object_]
                return " ".join(
                    self._path_triples(before, step, after)
                    for before, step, after in zip(ends, steps, ends[1:], strict=False)
                )
            case Alternative(options):
                return " UNION ".join(
                    f"{{ {self._path_triples(subject, option, object_)} }}" for option in options
                )
            case NegatedSet(forward, backward):
                parts = []
                for names, first, last in (
                    (forward, subject, object_),
                    (backward, object_, subject),
                ):
                    if names is not None:
                        step = self._fresh()
                        excluded = ", ".join(map(str, names))
                        parts.append(
                            f"{{ {first} {step} {last} FILTER({step} NOT IN ({excluded})) }}"
                        )
                return " UNION ".join(parts)
        return f"{subject} {_path_text(path)} {object_} ."

    def _slot(self, slot: Slot) -> str:
        return self._variable(slot.name) if isinstance(slot, Variable) else self._term(slot)

    def _term(self, term: Term) -> str:
        if isinstance(term, BlankNode):
            return self._carried[self.blanks.index(term)]
        return str(term)

    # Expressions

    def _expression(self, expression: Expression) -> str:
        match expression:
            case Variable(name):
                return self._variable(name)
            case Constant(term):
                return self._term(term)
            case And(operands):
                return f"({' && '.join(map(self._expression, operands))})"
            case Or(operands):
                return f"({' || '.join(map(self._expression, operands))})"
            case Not(operand):
                return f"(! {self._expression(operand)})"
            case Comparison(operator, left, right):
                return f"({self._expression(left)} {operator} {self._expression(right)})"
            case Membership(needle, items):
                members = ", ".join(map(self._expression, items))
                return f"({self._expression(needle)} IN ({members}))"
            case Exists(pattern):
                return f"EXISTS {self._braced(pattern)}"
            case Call("NOW", ()):
                return str(self._now)
            case Call("NEGATE" | "PLUS" as name, (operand,)):
                return f"({'-' if name == 'NEGATE' else '+'} {self._expression(operand)})"
            case Call("+", (_, _) as operands) if self._dates.may_be_among(operands):
                return self._sum_of_dates(*map(self._expression, operands))
            case Call("+" | "-" | "*" | "/" as sign, (left, right)):
                return f"({self._expression(left)} {sign} {self._expression(right)})"
            case Call(name, arguments):
                function = f"<{name}>" if ":" in name else name
                return f"{function}({', '.join(map(self._expression, arguments))})"

    @staticmethod
    def _sum_of_dates(left: str, right: str) -> str:
        """Oxigraph 0.5 puts the operands of + in an order of its own and adds no date to a duration."""
        text = f"COALESCE(({left} - (- {right})), ({right} - (- {left})))"
        if len(text) > _LONGEST_SUM:
            raise InputError("sums of dates are nested too deeply")
        return text


def _path_text(path: Path) -> str:
    match path:
        case NamedNode():
            return str(path)
        case Inverse(inner):
            return f"^({_path_text(inner)})"
        case PathSequence(steps):
            return f"({'/'.join(map(_path_text, steps))})"
        case Alternative(options):
            return f"({'|'.join(map(_path_text, options))})"
        case Closure(inner, zero, many):
            sign = "?" if not many else "*" if zero else "+"
            return f"({_path_text(inner)}){sign}"
        case NegatedSet(forward, backward):
            steps_text = [*map(str, forward or ()), *(f"^{name}" for name in backward or ())]
            if forward == ():
                steps_text = []
            return f"!({'|'.join(steps_text)})"
