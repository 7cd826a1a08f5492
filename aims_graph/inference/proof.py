"""Why a triple holds: the rule it follows by and its premises, down to what is asserted.

Nothing but the step of each triple is kept while inferring. A proof is found backwards: some rule has
an instance whose premises all have lower steps, so that a proof never goes in circles. What terms are
the same is known level by level (``reasoner.Levels``); the proof that two are the same stays below the
level that found it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from aims_graph.columns import Term, Triple
from aims_graph.vocabulary import PREFIXES

from .equality import Equal
from .inferred import Conclusion, Inferred, holds
from .matching import match_given
from .names import LIST_MEMBER
from .reasoner import Level
from .relations import Relations, class_key, is_class
from .rules import Atom

ASSERTED: Final = "asserted"

Ids = tuple[int, int, int]

#: A triple at a level.
Goal = tuple[Ids, int]

#: Tells where an asserted triple comes from: its journal entry, its file.
Origin = Callable[[Triple], str | None]


@dataclass(frozen=True, slots=True)
class Proof:
    """``rule``: name in the W3C tables, IRI of a SHACL rule, or "asserted". Equal premises are one object."""

    triple: Triple
    rule: str
    premises: tuple["Proof", ...] = ()
    origin: str | None = None

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        """A tree; what was shown before is not taken apart again."""
        seen: set[int] = set()
        waiting: list[tuple[Proof, str, str]] = [(self, "", "")]
        while waiting:
            proof, lead, below = waiting.pop()
            again = bool(proof.premises) and id(proof) in seen
            seen.add(id(proof))
            reason = proof.rule if proof.origin is None else f"{proof.rule}: {proof.origin}"
            yield f"{lead}{sentence(proof.triple)}  [{reason}{', see above' if again else ''}]"
            if not again:
                last = len(proof.premises) - 1
                for place, premise in reversed(list(enumerate(proof.premises))):
                    fork, line = ("└─ ", "   ") if place == last else ("├─ ", "│  ")
                    waiting.append((premise, below + fork, below + line))

    def leaves(self) -> list[Triple]:
        """The asserted triples that the proof rests on, each once."""
        return [proof.triple for proof in self.parts() if proof.rule == ASSERTED]

    def parts(self) -> list["Proof"]:
        """The proof and all below it, each once."""
        found: dict[int, Proof] = {}
        waiting = [self]
        while waiting:
            proof = waiting.pop()
            if id(proof) not in found:
                found[id(proof)] = proof
                waiting.extend(reversed(proof.premises))
        return list(found.values())

    def to_json(self) -> dict[str, Any]:
        """Numbered steps, the conclusion first; ``premises`` are numbers of other steps."""
        parts = self.parts()
        numbers = {id(proof): number for number, proof in enumerate(parts)}
        return {
            "steps": [
                {
                    "triple": [str(term) for term in proof.triple],
                    "rule": proof.rule,
                    "premises": [numbers[id(premise)] for premise in proof.premises],
                    "origin": proof.origin,
                }
                for proof in parts
            ]
        }


def prove(inferred: Inferred, triple: Triple, origin: Origin | None = None) -> Proof | None:
    """None when the triple does not hold."""
    if not inferred.holds(triple):
        return None
    subject, predicate, value = map(inferred.data.terms.id_of, triple)
    return _Prover(inferred, origin).prove((subject, predicate, value))


class _Prover:
    def __init__(self, inferred: Inferred, origin: Origin | None) -> None:
        self.inferred = inferred
        self.names = inferred.names
        self.origin = origin
        self._levels: dict[int, Level] = {inferred.levels.number: inferred.levels.top}
        self._earlier: dict[int, _Prover] = {}
        self._proofs: dict[Goal, Proof] = {}

    def prove(self, ids: Ids) -> Proof:
        """Without recursion: a chain of a transitive property may be long."""
        root = (ids, self.inferred.levels.number)
        reasons: dict[Goal, tuple[str, list[Goal]]] = {}
        order: list[Goal] = []
        waiting: list[tuple[Goal, bool]] = [(root, False)]
        while waiting:
            goal, done = waiting.pop()
            if done:
                order.append(goal)
            elif conclusion := self._conclusion(goal):
                self._proofs[goal] = self._by_domain_rule(goal, conclusion)
            elif goal not in reasons and goal not in self._proofs:
                reasons[goal] = self._justify(*goal)
                waiting.append((goal, True))
                waiting.extend((premise, False) for premise in reasons[goal][1])
        for goal in order:
            rule, goals = reasons[goal]
            triple = self._triple(goal[0])
            where = self.origin(triple) if self.origin and rule == ASSERTED else None
            premises = tuple(self._proofs[each] for each in goals)
            self._proofs[goal] = Proof(triple, rule, premises, where)
        return self._proofs[root]

    def _triple(self, ids: Ids) -> Triple:
        term = self.inferred.data.terms.term
        return term(ids[0]), term(ids[1]), term(ids[2])

    def _conclusion(self, goal: Goal) -> Conclusion | None:
        return None if goal in self._proofs else self.inferred.conclusion(goal[0])

    def _by_domain_rule(self, goal: Goal, conclusion: Conclusion) -> Proof:
        """From what was known then, so that it cannot rest on itself."""
        stage = conclusion.stage
        if stage not in self._earlier:
            self._earlier[stage] = _Prover(self.inferred.before(stage), self.origin)
        premises = tuple(self._earlier[stage].prove(ids) for ids in conclusion.premises)
        return Proof(self._triple(goal[0]), conclusion.rule, premises)

    def _level(self, number: int) -> Level:
        if number not in self._levels:
            self._levels[number] = self.inferred.levels.level(number)
        return self._levels[number]

    def _justify(self, ids: Ids, number: int) -> tuple[str, list[Goal]]:
        if holds(self.inferred.asserted, ids):
            return ASSERTED, []
        if ids[1] == self.names["sameAs"]:
            return self._justify_same(ids[0], ids[2], number)
        same = self._level(number).same
        chosen = (same[ids[0]], same[ids[1]], same[ids[2]])
        if holds(self._level(number).graph, chosen):
            return self._renamed(self._said(chosen, number), ids, number)
        if chosen != ids:
            return self._renamed(chosen, ids, number)
        return self._derive(ids, number)

    def _said(self, chosen: Ids, number: int) -> Ids:
        """An asserted triple that becomes this one of representatives."""
        same = self._level(number).same
        for p in same.members(chosen[1]):
            for s in same.members(chosen[0]):
                for o in same.members(chosen[2]):
                    if holds(self.inferred.data, (s, p, o)):
                        return s, p, o
        raise AssertionError(chosen)

    def _renamed(self, known: Ids, ids: Ids, number: int) -> tuple[str, list[Goal]]:
        """eq-rep: ``ids`` from ``known`` by terms that are the same."""
        same = self.names["sameAs"]
        changed = [place for place in range(3) if known[place] != ids[place]]
        rules = ", ".join(f"eq-rep-{'spo'[place]}" for place in changed)
        return rules, [
            (known, number),
            *(((known[place], same, ids[place]), number) for place in changed),
        ]

    def _derive(self, ids: Ids, number: int) -> tuple[str, list[Goal]]:
        kind = self.names["type"]
        keys = [class_key(ids[2]), kind] if ids[1] == kind else [ids[1]]
        for key in keys:
            reason = self._derive_as(key, ids, number)
            if reason is not None:
                return reason
        raise AssertionError(f"no rule gives {ids}")

    def _derive_as(self, key: int, ids: Ids, number: int) -> tuple[str, list[Goal]] | None:
        level = self._level(number)
        relations = level.relations
        own = np.array([ids[0] if is_class(key) else ids[0] << 32 | ids[2]], np.int64)
        step = int(relations[key].steps_of(own)[0])
        for rule in level.closure.rules:
            assert rule.head is not None
            if rule.head.key == key:
                given = _unify(rule.head, (ids[0],) if is_class(key) else (ids[0], ids[2]))
                solution = None if given is None else _earliest(rule.body, relations, given, step)
                if solution is not None:
                    premises = [*rule.axioms, *self._triples(rule.body, solution)]
                    return rule.name, [(premise, number) for premise in premises]
        return None

    def _triples(self, body: Sequence[Atom], solution: dict[str, int]) -> list[Ids]:
        kind = self.names["type"]
        found: list[Ids] = []
        for atom in body:
            slots = [solution[s] if isinstance(s, str) else s for s in atom.slots]
            if is_class(atom.key):
                found.append((slots[0], kind, ~atom.key))
            elif atom.key != LIST_MEMBER:
                found.append((slots[0], atom.key, slots[1]))
        return found

    # Sameness

    def _justify_same(self, left: int, right: int, number: int) -> tuple[str, list[Goal]]:
        same = self.names["sameAs"]
        if left == right:
            return "eq-ref", []
        path = self._path(left, right, number)
        if len(path) > 1:
            nodes = [left]
            for _, equal in path:
                nodes.append(equal.right if equal.left == nodes[-1] else equal.left)
            steps = zip(nodes, nodes[1:], path, strict=False)
            return "eq-trans", [((a, same, b), found) for a, b, (found, _) in steps]
        found, equal = path[0]
        if equal.rule is None:
            said = (equal.left, same, equal.right)
            if said != (left, same, right):
                return "eq-sym", [(said, found)]
            return self._derive(said, found - 1)
        level = self._level(found - 1)
        given = {"a": equal.left, "b": equal.right}
        solution = _earliest(equal.rule.body, level.relations, given, level.closure.step + 1)
        assert solution is not None
        premises = [*equal.rule.axioms, *self._triples(equal.rule.body, solution)]
        return equal.rule.name, [(premise, found - 1) for premise in premises]

    def _path(self, left: int, right: int, number: int) -> list[tuple[int, Equal]]:
        """The shortest way from one to the other over what was found up to this level."""
        links: dict[int, list[tuple[int, Equal]]] = {}
        for found, equals in enumerate(self.inferred.levels.equal[: number + 1]):
            for equal in equals:
                links.setdefault(equal.left, []).append((found, equal))
                links.setdefault(equal.right, []).append((found, equal))
        came: dict[int, tuple[int, tuple[int, Equal]]] = {}
        queue = [left]
        for node in queue:
            for link in links.get(node, ()):
                other = link[1].right if link[1].left == node else link[1].left
                if other not in came and other != left:
                    came[other] = (node, link)
                    queue.append(other)
        path: list[tuple[int, Equal]] = []
        node = right
        while node != left:
            node, link = came[node]
            path.append(link)
        return path[::-1]


def _unify(head: Atom, values: tuple[int, ...]) -> dict[str, int] | None:
    given: dict[str, int] = {}
    for slot, value in zip(head.slots, values, strict=True):
        if isinstance(slot, int):
            if slot != value:
                return None
        elif given.setdefault(slot, value) != value:
            return None
    return given


def _earliest(
    body: Sequence[Atom], relations: Relations, given: dict[str, int], step: int
) -> dict[str, int] | None:
    """The solution whose last premise was found first, if that was before ``step``."""
    table = match_given(body, relations, given)
    size = len(next(iter(table.values()))) if table else 1
    if size == 0:
        return None
    latest = np.full(size, -1, np.int64)
    for atom in body:
        sides = [table[s] if isinstance(s, str) else np.full(size, s, np.int64) for s in atom.slots]
        keys = sides[0] if is_class(atom.key) else (sides[0] << 32) | sides[1]
        latest = np.maximum(latest, relations[atom.key].steps_of(keys))
    row = int(latest.argmin())
    return {name: int(ids[row]) for name, ids in table.items()} if latest[row] < step else None


def sentence(triple: Triple) -> str:
    return " ".join(map(name_of, triple))


def name_of(term: Term) -> str:
    """With a usual prefix where there is one."""
    text = str(term)
    for prefix, space in PREFIXES.items():
        if text.startswith("<" + space):
            return f"{prefix}:{text[1 + len(space) : -1]}"
    return text


__all__ = ["ASSERTED", "Origin", "Proof", "name_of", "prove", "sentence"]
