"""From the axioms of a graph to the rules that hold in it.

Rules are named as in https://www.w3.org/TR/owl2-profiles/#Reasoning_in_OWL_2_RL_and_RDF_Graphs_using_Rules.
Not made are those whose conclusions are trivial (everything is an owl:Thing, every class is below
itself) and, since subClassOf carries them, cax-eqc, cls-int2, cls-uni and prp-eqp.
"""

from collections.abc import Callable, Iterator

from aims_graph.columns import LITERAL

from .axioms import Axioms
from .matching import match_all
from .names import LIST_MEMBER
from .relations import class_key
from .rules import Atom, Axiom, EqualityRule, Rule, Slot, member, pair


class Schema(Axioms):
    """The rules, anew each time from the axioms known by then."""

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
        for p, q in self.reduced("subPropertyOf"):
            axiom = (p, n["subPropertyOf"], q)
            yield Rule("prp-spo1", pair(q, "x", "y"), (pair(p, "x", "y"),), (axiom,))
        for name, slot in (("domain", "x"), ("range", "y")):
            for p, c in self.pairs(name):
                if c not in self.trivial:
                    rule = "prp-dom" if slot == "x" else "prp-rng"
                    yield self._copy(rule, member(class_key(c), slot), p, ((p, n[name], c),))
        inverses: dict[int, set[int]] = {}
        for p, q in self.pairs("inverseOf"):
            inverses.setdefault(p, set()).add(q)
            inverses.setdefault(q, set()).add(p)
            axiom = (p, n["inverseOf"], q)
            yield self._copy("prp-inv1", pair(q, "y", "x"), p, (axiom,))
            if p != q:
                yield self._copy("prp-inv2", pair(p, "y", "x"), q, (axiom,))
        for p, axiom in self.of_type("SymmetricProperty"):
            yield self._copy("prp-symp", pair(p, "y", "x"), p, (axiom,))
        closed: set[int] = {same}
        for p, axiom in self.of_type("TransitiveProperty"):
            # The inverse of a transitive property needs no closure of its own.
            if p not in closed and not inverses.get(p, set()) & closed:
                closed.add(p)
                two = (pair(p, "x", "y"), pair(p, "y", "z"))
                yield Rule("prp-trp", pair(p, "x", "z"), two, (axiom,), transitive=True)
        for p, chain in self.pairs("propertyChainAxiom"):
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
        for c, d in self.reduced("subClassOf"):
            if d not in self.trivial and c != nothing:
                yield Rule(
                    "cax-sco",
                    member(class_key(d), "x"),
                    (member(class_key(c), "x"),),
                    ((c, n["subClassOf"], d),),
                )
        for c, head in self.pairs("intersectionOf"):
            parts = [d for d in self.lists.get(head, ()) if d not in self.trivial]
            if parts:
                inside = tuple(member(class_key(d), "x") for d in dict.fromkeys(parts))
                axiom = (c, n["intersectionOf"], head)
                yield Rule("cls-int1", member(class_key(c), "x"), inside, (axiom,))
        for c, head in self.pairs("oneOf"):
            for item in self.lists.get(head, ()):
                if self.relations.terms.tags[item] < LITERAL:
                    yield Rule("cls-oo", member(class_key(c), item), (), ((c, n["oneOf"], head),))
        for c, p, d, axioms in self.restrictions("someValuesFrom"):
            some = (pair(p, "x", "y"), *self._inside(d, "y"))
            name = "cls-svf2" if d in self.trivial else "cls-svf1"
            yield Rule(name, member(class_key(c), "x"), some, axioms)
        for c, p, d, axioms in self.restrictions("allValuesFrom"):
            if d not in self.trivial:
                every = (member(class_key(c), "x"), pair(p, "x", "y"))
                yield Rule("cls-avf", member(class_key(d), "y"), every, axioms)
        for c, p, value, axioms in self.restrictions("hasValue"):
            one, said = member(class_key(c), "x"), pair(p, "x", value)
            yield Rule("cls-hv1", said, (one,), axioms)
            yield Rule("cls-hv2", one, (said,), axioms)
        if self._is_used(thing):
            for c, axiom in self.of_type("Class"):
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
        below = [key for key in self.found("subClassOf") if key >> 32 == c and key not in keys]
        return bool(below) or any(d == c for _, d in self.pairs("complementOf"))

    # Equality

    def equality_rules(self) -> Iterator[EqualityRule]:
        n = self.names
        for p, axiom in self.of_type("FunctionalProperty"):
            yield EqualityRule("prp-fp", (pair(p, "x", "a"),), (axiom,))
        for p, axiom in self.of_type("InverseFunctionalProperty"):
            yield EqualityRule("prp-ifp", (pair(p, "a", "x"),), (axiom,))
        for c, head in self.pairs("hasKey"):
            keys = self.lists.get(head, ())
            if keys:
                values = [pair(p, "a", f"x{i}") for i, p in enumerate(keys)]
                axiom = (c, n["hasKey"], head)
                yield EqualityRule("prp-key", (*self._inside(c, "a"), *values), (axiom,))
        for c, p, limit, axioms in self.restrictions("maxCardinality"):
            if self.number(limit) == 1:
                side = (member(class_key(c), "x"), pair(p, "x", "a"))
                yield EqualityRule("cls-maxc2", side, axioms)
        for c, p, d, number, axioms in self.qualified():
            if number == 1:
                sides = (member(class_key(c), "x"), pair(p, "x", "a"), *self._inside(d, "a"))
                name = "cls-maxqc4" if d in self.trivial else "cls-maxqc3"
                yield EqualityRule(name, sides, axioms)

    def _inside(self, c: int, slot: Slot) -> tuple[Atom, ...]:
        return () if c in self.trivial else (member(class_key(c), slot),)

    # Contradictions

    def contradictions(self) -> Iterator[Rule]:
        """Rules without head: a solution of the body is a contradiction."""
        n = self.names

        def false(name: str, *body: Atom, axioms: tuple[Axiom, ...] = ()) -> Rule:
            return Rule(name, None, body, axioms)

        def inside(c: int, slot: Slot = "x") -> Atom:
            return member(class_key(c), slot)

        yield false("cls-nothing2", inside(n["Nothing"]))
        for c, d in self.pairs("disjointWith"):
            yield false("cax-dw", inside(c), inside(d), axioms=((c, n["disjointWith"], d),))
        for c, d in self.pairs("complementOf"):
            yield false("cls-com", inside(c), inside(d), axioms=((c, n["complementOf"], d),))
        for axioms, (c, d) in self.all_pairs("AllDisjointClasses", "members"):
            yield false("cax-adc", inside(c), inside(d), axioms=axioms)
        for p, q in self.pairs("propertyDisjointWith"):
            axiom = (p, n["propertyDisjointWith"], q)
            yield false("prp-pdw", pair(p, "x", "y"), pair(q, "x", "y"), axioms=(axiom,))
        for axioms, (p, q) in self.all_pairs("AllDisjointProperties", "members"):
            yield false("prp-adp", pair(p, "x", "y"), pair(q, "x", "y"), axioms=axioms)
        for p, axiom in self.of_type("AsymmetricProperty"):
            yield false("prp-asyp", pair(p, "x", "y"), pair(p, "y", "x"), axioms=(axiom,))
        for p, axiom in self.of_type("IrreflexiveProperty"):
            yield false("prp-irp", pair(p, "x", "x"), axioms=(axiom,))
        yield from self._negative(false)
        for c, p, limit, axioms in self.restrictions("maxCardinality"):
            if self.number(limit) == 0:
                yield false("cls-maxc1", inside(c), pair(p, "x", "y"), axioms=axioms)
        for c, p, d, number, axioms in self.qualified():
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

    def different(self) -> Iterator[tuple[str, tuple[Axiom, ...], int, int]]:
        """Rule, axioms, and two that are not the same (eq-diff1 to 3)."""
        for x, y in self.pairs("differentFrom"):
            yield "eq-diff1", ((x, self.names["differentFrom"], y),), x, y
        for rule, link in (("eq-diff2", "members"), ("eq-diff3", "distinctMembers")):
            for axioms, (x, y) in self.all_pairs("AllDifferent", link):
                yield rule, axioms, x, y
