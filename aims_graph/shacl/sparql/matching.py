"""Basic graph patterns: one table is extended pattern by pattern, the cheapest first."""

from collections.abc import Callable, Iterator
from typing import Final

import numpy as np
from pyoxigraph import BlankNode, Literal, NamedNode

from aims_graph.columns import Columns, Pairs
from aims_graph.columns.joins import unique_ids

from .algebra import (
    Alternative,
    Bgp,
    Closure,
    Inverse,
    NegatedSet,
    Path,
    Sequence,
    Slot,
    Term,
    TriplePattern,
    Variable,
)
from .lookup import Relation, count_sampled, expand, holds, is_member, members_of, turned_pairs
from .reach import reach
from .scope import slots, visible
from .tables import (
    Ids,
    Table,
    check_size,
    concatenated,
    distinct,
    empty,
    join,
    unit,
)

#: A side of a pattern: the name of a variable, or the id of a term.
Side = str | int

_FAR: Final = 1e15


class Matcher:
    """Matches patterns in one graph. ``id_of`` gives the id of a term of the query.

    ``known_nodes``: variables whose values count as nodes of the graph even when no triple mentions them
    (focus nodes, values that EXISTS substitutes). ``computed``: variables that may hold values from elsewhere.
    """

    def __init__(
        self,
        data: Columns,
        id_of: Callable[[Term], int],
        *,
        computed: frozenset[str] = frozenset(),
        known_nodes: frozenset[str] = frozenset(),
    ) -> None:
        self.data = data
        self.id_of = id_of
        self._computed = computed - known_nodes
        self._hidden = 0

    def match(self, bgp: Bgp, hint: Table) -> Table:
        """The solutions of ``bgp`` that agree with some row of ``hint`` where they share variables."""
        names = visible(bgp)
        table = distinct(hint.project(hint.bound(sorted(names)))) if hint.columns else unit()
        if not hint.size:
            return empty(names)
        waiting = list(bgp.patterns)
        while waiting:
            at = 0
            if len(waiting) > 1:
                costs = [self._cost(pattern, table) for pattern in waiting]
                at = costs.index(min(costs))
            table = self.extend(table, waiting.pop(at))
            if not table.size:
                return empty(names)
            table = _without_hidden(table, waiting)
        return table

    # Cost

    def _cost(self, pattern: TriplePattern, table: Table) -> float:
        """About how many rows the table has after the pattern."""
        ends = [
            not isinstance(slot, Variable) or slot.name in table.columns
            for slot in (pattern.subject, pattern.object)
        ]
        size = table.size
        predicate = pattern.predicate
        if not isinstance(predicate, NamedNode):
            if not any(ends):
                return _FAR * size
            return size * (30 if all(ends) else 60) + 1
        pairs = self.data.pairs(self.id_of(predicate))
        if all(ends):
            return size * 0.5
        if not any(ends):
            return size * float(len(pairs))
        slot, (keys, _) = (
            (pattern.subject, (pairs.subjects, pairs.objects))
            if ends[0]
            else (pattern.object, turned_pairs(pairs))
        )
        ids = table.columns[slot.name] if isinstance(slot, Variable) else self._constant(slot)
        return size * count_sampled(keys, ids)

    def _constant(self, slot: Term) -> Ids:
        return np.array([self.id_of(slot)], np.int32)

    # Extending

    def extend(self, table: Table, pattern: TriplePattern) -> Table:
        subject, object_ = self._side(pattern.subject), self._side(pattern.object)
        match pattern.predicate:
            case Variable(name):
                return self._extend_any(table, subject, name, object_)
            case (
                BlankNode() | Literal()
            ):  # the value of a parameter, which no triple has as predicate
                return _nothing(table, subject, object_)
            case path:
                return self._extend_path(table, subject, path, object_)

    def _side(self, slot: Slot) -> Side:
        return slot.name if isinstance(slot, Variable) else self.id_of(slot)

    def _extend_path(self, table: Table, subject: Side, path: Path, object_: Side) -> Table:
        match path:
            case NamedNode():
                return self._extend_pairs(
                    table, subject, self.data.pairs(self.id_of(path)), object_
                )
            case Inverse(inner):
                return self._extend_path(table, object_, inner, subject)
            case Sequence(steps):
                middles = [self._hide() for _ in steps[1:]]
                ends = [subject, *middles, object_]
                order = range(len(steps))
                # Begin at the end that is known.
                for at in order if self._is_known(table, subject) else reversed(order):
                    table = self._extend_path(table, ends[at], steps[at], ends[at + 1])
                return table.project(name for name in list(table.columns) if name not in middles)
            case Alternative(options):
                return concatenated(
                    [self._extend_path(table, subject, option, object_) for option in options]
                )
            case Closure():
                return self._extend_closure(table, subject, path, object_)
            case NegatedSet(forward, backward):
                parts = [
                    self._extend_pairs(table, subject, pairs, object_)
                    for pairs in self._others(forward)
                ] + [
                    self._extend_pairs(table, object_, pairs, subject)
                    for pairs in self._others(backward)
                ]
                return concatenated(
                    [part for part in parts if part.size] or [_nothing(table, subject, object_)]
                )

    def _hide(self) -> str:
        self._hidden += 1
        return f".path{self._hidden}"

    def _others(self, excluded: tuple[NamedNode, ...] | None) -> Iterator[Pairs]:
        """The pairs of every predicate but the excluded ones; none at all for None."""
        if excluded is not None:
            ids = {self.id_of(predicate) for predicate in excluded}
            yield from (self.data.pairs(p) for p in self.data.predicates.tolist() if p not in ids)

    def _extend_any(self, table: Table, subject: Side, name: str, object_: Side) -> Table:
        parts: list[Table] = []
        bound = name in table.columns
        predicates = unique_ids(table.columns[name]) if bound else self.data.predicates
        for predicate in predicates.tolist():
            pairs = self.data.pairs(predicate)
            if not len(pairs):
                continue
            part = table.take(table.columns[name] == predicate) if bound else table
            if not bound and name in (subject, object_):
                part = part.extended(name, np.full(part.size, predicate, np.int32))
            part = self._extend_pairs(part, subject, pairs, object_)
            if part.size:
                parts.append(part.extended(name, np.full(part.size, predicate, np.int32)))
        return concatenated(parts or [_nothing(table, subject, object_, name)])

    def _is_known(self, table: Table, side: Side) -> bool:
        return isinstance(side, int) or side in table.columns

    def _extend_pairs(self, table: Table, subject: Side, pairs: Pairs, object_: Side) -> Table:
        knows_subject, knows_object = self._is_known(table, subject), self._is_known(table, object_)
        if not len(pairs):
            return _nothing(table, subject, object_)
        if knows_subject and knows_object:
            return self._keep_pairs(table, subject, pairs, object_)
        if knows_subject:
            return self._expand(table, subject, (pairs.subjects, pairs.objects), str(object_))
        if knows_object:
            return self._expand(table, object_, turned_pairs(pairs), str(subject))
        if subject == object_:
            same = pairs.subjects == pairs.objects
            return join(table, Table({str(subject): pairs.subjects[same]}, int(same.sum())))
        return join(
            table, Table({str(subject): pairs.subjects, str(object_): pairs.objects}, len(pairs))
        )

    def _keep_pairs(self, table: Table, subject: Side, pairs: Pairs, object_: Side) -> Table:
        if isinstance(subject, int) and isinstance(object_, int):
            found = bool(len(members_of((pairs.subjects, pairs.objects), subject, object_)))
            return table if found else table.take(np.zeros(0, np.int64))
        if isinstance(subject, int):
            assert isinstance(object_, str)
            ends = members_of((pairs.subjects, pairs.objects), subject)
            return table.take(is_member(table.columns[object_], ends))
        if isinstance(object_, int):
            if table.size * 4 < len(pairs):
                keep = holds(pairs, table.columns[subject], np.full(table.size, object_, np.int32))
            else:
                keep = is_member(table.columns[subject], members_of(turned_pairs(pairs), object_))
            return table.take(keep)
        return table.take(holds(pairs, table.columns[subject], table.columns[object_]))

    def _expand(self, table: Table, known: Side, relation: Relation, new: str) -> Table:
        if isinstance(known, int):
            ends = members_of(relation, known)
            return join(table, Table({new: ends}, len(ends)))
        ids = table.columns[known]
        if (
            len(table.columns) == 1
            and len(ids) * 4 > len(relation[0])
            and bool((ids[1:] > ids[:-1]).all())
        ):
            # The rows are a set of nodes: keep the pairs that begin at them.
            keep = is_member(relation[0], ids)
            return Table(
                {known: relation[0][keep], new: relation[1][keep]}, int(np.count_nonzero(keep))
            )
        rows, ends = expand(relation, ids)
        if len(rows) == table.size and bool((rows[1:] > rows[:-1]).all()):
            return table.extended(new, ends)  # one value a row
        return table.take(rows).extended(new, ends)

    # Repeated paths

    def _extend_closure(self, table: Table, subject: Side, path: Closure, object_: Side) -> Table:
        knows_subject, knows_object = self._is_known(table, subject), self._is_known(table, object_)
        if not knows_subject and not knows_object:
            nodes = self._nodes()
            starts, ends = reach(self, path, nodes)
            if subject == object_:
                same = unique_ids(starts[starts == ends])
                return join(table, Table({str(subject): same}, len(same)))
            return join(table, Table({str(subject): starts, str(object_): ends}, len(starts)))
        turned = not knows_subject or (
            knows_object and self._count(table, object_) < self._count(table, subject)
        )
        if turned:
            subject, object_ = object_, subject
        begins = self._values(table, subject)
        starts, ends = reach(
            self, Closure(Inverse(path.path), path.zero, path.many) if turned else path, begins
        )
        starts, ends = self._without_strangers(path, subject, object_, starts, ends)
        if isinstance(subject, int):
            found = Table({}, len(ends))
        else:
            found = Table({subject: starts}, len(ends))
        if isinstance(object_, int):
            return join(table, found.take(ends == object_))
        if object_ == subject:
            return join(table, found.take(starts == ends))
        return join(table, found.extended(object_, ends))

    def _values(self, table: Table, side: Side) -> Ids:
        return (
            np.array([side], np.int32) if isinstance(side, int) else unique_ids(table.columns[side])
        )

    def _count(self, table: Table, side: Side) -> int:
        return 1 if isinstance(side, int) else len(unique_ids(table.columns[side]))

    def _without_strangers(
        self, path: Closure, subject: Side, object_: Side, starts: Ids, ends: Ids
    ) -> Relation:
        """A path of no step joins a node to itself only when the graph has the node (section 18.4)."""
        if (
            not path.zero
            or isinstance(subject, int)
            or isinstance(object_, int)
            or subject not in self._computed
        ):
            return starts, ends
        stranger = (starts == ends) & ~np.isin(starts, self._nodes())
        return starts[~stranger], ends[~stranger]

    def _nodes(self) -> Ids:
        parts = [np.zeros(0, np.int32)]
        for predicate in self.data.predicates.tolist():
            pairs = self.data.pairs(predicate)
            parts += [pairs.subjects, pairs.objects]
        return unique_ids(np.concatenate(parts))

    def step(self, path: Path, begins: Ids) -> Relation:
        """The pairs (start, end) of one step of ``path`` from the sorted, distinct ``begins``; may repeat."""
        table = self._extend_path(Table({".start": begins}, len(begins)), ".start", path, ".end")
        check_size(table.size)
        return table.columns[".start"], table.columns[".end"]


def _without_hidden(table: Table, waiting: list[TriplePattern]) -> Table:
    needed = {slot.name for pattern in waiting for slot in slots(pattern)}
    return table.project(
        name for name in list(table.columns) if not name.startswith(".") or name in needed
    )


def _nothing(table: Table, *sides: Side) -> Table:
    return empty([*table.columns, *(side for side in sides if isinstance(side, str))])
