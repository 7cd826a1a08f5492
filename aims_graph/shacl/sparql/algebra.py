"""The algebra that queries are parsed to: graph patterns, property paths, expressions.

A solution is a mapping from variable names to terms. Operators follow SPARQL 1.1 Query, section 18;
every node is immutable and compared by value.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields

from pyoxigraph import BlankNode, Literal, NamedNode

Term = NamedNode | BlankNode | Literal


@dataclass(frozen=True, slots=True)
class Variable:
    """``?name``; names that begin with ``.`` stand for blank nodes and steps of paths."""

    name: str


Slot = Variable | NamedNode | BlankNode | Literal


# Property paths (section 9). A plain IRI is a path of one step.


@dataclass(frozen=True, slots=True)
class Inverse:
    path: "Path"


@dataclass(frozen=True, slots=True)
class Sequence:
    steps: tuple["Path", ...]


@dataclass(frozen=True, slots=True)
class Alternative:
    options: tuple["Path", ...]


@dataclass(frozen=True, slots=True)
class Closure:
    """``path*`` (zero, many), ``path+`` (many), ``path?`` (zero)."""

    path: "Path"
    zero: bool
    many: bool


@dataclass(frozen=True, slots=True)
class NegatedSet:
    """``!(a|^b)``: any forward step but ``forward``, any backward step but ``backward``.

    None: no step in that direction at all.
    """

    forward: tuple[NamedNode, ...] | None
    backward: tuple[NamedNode, ...] | None


Path = NamedNode | Inverse | Sequence | Alternative | Closure | NegatedSet


# Expressions (section 17).


@dataclass(frozen=True, slots=True)
class Constant:
    term: Term


@dataclass(frozen=True, slots=True)
class And:
    operands: tuple["Expression", ...]


@dataclass(frozen=True, slots=True)
class Or:
    operands: tuple["Expression", ...]


@dataclass(frozen=True, slots=True)
class Not:
    operand: "Expression"


@dataclass(frozen=True, slots=True)
class Comparison:
    """``operator`` is one of = != < > <= >=."""

    operator: str
    left: "Expression"
    right: "Expression"


@dataclass(frozen=True, slots=True)
class Membership:
    """``needle IN (items)``."""

    needle: "Expression"
    items: tuple["Expression", ...]


@dataclass(frozen=True, slots=True)
class Exists:
    pattern: "Pattern"


@dataclass(frozen=True, slots=True)
class Call:
    """A built-in by its upper-case name, a cast by the IRI of its datatype, or one of + - * / NEGATE."""

    function: str
    arguments: tuple["Expression", ...]


Expression = Variable | Constant | And | Or | Not | Comparison | Membership | Exists | Call


@dataclass(frozen=True, slots=True)
class Aggregate:
    """``argument`` None: COUNT(*)."""

    function: str
    argument: Expression | None
    distinct: bool
    separator: str = " "


# Graph patterns (section 18.2).


@dataclass(frozen=True, slots=True)
class TriplePattern:
    subject: Slot
    predicate: Slot | Path
    object: Slot


@dataclass(frozen=True, slots=True)
class Bgp:
    """A basic graph pattern, path patterns included; ``shapes_graph`` says which graph it is matched in."""

    patterns: tuple[TriplePattern, ...]
    shapes_graph: bool = False


@dataclass(frozen=True, slots=True)
class Join:
    left: "Pattern"
    right: "Pattern"


@dataclass(frozen=True, slots=True)
class LeftJoin:
    left: "Pattern"
    right: "Pattern"
    condition: Expression | None


@dataclass(frozen=True, slots=True)
class Union:
    options: tuple["Pattern", ...]


@dataclass(frozen=True, slots=True)
class Minus:
    left: "Pattern"
    right: "Pattern"


@dataclass(frozen=True, slots=True)
class Filter:
    pattern: "Pattern"
    condition: Expression


@dataclass(frozen=True, slots=True)
class Extend:
    pattern: "Pattern"
    variable: str
    expression: Expression


@dataclass(frozen=True, slots=True)
class Values:
    variables: tuple[str, ...]
    rows: tuple[tuple[Term | None, ...], ...]


@dataclass(frozen=True, slots=True)
class Group:
    """``implicit``: aggregates without GROUP BY, which give a solution even when there is nothing to count."""

    pattern: "Pattern"
    keys: tuple[str, ...]
    aggregates: tuple[tuple[str, Aggregate], ...]
    implicit: bool


@dataclass(frozen=True, slots=True)
class OrderKey:
    expression: Expression
    descending: bool


@dataclass(frozen=True, slots=True)
class OrderBy:
    pattern: "Pattern"
    keys: tuple[OrderKey, ...]


@dataclass(frozen=True, slots=True)
class Project:
    pattern: "Pattern"
    variables: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Distinct:
    pattern: "Pattern"


@dataclass(frozen=True, slots=True)
class Slice:
    pattern: "Pattern"
    offset: int
    limit: int | None


Pattern = (
    Bgp
    | Join
    | LeftJoin
    | Union
    | Minus
    | Filter
    | Extend
    | Values
    | Group
    | OrderBy
    | Project
    | Distinct
    | Slice
)

UNIT = Bgp(())


@dataclass(frozen=True, slots=True)
class Query:
    """SELECT: ``pattern`` ends in a projection on ``variables``. ASK: ``variables`` is empty."""

    pattern: Pattern
    variables: tuple[str, ...]
    ask: bool


def children(node: object) -> Iterator[object]:
    """The algebra nodes directly below ``node`` (terms and names left out)."""
    if isinstance(node, tuple):
        items: Iterator[object] = iter(node)
    else:
        items = (getattr(node, field.name) for field in fields(node))  # type: ignore[arg-type]
    for item in items:
        if isinstance(item, tuple):
            yield from children(item)
        elif hasattr(item, "__dataclass_fields__"):
            yield item


def walk(node: object) -> Iterator[object]:
    """``node`` and everything below it, depth first, without recursion."""
    waiting = [node]
    while waiting:
        current = waiting.pop()
        yield current
        waiting.extend(children(current))


def visible(pattern: Pattern) -> frozenset[str]:
    """Variables that a solution of ``pattern`` may bind (section 18.2.1)."""
    match pattern:
        case Bgp(patterns):
            return frozenset(slot.name for triple in patterns for slot in slots(triple))
        case Join(left, right) | LeftJoin(left, right, _):
            return visible(left) | visible(right)
        case Union(options):
            return frozenset().union(*map(visible, options))
        case Extend(inner, variable, _):
            return visible(inner) | {variable}
        case Values(variables, _) | Project(_, variables):
            return frozenset(variables)
        case Group(_, keys, aggregates, _):
            return frozenset(keys) | {name for name, _ in aggregates}
        case Minus(inner, _) | Filter(inner, _) | OrderBy(inner, _) | Distinct(inner) | Slice(inner, _, _):
            return visible(inner)


def certain(pattern: Pattern) -> frozenset[str]:
    """Variables that every solution of ``pattern`` binds."""
    match pattern:
        case Bgp():
            return visible(pattern)
        case Join(left, right):
            return certain(left) | certain(right)
        case Union(options):
            return frozenset.intersection(*map(certain, options))
        case Values(variables, rows):
            return frozenset(
                name for at, name in enumerate(variables) if all(row[at] is not None for row in rows)
            )
        case Group(inner, keys, _, _):
            return certain(inner) & frozenset(keys)
        case Project(inner, variables):
            return certain(inner) & frozenset(variables)
        case LeftJoin(inner, _, _) | Minus(inner, _) | Filter(inner, _) | Extend(inner, _, _):
            return certain(inner)
        case OrderBy(inner, _) | Distinct(inner) | Slice(inner, _, _):
            return certain(inner)


def slots(triple: TriplePattern) -> Iterator[Variable]:
    for slot in (triple.subject, triple.predicate, triple.object):
        if isinstance(slot, Variable):
            yield slot


def mentioned(node: object) -> frozenset[str]:
    """Every variable named anywhere below ``node``, also where it is not visible outside."""
    names: set[str] = set()
    for part in walk(node):
        match part:
            case Variable(name) | Extend(_, name, _):
                names.add(name)
            case Values(variables, _) | Project(_, variables) | Group(_, variables, _, _):
                names.update(variables)
    return frozenset(names)
