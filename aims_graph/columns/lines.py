"""N-Triples and N-Quads, a block of lines at a time.

Lines in the canonical layout (one space between terms, " ." at the end) are cut with NumPy; equal
tokens are found by Arrow's hash table, and only distinct tokens are checked. All other lines are
left for the native parser.
"""

import numpy as np
from numpy.typing import NDArray

from .terms import IRI, LITERAL, Ids
from .text import PADDING, Int64s
from .tokens import TokenReader, distinct_slices, is_utf8, last_before

NEWLINE, SPACE, QUOTE, LESS, GREATER = b'\n "<>'


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
    ids = reader.read_all(buffer, token_starts, token_lengths)
    triples = ids[index[: 3 * size]].reshape(size, 3)
    kind = reader.terms.kind
    good = (triples >= 0).all(1)
    good &= (kind[triples[:, 0]] != LITERAL) & (kind[triples[:, 1]] == IRI)
    if graphs:
        good[block.graph_rows] &= ids[index[3 * size :]] >= 0
    irregular[block.regular[good]] = False
    return triples[good], np.flatnonzero(irregular)
