"""The term dictionary: each distinct RDF term once, and what rules ask about a term."""

import threading
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property, partial
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray
from pyoxigraph import BlankNode, Literal, NamedNode

from aims_graph.errors import InputError
from aims_graph.vocabulary import RDF

from .facts import Facts, FactTable, facts_of
from .index import TermIndex
from .joins import unique_ids
from .lexical import Value, read_value
from .ordering import compare_terms
from .text import PADDING, Bytes, Int64s, joined_slices
from .vectors import Vector

Term = NamedNode | BlankNode | Literal
Triple = tuple[Term, Term, Term]
Ids = NDArray[np.int32]

IRI, BLANK, LITERAL = range(3)

#: So many IRIs that were asked for are kept as Python objects: rules ask for the same ones again and again.
MOST_KNOWN: Final = 10_000

_LANG_STRING: Final = NamedNode(RDF + "langString")


class TermDictionary:
    """Append-only; ids are dense from 0. Fact arrays have one entry a term, at index id.

    A term is kept as its text (IRI, label or lexical form, in one UTF-8 buffer) and a tag: 0 for
    an IRI, 1 for a blank node, 2 + 2 d for a literal of the datatype with id d, 3 + 2 l for a
    string in language l. One thread may add while others read.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._text: Vector[np.uint8] = Vector(np.zeros(0, np.uint8))
        self._offsets: Vector[np.int64] = Vector(np.zeros(1, np.int64))
        self._tags: Vector[np.int32] = Vector(np.zeros(0, np.int32))
        self._lengths: Vector[np.int32] = Vector(np.zeros(0, np.int32))
        self._kinds: Vector[np.uint8] = Vector(np.zeros(0, np.uint8))
        self._datatypes: Vector[np.int32] = Vector(np.zeros(0, np.int32))
        self._language_codes: Vector[np.int32] = Vector(np.zeros(0, np.int32))
        self._facts = FactTable()
        self._values: dict[int, Value | None] = {}
        self._known_iris: dict[NamedNode, int] = {}
        self._language_ids: dict[str, int] = {}
        self.languages: list[str] = []

    @classmethod
    def from_text(
        cls,
        text: Bytes,
        offsets: Int64s,
        tags: Ids,
        languages: list[str],
        lengths: Ids,
        facts: Facts,
    ) -> Self:
        """From distinct terms in the form described above, and what was computed about them."""
        terms = cls()
        terms._text, terms._offsets = Vector(text), Vector(offsets)
        terms._tags, terms._lengths = Vector(tags), Vector(lengths)
        terms._facts.append(facts)
        terms.languages = languages
        terms._language_ids = {tag: number for number, tag in enumerate(languages)}
        return terms

    def __len__(self) -> int:
        return len(self._tags)

    @cached_property
    def _index(self) -> TermIndex:
        return TermIndex(self._text, self._offsets, self._tags)

    @property
    def text(self) -> tuple[Bytes, Int64s]:
        """All texts in one UTF-8 buffer, and len + 1 offsets into it."""
        return self._text.view, self._offsets.view

    @property
    def tags(self) -> Ids:
        return self._tags.view

    # Finding and adding

    def id_of(self, term: Term) -> int:
        """-1 when absent."""
        if isinstance(term, NamedNode):
            known = self._known_iris.get(term)
            if known is not None:
                return known
            found = self._index.find(term.value.encode(), 0)
            if found >= 0 and len(self._known_iris) < MOST_KNOWN:
                self._known_iris[term] = found
            return found
        if isinstance(term, BlankNode):
            return self._index.find(term.value.encode(), 1)
        if term.language is not None:
            language = self._language_ids.get(term.language)
            if term.direction is not None:
                return -1
            return -1 if language is None else self._find(term.value, 3 + 2 * language)
        datatype = self._index.find(term.datatype.value.encode(), 0)
        return -1 if datatype < 0 else self._find(term.value, 2 + 2 * datatype)

    def _find(self, text: str, tag: int) -> int:
        return self._index.find(text.encode(), tag)

    def ids_of(self, terms: Iterable[Term]) -> Ids:
        """-1 where absent."""
        return np.fromiter(map(self.id_of, terms), np.int32)

    def term(self, term_id: int) -> Term:
        start, end = self._offsets.view[term_id : term_id + 2].tolist()
        text = self._text.view[start:end].tobytes().decode()
        tag = int(self._tags.view[term_id])
        if tag == 0:
            return NamedNode(text)
        if tag == 1:
            return BlankNode(text)
        if tag & 1:
            return Literal(text, language=self.languages[tag - 3 >> 1])
        datatype = self.term(tag - 2 >> 1)
        assert isinstance(datatype, NamedNode)
        return Literal(text, datatype=datatype)

    def terms_of(self, ids: Ids) -> list[Term]:
        """As ``term`` for each id, some three times faster than one by one."""
        text = self._text.view.data
        offsets, tags = self._offsets.view, self._tags.view[ids]
        # A literal's tag says what to make of its text.
        makers = {int(tag): self._maker(int(tag)) for tag in unique_ids(tags)}
        return [
            makers[tag](str(text[start:end], "utf-8"))
            for start, end, tag in zip(
                offsets[ids].tolist(), offsets[ids + 1].tolist(), tags.tolist(), strict=True
            )
        ]

    def texts_of(self, ids: Ids) -> list[str]:
        """IRIs, labels of blank nodes and lexical forms."""
        text, offsets = self._text.view.data, self._offsets.view
        bounds = zip(offsets[ids].tolist(), offsets[ids + 1].tolist(), strict=True)
        return [str(text[start:end], "utf-8") for start, end in bounds]

    def _maker(self, tag: int) -> Callable[[str], Term]:
        if tag == IRI:
            return NamedNode
        if tag == BLANK:
            return BlankNode
        if tag & 1:
            return partial(Literal, language=self.languages[tag - 3 >> 1])
        datatype = self.term(tag - 2 >> 1)
        assert isinstance(datatype, NamedNode)
        return partial(Literal, datatype=datatype)

    def add(self, term: Term) -> int:
        """The id of the term, which is new if it was absent."""
        with self._lock:
            found = self.id_of(term)
            return self._append(term.value, self.tag_of(term)) if found < 0 else found

    def add_all(self, terms: Sequence[Term]) -> Ids:
        """Ids of the terms, absent ones added; some ten times faster than one by one."""
        with self._lock:
            return self.add_slices(*_slices_of(terms), self._tags_of(terms, self.tag_of))

    def find_all(self, terms: Sequence[Term]) -> Ids:
        """As ``add_all``, but -1 for absent terms."""
        tags = self._tags_of(terms, self._known_tag_of)
        ids = self.find_slices(*_slices_of(terms), np.maximum(tags, 0))
        ids[tags < 0] = -1
        return ids

    def add_terms(self, other: "TermDictionary") -> Ids:
        """The id here of each term of another dictionary, at index its id there; absent ones added."""
        with self._lock:
            text, offsets = other.text
            starts, tags = offsets[:-1], other.tags
            typed = (tags >= LITERAL) & (tags & 1 == 0)
            # What literals point at comes first, so that tags can be said in ids of this one.
            datatypes = [int(tag) - 2 >> 1 for tag in unique_ids(tags[typed])]
            renamed = np.zeros(len(tags), np.int32)
            renamed[datatypes] = [self.add(other.term(datatype)) for datatype in datatypes]
            ours = tags.copy()
            ours[typed] = 2 + 2 * renamed[tags[typed] - 2 >> 1]
            if other.languages:
                languages = np.array([self._language_id(tag) for tag in other.languages], np.int32)
                tagged = (tags > LITERAL) & (tags & 1 == 1)
                ours[tagged] = 3 + 2 * languages[tags[tagged] - 3 >> 1]
            buffer = np.concatenate([text, np.zeros(PADDING, np.uint8)])
            return self.add_slices(buffer, starts, np.diff(offsets), ours)

    @staticmethod
    def _tags_of(terms: Sequence[Term], tag_of: Callable[[Term], int]) -> Ids:
        typed: dict[tuple[str, str | None, object], int] = {}
        tags = np.zeros(len(terms), np.int32)
        for row, term in enumerate(terms):
            if isinstance(term, Literal):
                key = (term.datatype.value, term.language, term.direction)
                tag = typed.get(key)
                if tag is None:
                    tag = typed[key] = tag_of(term)
                tags[row] = tag
            elif isinstance(term, BlankNode):
                tags[row] = 1
        return tags

    def _known_tag_of(self, term: Term) -> int:
        """As ``tag_of``, but -1 when the datatype or language is absent."""
        assert isinstance(term, Literal)
        if term.direction is not None:
            return -1
        if term.language is not None:
            language = self._language_ids.get(term.language)
            return -1 if language is None else 3 + 2 * language
        datatype = self.id_of(term.datatype)
        return -1 if datatype < 0 else 2 + 2 * datatype

    def tag_of(self, term: Term) -> int:
        """Adds the datatype or language if need be."""
        if isinstance(term, NamedNode):
            return 0
        if isinstance(term, BlankNode):
            return 1
        if term.language is None:
            return 2 + 2 * self.add(term.datatype)
        if term.direction is not None:
            raise InputError("base directions (RDF 1.2) are not supported")
        return 3 + 2 * self._language_id(term.language)

    def _language_id(self, tag: str) -> int:
        found = self._language_ids.get(tag)
        if found is None:
            self.add(_LANG_STRING)
            found = self._language_ids[tag] = len(self.languages)
            self.languages.append(tag)
        return found

    def _append(self, text: str, tag: int) -> int:
        data = text.encode()
        term_id = len(self)
        self._index.insert(data, tag, term_id)
        self._text.append(np.frombuffer(data, np.uint8))
        self._offsets.append(np.array([len(self._text)], np.int64))
        self._tags.append(np.array([tag], np.int32))
        return term_id

    def add_slices(self, buffer: Bytes, starts: Int64s, lengths: Int64s, tags: Ids) -> Ids:
        """Ids of terms given by text slices and tags (from ``tag_of``), absent ones added.

        New ids follow the order of the rows, which must be that of the slices in the buffer. Slices
        must not overlap. The caller vouches for valid UTF-8, IRIs and labels.
        """
        with self._lock:
            ids, new = self._index.enter_slices(buffer, starts, lengths, tags)
            joined, offsets = joined_slices(buffer, starts[new], lengths[new])
            base = len(self._text)
            self._text.append(joined)
            self._offsets.append(offsets[1:] + base)
            self._tags.append(tags[new])
            return ids

    def find_slices(self, buffer: Bytes, starts: Int64s, lengths: Int64s, tags: Ids) -> Ids:
        """As ``add_slices``, but -1 for absent terms."""
        with self._lock:
            return self._index.find_slices(buffer, starts, lengths, tags)

    # Facts

    def _grown(self, known: Vector[Any], compute: Callable[[Ids], NDArray[Any]]) -> NDArray[Any]:
        """A fact that follows from the tag, for all terms so far."""
        with self._lock:
            if len(known) < len(self):
                known.append(compute(self._tags.view[len(known) :]))
            return known.view

    @property
    def kind(self) -> NDArray[np.uint8]:
        return self._grown(self._kinds, lambda tags: np.minimum(tags, LITERAL))

    @property
    def datatype(self) -> Ids:
        def datatypes(tags: Ids) -> Ids:
            result = np.where(tags < LITERAL, -1, tags - 2 >> 1)
            tagged = (tags > LITERAL) & (tags & 1 == 1)
            if tagged.any():
                result[tagged] = self.id_of(_LANG_STRING)
            return result

        return self._grown(self._datatypes, datatypes)

    @property
    def language(self) -> Ids:
        return self._grown(
            self._language_codes,
            lambda tags: np.where((tags > LITERAL) & (tags & 1 == 1), tags - 3 >> 1, -1),
        )

    @property
    def length(self) -> Ids:
        """Code points of the IRI or lexical form, -1 for blank nodes."""
        with self._lock:
            done = len(self._lengths)
            if done < len(self):
                offsets = self._offsets.view[done:]
                new = self._text.view[offsets[0] : offsets[-1]]
                # Continuation bytes of UTF-8 start no code point.
                inner = np.flatnonzero((new & 0xC0) == 0x80) + offsets[0]
                counts = np.diff(offsets) - np.diff(np.searchsorted(inner, offsets))
                counts[self._tags.view[done:] == BLANK] = -1
                self._lengths.append(counts)
            return self._lengths.view

    def _all_facts(self) -> FactTable:
        with self._lock:
            done = len(self._facts)
            if done < len(self):
                self._facts.append(self._facts_from(done))
            return self._facts

    def _facts_from(self, done: int) -> Facts:
        tags, offsets = self._tags.view[done:], self._offsets.view[done:]
        facts = Facts.blank(len(tags))
        typed = np.flatnonzero((tags >= LITERAL) & (tags & 1 == 0))
        typed = typed[np.argsort(tags[typed], kind="stable")]
        borders = np.flatnonzero(np.diff(tags[typed])) + 1
        for rows in np.split(typed, borders) if len(typed) else ():
            datatype = self.term(int(tags[rows[0]]) - 2 >> 1).value
            starts, lengths = offsets[rows], offsets[rows + 1] - offsets[rows]
            facts.put(rows, facts_of(datatype, self._text.padded(PADDING), starts, lengths))
        return facts

    @property
    def facts(self) -> Facts:
        """All that ``well_formed``, ``comparison_class`` and ``compare`` rest on."""
        return self._all_facts().view

    @property
    def well_formed(self) -> NDArray[np.bool_]:
        return self._all_facts().well_formed.view

    @property
    def comparison_class(self) -> NDArray[np.uint8]:
        return self._all_facts().order.view

    def _value(self, term_id: int) -> Value | None:
        if term_id not in self._values:
            term = self.term(term_id)
            self._values[term_id] = (
                read_value(term.datatype.value, term.value)
                if isinstance(term, Literal) and term.language is None
                else None
            )
        return self._values[term_id]

    def compare(self, left: Ids, right: Ids) -> NDArray[np.int8]:
        """-1, 0, 1 as SPARQL orders the values; 2 where it raises an error or leaves it open."""
        facts = self._all_facts()
        text = self._text.padded(PADDING)
        return compare_terms(facts, text, self._offsets.view, left, right, self._value)


def _slices_of(terms: Sequence[Term]) -> tuple[Bytes, Int64s, Int64s]:
    """The texts of the terms as (buffer, starts, lengths)."""
    texts = [term.value.encode() for term in terms]
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    buffer = np.frombuffer(b"".join([*texts, bytes(PADDING)]), np.uint8)
    return buffer, np.cumsum(lengths) - lengths, lengths
