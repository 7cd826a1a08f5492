"""Labels and classes of many nodes at once; the same as ``Reader`` gives one by one."""

from collections.abc import Callable

import numpy as np
from pyoxigraph import NamedNode

from aims_graph.columns import LITERAL, Columns, joins
from aims_graph.columns.joins import Ids
from aims_graph.columns.reader import LABELS, Reader, Term
from aims_graph.vocabulary import RDF

_TYPE = NamedNode(RDF + "type")


def labels_of(data: Columns, nodes: Ids, terms: list[Term]) -> list[str]:
    """What to call each of the ascending ids, whose terms are given: as ``Reader.label`` does."""
    found = [""] * len(nodes)
    for predicate in LABELS:
        for row, text in texts_of(data, nodes, predicate).items():
            found[row] = found[row] or text
    reader = Reader(data)
    return [label or reader.label(term) for label, term in zip(found, terms, strict=True)]


def texts_of(data: Columns, nodes: Ids, predicate: NamedNode) -> dict[int, str]:
    """Row of the ascending ids -> the literal in English, else one without language, else any."""
    pairs = data.pairs(data.terms.id_of(predicate))
    rows, values = joins.expand(pairs.subjects, pairs.objects, nodes)
    tags = data.terms.tags[values]
    literal = tags >= LITERAL
    rows, values, tags = rows[literal], values[literal], tags[literal]
    rank = np.where(tags & 1 == 0, 1, np.where(tags == _english(data), 0, 2))
    order = np.lexsort((rank, rows))
    rows, first = np.unique(rows[order], return_index=True)
    texts = data.terms.texts_of(values[order][first])
    return dict(zip(rows.tolist(), texts, strict=True))


def _english(data: Columns) -> int:
    """The tag of literals in English (``TermDictionary``), -1 where there are none."""
    languages = data.terms.languages
    return 3 + 2 * languages.index("en") if "en" in languages else -1


def best_class(
    data: Columns, nodes: Ids, rank: Callable[[Term], tuple[int, str]]
) -> list[Term | None]:
    """For each of the ascending ids the class of the lowest rank, of equals the first; None without a class."""
    pairs = data.pairs(data.terms.id_of(_TYPE))
    rows, classes = joins.expand(pairs.subjects, pairs.objects, nodes)
    known = joins.unique_ids(classes)
    terms = data.terms.terms_of(known)
    ordered = sorted(range(len(terms)), key=lambda place: (*rank(terms[place]), place))
    places = np.zeros(len(terms), np.int64)
    places[ordered] = np.arange(len(terms))
    ranks = places[known.searchsorted(classes)]
    order = np.lexsort((ranks, rows))
    rows, first = np.unique(rows[order], return_index=True)
    found: list[Term | None] = [None] * len(nodes)
    for row, best in zip(rows.tolist(), ranks[order][first].tolist(), strict=True):
        found[row] = terms[ordered[best]]
    return found
