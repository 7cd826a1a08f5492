"""OWL 2 RL and domain rules together, each on what the other found, until nothing new follows."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Final

import numpy as np

from aims_graph.columns import Columns, Term, Triple
from aims_graph.columns.joins import Ids as Nodes
from aims_graph.columns.joins import pack_pairs
from aims_graph.errors import InputError
from aims_graph.shacl.sparql.constraint import present

from .construct import Triples
from .domain_rules import DomainRule, our_rules
from .inferred import Conclusion, Difference, Ids, Inferred, difference, holds
from .relations import among, is_class
from .rules import Rule

#: So often all rules are run; what has not come to rest by then is refused.
MOST_ROUNDS: Final = 100


def with_inferred(data: Columns, rules: Sequence[DomainRule] | None = None) -> Inferred:
    """The graph and what follows from it by OWL 2 RL and by ``rules`` (default: those of our ontology).

    Raises InputError when the rules conclude something new in each of 100 rounds.
    """
    return Ruled(data, our_rules() if rules is None else rules)


class Ruled(Inferred):
    """Rules of one sh:order see the same graph; those of the next see what they concluded, and all that follows.

    What was concluded stays, also when a later conclusion would speak against it (FILTER NOT EXISTS): such rules
    need a higher sh:order than those that they depend on.
    """

    def __init__(
        self,
        data: Columns,
        rules: Sequence[DomainRule],
        known: Mapping[Ids, Conclusion] | None = None,
    ) -> None:
        """``known``: what has been concluded before."""
        self._asserted = data
        self._rules = rules
        self._conclusions = dict(known or {})
        super().__init__(data.with_change(known, []) if known else data)
        self._conclude()

    @property
    def asserted(self) -> Columns:
        return self._asserted

    def conclusion(self, ids: Ids) -> Conclusion | None:
        return self._conclusions.get(ids)

    def before(self, stage: int) -> Inferred:
        """Made anew; proofs need it, nothing else does."""
        known = {ids: c for ids, c in self._conclusions.items() if c.stage < stage}
        return Ruled(self._asserted, (), known)

    def apply(self, added: Iterable[Triple], removed: Iterable[Triple]) -> Difference:
        """As ``Inferred.apply``; where a rule may be concerned by more than additions, all rules are run anew."""
        before = self.columns
        come, gone = self._ids_of(added, removed)
        if self._conclusions:
            self._asserted = self._asserted.with_change(
                {ids for ids in come if not holds(self._asserted, ids)},
                {ids for ids in gone if holds(self._asserted, ids)},
            )
            found = self._change(come, gone - self._conclusions.keys())
        else:
            found = self._change(come, gone)
            self._asserted = self.data
        self.__dict__.pop("inferred", None)
        changed = [*self._terms(come | gone), *found.appeared, *found.gone]
        # What is left after a removal may be conclusions that hold each other up.
        in_doubt = bool(gone and self._conclusions)
        if not in_doubt and not any(rule.may_matter(changed) for rule in self._rules):
            return found
        if not gone and not found.gone and self._is_stratified():
            more = self._conclude_from(before, found.appeared)
            if more is not None:
                return Difference([*found.appeared, *more], [])
        stale = {ids for ids in self._conclusions if not holds(self._asserted, ids)}
        self._conclusions = {}
        if stale:
            self._change(set(), stale)
        self._conclude()
        return difference(before, self.columns)

    def _terms(self, triples: Iterable[Ids]) -> Iterator[Triple]:
        term = self.data.terms.term
        for ids in triples:
            if min(ids) >= 0:
                yield term(ids[0]), term(ids[1]), term(ids[2])

    def _is_stratified(self) -> bool:
        """Whether no conclusion, nor what follows from it, bears on what a rule wants to be absent.

        Then it does not matter in which order rules are run.
        """
        top = self.levels.top
        if top.same or top.types_joined or any(rule.conditions for rule in self._rules):
            return False
        derived: set[int] = set()
        for rule in self._rules:
            if rule.construct.made is None:
                return False
            derived |= {self.data.terms.id_of(each) for each in rule.construct.made}
        negated = [rule for rule in self._rules if not rule.construct.is_monotone]
        if not negated:
            return True
        reached = derived_from(derived, top.closure.rules, self.names["type"])
        for rule in negated:
            read = rule.construct.dependencies.predicates
            if read is None or not reached.isdisjoint(map(self.data.terms.id_of, read)):
                return False
        return True

    def _conclude_from(self, old: Columns, added: list[Triple]) -> list[Triple] | None:
        """What rules conclude now that the triples are there, and what follows from it.

        Only focus nodes that a triple can matter to are looked at. None: it has to be worked out anew, as something was
        concluded that no longer is.
        """
        now, more, top = present(), list[Triple](), self.levels.top
        while added:
            self._stage += 1
            new: dict[Ids, Conclusion] = {}
            for rule in self._rules:
                focus = rule.affected(old, self.columns, added)
                made = self._run(rule, focus, now, self._stage, new)
                if not rule.construct.is_monotone and not self._known(rule, focus) <= made:
                    return None
            self._conclusions |= new
            old = self.columns
            added = self._change(set(new), set()).appeared if new else []
            if self.levels.top is not top:
                return None  # other axioms, or things that are the same
            more += added
        return more

    def _known(self, rule: DomainRule, focus: Nodes) -> set[Ids]:
        nodes = set(focus.tolist())
        return {
            ids
            for ids, conclusion in self._conclusions.items()
            if conclusion.focus in nodes and conclusion.rule == rule.name
        }

    def _conclude(self) -> None:
        now, self._stage = present(), 0
        groups = [list(group) for _, group in groupby(self._rules, key=lambda rule: rule.order)]
        for _ in range(MOST_ROUNDS):
            before = len(self._conclusions)
            for group in groups:
                self._stage += 1
                new: dict[Ids, Conclusion] = {}
                for rule in group:
                    self._run(rule, rule.focus_nodes(self.columns), now, self._stage, new)
                if new:
                    self._conclusions |= new
                    self._change(set(new), set())
            if len(self._conclusions) == before:
                return
        names = ", ".join(rule.name for rule in self._rules)
        raise InputError(
            f"rules conclude something new in each of {MOST_ROUNDS} rounds: {names}",
            hint="A rule must not compute a new value from one that it concluded",
        )

    def _run(
        self, rule: DomainRule, focus: Nodes, now: Term, stage: int, new: dict[Ids, Conclusion]
    ) -> set[Ids]:
        """All that the rule makes for the focus nodes; ``new`` grows by what was not known."""
        every: set[Ids] = set()
        if not len(focus):
            return every
        for triples, premises, nodes in rule.construct.run(self.columns, focus, now, rule.given):
            every.update(zip(*(ids.tolist() for ids in triples), strict=True))
            for row in self._fresh(triples):
                ids = int(triples[0][row]), int(triples[1][row]), int(triples[2][row])
                if ids not in new:
                    candidates = [(int(s[row]), int(p[row]), int(o[row])) for s, p, o in premises]
                    held = tuple(self._held(candidates))
                    new[ids] = Conclusion(rule.name, held, stage, int(nodes[row]))
        return every

    def _fresh(self, triples: Triples) -> list[int]:
        """Rows of what is not known."""
        subjects, predicates, values = triples
        fresh = np.ones(len(subjects), np.bool_)
        for predicate in np.unique(predicates).tolist():
            rows = np.flatnonzero(predicates == predicate)
            known = self.columns.pairs(predicate)
            keys = pack_pairs(subjects[rows], values[rows])
            fresh[rows] = ~among(keys, pack_pairs(known.subjects, known.objects))
        return np.flatnonzero(fresh).tolist()

    def _held(self, candidates: Iterable[Ids]) -> Iterator[Ids]:
        for ids in dict.fromkeys(candidates):
            if holds(self.columns, ids):
                yield ids


def derived_from(predicates: set[int], rules: Iterable[Rule], kind: int) -> set[int]:
    """The predicates, and those of all that can follow from triples of them."""
    leads: dict[int, set[int]] = {}
    for rule in rules:
        if rule.head is not None:
            for atom in rule.body:
                leads.setdefault(_predicate(atom.key, kind), set()).add(
                    _predicate(rule.head.key, kind)
                )
    reached = set(predicates)
    waiting = list(predicates)
    while waiting:
        ahead = leads.get(waiting.pop(), set()) - reached
        reached |= ahead
        waiting += ahead
    return reached


def _predicate(key: int, kind: int) -> int:
    return kind if is_class(key) else key
