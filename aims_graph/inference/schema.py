"""From the axioms of a graph to the rules that hold in it.

Rules are named as in https://www.w3.org/TR/owl2-profiles/#Reasoning_in_OWL_2_RL_and_RDF_Graphs_using_Rules.
Not made are those whose conclusions are trivial (everything is an owl:Thing, every class is below
itself) and, since subClassOf carries them, cax-eqc, cls-int2, cls-uni and prp-eqp.
"""

from collections.abc import Callable, Iterator
from itertools import combinations

import numpy as np
from pyoxigraph import Literal

from aims_graph.columns import LITERAL, Columns

from .matching import match_all
from .names import LIST_MEMBER, Names
from .relations import Relations, class_key, distinct
from .rules import Atom, Axiom, EqualityRule, Rule, Slot, member, pair

_LISTS = (
    "propertyChainAxiom",
    "hasKey",
    "intersectionOf",
    "unionOf",
    "oneOf",
    "members",
    "distinctMembers",
)


class Schema:
    """The axioms of the graph as far as they are known by now."""

    def __init__(self, relations: Relations, names: Names) -> None:
        self.relations = relations
        self.names = names
        self.lists = read_lists(relations.data, names)
        rows = [head << 32 | item for head, items in self.lists.items() for item in items]
        relations.put(LIST_MEMBER, distinct(np.array(rows, np.int64)))
        self.trivial = {names["Thing"], names["Resource"]}

    # Rules between axioms

    def axiom_rules(self) -> Iterator[Rule]:
        """scm-*, as far as they matter for individuals, over the axioms themselves."""
        n = self.names
        below, under = n["subClassOf"], n["subPropertyOf"]
        for name, order, equal in (
            ("c", below, n["equivalentClass"]),
            ("p", under, n["equivalentProperty"]),
        ):
            steps = (pair(order, "x", "y"), pair(order, "y", "z"))
            transitive = "scm-sco" if name == "c" else "scm-spo"
            yield Rule(transitive, pair(order, "x", "z"), steps, transitive=True)
            for head in (pair(order, "x", "y"), pair(order, "y", "x")):
                yield Rule(f"scm-eq{name}1", head, (pair(equal, "x", "y"),))
            both = (pair(order, "x", "y"), pair(order, "y", "x"))
            yield Rule(f"scm-eq{name}2", pair(equal, "x", "y"), both)
        for name, filler, upward in (
            ("svf", "someValuesFrom", True),
            ("avf", "allValuesFrom", False),
        ):
            fill, on = n[filler], n["onProperty"]
            one = (pair(fill, "c", "y"), pair(on, "c", "p"))
            by_class = (*one, pair(below, "y", "z"), pair(fill, "d", "z"), pair(on, "d", "p"))
            by_property = (*one, pair(under, "p", "q"), pair(on, "d", "q"), pair(fill, "d", "y"))
            yield Rule(f"scm-{name}1", pair(below, "c", "d"), by_class)
            yield Rule(
                f"scm-{name}2",
                pair(below, "c", "d") if upward else pair(below, "d", "c"),
                by_property,
            )
        value, on = n["hasValue"], n["onProperty"]
        same_value = (
            pair(value, "c", "v"),
            pair(on, "c", "p"),
            pair(under, "p", "q"),
            pair(on, "d", "q"),
            pair(value, "d", "v"),
        )
        yield Rule("scm-hv", pair(below, "c", "d"), same_value)
        listed = pair(LIST_MEMBER, "l", "d")
        yield Rule("scm-int", pair(below, "c", "d"), (pair(n["intersectionOf"], "c", "l"), listed))
        yield Rule("scm-uni", pair(below, "d", "c"), (pair(n["unionOf"], "c", "l"), listed))

    # Rules that axioms give

    def rules(self) -> Iterator[Rule]:
        yield from self._property_rules()
        yield from self._class_rules()

    def _property_rules(self) -> Iterator[Rule]:
        n = self.names
        same = n["sameAs"]
        for p, q in self._reduced("subPropertyOf"):
            axiom = (p, n["subPropertyOf"], q)
            yield Rule("prp-spo1", pair(q, "x", "y"), (pair(p, "x", "y"),), (axiom,))
        for name, slot in (("domain", "x"), ("range", "y")):
            for p, c in self._pairs(name):
                if c not in self.trivial:
                    rule = "prp-dom" if slot == "x" else "prp-rng"
                    yield self._copy(rule, member(class_key(c), slot), p, ((p, n[name], c),))
        inverses: dict[int, set[int]] = {}
        for p, q in self._pairs("inverseOf"):
            inverses.setdefault(p, set()).add(q)
            inverses.setdefault(q, set()).add(p)
            axiom = (p, n["inverseOf"], q)
            yield self._copy("prp-inv1", pair(q, "y", "x"), p, (axiom,))
            if p != q:
                yield self._copy("prp-inv2", pair(p, "y", "x"), q, (axiom,))
        for p, axiom in self._of_type("SymmetricProperty"):
            yield self._copy("prp-symp", pair(p, "y", "x"), p, (axiom,))
        closed: set[int] = {same}
        for p, axiom in self._of_type("TransitiveProperty"):
            # The inverse of a transitive property needs no closure of its own.
            if p not in closed and not inverses.get(p, set()) & closed:
                closed.add(p)
                two = (pair(p, "x", "y"), pair(p, "y", "z"))
                yield Rule("prp-trp", pair(p, "x", "z"), two, (axiom,), transitive=True)
        for p, chain in self._pairs("propertyChainAxiom"):
            steps = self.lists.get(chain, ())
            if steps:
                body = tuple(pair(s, f"x{i}", f"x{i + 1}") for i, s in enumerate(steps))
                head = pair(p, "x0", f"x{len(steps)}")
                axiom = (p, n["propertyChainAxiom"], chain)
                twice = steps == (p, p)
                if not (twice and p in closed):
                    yield Rule("prp-spo2", head, body, (axiom,), transitive=twice)

    @staticmethod
    def _copy(name: str, head: Atom, property_id: int, axioms: tuple[Axiom, ...]) -> Rule:
        return Rule(name, head, (pair(property_id, "x", "y"),), axioms)

    def _class_rules(self) -> Iterator[Rule]:
        n = self.names
        nothing, thing = n["Nothing"], n["Thing"]
        for c, d in self._reduced("subClassOf"):
            if d not in self.trivial and c != nothing:
                yield Rule(
                    "cax-sco",
                    member(class_key(d), "x"),
                    (member(class_key(c), "x"),),
                    ((c, n["subClassOf"], d),),
                )
        for c, head in self._pairs("intersectionOf"):
            parts = [d for d in self.lists.get(head, ()) if d not in self.trivial]
            if parts:
                inside = tuple(member(class_key(d), "x") for d in dict.fromkeys(parts))
                axiom = (c, n["intersectionOf"], head)
                yield Rule("cls-int1", member(class_key(c), "x"), inside, (axiom,))
        for c, head in self._pairs("oneOf"):
            for item in self.lists.get(head, ()):
                if self.relations.terms.tags[item] < LITERAL:
                    yield Rule("cls-oo", member(class_key(c), item), (), ((c, n["oneOf"], head),))
        for c, p, d, axioms in self._restrictions("someValuesFrom"):
            some = (pair(p, "x", "y"), *self._inside(d, "y"))
            name = "cls-svf2" if d in self.trivial else "cls-svf1"
            yield Rule(name, member(class_key(c), "x"), some, axioms)
        for c, p, d, axioms in self._restrictions("allValuesFrom"):
            if d not in self.trivial:
                every = (member(class_key(c), "x"), pair(p, "x", "y"))
                yield Rule("cls-avf", member(class_key(d), "y"), every, axioms)
        for c, p, value, axioms in self._restrictions("hasValue"):
            one, said = member(class_key(c), "x"), pair(p, "x", value)
            yield Rule("cls-hv1", said, (one,), axioms)
            yield Rule("cls-hv2", one, (said,), axioms)
        if self._is_used(thing):
            for c, axiom in self._of_type("Class"):
                if c not in (thing, nothing):
                    yield Rule(
                        "scm-cls",
                        member(class_key(thing), "x"),
                        (member(class_key(c), "x"),),
                        (axiom,),
                    )

    def _is_used(self, c: int) -> bool:
        """Whether membership in this class has consequences."""
        keys = {c << 32 | d for d in self.trivial}
        below = [key for key in self._found("subClassOf") if key >> 32 == c and key not in keys]
        return bool(below) or any(d == c for _, d in self._pairs("complementOf"))

    # Equality

    def equality_rules(self) -> Iterator[EqualityRule]:
        n = self.names
        for p, axiom in self._of_type("FunctionalProperty"):
            yield EqualityRule("prp-fp", (pair(p, "x", "a"),), (axiom,))
        for p, axiom in self._of_type("InverseFunctionalProperty"):
            yield EqualityRule("prp-ifp", (pair(p, "a", "x"),), (axiom,))
        for c, head in self._pairs("hasKey"):
            keys = self.lists.get(head, ())
            if keys:
                values = [pair(p, "a", f"x{i}") for i, p in enumerate(keys)]
                axiom = (c, n["hasKey"], head)
                yield EqualityRule("prp-key", (*self._inside(c, "a"), *values), (axiom,))
        for c, p, limit, axioms in self._restrictions("maxCardinality"):
            if self._number(limit) == 1:
                side = (member(class_key(c), "x"), pair(p, "x", "a"))
                yield EqualityRule("cls-maxc2", side, axioms)
        for c, p, d, number, axioms in self._qualified():
            if number == 1:
                sides = (member(class_key(c), "x"), pair(p, "x", "a"), *self._inside(d, "a"))
                name = "cls-maxqc4" if d in self.trivial else "cls-maxqc3"
                yield EqualityRule(name, sides, axioms)

    def _inside(self, c: int, slot: Slot) -> tuple[Atom, ...]:
        return () if c in self.trivial else (member(class_key(c), slot),)

    def _number(self, literal: int) -> int | None:
        term = self.relations.terms.term(literal)
        return int(term.value) if isinstance(term, Literal) and term.value.isdecimal() else None

    def _qualified(self) -> Iterator[tuple[int, int, int, int | None, tuple[Axiom, ...]]]:
        on = self.names["onClass"]
        by_class = self._by_subject("onClass")
        for c, p, limit, axioms in self._restrictions("maxQualifiedCardinality"):
            for d in by_class.get(c, ()):
                yield c, p, d, self._number(limit), (*axioms, (c, on, d))

    # Contradictions

    def contradictions(self) -> Iterator[Rule]:
        """Rules without head: a solution of the body is a contradiction."""
        n = self.names

        def false(name: str, *body: Atom, axioms: tuple[Axiom, ...] = ()) -> Rule:
            return Rule(name, None, body, axioms)

        def inside(c: int, slot: Slot = "x") -> Atom:
            return member(class_key(c), slot)

        yield false("cls-nothing2", inside(n["Nothing"]))
        for c, d in self._pairs("disjointWith"):
            yield false("cax-dw", inside(c), inside(d), axioms=((c, n["disjointWith"], d),))
        for c, d in self._pairs("complementOf"):
            yield false("cls-com", inside(c), inside(d), axioms=((c, n["complementOf"], d),))
        for axioms, (c, d) in self._all_pairs("AllDisjointClasses", "members"):
            yield false("cax-adc", inside(c), inside(d), axioms=axioms)
        for p, q in self._pairs("propertyDisjointWith"):
            axiom = (p, n["propertyDisjointWith"], q)
            yield false("prp-pdw", pair(p, "x", "y"), pair(q, "x", "y"), axioms=(axiom,))
        for axioms, (p, q) in self._all_pairs("AllDisjointProperties", "members"):
            yield false("prp-adp", pair(p, "x", "y"), pair(q, "x", "y"), axioms=axioms)
        for p, axiom in self._of_type("AsymmetricProperty"):
            yield false("prp-asyp", pair(p, "x", "y"), pair(p, "y", "x"), axioms=(axiom,))
        for p, axiom in self._of_type("IrreflexiveProperty"):
            yield false("prp-irp", pair(p, "x", "x"), axioms=(axiom,))
        yield from self._negative(false)
        for c, p, limit, axioms in self._restrictions("maxCardinality"):
            if self._number(limit) == 0:
                yield false("cls-maxc1", inside(c), pair(p, "x", "y"), axioms=axioms)
        for c, p, d, number, axioms in self._qualified():
            if number == 0:
                name = "cls-maxqc2" if d in self.trivial else "cls-maxqc1"
                yield false(
                    name, inside(c), pair(p, "x", "y"), *self._inside(d, "y"), axioms=axioms
                )

    def _negative(self, false: Callable[..., Rule]) -> Iterator[Rule]:
        n = self.names
        for name, target in (("prp-npa1", "targetIndividual"), ("prp-npa2", "targetValue")):
            body = (
                pair(n["sourceIndividual"], "s", "x"),
                pair(n["assertionProperty"], "s", "p"),
                pair(n[target], "s", "y"),
            )
            table = match_all(body, self.relations)
            for s, x, p, y in zip(*(table[v].tolist() for v in "sxpy"), strict=True):
                axioms = (
                    (s, n["sourceIndividual"], x),
                    (s, n["assertionProperty"], p),
                    (s, n[target], y),
                )
                yield false(name, pair(p, x, y), axioms=axioms)

    def _all_pairs(
        self, kind: str, link: str
    ) -> Iterator[tuple[tuple[Axiom, ...], tuple[int, int]]]:
        lists = self._by_subject(link)
        for node, axiom in self._of_type(kind):
            for head in lists.get(node, ()):
                axioms = (axiom, (node, self.names[link], head))
                for two in combinations(self.lists.get(head, ()), 2):
                    yield axioms, two

    def different(self) -> Iterator[tuple[str, tuple[Axiom, ...], int, int]]:
        """Rule, axioms, and two that are not the same (eq-diff1 to 3)."""
        for x, y in self._pairs("differentFrom"):
            yield "eq-diff1", ((x, self.names["differentFrom"], y),), x, y
        for rule, link in (("eq-diff2", "members"), ("eq-diff3", "distinctMembers")):
            for axioms, (x, y) in self._all_pairs("AllDifferent", link):
                yield rule, axioms, x, y

    # Reading

    def _found(self, name: str) -> list[int]:
        keys: list[int] = self.relations[self.names[name]].keys.tolist()
        return keys

    def _pairs(self, name: str) -> list[tuple[int, int]]:
        return [(key >> 32, key & 0xFFFFFFFF) for key in self._found(name)]

    def _by_subject(self, name: str) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {}
        for subject, value in self._pairs(name):
            found.setdefault(subject, []).append(value)
        return found

    def _of_type(self, name: str) -> Iterator[tuple[int, Axiom]]:
        kind = self.names[name]
        for node in self.relations[class_key(kind)].keys.tolist():
            yield node, (node, self.names["type"], kind)

    def _restrictions(self, name: str) -> Iterator[tuple[int, int, int, tuple[Axiom, ...]]]:
        """(restriction, property, filler, axioms)."""
        on, by_property = self.names["onProperty"], self._by_subject("onProperty")
        for c, filler in self._pairs(name):
            for p in by_property.get(c, ()):
                yield c, p, filler, ((c, self.names[name], filler), (c, on, p))

    def _reduced(self, name: str) -> list[tuple[int, int]]:
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
