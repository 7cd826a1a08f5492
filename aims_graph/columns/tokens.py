"""Distinct tokens of N-Triples and Turtle to term ids, checked in bulk.

A token is accepted here only when it is certainly valid; whatever looks different goes to the
native parser, which alone decides and words the errors.
"""

import re
from collections.abc import Sequence
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyoxigraph import Literal, NamedNode, RdfFormat, parse

from .labels import BlankLabels
from .terms import BLANK, IRI, Ids, Term, TermDictionary
from .text import PADDING, Bytes, Int64s

QUOTE, BACKSLASH, LESS, GREATER = b'"\\<>'

_UNRESERVED: Final = np.zeros(256, np.bool_)
_UNRESERVED[list(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")] = True
_PLAIN_LABEL: Final = re.compile(rb"[a-zA-Z0-9_]+(?:[.-]+[a-zA-Z0-9_]+)*")


def slice_array(buffer: Bytes, starts: Int64s, lengths: Int64s) -> pa.Array:
    """An Arrow binary view array of slices, without copying them. Needs ``PADDING``."""
    views = np.zeros((len(starts), 4), np.int32)
    views[:, 0] = lengths
    words = np.ndarray((max(len(buffer) - 3, 0),), "<i4", buffer, strides=(1,))
    long = lengths > 12
    views[:, 1] = words[starts]
    views[:, 3] = starts
    short = np.flatnonzero(~long)
    # Arrow wants up to 12 bytes inline, zero after the end.
    inline = np.zeros((len(short), 12), np.uint8)
    for step in range(12):
        rows = np.flatnonzero(lengths[short] > step)
        inline[rows, step] = buffer[starts[short[rows]] + step]
    views[short, 1:] = inline.view(np.int32)
    buffers = [None, pa.py_buffer(views), pa.py_buffer(buffer)]
    return pa.Array.from_buffers(pa.binary_view(), len(starts), buffers)


def distinct_slices(
    buffer: Bytes, starts: Int64s, lengths: Int64s
) -> tuple[Ids, Bytes, Int64s, Int64s]:
    """Index of each slice among the distinct ones, in order of first appearance, and those as
    (buffer, starts, lengths).
    """
    encoded = slice_array(buffer, starts, lengths).dictionary_encode()
    dictionary = encoded.dictionary.cast(pa.large_binary())
    _, offsets, data = dictionary.buffers()
    bounds = np.frombuffer(offsets, np.int64)[: len(dictionary) + 1]
    distinct = np.zeros(bounds[-1] + PADDING, np.uint8)
    if data is not None:
        distinct[: bounds[-1]] = np.frombuffer(data, np.uint8)[: bounds[-1]]
    return encoded.indices.to_numpy(), distinct, bounds[:-1], np.diff(bounds)


def last_before(positions: Int64s, ends: Int64s) -> Int64s:
    """The greatest position below each end, -1 when there is none."""
    padded = np.concatenate([np.array([-1]), positions])
    return padded[np.searchsorted(positions, ends)]


class TokenReader:
    """Turns N-Triples tokens into ids; remembers what it has checked."""

    suffix_pattern = re.compile(rb'@[a-zA-Z]+(?:-[a-zA-Z0-9]+)*|\^\^<[^\x00-\x20<>"{}|^`\\]*>')

    def __init__(self, terms: TermDictionary, labels: BlankLabels) -> None:
        self.terms = terms
        self.labels = labels
        self._stems: dict[bytes, bool] = {}
        self._suffixes: dict[bytes, int] = {b"": terms.tag_of(Literal(""))}

    def document_of(self, tokens: Sequence[bytes]) -> tuple[bytes, RdfFormat]:
        """A document with one triple a token, which is its object."""
        lines = b"".join(b"<u:s> <u:p> " + token + b" .\n" for token in tokens)
        return lines, RdfFormat.N_TRIPLES

    def read_natively(self, tokens: Sequence[bytes]) -> list[Term] | None:
        """Terms by the native parser; None when one is no term of RDF 1.1."""
        document, syntax = self.document_of(tokens)
        try:
            found = [quad.object for quad in parse(document, format=syntax)]
        except SyntaxError:
            return None
        if len(found) != len(tokens) or not all(map(is_plain_term, found)):
            return None
        return found

    def read_all(self, buffer: Bytes, starts: Int64s, lengths: Int64s) -> Ids:
        """Ids of distinct tokens; -1 where some are wrong, which ones is not told."""
        ids = self.read(buffer, starts, lengths)
        left = np.flatnonzero(ids < 0)
        if len(left):
            found = self.read_natively(slices_of(buffer, starts[left], lengths[left]))
            if found is not None:
                ids[left] = self.terms.add_all([self.labels.rename(term) for term in found])
        return ids

    def read(self, buffer: Bytes, starts: Int64s, lengths: Int64s) -> Ids:
        """Ids of distinct tokens; -1 for those that the native parser has to look at."""
        ends = starts + lengths
        first = buffer[starts]
        tags = np.full(len(starts), -1, np.int32)
        begins, sizes = starts.copy(), lengths.copy()
        self._read_iris(buffer, np.flatnonzero(first == LESS), begins, sizes, ends, tags)
        self._read_literals(buffer, np.flatnonzero(first == QUOTE), begins, sizes, ends, tags)
        ids = np.full(len(starts), -1, np.int32)
        rows = np.flatnonzero(tags >= 0)
        ids[rows] = self.terms.add_slices(buffer, begins[rows], sizes[rows], tags[rows])
        blank = np.flatnonzero(first == ord("_"))
        if len(blank):
            ids[blank] = self._read_blanks(buffer, starts[blank], lengths[blank])
        return ids

    def _read_iris(
        self,
        buffer: Bytes,
        rows: NDArray[np.int64],
        begins: Int64s,
        sizes: Int64s,
        ends: Int64s,
        tags: Ids,
    ) -> None:
        """An IRI is valid when the stem up to the last "/", "#" or ":" is, with an "x" after it,
        and only unreserved characters follow.
        """
        rows = rows[buffer[ends[rows] - 1] == GREATER]
        others = np.flatnonzero(~_UNRESERVED[buffer])
        cut = last_before(others, ends[rows] - 1)
        mark = buffer[cut]
        whole = (cut > begins[rows]) & (
            (mark == ord("/")) | (mark == ord("#")) | (mark == ord(":"))
        )
        rows, cut = rows[whole], cut[whole]
        if len(rows) == 0:
            return
        stem_starts = begins[rows] + 1
        index, stems, starts, lengths = distinct_slices(buffer, stem_starts, cut + 1 - stem_starts)
        valid = np.array([self._is_valid_stem(x) for x in slices_of(stems, starts, lengths)])
        rows = rows[valid[index]]
        begins[rows] += 1
        sizes[rows] -= 2
        tags[rows] = IRI

    def _is_valid_stem(self, stem: bytes) -> bool:
        known = self._stems.get(stem)
        if known is None:
            try:
                NamedNode(stem.decode() + "x")
                known = True
            except ValueError:
                known = False
            self._stems[stem] = known
        return known

    def _read_literals(
        self,
        buffer: Bytes,
        rows: NDArray[np.int64],
        begins: Int64s,
        sizes: Int64s,
        ends: Int64s,
        tags: Ids,
    ) -> None:
        quotes = np.flatnonzero(buffer == QUOTE)
        slashes = np.flatnonzero(buffer == BACKSLASH)
        closing = last_before(quotes, ends[rows])
        second = np.append(quotes, [-1, -1])[np.searchsorted(quotes, begins[rows]) + 1]
        whole = (closing == second) & (last_before(slashes, ends[rows]) < begins[rows])
        rows, closing = rows[whole], closing[whole]
        if len(rows) == 0:
            return
        tails = closing + 1
        index, suffixes, starts, lengths = distinct_slices(buffer, tails, ends[rows] - tails)
        found = [self._suffix_tag(suffix) for suffix in slices_of(suffixes, starts, lengths)]
        suffix_tags = np.array(found, np.int32)
        tags[rows] = suffix_tags[index]
        begins[rows] += 1
        sizes[rows] = closing - begins[rows]

    def _suffix_tag(self, suffix: bytes) -> int:
        known = self._suffixes.get(suffix)
        if known is None:
            fits = self.suffix_pattern.fullmatch(suffix)
            found = self.read_natively([b'""' + suffix]) if fits else None
            known = self._suffixes[suffix] = self.terms.tag_of(found[0]) if found else -1
        return known

    def _read_blanks(self, buffer: Bytes, starts: Int64s, lengths: Int64s) -> Ids:
        labels = [token[2:] for token in slices_of(buffer, starts, lengths)]
        plain = [_PLAIN_LABEL.fullmatch(label) is not None for label in labels]
        names = [
            self.labels.name(label.decode()).encode()
            for label, fits in zip(labels, plain, strict=True)
            if fits
        ]
        ids = np.full(len(labels), -1, np.int32)
        ids[plain] = self.add_texts(names, np.full(len(names), BLANK, np.int32))
        return ids

    def add_texts(self, texts: Sequence[bytes], tags: Ids) -> Ids:
        lengths = np.fromiter(map(len, texts), np.int64, len(texts))
        joined = np.frombuffer(b"".join([*texts, bytes(PADDING)]), np.uint8)
        return self.terms.add_slices(joined, np.cumsum(lengths) - lengths, lengths, tags)


def slices_of(buffer: Bytes, starts: Int64s, lengths: Int64s) -> list[bytes]:
    data = buffer.tobytes()
    ends = (starts + lengths).tolist()
    return [data[start:end] for start, end in zip(starts.tolist(), ends, strict=True)]


def is_plain_term(term: object) -> bool:
    """Whether RDF 1.1 has such a term: no triple term, no base direction."""
    if isinstance(term, Literal):
        return term.direction is None
    return hasattr(term, "value")


def is_utf8(buffer: Bytes, starts: Int64s) -> bool:
    offsets = np.append(starts, len(buffer) - PADDING)
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(buffer)]
    try:
        pa.Array.from_buffers(pa.large_utf8(), len(starts), buffers).validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True
