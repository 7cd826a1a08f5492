"""OWL 2 RL and domain rules together, each on what the other found, until nothing new follows."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Final

import numpy as np

from aims_graph.columns import Columns, Triple
from aims_graph.columns.joins import pack_pairs
from aims_graph.errors import InputError
from aims_graph.shacl.sparql.constraint import present

from .construct import Triples
from .domain_rules import DomainRule, our_rules
from .inferred import Conclusion, Difference, Ids, Inferred, difference, holds
from .relations import among

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
        """As ``Inferred.apply``; where a rule may be concerned, all rules are run anew."""
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

    def _conclude(self) -> None:
        now, stage = present(), 0
        groups = [list(group) for _, group in groupby(self._rules, key=lambda rule: rule.order)]
        for _ in range(MOST_ROUNDS):
            before = len(self._conclusions)
            for group in groups:
                stage += 1
                new: dict[Ids, Conclusion] = {}
                for rule in group:
                    focus = rule.focus_nodes(self.columns)
                    if len(focus):
                        found = rule.construct.run(self.columns, focus, now, rule.given)
                        for triples, premises in found:
                            self._collect(rule, triples, premises, stage, new)
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

    def _collect(
        self,
        rule: DomainRule,
        triples: Triples,
        premises: list[Triples],
        stage: int,
        new: dict[Ids, Conclusion],
    ) -> None:
        subjects, predicates, values = triples
        fresh = np.ones(len(subjects), np.bool_)
        for predicate in np.unique(predicates).tolist():
            rows = np.flatnonzero(predicates == predicate)
            known = self.columns.pairs(predicate)
            keys = pack_pairs(subjects[rows], values[rows])
            fresh[rows] = ~among(keys, pack_pairs(known.subjects, known.objects))
        for row in np.flatnonzero(fresh).tolist():
            ids = int(subjects[row]), int(predicates[row]), int(values[row])
            if ids not in new:
                candidates = [(int(s[row]), int(p[row]), int(o[row])) for s, p, o in premises]
                new[ids] = Conclusion(rule.name, tuple(self._held(candidates)), stage)

    def _held(self, candidates: Iterable[Ids]) -> Iterator[Ids]:
        for ids in dict.fromkeys(candidates):
            if holds(self.columns, ids):
                yield ids
