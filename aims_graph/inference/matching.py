"""Finds all bindings of a rule's variables at once: a table of ids, one column a variable."""

from collections.abc import Sequence

import numpy as np

from .relations import Keys, Mask, Relations, among, is_class
from .rules import Atom

_LOW = 0xFFFFFFFF

#: Columns of equal length.
Bindings = dict[str, Keys]


def match(body: Sequence[Atom], relations: Relations, first: int, keys: Keys) -> Bindings:
    """All solutions of the body in which the atom at ``first`` takes its tuples from ``keys``."""
    table, size = _start(body[first], keys)
    others = [atom for place, atom in enumerate(body) if place != first]
    return _join_all(body, others, table, size, relations)


def match_all(body: Sequence[Atom], relations: Relations) -> Bindings:
    """All solutions, beginning with the smallest relation."""
    if not body:
        return {}
    sizes = [len(relations[atom.key]) for atom in body]
    first = sizes.index(min(sizes))
    return match(body, relations, first, relations[body[first].key].keys)


def match_given(body: Sequence[Atom], relations: Relations, given: dict[str, int]) -> Bindings:
    """All solutions with some variables fixed."""
    table: Bindings = {name: np.array([value], np.int64) for name, value in given.items()}
    return _join_all(body, list(body), table, 1, relations)


def _join_all(
    body: Sequence[Atom], waiting: list[Atom], table: Bindings, size: int, relations: Relations
) -> Bindings:
    """Solutions of the body from those of some atoms of it; those that wait are used up."""
    while waiting and size:
        at = min(range(len(waiting)), key=lambda place: _cost(waiting[place], table, relations))
        table, size = _join(waiting.pop(at), table, size, relations)
    if waiting:
        return {name: np.zeros(0, np.int64) for atom in body for name in atom.variables}
    return table


def _start(atom: Atom, keys: Keys) -> tuple[Bindings, int]:
    sides = [keys] if is_class(atom.key) else [keys >> 32, keys & _LOW]
    keep: Mask | None = None
    table: Bindings = {}
    for slot, ids in zip(atom.slots, sides, strict=True):
        if isinstance(slot, int):
            keep = ids == slot if keep is None else keep & (ids == slot)
        elif slot in table:
            keep = ids == table[slot] if keep is None else keep & (ids == table[slot])
        else:
            table[slot] = ids
    if keep is None:
        return table, len(keys)
    return {name: ids[keep] for name, ids in table.items()}, int(keep.sum())


def _cost(atom: Atom, table: Bindings, relations: Relations) -> tuple[int, int]:
    """Filters first, then steps from what is bound, then what is bound to nothing."""
    unbound = sum(isinstance(slot, str) and slot not in table for slot in atom.slots)
    free = unbound == len(atom.slots)
    return (2 if free else unbound), len(relations[atom.key])


def _join(atom: Atom, table: Bindings, size: int, relations: Relations) -> tuple[Bindings, int]:
    relation = relations[atom.key]

    def column(slot: str | int) -> Keys | None:
        return np.full(size, slot, np.int64) if isinstance(slot, int) else table.get(slot)

    ids = [column(slot) for slot in atom.slots]
    left = ids[0]
    if is_class(atom.key):
        if left is not None:
            return _kept(table, among(left, relation.keys))
        return _crossed(table, size, atom, relation.keys)
    right = ids[1]
    if left is not None and right is not None:
        return _kept(table, among((left << 32) | right, relation.keys))
    if left is None and right is None:
        return _crossed(table, size, atom, relation.keys)
    if left is not None:
        rows, found = relation.forward.expand(left)
        new = atom.slots[1]
    else:
        assert right is not None
        rows, found = relation.backward.expand(right)
        new = atom.slots[0]
    joined = {name: ids[rows] for name, ids in table.items()}
    assert isinstance(new, str)
    joined[new] = found
    return joined, len(rows)


def _kept(table: Bindings, keep: Mask) -> tuple[Bindings, int]:
    size = int(keep.sum())
    if size == len(keep):
        return table, size
    return {name: ids[keep] for name, ids in table.items()}, size


def _crossed(table: Bindings, size: int, atom: Atom, keys: Keys) -> tuple[Bindings, int]:
    """Every row with every tuple of the atom."""
    fresh, count = _start(atom, keys)
    joined = {name: np.repeat(ids, count) for name, ids in table.items()}
    joined.update({name: np.tile(ids, size) for name, ids in fresh.items()})
    return joined, size * count
