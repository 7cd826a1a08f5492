"""Contradictions as findings: which rule, which axiom, which triples, in one plain sentence."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from pyoxigraph import Literal, NamedNode

from aims_graph.columns import LITERAL, Term, Triple
from aims_graph.columns.joins import unpack_pairs
from aims_graph.columns.reader import local_name
from aims_graph.shacl import ValidationResult
from aims_graph.vocabulary import SH, XSD

from .equality import find_equal
from .inferred import Inferred
from .matching import match_all
from .relations import is_class
from .rules import Atom, Axiom, Rule

#: The page whose tables name the rules.
RULES: Final = "https://www.w3.org/TR/owl2-profiles/#"

_VIOLATION: Final = NamedNode(SH + "Violation")

_SENTENCES: Final = {
    "cls-nothing2": "{x} is a member of owl:Nothing, which has none",
    "cax-dw": "{x} is both {C} and {D}, which share no members",
    "cax-adc": "{x} is both {C} and {D}, which share no members",
    "cls-com": "{x} is both {C} and {D}, which is everything else",
    "prp-pdw": "{x} is related to {y} by {C} and by {D}, which exclude each other",
    "prp-adp": "{x} is related to {y} by {C} and by {D}, which exclude each other",
    "prp-asyp": "{x} and {y} are related by {C} both ways, which goes one way only",
    "prp-irp": "{x} is related to itself by {C}, which relates nothing to itself",
    "prp-npa1": "{x} has {y} as {C}, which is denied elsewhere",
    "prp-npa2": "{x} has {y} as {C}, which is denied elsewhere",
    "cls-maxc1": "{x} has {y} as {D} and may have none",
    "cls-maxqc1": "{x} has {y} as {D} and may have none of its kind",
    "cls-maxqc2": "{x} has {y} as {D} and may have none",
    "eq-diff1": "{x} and {y} are the same by what is known, and are said to be different",
    "eq-diff2": "{x} and {y} are the same by what is known, and are said to be different",
    "eq-diff3": "{x} and {y} are the same by what is known, and are said to be different",
    "dt-diff": "{x} and {y} would have to be one value",
    "dt-not-type": "{x} has {y} as {C}, which is no {D}",
}


@dataclass(frozen=True, slots=True)
class Contradiction:
    """``axioms`` and ``triples`` cannot all hold; each may be inferred: ``prove`` tells from what."""

    rule: str
    axioms: tuple[Triple, ...]
    triples: tuple[Triple, ...]
    focus: Term
    value: Term | None
    message: str

    @property
    def result(self) -> ValidationResult:
        """The finding; its component is the rule, its shape the axiom's subject."""
        return ValidationResult(
            focus=self.focus,
            shape=self.axioms[0][0] if self.axioms else NamedNode(RULES + self.rule),
            component=NamedNode(RULES + self.rule),
            severity=_VIOLATION,
            path=None,
            value=self.value,
            messages=(Literal(self.message, language="en"),),
        )


def find_contradictions(inferred: Inferred) -> list[Contradiction]:
    """All contradictions that the rules know, in the order of the axioms."""
    return list(_Finder(inferred).find())


class _Finder:
    def __init__(self, inferred: Inferred) -> None:
        self.inferred = inferred
        self.level = inferred.levels.top
        self.term = inferred.data.terms.term

    def find(self) -> Iterator[Contradiction]:
        relations = self.level.relations
        for rule in self.level.contradictions:
            if all(len(relations[atom.key]) for atom in rule.body):
                yield from self._of_rule(rule)
        same = self.level.same
        for name, axioms, x, y in self.level.schema.different():
            if same[x] == same[y]:
                yield self._made(name, axioms, [(x, self.inferred.names["sameAs"], y)], x, y, ())
        yield from self._unequal_literals()
        yield from self._ill_typed()

    def _of_rule(self, rule: Rule) -> Iterator[Contradiction]:
        table = match_all(rule.body, self.level.relations)
        size = len(next(iter(table.values()))) if table else 1
        kinds = [abs_id(atom.key) for atom in rule.body]
        seen: set[frozenset[int]] = set()
        for row in range(size):
            at = {name: int(ids[row]) for name, ids in table.items()}
            first = rule.body[-1].slots
            x = _value(first[0], at)
            y = _value(first[1], at) if len(first) > 1 else None
            if rule.name == "prp-asyp":
                both = frozenset((x, y or 0))
                if both in seen:
                    continue
                seen.add(both)
            triples = [self._triple(atom, at) for atom in rule.body]
            yield self._made(rule.name, rule.axioms, triples, x, y, kinds)

    def _triple(self, atom: Atom, at: dict[str, int]) -> Axiom:
        slots = [_value(slot, at) for slot in atom.slots]
        if is_class(atom.key):
            return slots[0], self.inferred.names["type"], ~atom.key
        return slots[0], atom.key, slots[1]

    def _unequal_literals(self) -> Iterator[Contradiction]:
        """Two literals, or a literal and a thing, that a rule would have be the same."""
        terms = self.inferred.data.terms
        for rule, keys in find_equal(self.level.equality_rules, self.level.relations):
            left = (keys >> 32).astype(np.int32)
            right = (keys & 0xFFFFFFFF).astype(np.int32)
            mixed = (terms.tags[left] >= LITERAL) | (terms.tags[right] >= LITERAL)
            left, right = left[mixed], right[mixed]
            different = terms.compare(left, right) != 0
            for row in np.flatnonzero(~different).tolist():
                different[row] = self._is_zero_twice(int(left[row]), int(right[row]))
            for x, y in zip(left[different].tolist(), right[different].tolist(), strict=True):
                yield self._made("dt-diff", rule.axioms, [], x, y, ())

    def _is_zero_twice(self, left: int, right: int) -> bool:
        """Whether these are 0 and -0 of one floating-point datatype: they compare as equal and are two values."""
        a, b = self.term(left), self.term(right)
        return (
            isinstance(a, Literal)
            and isinstance(b, Literal)
            and a.datatype == b.datatype
            and a.datatype.value in _FLOATING
            and (a.value.startswith("-") is not b.value.startswith("-"))
        )

    def _ill_typed(self) -> Iterator[Contradiction]:
        """Values whose kind (number, text, boolean) the range of the property excludes."""
        terms, names = self.inferred.data.terms, self.inferred.names
        ranges = self.level.graph.pairs(names["range"])
        for p, d in zip(ranges.subjects.tolist(), ranges.objects.tolist(), strict=True):
            datatype = self.term(d)
            kind = _example(datatype)
            if kind is None:
                continue
            subjects, values = unpack_pairs(self.level.relations[p].keys)
            literal = terms.tags[values] >= LITERAL
            objects = values[literal]
            if not len(objects):
                continue
            sample = terms.add(kind)
            wanted = terms.comparison_class[sample]
            wrong = (terms.comparison_class[objects] != wanted) | ~terms.well_formed[objects]
            rows = np.flatnonzero(literal)[wrong]
            for row in rows.tolist():
                x, y = int(subjects[row]), int(values[row])
                yield self._made(
                    "dt-not-type", ((p, names["range"], d),), [(x, p, y)], x, y, (p, d)
                )

    def _made(
        self,
        rule: str,
        axioms: tuple[Axiom, ...],
        triples: list[Axiom],
        x: int,
        y: int | None,
        kinds: tuple[int, ...] | list[int],
    ) -> Contradiction:
        words = {"x": x, "y": x if y is None else y}
        words.update(zip("CD", kinds, strict=False))
        told = {name: local_name(self.term(each)) for name, each in words.items()}
        message = _SENTENCES[rule].format(**told)
        return Contradiction(
            rule,
            tuple(self._terms(axiom) for axiom in axioms),
            tuple(self._terms(triple) for triple in triples),
            self.term(x),
            None if y is None else self.term(y),
            f"{message}. Take back one of the statements that say so.",
        )

    def _terms(self, ids: Axiom) -> Triple:
        return self.term(ids[0]), self.term(ids[1]), self.term(ids[2])


def abs_id(key: int) -> int:
    """The class or property that a relation belongs to."""
    return ~key if is_class(key) else key


def _value(slot: str | int, at: dict[str, int]) -> int:
    return at[slot] if isinstance(slot, str) else slot


def _example(datatype: Term) -> Literal | None:
    """A literal of the datatype when kinds of values can be told apart by it."""
    if not isinstance(datatype, NamedNode) or not datatype.value.startswith(XSD):
        return None
    text = _EXAMPLES.get(datatype.value.removeprefix(XSD))
    return None if text is None else Literal(text, datatype=datatype)


_FLOATING: Final = frozenset({XSD + "float", XSD + "double"})
_EXAMPLES: Final = {
    **dict.fromkeys(("integer", "decimal", "double", "float", "int", "long"), "0"),
    **dict.fromkeys(("nonNegativeInteger", "short"), "0"),
    "positiveInteger": "1",
    "boolean": "true",
    "string": "",
}
