"""What stands in a query: its parts, the variables it binds or names, the terms it mentions."""

from collections.abc import Iterator
from dataclasses import fields

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


def children(node: object) -> Iterator[object]:
    """The algebra nodes directly below ``node`` (terms and names left out)."""
    if isinstance(node, tuple):
        items: Iterator[object] = iter(node)
    else:
        items = (getattr(node, field.name) for field in fields(node))  # type: ignore[arg-type]  # every node is a dataclass
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
