"""The terms a query works with: those of the data, and values it computes, kept apart.

Ids below COMPUTED are the data dictionary's; ids from COMPUTED on are this query's own. A term has one
id, so equality of ids is sameTerm.
"""

from collections.abc import Callable, Iterable
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pyoxigraph import BlankNode, Literal, NamedNode

from aims_graph.columns import BLANK, IRI, LITERAL, Term, TermDictionary
from aims_graph.vocabulary import RDF, XSD

from .tables import UNBOUND, Ids, Mask, row_keys

COMPUTED: Final = 1 << 30

_KINDS: Final = {NamedNode: IRI, BlankNode: BLANK, Literal: LITERAL}
_LANG_STRING: Final = NamedNode(RDF + "langString")
_STRING: Final = NamedNode(XSD + "string")


class TermSpace:
    """``constants``: terms of the query, which enter the data's dictionary as those of shapes do."""

    def __init__(self, terms: TermDictionary, constants: Iterable[Term]) -> None:
        self.terms = terms
        self._constants = {term: terms.add(term) for term in constants}
        self._computed: list[Term] = []
        self._ids: dict[Term, int] = {}

    def constant(self, term: Term) -> int:
        return self._constants[term]

    def query_id(self, term: Term) -> int:
        """The id of a term of the query; -1, which no triple has, for a step of a path that is in no triple."""
        known = self._constants.get(term)
        return self.terms.id_of(term) if known is None else known

    def intern(self, term: Term | None) -> int:
        """The id of a computed term; UNBOUND for None."""
        if term is None:
            return UNBOUND
        known = self.terms.id_of(term)
        if known >= 0:
            return known
        found = self._ids.get(term)
        if found is None:
            found = self._ids[term] = COMPUTED + len(self._computed)
            self._computed.append(term)
        return found

    def term(self, identifier: int) -> Term | None:
        if identifier < 0:
            return None
        if identifier >= COMPUTED:
            return self._computed[identifier - COMPUTED]
        return self.terms.term(identifier)

    def has_computed(self, *columns: Ids) -> bool:
        return bool(self._computed) and any(bool((column >= COMPUTED).any()) for column in columns)

    def map_distinct(self, columns: list[Ids], function: Callable[..., int]) -> NDArray[np.int32]:
        """``function`` of the terms of each row (None where unbound), called once for equal rows."""
        if not len(columns[0]):
            return np.zeros(0, np.int32)
        if len(columns) == 1:
            distinct, place = np.unique(columns[0], return_inverse=True)
            rows: Iterable[tuple[int, ...]] = ((each,) for each in distinct.tolist())
            count = len(distinct)
        else:
            (keys,) = row_keys(columns)
            _, first, place = np.unique(keys, return_index=True, return_inverse=True)
            rows = zip(*(column[first].tolist() for column in columns), strict=True)
            count = len(first)
        term = self.term
        results = np.fromiter((function(*map(term, row)) for row in rows), np.int32, count)
        return results[place]

    # Facts of terms. Ids must be bound.

    def kinds(self, ids: Ids) -> Ids:
        """IRI, BLANK or LITERAL."""
        if self.has_computed(ids):
            return self.map_distinct([ids], lambda term: _KINDS[type(term)])
        return np.minimum(self.terms.tags[ids], LITERAL)

    def datatypes(self, ids: Ids) -> Ids:
        """The id of the datatype of literals, UNBOUND for other terms."""
        if self.has_computed(ids):
            return self.map_distinct(
                [ids],
                lambda term: self.intern(term.datatype) if isinstance(term, Literal) else UNBOUND,
            )
        tags = self.terms.tags[ids]
        found = np.where(tags < LITERAL, UNBOUND, (tags - 2) >> 1).astype(np.int32)
        tagged = (tags > LITERAL) & (tags & 1 == 1)
        if tagged.any():
            found[tagged] = self.intern(_LANG_STRING)
        return found

    def are_strings(self, ids: Ids) -> Mask:
        """Whether each is a string literal, with or without language."""
        datatypes = self.datatypes(ids)
        return np.isin(datatypes, [self.intern(_STRING), self.intern(_LANG_STRING)])
