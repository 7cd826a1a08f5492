"""What stands in a query: its parts, the variables it binds or names, the terms it mentions."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode

from .algebra import (
    Bgp,
    Constant,
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
    Slice,
    Term,
    TriplePattern,
    Union,
    Values,
    Variable,
)


class _FieldNames(dict[type, tuple[str, ...]]):
    """The fields of each class of algebra nodes, found when they are first asked for; none for anything else."""

    def __missing__(self, kind: type) -> tuple[str, ...]:
        names = tuple(field.name for field in fields(kind)) if is_dataclass(kind) else ()
        self[kind] = names
        return names


class _InnerNames(dict[type, tuple[str, ...] | None]):
    """The fields of each class of algebra nodes that can hold nodes; None for anything else."""

    def __missing__(self, kind: type) -> tuple[str, ...] | None:
        names = None
        if is_dataclass(kind):
            names = tuple(field.name for field in fields(kind) if field.type not in _LEAVES)
        self[kind] = names
        return names


FIELD_NAMES: Final = _FieldNames()
_INNER_NAMES: Final = _InnerNames()
_LEAVES: Final = (Term, str, bool, int, int | None, tuple[str, ...])


def children(node: object) -> list[object]:
    """The algebra nodes directly below ``node`` (terms and names left out)."""
    found: list[object] = []
    if isinstance(node, tuple):
        waiting = list(node)
    else:
        waiting = [getattr(node, name) for name in _INNER_NAMES[type(node)] or ()]
    for item in waiting:  # grows while it is walked
        if isinstance(item, tuple):
            waiting += item
        elif _INNER_NAMES[type(item)] is not None:
            found.append(item)
    return found


def walk(node: object) -> Iterator[object]:
    """``node`` and everything below it, depth first, without recursion."""
    waiting = [node]
    while waiting:
        current = waiting.pop()
        yield current
        # Most nodes are variables and constants, below which there is nothing.
        if isinstance(current, tuple) or _INNER_NAMES[type(current)]:
            waiting += children(current)


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
        case (
            Minus(inner, _)
            | Filter(inner, _)
            | OrderBy(inner, _)
            | Distinct(inner)
            | Slice(inner, _, _)
        ):
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
                name
                for at, name in enumerate(variables)
                if all(row[at] is not None for row in rows)
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


def constants(node: object) -> set[Term]:
    """The terms that a query mentions, also as predicates."""
    found: set[Term] = set()
    for part in walk(node):
        match part:
            case Constant(term):
                found.add(term)
            case TriplePattern(subject, predicate, object_):
                for slot in (subject, predicate, object_):
                    if isinstance(slot, NamedNode | BlankNode | Literal):
                        found.add(slot)
            case Values(_, rows):
                found.update(term for row in rows for term in row if term is not None)
    return found


def computed_variables(node: object) -> frozenset[str]:
    """Variables that may hold terms that come from no triple."""
    names: set[str] = set()
    for part in walk(node):
        match part:
            case Extend(_, name, _):
                names.add(name)
            case Values(variables, _):
                names.update(variables)
            case Group(_, _, aggregates, _):
                names.update(name for name, _ in aggregates)
    return frozenset(names)
