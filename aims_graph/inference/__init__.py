"""What follows from a graph by OWL 2 RL, over columns, with proofs."""

from .inferred import Difference, Inferred, with_inferred

__all__ = ["Difference", "Inferred", "with_inferred"]
