"""What follows from a graph by OWL 2 RL and by domain rules, over columns, with proofs."""

from .conclusions import with_inferred
from .contradictions import Contradiction, find_contradictions
from .domain_rules import DomainRule, our_rules, read_rules
from .inferred import Difference, Inferred
from .proof import ASSERTED, Origin, Proof, name_of, prove, sentence

__all__ = [
    "ASSERTED",
    "Contradiction",
    "Difference",
    "DomainRule",
    "Inferred",
    "Origin",
    "Proof",
    "find_contradictions",
    "name_of",
    "our_rules",
    "prove",
    "read_rules",
    "sentence",
    "with_inferred",
]
