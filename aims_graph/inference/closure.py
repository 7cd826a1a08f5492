"""Applies rules until nothing new follows: semi-naive, one strongly connected part after the other."""

from collections.abc import Collection, Iterable, Sequence

import numpy as np

from aims_graph.columns import LITERAL
from aims_graph.columns.joins import unique_ids

from .matching import Bindings, match, match_all
from .relations import Keys, Relations, is_class
from .rules import Rule
from .transitive import close_transitively

#: Fewer new tuples than this share of a relation are joined one by one, not with the closure kernel.
_SMALL_SHARE = 8


class Closure:
    """The relations of one graph and the rules that hold in it.

    Tuples carry the step at which they were found; the premises of a tuple have lower steps.
    """

    def __init__(self, relations: Relations, rules: Iterable[Rule]) -> None:
        self.relations = relations
        self.rules: list[Rule] = []
        self.step = 0
        self._parts: list[list[Rule]] = []
        self._extend(rules)
        self._run(since=-1, fresh=set(self.rules))

    def add_rules(self, rules: Iterable[Rule]) -> None:
        fresh = list(rules)
        self._extend(fresh)
        self._run(since=self.step, fresh=set(fresh))

    def add(self, added: dict[int, Keys]) -> None:
        """Tuples that are asserted from now on, by key; they must be in the columns already."""
        since = self.step
        self.step += 1
        for key, keys in added.items():
            self.relations[key].add(unique_ids(keys), self.step)
        self._run(since=since, fresh=set())

    def recompute(self, keys: Collection[int]) -> set[int]:
        """Takes these relations from the columns again and derives anew all that follows from them.

        Returns the keys of all relations concerned.
        """
        stale = set(keys)
        again: set[Rule] = set()
        for part in self._parts:
            heads = {rule.head.key for rule in part if rule.head}
            if heads & stale or any(atom.key in stale for rule in part for atom in rule.body):
                stale |= heads
                again.update(part)
        for key in stale:
            self.relations.reload(key)
        if again:
            self._run(since=self.step, fresh=again)
        return stale

    def _extend(self, rules: Iterable[Rule]) -> None:
        self.rules += [rule for rule in rules if rule.head is not None]
        for rule in self.rules:
            # Taken from the columns now: what comes later has a step of its own.
            assert rule.head is not None
            for atom in (rule.head, *rule.body):
                self.relations[atom.key]
        self._parts = connected_parts(self.rules)

    def _run(self, since: int, fresh: set[Rule]) -> None:
        for part in self._parts:
            heads = {rule.head.key for rule in part if rule.head}
            recursive = [r for r in part if any(atom.key in heads for atom in r.body)]
            before = self.step
            self._round([rule for rule in part if not rule.transitive], since, fresh)
            self._repeat([rule for rule in recursive if not rule.transitive], before)
            closing = [rule for rule in part if rule.transitive]
            if closing:
                # By now all edges are there that do not themselves need the closure.
                before = self.step
                self._round(closing, since, fresh)
                self._repeat(recursive, before)

    def _repeat(self, rules: Sequence[Rule], since: int) -> None:
        """Rounds on what is newer than ``since``, until one finds nothing."""
        while rules and self.step > since:
            before = self.step
            self._round(rules, since, set())
            since = before

    def _round(self, rules: Sequence[Rule], since: int, fresh: set[Rule]) -> None:
        """Applies each rule once, to what is newer than ``since`` or, when it is fresh, to all."""
        found: dict[int, list[Keys]] = {}
        for rule in rules:
            assert rule.head is not None
            for keys in self._consequences(rule, since, whole=rule in fresh):
                found.setdefault(rule.head.key, []).append(keys)
        for key, parts in found.items():
            self._enter(key, parts)

    def _enter(self, key: int, parts: list[Keys]) -> None:
        keys = parts[0] if len(parts) == 1 else np.concatenate(parts)
        if self.relations[key].add(unique_ids(keys), self.step + 1).size:
            self.step += 1

    def _consequences(self, rule: Rule, since: int, *, whole: bool) -> Iterable[Keys]:
        relations = self.relations
        assert rule.head is not None
        if rule.transitive:
            relation = relations[rule.head.key]
            new = relation.since(since)
            if whole or len(new) * _SMALL_SHARE > len(relation):
                for batch in close_transitively(relation.keys, len(relations.terms)):
                    self._enter(rule.head.key, [batch])
                return
        if whole:
            if all(len(relations[atom.key]) for atom in rule.body):
                yield self._heads(rule, match_all(rule.body, relations))
            return
        for place, atom in enumerate(rule.body):
            relation = relations[atom.key]
            new = relation.since(since)
            if len(new):
                yield self._heads(rule, match(rule.body, relations, place, new))
                if len(new) == len(relation):
                    return  # every solution has a new tuple here

    def _heads(self, rule: Rule, table: Bindings) -> Keys:
        assert rule.head is not None
        size = len(next(iter(table.values()))) if table else 1
        sides = [
            np.full(size, slot, np.int64) if isinstance(slot, int) else table[slot]
            for slot in rule.head.slots
        ]
        doubtful = rule.may_be_literal
        if doubtful is not None:
            keep = self.relations.terms.tags[table[doubtful]] < LITERAL
            if not keep.all():
                sides = [ids[keep] for ids in sides]
        if is_class(rule.head.key):
            return sides[0]
        return (sides[0] << 32) | sides[1]


def connected_parts(rules: Sequence[Rule]) -> list[list[Rule]]:
    """The rules by strongly connected part of the graph "head depends on body", premises first."""
    below: dict[int, list[int]] = {}
    for rule in rules:
        assert rule.head is not None
        below.setdefault(rule.head.key, []).extend(atom.key for atom in rule.body)
    place = {key: number for number, part in enumerate(_components(below)) for key in part}
    parts: dict[int, list[Rule]] = {}
    for rule in rules:
        assert rule.head is not None
        parts.setdefault(place[rule.head.key], []).append(rule)
    return [parts[number] for number in sorted(parts)]


def _components(below: dict[int, list[int]]) -> list[list[int]]:
    """Tarjan's algorithm without recursion: each part comes after all it leads to."""
    number: dict[int, int] = {}
    lowest: dict[int, int] = {}
    stack: list[int] = []
    on_stack: set[int] = set()
    parts: list[list[int]] = []
    for root, first in below.items():
        if root in number:
            continue
        path = [(root, iter(first))]
        number[root] = lowest[root] = len(number)
        stack.append(root)
        on_stack.add(root)
        while path:
            node, rest = path[-1]
            for child in rest:
                if child not in below:
                    continue
                if child not in number:
                    number[child] = lowest[child] = len(number)
                    stack.append(child)
                    on_stack.add(child)
                    path.append((child, iter(below[child])))
                    break
                if child in on_stack:
                    lowest[node] = min(lowest[node], number[child])
            else:
                path.pop()
                if path:
                    parent = path[-1][0]
                    lowest[parent] = min(lowest[parent], lowest[node])
                if lowest[node] == number[node]:
                    part: list[int] = []
                    while not part or part[-1] != node:
                        part.append(stack.pop())
                        on_stack.discard(part[-1])
                    parts.append(part)
    return parts
