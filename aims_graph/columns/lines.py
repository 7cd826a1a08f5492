"""N-Triples and N-Quads, a block of lines at a time.

Lines in the canonical layout (one space between terms, " ." at the end) are cut with NumPy; equal
tokens are found by Arrow's hash table, and only distinct tokens are checked. All other lines are
left for the native parser.
"""

from collections.abc import Iterator
from io import BufferedReader

import numpy as np
from numpy.typing import NDArray
from pyoxigraph import RdfFormat

from .native import Target, read_lines
from .terms import IRI, LITERAL, Ids
from .text import PADDING, Int64s
from .tokens import TokenReader, distinct_slices, is_utf8, last_before

NEWLINE, SPACE, QUOTE, LESS, GREATER = b'\n "<>'


class Block:
    """Whole lines cut into tokens, three for each of the ``regular`` lines.

    ``index`` says which of the distinct ``tokens`` each is, line by line; after those come the
    graph names of the lines at ``graph_rows``.
    """

    def __init__(self, lines: bytes, *, with_graphs: bool) -> None:
        self.lines = lines
        size = len(lines)
        self.data = np.frombuffer(lines + bytes(PADDING), np.uint8)
        ends = np.flatnonzero(self.data[:size] == NEWLINE)
        if size and lines[-1] != NEWLINE:
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
        if b"\r" in lines:
            # A carriage return inside a literal has to be escaped.
            returns = np.flatnonzero(self.data[:size] == ord("\r"))
            line = np.searchsorted(self.line_ends, returns)
            regular[line[returns != self.line_ends[line] - 1]] = False
        self.regular = np.flatnonzero(regular)
        starts, first, second, last = (x[self.regular] for x in (starts, first, second, last))
        self.graph_rows = np.zeros(0, np.int64)
        if with_graphs:
            last = self._without_graph(spaces[:-2], second, last)
        token_starts = np.stack([starts, first + 1, second + 1], 1)
        lengths = (np.stack([first, second, last], 1) - token_starts).ravel()
        token_starts = token_starts.ravel()
        if with_graphs:
            token_starts = np.append(token_starts, self.graph_starts)
            lengths = np.append(lengths, self.graph_lengths)
        self.index, buffer, starts, lengths = distinct_slices(self.data, token_starts, lengths)
        self.tokens = buffer, starts, lengths

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
    buffer, starts, lengths = block.tokens
    if size == 0 or not is_utf8(buffer, starts):
        return np.zeros((0, 3), np.int32), np.flatnonzero(irregular)
    ids = reader.read_all(buffer, starts, lengths)
    triples = ids[block.index[: 3 * size]].reshape(size, 3)
    kind = reader.terms.kind
    good = (triples >= 0).all(1)
    good &= (kind[triples[:, 0]] != LITERAL) & (kind[triples[:, 1]] == IRI)
    good[block.graph_rows] &= ids[block.index[3 * size :]] >= 0
    irregular[block.regular[good]] = False
    return triples[good], np.flatnonzero(irregular)


def cut_blocks(file: BufferedReader, size: int, *, with_graphs: bool) -> Iterator[Block]:
    held = b""
    while data := file.read(size):
        held += data
        cut = held.rfind(b"\n") + 1
        if cut:
            yield Block(held[:cut], with_graphs=with_graphs)
            held = held[cut:]
    if held:
        yield Block(held, with_graphs=with_graphs)


def read_line_blocks(target: Target, file: BufferedReader, size: int) -> None:
    """Reads the rest of the file."""
    reader = TokenReader(target.terms, target.labels)
    line = 0
    with_graphs = target.syntax == RdfFormat.N_QUADS
    for block in cut_blocks(file, size, with_graphs=with_graphs):
        triples, left = read_block(block, reader)
        target.triples.add(triples)
        if len(left):
            starts, ends = block.line_starts[left].tolist(), block.line_ends[left].tolist()
            lines = [block.lines[start:end] for start, end in zip(starts, ends, strict=True)]
            read_lines(target, b"\n".join(lines), line + left)
        line += len(block.line_starts)
