"""Patterns matched in the shapes graph, whose terms have ids of their own."""

import numpy as np

from aims_graph.columns import Columns

from .algebra import (
    Bgp,
)
from .matching import Matcher
from .space import TermSpace
from .tables import Table, unit


class ShapesMatcher:
    """Solutions come back with the ids of the query's term space. Without a shapes graph nothing matches."""

    def __init__(self, shapes: Columns | None, space: TermSpace) -> None:
        self._shapes = shapes if shapes is not None else Columns.from_triples(())
        self._space = space

    def match(self, bgp: Bgp) -> Table:
        terms = self._shapes.terms
        table = Matcher(self._shapes, terms.add).match(bgp, unit())
        columns = {}
        for name, column in table.columns.items():
            found, place = np.unique(column, return_inverse=True)
            ids = np.array(
                [self._space.intern(terms.term(each)) for each in found.tolist()], np.int32
            )
            columns[name] = ids[place] if len(found) else column
        return Table(columns, table.size)
