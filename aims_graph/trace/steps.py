"""Following named properties from many nodes at once."""

from collections.abc import Iterable

import numpy as np

from aims_graph.columns import Columns, joins
from aims_graph.columns.joins import Ids
from aims_graph.columns.reader import Term
from aims_graph.vocabulary import aims

#: Alternatives of one step; "^name" is read from object to subject, "name*" any number of times.
Step = tuple[str, ...]
_NONE: Ids = np.empty(0, np.int32)


def ids_of(data: Columns, terms: Iterable[Term]) -> Ids:
    """Sorted ids of the terms that occur."""
    found = np.array([data.terms.id_of(term) for term in terms], np.int32)
    return joins.unique_ids(found[found >= 0])


def pairs_along(data: Columns, starts: Ids, *steps: Step) -> tuple[Ids, Ids]:
    """(start, reached) for every node of ``starts``, sorted and without duplicates."""
    origins, nodes = starts, starts
    for step in steps:
        if any(name.endswith("*") for name in step):
            origins, nodes = _closure(data, origins, nodes, tuple(n.rstrip("*") for n in step))
        else:
            origins, nodes = _one_step(data, origins, nodes, step)
    return joins.unique_pairs(origins, nodes)


def _one_step(data: Columns, origins: Ids, nodes: Ids, step: Step) -> tuple[Ids, Ids]:
    origin_parts, node_parts = [_NONE], [_NONE]
    for name in step:
        pairs = data.pairs(data.terms.id_of(aims(name.lstrip("^"))))
        keys, values = pairs.by_object if name[0] == "^" else (pairs.subjects, pairs.objects)
        index, reached = joins.expand(keys, values, nodes)
        origin_parts.append(origins[index])
        node_parts.append(reached)
    return joins.unique_pairs(np.concatenate(origin_parts), np.concatenate(node_parts))


def _closure(data: Columns, origins: Ids, nodes: Ids, step: Step) -> tuple[Ids, Ids]:
    all_origins, all_nodes = joins.unique_pairs(origins, nodes)
    new_origins, new_nodes = all_origins, all_nodes
    while len(new_nodes):
        found_origins, found_nodes = _one_step(data, new_origins, new_nodes, step)
        fresh = ~joins.pairs_in(found_origins, found_nodes, all_origins, all_nodes)
        new_origins, new_nodes = found_origins[fresh], found_nodes[fresh]
        all_origins, all_nodes = joins.unique_pairs(
            np.concatenate([all_origins, new_origins]), np.concatenate([all_nodes, new_nodes])
        )
    return all_origins, all_nodes


def grouped(data: Columns, origins: Ids, nodes: Ids) -> dict[Term, list[Term]]:
    """The pairs as terms, by the first of them."""
    found: dict[Term, list[Term]] = {}
    for origin, node in zip(origins.tolist(), nodes.tolist(), strict=True):
        found.setdefault(data.terms.term(origin), []).append(data.terms.term(node))
    return found
