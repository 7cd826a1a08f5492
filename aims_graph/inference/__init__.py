"""What follows from a graph by OWL 2 RL, over columns, with proofs."""

from .contradictions import Contradiction, find_contradictions
from .inferred import Difference, Inferred, with_inferred
from .proof import ASSERTED, Origin, Proof, name_of, prove, sentence

__all__ = [
    "ASSERTED",
    "Contradiction",
    "Difference",
    "Inferred",
    "Origin",
    "Proof",
    "find_contradictions",
    "name_of",
    "prove",
    "sentence",
    "with_inferred",
]
