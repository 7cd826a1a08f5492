"""One level of reasoning: the closure of a graph of representatives, and who else is the same."""

from functools import cached_property

import numpy as np

from aims_graph.columns import Columns

from .closure import Closure
from .equality import Equal, Representatives, find_equal, without_literals
from .names import Names
from .relations import NO_KEYS, Keys, Relations, among, class_key, is_class
from .rules import EqualityRule, Rule
from .schema import Schema

_LOW = 0xFFFFFFFF


class Level:
    """``data`` with each term replaced, and all that follows from it as long as no two more are the same."""

    def __init__(self, data: Columns, same: Representatives, names: Names) -> None:
        self.same = same
        self.names = names
        self.graph = same.replace(data, names["sameAs"]) if same else data
        self.relations = Relations(self.graph, names["type"])
        self.closure = Closure(self.relations, ())
        self.types_joined = False
        self._set_rules()

    def _set_rules(self) -> None:
        schema = Schema(self.relations, self.names)
        self.closure.add_rules(schema.axiom_rules())
        known: set[object] = set()
        while True:
            new = [rule for rule in schema.rules() if _meaning(rule) not in known]
            if not new:
                break
            known.update(map(_meaning, new))
            # What follows may include further axioms.
            self.closure.add_rules(new)
            self._join_types()
        self.schema = schema

    def _join_types(self) -> None:
        """Where rules treat rdf:type as any property, its pairs and the classes' members agree."""
        kind = self.names["type"]
        self.types_joined = any(
            kind in (atom.key for atom in (rule.head, *rule.body) if atom)
            for rule in self.closure.rules
        )
        if not self.types_joined:
            return
        relation = self.relations[kind]
        while True:
            classes = {class_key(c) for c in np.unique(relation.keys & _LOW).tolist()}
            classes |= {key for key in self.relations if is_class(key)}
            new: dict[int, Keys] = {}
            unsaid = [NO_KEYS]
            for key in classes:
                members = relation.keys[relation.keys & _LOW == ~key] >> 32
                own = self.relations[key].keys
                new[key] = members[~among(members, own)]
                unsaid.append((own[~among(own, members)] << 32) | ~key)
            new[kind] = np.concatenate(unsaid)
            if not any(map(len, new.values())):
                return
            self.closure.add(new)

    def has_new_axioms(self, step: int) -> bool:
        """Whether an axiom was inferred after ``step``: there may be more rules then."""
        keys = {*self.names.schema_predicates, *map(class_key, self.names.schema_classes)}
        return any(key in keys and len(self.relations[key].since(step)) for key in self.relations)

    @cached_property
    def equality_rules(self) -> list[EqualityRule]:
        rules = list(self.schema.equality_rules())
        for rule in rules:
            for atom in rule.side:
                self.relations[atom.key]
        return rules

    @cached_property
    def contradictions(self) -> list[Rule]:
        return list(self.schema.contradictions())

    def find_equal(self) -> list[Equal]:
        """Terms that are the same by what is known here and have not the same representative."""
        found = [
            Equal(key >> 32, key & _LOW, rule)
            for rule, edges in find_equal(self.equality_rules, self.relations)
            for key in without_literals(edges, self.relations).tolist()
        ]
        said = without_literals(self.relations[self.names["sameAs"]].keys, self.relations)
        found += [
            Equal(key >> 32, key & _LOW, None)
            for key in said.tolist()
            if self.same[key >> 32] != self.same[key & _LOW]
        ]
        return found


def _meaning(rule: Rule) -> object:
    return rule.name, rule.head, rule.body, rule.axioms


class Levels:
    """Levels of a graph: each next one knows more terms to be the same."""

    def __init__(self, data: Columns, names: Names) -> None:
        self.data = data
        self.names = names
        #: The terms known to be the same, in the order in which levels found them.
        self.equal: list[list[Equal]] = [self._said()]
        self.top = self.level(0)
        while new := self.top.find_equal():
            self.equal.append(new)
            self.top = self.level(self.number)

    @property
    def number(self) -> int:
        """Of the top level."""
        return len(self.equal) - 1

    def _said(self) -> list[Equal]:
        pairs = self.data.pairs(self.names["sameAs"])
        return [
            Equal(left, right, None)
            for left, right in zip(pairs.subjects.tolist(), pairs.objects.tolist(), strict=True)
        ]

    def level(self, number: int) -> Level:
        """Made anew; proofs need lower ones, nothing else does."""
        known = [equal for found in self.equal[: number + 1] for equal in found]
        edges = np.array([equal.left << 32 | equal.right for equal in known], np.int64)
        size = len(self.data.terms) if known else 0
        return Level(self.data, Representatives(size, edges), self.names)
