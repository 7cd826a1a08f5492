"""A graph with all that follows from it, kept up to date."""

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import NamedTuple

import numpy as np

from aims_graph.columns import Columns, Pairs, Triple
from aims_graph.columns.joins import pack_pairs, unique_ids, unpack_pairs

from .names import LIST_MEMBER, Names
from .reasoner import Levels
from .relations import NO_KEYS, Keys, among, class_key, is_class, merge

_LOW = 0xFFFFFFFF

#: Packed pairs by predicate.
Found = dict[int, Keys]

Ids = tuple[int, int, int]


class Difference(NamedTuple):
    """Triples that a change makes true or no longer true, asserted or inferred."""

    appeared: list[Triple]
    gone: list[Triple]


class Conclusion(NamedTuple):
    """What a domain rule adds: the rule's IRI, the triples it was drawn from, when (``Inferred.before``), and for which
    focus node.
    """

    rule: str
    premises: tuple[Ids, ...]
    stage: int
    focus: int


class Inferred:
    """``asserted``: what is recorded. ``columns``: that and what follows. Terms are shared.

    ``data`` is what OWL 2 RL starts from: what is asserted and, in ``Ruled``, what domain rules conclude.
    """

    def __init__(self, data: Columns) -> None:
        self.names = Names(data.terms)
        self._start(data)

    def _start(self, data: Columns) -> None:
        self.data = data
        self.levels = Levels(data, self.names)
        self._pairs: dict[int, Pairs] = {int(p): data.pairs(int(p)) for p in data.predicates}
        top = self.levels.top
        if top.same:
            found = self._written_out()
        else:
            found = {key: top.relations[key].keys for key in top.relations if self._counts(key)}
            types = self._types([key for key in top.relations if is_class(key)])
            if len(types):
                found[self.names["type"]] = types
        for predicate, keys in found.items():
            if len(keys) != len(self._pairs.get(predicate, ())):
                self._pairs[predicate] = Pairs(*unpack_pairs(keys))
        self._publish()

    @property
    def asserted(self) -> Columns:
        return self.data

    def conclusion(self, ids: Ids) -> Conclusion | None:  # noqa: ARG002 for Ruled
        """Why the triple is in ``data`` without being asserted."""
        return None

    def before(self, stage: int) -> "Inferred":  # noqa: ARG002 for Ruled
        """What was known when the conclusions of this stage were drawn."""
        return self

    def _publish(self) -> None:
        self.columns = Columns(self.data.terms, dict(self._pairs))
        self.__dict__.pop("inferred", None)

    def _counts(self, key: int) -> bool:
        """Whether the relation is a property with triples of its own."""
        return (
            not is_class(key)
            and key not in (LIST_MEMBER, self.names["type"])
            and len(self.levels.top.relations[key]) > 0
        )

    def _types(self, classes: Iterable[int]) -> Keys:
        """All pairs of rdf:type: those asserted and the members of these classes."""
        top = self.levels.top
        asserted = top.graph.pairs(self.names["type"])
        new = [NO_KEYS]
        for key in classes:
            relation = top.relations[key]
            parts = [(keys << 32) | ~key for step, keys in relation.steps if step > 0]
            new += parts
        keys = pack_pairs(asserted.subjects, asserted.objects)
        found = unique_ids(np.concatenate(new))
        return merge(keys, found[~among(found, keys)])

    def _written_out(self) -> Found:
        top, data = self.levels.top, self.levels.top.graph
        keys = {int(p) for p in data.predicates} | {
            key for key in top.relations if self._counts(key)
        }
        found: dict[int, list[Keys]] = {}
        for key in keys - {self.names["type"]}:
            written = top.same.write_out(top.relations[key].keys)
            for member in top.same.members(key):
                found.setdefault(member, []).append(written)
        types = self._types([key for key in top.relations if is_class(key)])
        found.setdefault(self.names["type"], []).append(top.same.write_out(types))
        same = found.setdefault(self.names["sameAs"], [])
        said = self.data.pairs(self.names["sameAs"])
        same += [top.same.same_pairs(), pack_pairs(said.subjects, said.objects)]
        return {key: unique_ids(np.concatenate(parts)) for key, parts in found.items()}

    @cached_property
    def inferred(self) -> Columns:
        """Only what is not asserted."""
        found: dict[int, Pairs] = {}
        for predicate in self.columns.predicates.tolist():
            every, own = self.columns.pairs(predicate), self.asserted.pairs(predicate)
            if len(every) > len(own):
                keys = pack_pairs(every.subjects, every.objects)
                new = keys[~among(keys, pack_pairs(own.subjects, own.objects))]
                found[predicate] = Pairs(*unpack_pairs(new))
        return Columns(self.data.terms, found)

    def is_inferred(self, triple: Triple) -> bool:
        """Whether the triple holds without being asserted."""
        ids = self._ids(triple)
        return holds(self.columns, ids) and not holds(self.asserted, ids)

    def holds(self, triple: Triple) -> bool:
        """Whether the triple is asserted or follows."""
        return holds(self.columns, self._ids(triple))

    def _ids(self, triple: Triple) -> Ids:
        subject, predicate, value = map(self.data.terms.id_of, triple)
        return subject, predicate, value

    # Changes

    def apply(self, added: Iterable[Triple], removed: Iterable[Triple]) -> Difference:
        """Changes what is asserted; a triple in both is asserted afterwards.

        Additions are followed up from the new triples. After a removal everything that could rest on
        it is derived anew; after a change of axioms or of what is the same, everything.
        """
        return self._change(*self._ids_of(added, removed))

    def _ids_of(
        self, added: Iterable[Triple], removed: Iterable[Triple]
    ) -> tuple[set[Ids], set[Ids]]:
        added, removed = list(added), list(removed)
        add = self.data.terms.add
        come = {(add(s), add(p), add(o)) for s, p, o in added}
        return come, {self._ids(triple) for triple in removed} - come

    def _change(self, come: set[Ids], gone: set[Ids]) -> Difference:
        come = {ids for ids in come if not holds(self.data, ids)}
        gone = {ids for ids in gone if holds(self.data, ids)}
        data = self.data.with_change(come, gone)
        before = self.columns
        top = self.levels.top
        if self._changes_rules(come | gone) or top.same or top.types_joined:
            self._start(data)
            return difference(before, self.columns)
        return self._follow_up(data, come, gone)

    def _changes_rules(self, triples: Iterable[Ids]) -> bool:
        predicates, classes = self._schema
        kind, same = self.names["type"], self.names["sameAs"]
        return any(
            p in predicates or p == same or (p == kind and o in classes) for _, p, o in triples
        )

    @cached_property
    def _schema(self) -> tuple[frozenset[int], frozenset[int]]:
        return self.names.schema_predicates, self.names.schema_classes

    def _follow_up(self, data: Columns, come: set[Ids], gone: set[Ids]) -> Difference:
        top, kind, before = self.levels.top, self.names["type"], self.columns
        self.data = self.levels.data = top.graph = data
        top.relations.move(data)
        mark = top.closure.step
        # Relations that no rule has asked for come from the columns when one does.
        stale = top.closure.recompute(
            {key for ids in gone if (key := _key(ids, kind)) in top.relations}
        )
        new: dict[int, list[int]] = {}
        for s, p, o in come:
            key = _key((s, p, o), kind)
            if key not in stale and key in top.relations:
                new.setdefault(key, []).append(s if p == kind else s << 32 | o)
        top.closure.add({key: np.array(keys, np.int64) for key, keys in new.items()})
        if top.has_new_axioms(mark) or top.find_equal():
            self._start(data)
            return difference(before, self.columns)
        return self._update(before, mark, come, gone, stale)

    def _update(
        self,
        before: Columns,
        mark: int,
        come: set[Ids],
        gone: set[Ids],
        stale: set[int],
    ) -> Difference:
        """Pairs of the predicates concerned, from what the closure found after ``mark``."""
        top, kind = self.levels.top, self.names["type"]
        added: dict[int, list[Keys]] = {}
        removed: dict[int, list[Keys]] = {}
        for triples, change in ((come, added), (gone, removed)):
            for s, p, o in triples:
                if _key((s, p, o), kind) not in top.relations:
                    change.setdefault(p, []).append(np.array([s << 32 | o], np.int64))
        for key in top.relations:
            if key in (LIST_MEMBER, kind):
                continue
            predicate = kind if is_class(key) else key
            if key in stale:
                former, now = self._former(before, key), top.relations[key].keys
                left = former[~among(former, now)]
                removed.setdefault(predicate, []).append(_as_pairs(left, key))
                new = now[~among(now, former)]
            else:
                new = top.relations[key].since(mark)
            if len(new):
                added.setdefault(predicate, []).append(_as_pairs(new, key))
        found = Difference([], [])
        for predicate in added.keys() | removed.keys():
            old = before.pairs(predicate)
            plus = unique_ids(np.concatenate([NO_KEYS, *added.get(predicate, ())]))
            minus = unique_ids(np.concatenate([NO_KEYS, *removed.get(predicate, ())]))
            minus = minus[~among(minus, plus)]
            self._pairs[predicate] = old.with_change(plus, minus)
            if len(self._pairs[predicate]) == 0:
                del self._pairs[predicate]
            plus = plus[~np.array([_holds(old, key) for key in plus.tolist()], np.bool_)]
            found.appeared.extend(_triples(self.data, predicate, plus))
            found.gone.extend(_triples(self.data, predicate, minus))
        self._publish()
        return found

    def _former(self, before: Columns, key: int) -> Keys:
        if is_class(key):
            classes, members = before.pairs(self.names["type"]).by_object
            low, high = np.searchsorted(classes, np.array([~key, ~key + 1], np.int32))
            return members[low:high].astype(np.int64)
        pairs = before.pairs(key)
        return pack_pairs(pairs.subjects, pairs.objects)


def _key(ids: Ids, kind: int) -> int:
    return class_key(ids[2]) if ids[1] == kind else ids[1]


def _as_pairs(keys: Keys, key: int) -> Keys:
    return (keys << 32) | ~key if is_class(key) else keys


def holds(columns: Columns, ids: Ids) -> bool:
    subject, predicate, value = ids
    return min(ids) >= 0 and _holds(columns.pairs(predicate), subject << 32 | value)


def _holds(pairs: Pairs, key: int) -> bool:
    subject, value = key >> 32, key & _LOW
    low, high = np.searchsorted(pairs.subjects, np.array([subject, subject + 1], np.int32))
    at = low + np.searchsorted(pairs.objects[low:high], np.int32(value))
    return bool(at < high and pairs.objects[at] == value)


def difference(before: Columns, after: Columns) -> Difference:
    return Difference([*_only(after, before)], [*_only(before, after)])


def _only(one: Columns, other: Columns) -> Iterator[Triple]:
    for predicate in one.predicates.tolist():
        mine, theirs = one.pairs(predicate), other.pairs(predicate)
        if mine is not theirs:
            keys = pack_pairs(mine.subjects, mine.objects)
            yield from _triples(
                one, predicate, keys[~among(keys, pack_pairs(theirs.subjects, theirs.objects))]
            )


def _triples(columns: Columns, predicate: int, keys: Keys) -> Iterator[Triple]:
    term = columns.terms.term
    middle = term(predicate)
    for key in keys.tolist():
        yield term(key >> 32), middle, term(key & _LOW)
