"""The triples that the plain evaluators look at: a list, and lists by each of its parts so that tests end."""

from collections.abc import Iterable, Sequence

from aims_graph.columns import Term, Triple


class PlainGraph:
    def __init__(self, triples: Iterable[Triple]) -> None:
        self.triples = list(triples)
        self._by_part: tuple[dict[Term, list[Triple]], ...] = ({}, {}, {})
        for triple in self.triples:
            for term, index in zip(triple, self._by_part, strict=True):
                index.setdefault(term, []).append(triple)
        self.nodes = self._by_part[0].keys() | self._by_part[2].keys()

    def matching(
        self, subject: Term | None, predicate: Term | None, value: Term | None
    ) -> Sequence[Triple]:
        """The triples with these parts; None: any."""
        wanted = (subject, predicate, value)
        lists = [
            index.get(term, [])
            for term, index in zip(wanted, self._by_part, strict=True)
            if term is not None
        ]
        shortest = min(lists, key=len, default=self.triples)
        return [
            triple
            for triple in shortest
            if all(w is None or w == part for w, part in zip(wanted, triple, strict=True))
        ]
