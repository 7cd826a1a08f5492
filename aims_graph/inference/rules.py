"""Rules as conjunctions of atoms over classes and properties (Datalog without negation)."""

from dataclasses import dataclass
from functools import cached_property

#: A variable by its name, or a term by its id.
Slot = str | int

#: A triple of ids.
Axiom = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Atom:
    """``key`` names the relation: one slot for a class, two for a property."""

    key: int
    slots: tuple[Slot, ...]

    @property
    def variables(self) -> frozenset[str]:
        return frozenset(slot for slot in self.slots if isinstance(slot, str))


def member(class_key: int, slot: Slot) -> Atom:
    return Atom(class_key, (slot,))


def pair(property_id: int, subject: Slot, value: Slot) -> Atom:
    return Atom(property_id, (subject, value))


@dataclass(frozen=True, eq=False)
class Rule:
    """``name``: of the W3C table. ``axioms``: the triples of the ontology that the rule stands for.

    ``head`` None: the body is a contradiction. ``transitive``: the rule is transitivity of its head.
    """

    name: str
    head: Atom | None
    body: tuple[Atom, ...]
    axioms: tuple[Axiom, ...] = ()
    transitive: bool = False

    @cached_property
    def may_be_literal(self) -> str | None:
        """The variable that would be a subject in the head and might stand for a literal."""
        if self.head is None:
            return None
        subject = self.head.slots[0]
        if isinstance(subject, int):
            return None
        for atom in self.body:
            if atom.slots[0] == subject:
                return None
        return subject

    def __str__(self) -> str:
        return f"{self.name}: {self.body} -> {self.head}"


@dataclass(frozen=True, eq=False)
class EqualityRule:
    """Any two values of ``a`` are the same when all other variables of ``side`` agree."""

    name: str
    side: tuple[Atom, ...]
    axioms: tuple[Axiom, ...] = ()

    @property
    def shared(self) -> tuple[str, ...]:
        names = frozenset().union(*(atom.variables for atom in self.side))
        return tuple(sorted(names - {"a"}))

    @cached_property
    def body(self) -> tuple[Atom, ...]:
        """The condition with ``a`` and ``b``."""
        other = (Atom(at.key, tuple("b" if s == "a" else s for s in at.slots)) for at in self.side)
        return tuple(dict.fromkeys((*self.side, *other)))
