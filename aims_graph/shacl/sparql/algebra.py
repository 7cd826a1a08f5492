"""The algebra that queries are parsed to: graph patterns, property paths, expressions.

A solution is a mapping from variable names to terms. Operators follow SPARQL 1.1 Query, section 18;
every node is immutable and compared by value.
"""

from dataclasses import dataclass

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
