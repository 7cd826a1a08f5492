"""In which order patterns are matched when each is given what the ones before it found."""

from collections.abc import Iterable, Iterator

from aims_graph.vocabulary import RDF

from .algebra import (
    Bgp,
    Closure,
    Filter,
    Join,
    NegatedSet,
    Path,
    Pattern,
    TriplePattern,
    Union,
    Variable,
)
from .scope import certain, mentioned, slots, walk

_TYPE = RDF + "type"


def in_order(patterns: Iterable[TriplePattern], bound: frozenset[str]) -> Iterator[TriplePattern]:
    """Always the one with the fewest matches next, as far as its form tells; ``bound`` have a value before."""
    left = list(patterns)
    while left:
        best = min(left, key=lambda each: _cost(each, bound))
        left.remove(best)
        yield best
        bound |= {slot.name for slot in slots(best)}


def _cost(triple: TriplePattern, bound: frozenset[str]) -> int:
    subject, object_ = (
        not isinstance(end, Variable) or end.name in bound
        for end in (triple.subject, triple.object)
    )
    predicate = triple.predicate
    cost = 0 if subject and object_ else 1 if subject else 3 if object_ else 20
    if object_ and not subject and getattr(predicate, "value", "") == _TYPE:
        cost += 3
    if isinstance(predicate, Variable):
        cost += 0 if predicate.name in bound else 2
    elif isinstance(predicate, Path) and any(
        isinstance(part, Closure | NegatedSet) for part in walk((predicate,))
    ):
        cost += 4 if subject or object_ else 20
    return cost


def can_follow(pattern: Pattern, others: frozenset[str]) -> bool:
    """Whether a join with the pattern is the pattern matched with each solution of the other side in place.

    ``others``: variables of the other side that have no value before both.
    """
    match pattern:
        case Bgp():
            return True
        case Join(left, right):
            return can_follow(left, others) and can_follow(right, others)
        case Union(options):
            return all(can_follow(option, others) for option in options)
        case Filter(inner, condition):
            # A variable that its pattern may leave without value must not get one from the other side.
            return can_follow(inner, others) and not (
                (mentioned(condition) - certain(inner)) & others
            )
    return False
