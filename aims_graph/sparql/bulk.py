"""Whole graphs for a store, as text that it reads itself: half the time of quads that are made one by one, and
most of it beside other threads.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import numpy as np
import pyoxigraph as ox

from aims_graph.columns import Columns, Term
from aims_graph.columns.joins import Ids
from aims_graph.sparql.graphs import OUTSIDE_UNION
from aims_graph.sparql.spellings import Normaliser

#: A store merges what it reads at once, which pays, and holds it in memory.
_LARGE: Final = 64 << 20

#: Subjects, predicate and values of triples, as ids.
_Rows = tuple[Ids, int, Ids]


def pieces_of(graphs: Mapping[ox.NamedNode, Columns]) -> Iterator[bytes | list[ox.Quad]]:
    """N-Quads, with the triples of the default graph, and then the quads that a store would not keep as written:
    it respells their literals, or renames blank nodes in what it reads.
    """
    normaliser = Normaliser()
    texts: list[bytes] = []
    size = 0
    for name, graph in graphs.items():
        ends = [f" {name} .\n"] if name in OUTSIDE_UNION else [f" {name} .\n", " .\n"]
        respelled: list[_Rows] = []
        for rows in graph.batches():
            lines, others = _write(graph, rows, normaliser)
            if len(others[0]):
                respelled.append(others)
            if lines:
                texts += [(end.join(lines) + end).encode() for end in ends]
                size += sum(map(len, texts[-len(ends) :]))
            if size > _LARGE:
                yield b"".join(texts)
                texts, size = [], 0
        if respelled:
            yield b"".join(texts)
            texts, size = [], 0
            yield from (list(_quads(graph, rows, name)) for rows in respelled)
    if texts:
        yield b"".join(texts)


def _write(graph: Columns, rows: _Rows, normaliser: Normaliser) -> tuple[list[str], _Rows]:
    """Triples as text, and the rows that cannot be written so."""
    subjects, predicate, values = rows
    middle = f" {graph.terms.term(predicate)} "
    whose, subject_at = np.unique(subjects, return_inverse=True)
    what, value_at = np.unique(values, return_inverse=True)
    nodes, objects = graph.terms.terms_of(whose), graph.terms.terms_of(what)
    starts = np.array([f"{node}{middle}" for node in nodes], object)
    texts = np.array([str(term) for term in objects], object)
    odd = _are_odd(nodes, normaliser)[subject_at] | _are_odd(objects, normaliser)[value_at]
    plain = (starts[subject_at] + texts[value_at])[~odd].tolist()
    return plain, (subjects[odd], predicate, values[odd])


def _are_odd(terms: Sequence[Term], normaliser: Normaliser) -> np.ndarray:
    return np.array([_is_odd(term, normaliser) for term in terms], np.bool_)


def _is_odd(term: Term, normaliser: Normaliser) -> bool:
    if isinstance(term, ox.Literal):
        return normaliser.literal(term) != term
    return isinstance(term, ox.BlankNode)


def _quads(graph: Columns, rows: _Rows, name: ox.NamedNode) -> Iterator[ox.Quad]:
    subjects, predicate, values = rows
    terms = graph.terms
    middle = terms.term(predicate)
    pairs = zip(terms.terms_of(subjects), terms.terms_of(values), strict=True)
    return (ox.Quad(subject, middle, value, name) for subject, value in pairs)  # type: ignore[arg-type]  # subjects are no literals
