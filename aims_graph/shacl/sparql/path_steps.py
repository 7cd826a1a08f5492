"""The single steps that a property path is made of."""

from collections.abc import Iterator

from pyoxigraph import NamedNode

from .algebra import (
    Alternative,
    Closure,
    Inverse,
    NegatedSet,
    Path,
    Sequence,
)

Split = tuple[tuple[Path, ...], NamedNode | NegatedSet, bool, tuple[Path, ...]]


def split(path: Path) -> Iterator[Split]:
    """Each single step of a path: what leads to it, the step, whether it goes forward, what follows."""
    match path:
        case NamedNode():
            yield (), path, True, ()
        case NegatedSet(forward, backward):
            if forward is not None:
                yield (), NegatedSet(forward, None), True, ()
            if backward is not None:
                yield (), NegatedSet(backward, None), False, ()
        case Inverse(inner):
            for before, step, forwards, after in split(inner):
                yield (
                    tuple(Inverse(p) for p in reversed(after)),
                    step,
                    not forwards,
                    tuple(Inverse(p) for p in reversed(before)),
                )
        case Sequence(steps):
            for at, inner in enumerate(steps):
                for before, step, forwards, after in split(inner):
                    yield (*steps[:at], *before), step, forwards, (*after, *steps[at + 1 :])
        case Alternative(options):
            for option in options:
                yield from split(option)
        case Closure(inner, _, many):
            around = (Closure(inner, zero=True, many=True),) if many else ()
            for before, step, forwards, after in split(inner):
                yield (*around, *before), step, forwards, (*after, *around)


def may_be_empty(path: Path) -> bool:
    match path:
        case Closure(inner, zero, _):
            return zero or may_be_empty(inner)
        case Sequence(steps):
            return all(map(may_be_empty, steps))
        case Alternative(options):
            return any(map(may_be_empty, options))
        case Inverse(inner):
            return may_be_empty(inner)
    return False
