"""The order of ORDER BY, MIN and MAX (SPARQL 1.1, section 15.1)."""

from collections.abc import Sequence
from contextlib import suppress
from functools import cmp_to_key
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pyoxigraph import BlankNode, Literal, NamedNode

from aims_graph.columns import Term

from .literals import TypeMismatch, compare

_RANKS: Final = {BlankNode: 1, NamedNode: 2, Literal: 3}


def order_terms(left: Term | None, right: Term | None) -> int:
    """Unbound, blank nodes, IRIs, literals; what ``<`` calls equal or leaves open is ordered by text."""
    rank = (0 if left is None else _RANKS[type(left)]) - (
        0 if right is None else _RANKS[type(right)]
    )
    if rank or left is None or right is None:
        return rank
    with suppress(TypeMismatch):
        if order := compare(left, right):
            return order
    ours, theirs = str(left), str(right)
    return (ours > theirs) - (ours < theirs)


def ranks_of(terms: Sequence[Term | None]) -> NDArray[np.int64]:
    """The place of each term among the others."""
    key = cmp_to_key(order_terms)
    ordered = sorted(range(len(terms)), key=lambda at: key(terms[at]))
    ranks = np.empty(len(terms), np.int64)
    ranks[ordered] = np.arange(len(terms))
    return ranks
