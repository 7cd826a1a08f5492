"""Several graphs as the default graph of one query: a set of triples (SPARQL 1.1, 13.2; RDF 1.1, 4.1).

Oxigraph goes through the graphs one after the other, so a triple that stands in two of them would be a solution
twice, and every count too high. Where no triple does, that is the same thing and costs nothing; otherwise
the query is asked of a copy in memory whose default graph holds each triple once.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import pyoxigraph as ox


class Merger:
    """For the queries on one store while it does not change: what was worked out is kept for the next one."""

    def __init__(self, store: ox.Store) -> None:
        self._store = store
        self._disjoint: set[frozenset[str]] = set()
        self._copied: tuple[Any, ox.Store] | None = None

    def data_set(
        self, default: Sequence[str], named: Sequence[str]
    ) -> tuple[ox.Store, dict[str, Any]]:
        """The store to ask, and the options of its ``query``."""
        default = list(dict.fromkeys(default))
        names = [ox.NamedNode(name) for name in named]
        if self._are_disjoint(default):
            graphs = [ox.NamedNode(name) for name in default]
            return self._store, {"default_graph": graphs, "named_graphs": names}
        # The copy has no other graphs than these, but one that is empty is named all the same.
        return self._copy(default, named), {"named_graphs": names}

    def _are_disjoint(self, names: Sequence[str]) -> bool:
        key = frozenset(names)
        if len(key) > 1 and key not in self._disjoint:
            # All but the largest are gone through.
            graphs = sorted(map(ox.NamedNode, names), key=self._size)
            if any(self._share(graphs[i], graphs[i + 1 :]) for i in range(len(graphs) - 1)):
                return False
            self._disjoint.add(key)
        return True

    def _size(self, graph: ox.NamedNode) -> int:
        rows = self._store.query(f"SELECT (COUNT(*) AS ?n) {{ GRAPH {graph} {{ ?s ?p ?o }} }}")
        assert isinstance(rows, ox.QuerySolutions)
        return int(next(rows)["n"].value)

    def _share(self, graph: ox.NamedNode, others: Sequence[ox.NamedNode]) -> bool:
        """Whether a triple of the graph stands in one of the others."""
        found = " || ".join(f"EXISTS {{ GRAPH {other} {{ ?s ?p ?o }} }}" for other in others)
        text = f"ASK {{ GRAPH {graph} {{ ?s ?p ?o }} FILTER({found}) }}"
        return bool(self._store.query(text))

    def _copy(self, default: Sequence[str], named: Sequence[str]) -> ox.Store:
        key = (frozenset(default), frozenset(named))
        if self._copied is None or self._copied[0] != key:
            self._copied = None  # its memory is free before more is taken
            copy = ox.Store()
            copy.bulk_extend(ox.Quad(q.subject, q.predicate, q.object) for q in self._quads(key[0]))
            copy.bulk_extend(self._quads(key[1]))
            self._copied = key, copy
        return self._copied[1]

    def _quads(self, names: frozenset[str]) -> Iterator[ox.Quad]:
        for name in names:
            yield from self._store.quads_for_pattern(None, None, None, ox.NamedNode(name))
