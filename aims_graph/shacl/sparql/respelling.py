"""Back from the values that Oxigraph answers with to the literals that the data hold.

A store keeps values: ``"01"^^xsd:integer`` comes back as ``"1"^^xsd:integer``. What a variable was bound to can be
looked up again: among the objects of the predicates that bind it, the literals that the store writes that way; of
several, those of the focus node.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from pyoxigraph import Literal, NamedNode, Quad, Store

from aims_graph.columns import LITERAL, Columns, TermDictionary
from aims_graph.columns.joins import is_in, unique_ids
from aims_graph.vocabulary import RDF, XSD

from .algebra import (
    Aggregate,
    Call,
    Extend,
    Group,
    Path,
    Pattern,
    TriplePattern,
    Values,
    Variable,
)
from .path_steps import split
from .scope import walk
from .tables import Ids

#: Literals of these types come back as they were written.
_KEPT: Final = frozenset(
    {XSD + "string", XSD + "anyURI", RDF + "langString", RDF + "HTML", RDF + "XMLLiteral"}
)
_CHOSEN: Final = frozenset({"MIN", "MAX", "SAMPLE"})

#: Predicates; None: any.
Predicates = frozenset[NamedNode] | None


def predicates_of(pattern: Pattern, name: str) -> Predicates:
    """The predicates whose objects the variable may be bound to; none of them when it is computed."""
    found: set[NamedNode] = set()
    waiting, seen = [name], {name}

    def follow(expression: object) -> None:
        match expression:
            case Variable(other) if other not in seen:
                seen.add(other)
                waiting.append(other)
            case Aggregate(function, argument, _, _) if function in _CHOSEN:
                follow(argument)
            case Call("IF", (_, *branches)) | Call("COALESCE", branches):
                for branch in branches:
                    follow(branch)

    parts = list(walk(pattern))
    while waiting:
        wanted = waiting.pop()
        for part in parts:
            match part:
                case Extend(_, assigned, expression) if assigned == wanted:
                    follow(expression)
                case Group(_, _, aggregates, _):
                    for assigned, function in aggregates:
                        if assigned == wanted:
                            follow(function)
                case Values(variables, _) if wanted in variables:
                    return None
                case TriplePattern(subject, predicate, value) if Variable(wanted) in (
                    subject,
                    value,
                ):
                    if isinstance(predicate, Variable):
                        return None
                    steps = [predicate] if isinstance(predicate, NamedNode) else _steps(predicate)
                    if steps is None:
                        return None
                    found.update(steps)
    return frozenset(found)


def _steps(path: object) -> list[NamedNode] | None:
    assert isinstance(path, Path)
    steps = [step for _, step, _, _ in split(path)]
    named = [step for step in steps if isinstance(step, NamedNode)]
    return named if len(named) == len(steps) else None


class Spellings:
    """What Oxigraph makes of the literals of a dictionary; remembered, as a dictionary only grows."""

    def __init__(self) -> None:
        self._done: Ids = np.zeros(0, np.int32)
        #: Only those that a store rewrites.
        self._written: dict[int, Literal] = {}

    def rewritten(self, terms: TermDictionary, ids: Ids) -> dict[Literal, list[int]]:
        """Of ``ids`` those that a store rewrites, by what it makes of them."""
        ids = ids[self._may_differ(terms, ids)]
        self._ask(terms, ids[~is_in(ids, self._done)])
        found: dict[Literal, list[int]] = {}
        for each in ids.tolist():
            if (written := self._written.get(each)) is not None:
                found.setdefault(written, []).append(each)
        return found

    def _may_differ(self, terms: TermDictionary, ids: Ids) -> Ids:
        tags = terms.tags[ids]
        differs = {tag: _differs(terms, tag) for tag in np.unique(tags[tags >= LITERAL]).tolist()}
        rewritten = np.array([tag for tag, differ in differs.items() if differ], np.int32)
        return np.flatnonzero(is_in(tags, rewritten)).astype(np.int32)

    def _ask(self, terms: TermDictionary, ids: Ids) -> None:
        if not len(ids):
            return
        store, predicate = Store(), NamedNode("urn:p")
        store.bulk_extend(
            Quad(NamedNode(f"urn:{each}"), predicate, terms.term(each)) for each in ids.tolist()
        )
        for quad in store:
            each = int(quad.subject.value[4:])
            assert isinstance(quad.object, Literal)
            if quad.object != terms.term(each):
                self._written[each] = quad.object
        self._done = unique_ids(np.concatenate([self._done, ids]))


def _differs(terms: TermDictionary, tag: int) -> bool:
    """Whether a store may rewrite literals of the datatype or language that the tag stands for."""
    if tag & 1:
        language = terms.languages[(tag - 3) >> 1]
        return language != language.lower()
    datatype = terms.term((tag - 2) >> 1)
    assert isinstance(datatype, NamedNode)
    return datatype.value not in _KEPT


class Respelling:
    """For one variable of one query."""

    def __init__(self, data: Columns, predicates: Predicates, spellings: Spellings) -> None:
        ids = (
            data.predicates
            if predicates is None
            else np.array([data.terms.id_of(each) for each in predicates], np.int32)
        )
        self._data = data
        self._pairs = [data.pairs(each) for each in ids.tolist()]
        objects = [unique_ids(pairs.objects) for pairs in self._pairs]
        self._objects = unique_ids(np.concatenate([np.zeros(0, np.int32), *objects]))
        self._rewritten = spellings.rewritten(data.terms, self._objects)

    def spelled(self, literal: Literal, focus: int) -> Sequence[int]:
        """The literals of the data that the answer stands for; none when it stands for itself."""
        ways = self._rewritten.get(literal)
        if ways is None:
            return ()
        own = self._data.terms.id_of(literal)
        if own >= 0 and is_in(np.array([own], np.int32), self._objects)[0]:
            ways = [own, *ways]
        if len(ways) == 1:
            return ways
        near = [each for each in ways if self._is_near(focus, each)]
        # Not the first one met: that would depend on the order in which the data came.
        return near or [min(ways, key=lambda each: str(self._data.terms.term(each)))]

    def _is_near(self, focus: int, value: int) -> bool:
        for pairs in self._pairs:
            start, end = np.searchsorted(pairs.subjects, np.array([focus, focus + 1], np.int32))
            if (pairs.objects[start:end] == value).any():
                return True
        return False
