"""The axioms of a graph as ids: pairs, restrictions and lists, each with the triples that state it."""

from collections.abc import Iterator
from itertools import combinations

import numpy as np
from pyoxigraph import Literal

from aims_graph.columns import Columns
from aims_graph.columns.joins import unique_ids

from .names import LIST_MEMBER, Names
from .relations import Relations, class_key
from .rules import Axiom

_LISTS = (
    "propertyChainAxiom",
    "hasKey",
    "intersectionOf",
    "unionOf",
    "oneOf",
    "members",
    "distinctMembers",
)


class Axioms:
    """The axioms of the graph as far as they are known by now."""

    def __init__(self, relations: Relations, names: Names) -> None:
        self.relations = relations
        self.names = names
        self.lists = read_lists(relations.data, names)
        rows = [head << 32 | item for head, items in self.lists.items() for item in items]
        relations.put(LIST_MEMBER, unique_ids(np.array(rows, np.int64)))
        self.trivial = {names["Thing"], names["Resource"]}

    def found(self, name: str) -> list[int]:
        """As ``pairs``, packed as relations pack them."""
        keys: list[int] = self.relations[self.names[name]].keys.tolist()
        return keys

    def pairs(self, name: str) -> list[tuple[int, int]]:
        """(subject, object) of the property."""
        return [(key >> 32, key & 0xFFFFFFFF) for key in self.found(name)]

    def by_subject(self, name: str) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {}
        for subject, value in self.pairs(name):
            found.setdefault(subject, []).append(value)
        return found

    def of_type(self, name: str) -> Iterator[tuple[int, Axiom]]:
        kind = self.names[name]
        for node in self.relations[class_key(kind)].keys.tolist():
            yield node, (node, self.names["type"], kind)

    def restrictions(self, name: str) -> Iterator[tuple[int, int, int, tuple[Axiom, ...]]]:
        """(restriction, property, filler, axioms)."""
        on, by_property = self.names["onProperty"], self.by_subject("onProperty")
        for c, filler in self.pairs(name):
            for p in by_property.get(c, ()):
                yield c, p, filler, ((c, self.names[name], filler), (c, on, p))

    def reduced(self, name: str) -> list[tuple[int, int]]:
        """The closed order without pairs that follow from two others; equivalents keep theirs."""
        keys = self.relations[self.names[name]].keys
        keys = keys[keys >> 32 != keys & 0xFFFFFFFF]
        pairs = {(key >> 32, key & 0xFFFFFFFF) for key in keys.tolist()}
        strict: dict[int, set[int]] = {}
        for x, y in pairs:
            if (y, x) not in pairs:
                strict.setdefault(x, set()).add(y)
        return [
            (x, y)
            for x, y in sorted(pairs)
            if y not in strict.get(x, ()) or not any(y in strict.get(z, ()) for z in strict[x])
        ]

    def number(self, literal: int) -> int | None:
        """None when it is not written as a whole number."""
        term = self.relations.terms.term(literal)
        return int(term.value) if isinstance(term, Literal) and term.value.isdecimal() else None

    def qualified(self) -> Iterator[tuple[int, int, int, int | None, tuple[Axiom, ...]]]:
        """(restriction, property, class, most, axioms) of qualified cardinalities."""
        on = self.names["onClass"]
        by_class = self.by_subject("onClass")
        for c, p, limit, axioms in self.restrictions("maxQualifiedCardinality"):
            for d in by_class.get(c, ()):
                yield c, p, d, self.number(limit), (*axioms, (c, on, d))

    def all_pairs(
        self, kind: str, link: str
    ) -> Iterator[tuple[tuple[Axiom, ...], tuple[int, int]]]:
        """What is listed together by axioms of a kind, two by two."""
        lists = self.by_subject(link)
        for node, axiom in self.of_type(kind):
            for head in lists.get(node, ()):
                axioms = (axiom, (node, self.names[link], head))
                for two in combinations(self.lists.get(head, ()), 2):
                    yield axioms, two


def read_lists(data: Columns, names: Names) -> dict[int, tuple[int, ...]]:
    """The RDF lists that axioms name, by their heads; broken and circular ones end where they break."""
    first, rest = (
        dict(zip(p.subjects.tolist(), p.objects.tolist(), strict=True))
        for p in (data.pairs(names["first"]), data.pairs(names["rest"]))
    )
    lists: dict[int, tuple[int, ...]] = {}
    for name in _LISTS:
        for head in data.pairs(names[name]).objects.tolist():
            items: list[int] = []
            seen: set[int] = set()
            node = head
            while node in first and node not in seen:
                seen.add(node)
                items.append(first[node])
                node = rest.get(node, -1)
            lists[head] = tuple(items)
    return lists
