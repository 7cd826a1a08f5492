"""Running one query with each evaluator, to compare the multisets of solutions."""

from collections import Counter
from collections.abc import Iterable

import numpy as np
from pyoxigraph import Literal

from aims_graph.columns import Columns
from aims_graph.shacl.sparql.algebra import Query
from aims_graph.shacl.sparql.evaluation import Evaluator
from aims_graph.shacl.sparql.reference import Reference
from aims_graph.shacl.sparql.scope import computed_variables, constants
from aims_graph.shacl.sparql.space import TermSpace
from aims_graph.shacl.sparql.tables import Table

NOW = Literal("2026-01-01T00:00:00Z")
Rows = Counter


def on_columns(query: Query, triples: Iterable, seed: dict | None = None) -> Rows:
    """``seed``: variable to list of terms, all of the same length."""
    data = Columns.from_triples(list(triples))
    seed = seed or {}
    columns = {
        name: np.array([data.terms.add(t) for t in terms], np.int32) for name, terms in seed.items()
    }
    size = len(next(iter(seed.values()))) if seed else 1
    space = TermSpace(data.terms, constants(query))
    evaluator = Evaluator(
        data, space, Table(columns, size), now=NOW, computed=computed_variables(query), shapes=data
    )
    table = evaluator.solutions(query.pattern)
    names = [name for name in table.columns if not name.startswith(".")]
    rows = (
        zip(*(table.columns[name].tolist() for name in names), strict=True)
        if names
        else [()] * table.size
    )
    return Counter(
        frozenset(
            (name, term)
            for name, id_ in zip(names, row, strict=True)
            if (term := space.term(id_)) is not None
        )
        for row in rows
    )


def by_reference(query: Query, triples: Iterable, seed: dict | None = None) -> Rows:
    triples = list(triples)
    reference = Reference(triples, shapes=triples, now=NOW)
    seed = seed or {}
    given = (
        [dict(zip(seed, row, strict=True)) for row in zip(*seed.values(), strict=True)]
        if seed
        else [{}]
    )
    found: Rows = Counter()
    for each in given:
        found.update(frozenset(s.items()) for s in reference.solutions(query.pattern, each))
    return found
