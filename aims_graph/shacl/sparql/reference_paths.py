"""Property paths of the reference evaluator."""

from collections.abc import Iterator

from pyoxigraph import NamedNode

from aims_graph.columns import Term

from .algebra import (
    Alternative,
    Closure,
    Inverse,
    NegatedSet,
    Path,
    Sequence,
)
from .reference_graph import PlainGraph


class ReferencePaths:
    def __init__(self, graph: PlainGraph) -> None:
        self._graph = graph

    def pairs(
        self, path: Path, start: Term | None, end: Term | None
    ) -> Iterator[tuple[Term, Term]]:
        """The pairs that the path joins; with repeats where section 18.4 counts them. An end that is
        given may be used or ignored.
        """
        match path:
            case NamedNode():
                yield from ((s, o) for s, _, o in self._graph.matching(start, path, end))
            case Inverse(inner):
                yield from ((b, a) for a, b in self.pairs(inner, end, start))
            case Sequence((only,)):
                yield from self.pairs(only, start, end)
            case Sequence((first, *rest)):
                for a, middle in self.pairs(first, start, None):
                    for b, c in self.pairs(Sequence(tuple(rest)), middle, end):
                        if b == middle:
                            yield a, c
            case Alternative(options):
                for option in options:
                    yield from self.pairs(option, start, end)
            case NegatedSet(forward, backward):
                for s, p, o in self._graph.matching(None, None, None):
                    if forward is not None and p not in forward:
                        yield s, o
                    if backward is not None and p not in backward:
                        yield o, s
            case Closure(inner, zero, many):
                begins = (
                    {start}
                    if start is not None
                    else self._graph.nodes | ({end} if end is not None else set())
                )
                for begin in begins:
                    yield from (
                        (begin, reached)
                        for reached in self._reached(inner, begin, zero=zero, many=many)
                    )

    def _reached(self, path: Path, begin: Term, *, zero: bool, many: bool) -> set[Term]:
        reached = {begin} if zero else set()
        frontier = {begin}
        while frontier:
            ahead = {b for node in frontier for a, b in self.pairs(path, node, None) if a == node}
            frontier = ahead - reached if many else set()
            reached |= ahead
        return reached
