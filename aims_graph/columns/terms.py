"""The term dictionary: each distinct RDF term once, and what rules ask about a term."""

from collections.abc import Callable, Iterable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from pyoxigraph import BlankNode, Literal, NamedNode

from .lexical import NOT_ORDERED, Value, read_value
from .values import INCOMPARABLE, compare_values

Term = NamedNode | BlankNode | Literal
Triple = tuple[Term, Term, Term]

IRI, BLANK, LITERAL = range(3)

_RDF_LANG_STRING: Final = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#langString")


class TermDictionary:
    """Append-only; ids are dense from 0. Fact arrays have one entry a term, at index id."""

    def __init__(self) -> None:
        self._terms: list[Term] = []
        self._ids: dict[Term, int] = {}
        self._facts: dict[str, NDArray[Any]] = {}
        self._values: dict[int, Value | None] = {}
        self.languages: list[str] = []
        self._language_ids: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._terms)

    def add(self, term: Term) -> int:
        found = self._ids.get(term)
        if found is None:
            if isinstance(term, Literal):
                self.add(term.datatype)
            found = self._ids[term] = len(self._terms)
            self._terms.append(term)
        return found

    def id_of(self, term: Term) -> int:
        return self._ids.get(term, -1)

    def ids_of(self, terms: Iterable[Term]) -> NDArray[np.int32]:
        return np.fromiter((self._ids.get(term, -1) for term in terms), np.int32)

    def term(self, id: int) -> Term:
        return self._terms[id]

    def _fact(self, name: str, dtype: type, compute: Callable[[Term], Any]) -> NDArray[Any]:
        known = self._facts.get(name)
        start = 0 if known is None else len(known)
        if known is None or start < len(self._terms):
            new = np.array([compute(term) for term in self._terms[start:]], dtype)
            known = self._facts[name] = new if known is None else np.concatenate([known, new])
        return known

    @property
    def kind(self) -> NDArray[np.uint8]:
        kinds = {NamedNode: IRI, BlankNode: BLANK, Literal: LITERAL}
        return self._fact("kind", np.uint8, lambda term: kinds[type(term)])

    @property
    def datatype(self) -> NDArray[np.int32]:
        return self._fact(
            "datatype",
            np.int32,
            lambda term: self._ids[term.datatype] if isinstance(term, Literal) else -1,
        )

    @property
    def language(self) -> NDArray[np.int32]:
        def index(term: Term) -> int:
            if not isinstance(term, Literal) or term.language is None:
                return -1
            tag = term.language.lower()
            if tag not in self._language_ids:
                self._language_ids[tag] = len(self.languages)
                self.languages.append(tag)
            return self._language_ids[tag]

        return self._fact("language", np.int32, index)

    @property
    def well_formed(self) -> NDArray[np.bool_]:
        return self._fact(
            "well_formed",
            np.bool_,
            lambda term: (
                not isinstance(term, Literal)
                or term.language is not None
                or read_value(term.datatype.value, term.value) is not None
            ),
        )

    @property
    def length(self) -> NDArray[np.int32]:
        return self._fact(
            "length", np.int32, lambda term: -1 if isinstance(term, BlankNode) else len(term.value)
        )

    @property
    def comparison_class(self) -> NDArray[np.uint8]:
        def order(term: Term) -> int:
            value = self._value(self._ids[term])
            return NOT_ORDERED if value is None else value.order

        return self._fact("comparison_class", np.uint8, order)

    def _value(self, id: int) -> Value | None:
        if id not in self._values:
            term = self._terms[id]
            is_plain = isinstance(term, Literal) and term.language is None
            self._values[id] = read_value(term.datatype.value, term.value) if is_plain else None
        return self._values[id]

    def compare(self, left: NDArray[np.int32], right: NDArray[np.int32]) -> NDArray[np.int8]:
        """-1, 0, 1 as SPARQL orders the values; 2 where it raises an error or leaves it open."""
        result = np.full(len(left), INCOMPARABLE, np.int8)
        classes = self.comparison_class
        same = (classes[left] == classes[right]) & (classes[left] != NOT_ORDERED)
        for index in np.flatnonzero(same):
            result[index] = compare_values(
                self._value(int(left[index])), self._value(int(right[index]))
            )
        return result
