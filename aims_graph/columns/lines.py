"""N-Triples and N-Quads, a block of lines at a time.

Lines in the canonical layout (one space between terms, " ." at the end) are cut with NumPy; equal
tokens are found by Arrow's hash table, and only distinct tokens are checked. A token is accepted
here only when it is certainly valid; whatever looks different goes to the native parser, which
alone decides and words the errors.
"""

import re
from collections.abc import Sequence
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, parse

from .terms import BLANK, IRI, LITERAL, Ids, Term, TermDictionary
from .text import PADDING, Bytes, Int64s

NEWLINE, SPACE, QUOTE, BACKSLASH, LESS, GREATER = b'\n "\\<>'

_UNRESERVED: Final = np.zeros(256, np.bool_)
_UNRESERVED[list(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")] = True
_SUFFIX: Final = re.compile(rb'@[a-zA-Z]+(?:-[a-zA-Z0-9]+)*|\^\^<[^\x00-\x20<>"{}|^`\\]*>')
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
    """Turns N-Triples tokens into ids; remembers what it has checked.

    ``blank_prefix`` is put before each blank node label: labels are local to a file.
    """

    def __init__(self, terms: TermDictionary, blank_prefix: str) -> None:
        self.terms = terms
        self._blank_prefix = blank_prefix.encode()
        self._stems: dict[bytes, bool] = {}
        self._suffixes: dict[bytes, int] = {b"": terms.tag_of(Literal(""))}

    def add(self, found: Sequence[Term]) -> Ids:
        """Ids of terms that the native parser read from the same file."""
        prefix = self._blank_prefix.decode()
        if prefix:
            found = [
                BlankNode(prefix + term.value) if isinstance(term, BlankNode) else term
                for term in found
            ]
        return self.terms.add_all(found)

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
            ids[blank] = self._read_blanks(buffer, starts[blank], ends[blank])
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
        valid = np.array(
            [
                self._is_valid_stem(stems[start : start + length].tobytes())
                for start, length in zip(starts.tolist(), lengths.tolist(), strict=True)
            ]
        )
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
        suffix_tags = np.array(
            [
                self._suffix_tag(suffixes[start : start + length].tobytes())
                for start, length in zip(starts.tolist(), lengths.tolist(), strict=True)
            ],
            np.int32,
        )
        tags[rows] = suffix_tags[index]
        begins[rows] += 1
        sizes[rows] = closing - begins[rows]

    def _suffix_tag(self, suffix: bytes) -> int:
        known = self._suffixes.get(suffix)
        if known is None:
            found = read_tokens([b'""' + suffix]) if _SUFFIX.fullmatch(suffix) else None
            known = self._suffixes[suffix] = self.terms.tag_of(found[0]) if found else -1
        return known

    def _read_blanks(self, buffer: Bytes, starts: Int64s, ends: Int64s) -> Ids:
        labels = [
            buffer[start:end].tobytes()[2:]
            for start, end in zip(starts.tolist(), ends.tolist(), strict=True)
        ]
        plain = np.array([_PLAIN_LABEL.fullmatch(label) is not None for label in labels])
        texts = [
            self._blank_prefix + label for label, fits in zip(labels, plain, strict=True) if fits
        ]
        lengths = np.fromiter(map(len, texts), np.int64, len(texts))
        joined = np.frombuffer(b"".join([*texts, bytes(PADDING)]), np.uint8)
        tags = np.full(len(texts), BLANK, np.int32)
        ids = np.full(len(labels), -1, np.int32)
        ids[plain] = self.terms.add_slices(joined, np.cumsum(lengths) - lengths, lengths, tags)
        return ids


def read_tokens(tokens: Sequence[bytes]) -> list[Term] | None:
    """Terms of tokens by the native parser; None when one is no term of RDF 1.1."""
    lines = b"".join(b"<u:s> <u:p> " + token + b" .\n" for token in tokens)
    try:
        found = [quad.object for quad in parse(lines, format=RdfFormat.N_TRIPLES)]
    except SyntaxError:
        return None
    if len(found) != len(tokens) or not all(map(is_plain_term, found)):
        return None
    return found


def is_plain_term(term: object) -> bool:
    """Whether RDF 1.1 has such a term: no triple term, no base direction."""
    if isinstance(term, Literal):
        return term.direction is None
    return hasattr(term, "value")


class Block:
    """Lines cut into tokens: ``starts`` and ``lengths`` are (regular lines, 3).

    ``buffer`` holds ``size`` bytes of whole lines and ``PADDING`` more.
    """

    def __init__(self, buffer: bytearray, size: int, *, with_graphs: bool) -> None:
        self.data = np.frombuffer(buffer, np.uint8)[: size + PADDING]
        ends = np.flatnonzero(self.data[:size] == NEWLINE)
        if size and buffer[size - 1] != NEWLINE:
            ends = np.append(ends, size)
        starts = np.zeros_like(ends)
        starts[1:] = ends[:-1] + 1
        self.line_starts, self.line_ends = starts, ends
        # Windows line ends are no reason for the slow way.
        ends = ends - (self.data[np.maximum(ends - 1, 0)] == ord("\r"))
        spaces = np.flatnonzero(self.data[:size] == SPACE)
        at = np.searchsorted(spaces, starts)
        spaces = np.append(spaces, [size] * 2)
        first, second = spaces[at], spaces[at + 1]
        last = ends - 2
        regular = (second + 1 < last) & (first > starts) & (second > first + 1)
        regular &= (self.data[last] == SPACE) & (self.data[last + 1] == ord("."))
        if buffer.find(b"\r", 0, size) >= 0:
            # A carriage return inside a literal has to be escaped.
            returns = np.flatnonzero(self.data[:size] == ord("\r"))
            line = np.searchsorted(self.line_ends, returns)
            regular[line[returns != self.line_ends[line] - 1]] = False
        self.regular = np.flatnonzero(regular)
        starts, first, second, last = (x[self.regular] for x in (starts, first, second, last))
        if with_graphs:
            last = self._without_graph(spaces[:-2], second, last)
        self.starts = np.stack([starts, first + 1, second + 1], 1)
        self.lengths = np.stack([first, second, last], 1) - self.starts

    def _without_graph(self, spaces: Int64s, second: Int64s, last: Int64s) -> Int64s:
        """The end of the object: before the graph name, if there is one.

        A wrong guess leaves an object that is no term, which sends the line to the native parser;
        the graph name itself is checked by ``_graph_is_plain``.
        """
        cut = last_before(spaces, last)
        named = (cut > second) & (self.data[cut + 1] == LESS) & (self.data[last - 1] == GREATER)
        quotes = np.flatnonzero(self.data == QUOTE)
        named &= last_before(quotes, last) < cut
        self.graph_rows = np.flatnonzero(named)
        self.graph_starts, self.graph_lengths = cut[named] + 1, last[named] - cut[named] - 1
        return np.where(named, cut, last)


def read_block(block: Block, reader: TokenReader) -> tuple[Ids, NDArray[np.int64]]:
    """Triples of a block as (n, 3) ids, and the numbers of the lines left for the native parser
    (from 0; blank lines and comments are among them).
    """
    size = len(block.regular)
    irregular = np.ones(len(block.line_starts), np.bool_)
    if size == 0:
        return np.zeros((0, 3), np.int32), np.flatnonzero(irregular)
    starts, lengths = block.starts.ravel(), block.lengths.ravel()
    graphs = hasattr(block, "graph_rows")
    if graphs:
        starts = np.append(starts, block.graph_starts)
        lengths = np.append(lengths, block.graph_lengths)
    index, buffer, token_starts, token_lengths = distinct_slices(block.data, starts, lengths)
    if not is_utf8(buffer, token_starts):
        return np.zeros((0, 3), np.int32), np.flatnonzero(irregular)
    ids = reader.read(buffer, token_starts, token_lengths)
    left = np.flatnonzero(ids < 0)
    if len(left):
        tokens = [
            buffer[start : start + length].tobytes()
            for start, length in zip(
                token_starts[left].tolist(), token_lengths[left].tolist(), strict=True
            )
        ]
        found = read_tokens(tokens)
        if found is not None:
            ids[left] = reader.add(found)
    triples = ids[index[: 3 * size]].reshape(size, 3)
    kind = reader.terms.kind
    good = (triples >= 0).all(1)
    good &= (kind[triples[:, 0]] != LITERAL) & (kind[triples[:, 1]] == IRI)
    if graphs:
        good[block.graph_rows] &= ids[index[3 * size :]] >= 0
    irregular[block.regular[good]] = False
    return triples[good], np.flatnonzero(irregular)


def is_utf8(buffer: Bytes, starts: Int64s) -> bool:
    offsets = np.append(starts, len(buffer) - PADDING)
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(buffer)]
    try:
        pa.Array.from_buffers(pa.large_utf8(), len(starts), buffers).validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True
