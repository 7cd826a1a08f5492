"""Between quads, ids and the lines of the journal."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, repeat
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad

from aims_graph.columns import BLANK, LITERAL, Columns, TermDictionary
from aims_graph.errors import InputError
from aims_graph.vocabulary import BASE, XSD
from aims_graph.workspace.dataset import Ids, triples_of

_GENERATED: Final = f"{BASE}.well-known/genid/"
_STRING: Final = XSD + "string"


def source_graph(source: str) -> NamedNode:
    """The named graph of a source (a file name, a connector)."""
    try:
        return NamedNode(f"urn:aims:source:{source}")
    except ValueError:
        raise InputError(
            f"{source!r} cannot name a source",
            hint="Use a name without spaces and signs such as < >",
        ) from None


def name_blank_nodes(quad: Quad) -> Quad:
    """RDF 1.1 section 3.5: a blank node gets an IRI of ours, so that it can be named in later entries.

    Raises InputError on terms that the journal does not take.
    """
    subject, predicate, value, graph = quad
    return Quad(_named(subject), predicate, _named(value), _named(graph))


def _named(term: Any) -> Any:
    if isinstance(term, BlankNode):
        return NamedNode(_GENERATED + term.value)
    if isinstance(term, DefaultGraph):
        return term
    if not hasattr(term, "value") or getattr(term, "direction", None) is not None:
        raise InputError("RDF 1.2 triple terms and base directions are not supported")
    if "\0" in term.value:
        raise InputError("control character U+0000 is not allowed in text")
    return term


def without_blank_nodes(columns: Columns, paths: Sequence[Path]) -> Columns:
    """As ``name_blank_nodes``, for what was read from these files."""
    triples = triples_of(columns)
    terms = columns.terms
    used = np.flatnonzero(_used(columns, triples) & (terms.kind == BLANK)).astype(np.int32)
    if not len(used):
        return columns
    stem = digest(paths)
    ids = np.arange(len(terms), dtype=np.int32)
    names = [NamedNode(f"{_GENERATED}{stem}-{terms.term(int(i)).value}") for i in used]
    ids[used] = terms.add_all(names)
    triples = ids[triples]
    return Columns.from_ids(terms, triples[:, 0], triples[:, 1], triples[:, 2])


def digest(paths: Sequence[Path]) -> str:
    """What labels of blank nodes are told apart by: the same files give the same names."""
    total = hashlib.sha256()
    for path in paths:
        with path.open("rb") as file:
            total.update(hashlib.file_digest(file, "sha256").digest())
    return total.hexdigest()[:16]


def columns_of(quads: Iterable[Quad], terms: TermDictionary) -> Columns:
    """The triples of the quads over a dictionary that may grow by it."""
    flat: list[Any] = []
    for quad in quads:
        flat += (quad.subject, quad.predicate, quad.object)
    ids: Ids = terms.add_all(flat).reshape(-1, 3)
    return Columns.from_ids(terms, ids[:, 0], ids[:, 1], ids[:, 2])


def quads_of(triples: Columns, graph: NamedNode) -> Iterator[Quad]:
    """Of triples without blank nodes."""
    for subject, predicate, value in triples.triples():
        yield Quad(subject, predicate, value, graph)  # type: ignore[arg-type]  # no blank nodes left


class GraphLines:
    """What ``quad_line`` gives for each triple of a graph, made term by term instead of quad by quad, and
    anew each time they are gone through: all lines of an import at once would take hundreds of megabytes.
    """

    def __init__(self, triples: Columns, graph: NamedNode) -> None:
        self._triples = triples
        self._end = f" {graph} .".encode()
        used = _used(triples, triples_of(triples))
        self._tokens = _tokens(triples.terms, np.flatnonzero(used).astype(np.int32))

    def __len__(self) -> int:
        return len(self._triples)

    def __iter__(self) -> Iterator[bytes]:
        return chain.from_iterable(map(self._of_predicate, self._triples.predicates.tolist()))

    def _of_predicate(self, predicate: int) -> Iterator[bytes]:
        pairs, tokens = self._triples.pairs(predicate), self._tokens
        middle = b" " + tokens[predicate] + b" "
        subjects, values = tokens[pairs.subjects].tolist(), tokens[pairs.objects].tolist()
        return map(b"".join, zip(subjects, repeat(middle), values, repeat(self._end)))


def _used(columns: Columns, triples: Ids) -> NDArray[np.bool_]:
    """Which terms of the dictionary occur."""
    used = np.zeros(len(columns.terms), np.bool_)
    used[triples] = True
    return used


def _tokens(terms: TermDictionary, ids: Ids) -> NDArray[np.object_]:
    """N-Triples tokens at the ids; only literals with something to escape go through the library."""
    text, offsets = terms.text
    data, tags = text.tobytes(), terms.tags[ids]
    tokens = np.empty(len(terms), object)
    special = np.flatnonzero(
        (text < 0x20) | (text == ord('"')) | (text == ord("\\")) | (text == 0x7F)
    )
    escaped = np.searchsorted(special, offsets[ids]) < np.searchsorted(special, offsets[ids + 1])
    odd = (tags == BLANK) | ((tags >= LITERAL) & escaped)
    for term_id in ids[odd].tolist():
        tokens[term_id] = str(terms.term(term_id)).encode()
    for tag in np.unique(tags[~odd]).tolist():
        same = ids[(tags == tag) & ~odd]
        before, after = (
            (b"<", b">") if tag == 0 else (b'"', b'"' + _suffix(terms.term(int(same[0]))))
        )
        slices = zip(offsets[same].tolist(), offsets[same + 1].tolist(), strict=True)
        tokens[same] = [before + data[start:end] + after for start, end in slices]
    return tokens


def _suffix(term: Any) -> bytes:
    assert isinstance(term, Literal)
    if term.language is not None:
        return f"@{term.language}".encode()
    return b"" if term.datatype.value == _STRING else f"^^{term.datatype}".encode()
