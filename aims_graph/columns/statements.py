"""Turtle cut into tokens and statements, a block at a time.

Why cutting is safe: up to the first thing that is not expected, the positions of strings, IRIs and
comments are right, so that first thing itself is seen for what it is.
"""

import re
from collections.abc import Iterator
from io import BufferedReader
from typing import Final

import numpy as np

from .guards import DEEPEST
from .text import PADDING, Bytes, Int64s, are_escaped

_SPACES: Final = b" \t\r\n"
_PUNCTUATION: Final = b";,[]()"
#: Bytes that end a token, open something that holds such bytes, or are not expected.
_SPECIAL: Final = np.zeros(256, np.bool_)
_SPECIAL[list(_SPACES + _PUNCTUATION + b"\"'<>#\\{}")] = True
_LONE_RETURN: Final = re.compile(rb"\r(?!\n)")
_COMMENT: Final = re.compile(rb"^#[^\n]*", re.MULTILINE)


class UnexpectedError(Exception):
    """The text is not laid out as this reader expects; it may still be good Turtle."""


def expect(condition: bool | np.bool_) -> None:
    if not condition:
        raise UnexpectedError


def without_comments(data: bytes) -> bytes:
    """Comment lines turned to spaces; other comments are not expected."""
    # Alone, a carriage return ends a comment and has no place in a string.
    expect(b"\r" not in data or _LONE_RETURN.search(data) is None)
    if not data.startswith(b"#") and b"\n#" not in data:
        return data
    try:
        return _COMMENT.sub(lambda match: b" " * len(match[0].decode().encode()), data)
    except UnicodeDecodeError:
        raise UnexpectedError from None


def outside_strings(text: Bytes, at: Int64s) -> Int64s:
    """Of the positions of special bytes, those outside of strings."""
    signs = text[at]
    is_quote = signs == ord('"')
    is_slash = signs == ord("\\")
    if is_slash.any():
        is_quote[is_quote] = ~are_escaped(at[is_quote], at[is_slash])
    quotes = at[is_quote]
    adjacent = np.diff(quotes) == 1
    expect(not (adjacent[1:] & adjacent[:-1]).any())  # a long string
    within = np.cumsum(is_quote, dtype=np.int32) & 1 == 1
    expect(len(quotes) % 2 == 0)
    expect(not (within & (signs == ord("\n"))).any())
    expect(within[is_slash].all())
    outside: Int64s = at[~(within | is_quote)]
    return outside


def outside_iris(text: Bytes, at: Int64s) -> Int64s:
    """Of the positions of special bytes outside of strings, those outside of IRIs."""
    signs = text[at]
    opens, closes = signs == ord("<"), signs == ord(">")
    depth = np.cumsum(opens.astype(np.int8) - closes, dtype=np.int32)
    expect(len(at) == 0 or (depth.min() >= 0 and depth.max() <= 1 and depth[-1] == 0))
    expect(not ((depth == 1) & (signs == ord("\n"))).any())
    outside: Int64s = at[(depth == 0) & ~closes]
    return outside


class Block:
    """A block cut into tokens, punctuation and statements.

    ``runs`` counts the tokens before each punctuation mark; ``ends`` are the positions of the dots
    that end statements; ``size`` is what was cut, up to the last of them.
    """

    def __init__(self, data: bytes) -> None:
        #: With padding; the work is on what stands before it.
        self.text = np.frombuffer(data + bytes(PADDING), np.uint8)
        text = self.text[:-PADDING]
        at = np.flatnonzero(_SPECIAL[text])
        at = outside_iris(text, outside_strings(text, at))
        signs = text[at]
        is_space = (signs == ord(" ")) | (signs == ord("\n")) | (signs == ord("\t"))
        is_space |= signs == ord("\r")
        punctuation = at[~is_space]
        expect(np.isin(signs[~is_space], list(_PUNCTUATION)).all())
        starts = np.concatenate([[0], at + 1])
        ends = np.append(at, len(text))
        some = starts < ends
        starts, ends = starts[some], ends[some]
        dotted = text[ends - 1] == ord(".")
        ends = ends - dotted
        dots = ends[dotted]
        real = ends > starts
        self.starts, self.lengths = starts[real], (ends - starts)[real]
        self.marks = np.sort(np.concatenate([punctuation, dots]))
        self.signs = text[self.marks]
        depth = np.zeros(len(self.signs), np.int64)
        if len(punctuation) and np.isin(self.signs, list(b"[]()")).any():
            opens = np.isin(self.signs, list(b"[(")).astype(np.int8)
            depth = np.cumsum(opens - np.isin(self.signs, list(b"])")), dtype=np.int64)
        is_end = self.signs == ord(".")
        expect((depth >= 0).all())
        expect((depth <= DEEPEST).all())
        expect((depth[is_end] == 0).all())
        # What follows the last dot waits for the next block.
        cut = int(np.flatnonzero(is_end)[-1]) + 1 if is_end.any() else 0
        self.marks, self.signs, is_end = self.marks[:cut], self.signs[:cut], is_end[:cut]
        self.size = int(self.marks[-1]) + 1 if cut else 0
        self.rest = bool((starts >= self.size).any() or len(depth) > cut)
        kept = int(np.searchsorted(self.starts, self.size))
        self.starts, self.lengths = self.starts[:kept], self.lengths[:kept]
        self.ends = self.marks[is_end]
        before = np.searchsorted(self.starts, self.marks)
        self.runs = np.diff(before, prepend=0)
        self.statements = np.cumsum(is_end) - is_end


def cut_blocks(file: BufferedReader, size: int) -> Iterator[Block]:
    held = b""
    while True:
        data = file.read(size)
        expect(b"<<" not in data)
        # A line is never cut: strings here do not go on over its end.
        held += data
        cut = held.rfind(b"\n") + 1 if data else len(held)
        if cut:
            block = Block(without_comments(held[:cut]))
            expect(bool(data) or not block.rest)
            yield block
            held = held[block.size :]
            expect(len(held) <= 4 * size)
        if not data:
            return
