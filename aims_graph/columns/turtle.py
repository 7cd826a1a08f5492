"""Turtle in the layout that programs write, a block at a time.

Strings, IRIs and statements are found with NumPy; equal tokens by Arrow's hash table; only distinct
tokens are checked. Statements with brackets go to the native parser. What this reader does not
expect (single quotes, long strings, comments behind text, @base, prefixes in the middle …) makes
it give up on the whole file, which is then read natively: it never decides that something is wrong.

Why cutting is safe: up to the first thing of that kind the positions of strings, IRIs and comments
are right, so that first thing itself is seen for what it is.
"""

import re
from collections.abc import Iterator
from io import BufferedReader
from itertools import chain
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pyoxigraph import Literal, NamedNode, RdfFormat, parse

from aims_graph.vocabulary import RDF, XSD

from .guards import DEEPEST, MOST_PREFIXES
from .labels import BlankLabels
from .lookahead import computed_ahead
from .native import Target
from .terms import IRI, LITERAL, Ids, Term, TermDictionary
from .text import PADDING, Bytes, Int64s, are_escaped
from .tokens import TokenReader, distinct_slices, is_plain_term, is_utf8, slices_of

_SPACES: Final = b" \t\r\n"
_PUNCTUATION: Final = b";,[]()"
#: Bytes that end a token, open something that holds such bytes, or are not expected.
_SPECIAL: Final = np.zeros(256, np.bool_)
_SPECIAL[list(_SPACES + _PUNCTUATION + b"\"'<>#\\{}")] = True
_LONE_RETURN: Final = re.compile(rb"\r(?!\n)")
_COMMENT: Final = re.compile(rb"^#[^\n]*", re.MULTILINE)

_PREFIX: Final = re.compile(
    rb"\s*@prefix\s+([A-Za-z][A-Za-z0-9_-]*)?:\s*(<[^<>\"{}|^`\\\s]*>)\s*\."
)
_NAME: Final = re.compile(
    rb"([A-Za-z][A-Za-z0-9_-]*)?:((?:[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_-])?)?)"
)
_NUMBER: Final = re.compile(
    rb"(?:(?P<integer>[+-]?[0-9]+)|(?P<decimal>[+-]?[0-9]*\.[0-9]+)"
    rb"|(?P<double>[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)[eE][+-]?[0-9]+))"
)
_TYPE: Final = (RDF + "type").encode()
_SUBJECT, _PREDICATE, _OBJECT = range(3)


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


class TurtleReader(TokenReader):
    """Reads the blocks of one file; raises UnexpectedError when it gives up."""

    suffix_pattern = re.compile(
        TokenReader.suffix_pattern.pattern + rb"|\^\^[A-Za-z0-9_-]*:[A-Za-z0-9_-]+"
    )

    def __init__(self, terms: TermDictionary, labels: BlankLabels) -> None:
        super().__init__(terms, labels)
        self._prefixes: dict[bytes, bytes] = {}
        self._header = b""
        self._name_stems: dict[bytes, bytes] = {}

    def document_of(self, tokens: list[bytes]) -> tuple[bytes, RdfFormat]:  # type: ignore[override]
        return self._header + super().document_of(tokens)[0], RdfFormat.TURTLE

    def read_block(self, block: Block, *, first: bool) -> list[Ids]:
        text = block.text
        if len(block.ends) == 0:
            return []
        count = len(block.ends)
        run_statement = np.repeat(block.statements, block.runs)
        bracketed = np.zeros(count, np.bool_)
        bracketed[block.statements[np.isin(block.signs, list(b"[]()"))]] = True
        opening = np.searchsorted(run_statement, np.arange(count))
        opening = np.minimum(opening, max(len(block.starts) - 1, 0))
        directive = np.zeros(count, np.bool_)
        if len(block.starts):
            directive = (text[block.starts[opening]] == ord("@")) & (
                run_statement[opening] == np.arange(count)
            )
        self._read_directives(block, np.flatnonzero(directive), first=first)
        parts = []
        plain = ~bracketed & ~directive
        if bracketed.any():
            parts.append(self._read_bracketed(block, np.flatnonzero(bracketed)))
        if plain.any():
            parts.append(self._read_plain(block, text, plain))
        return parts

    def _statement(self, block: Block, number: int) -> bytes:
        start = int(block.ends[number - 1]) + 1 if number else 0
        return block.text[start : int(block.ends[number]) + 1].tobytes()

    def _read_directives(self, block: Block, numbers: NDArray[np.int64], *, first: bool) -> None:
        if len(numbers) == 0:
            return
        expect(first)
        expect(numbers[-1] == len(numbers) - 1)
        expect(len(numbers) <= MOST_PREFIXES)
        for number in numbers.tolist():
            text = self._statement(block, number)
            match = _PREFIX.fullmatch(text)
            if match is None:
                raise UnexpectedError
            self._prefixes[match[1] or b""] = match[2]
            self._header += text + b"\n"

    def _read_bracketed(self, block: Block, numbers: NDArray[np.int64]) -> Ids:
        text = b"\n".join([self._statement(block, number) for number in numbers.tolist()])
        try:
            quads = list(parse(self._header + text, format=RdfFormat.TURTLE))
        except SyntaxError:
            raise UnexpectedError from None
        found = [*chain.from_iterable((q.subject, q.predicate, q.object) for q in quads)]
        expect(all(map(is_plain_term, found)))
        return self.terms.add_all([self.labels.rename(term) for term in found]).reshape(-1, 3)

    def _read_plain(self, block: Block, text: Bytes, plain: NDArray[np.bool_]) -> Ids:
        """Statements that are subject, predicate, object, and more after "," and ";"."""
        rows = np.flatnonzero(plain[block.statements])
        runs, signs = block.runs[rows], block.signs[rows]
        before = np.concatenate([[ord(".")], block.signs[:-1]])[rows]
        first, more, again = before == ord("."), before == ord(";"), before == ord(",")
        closed = more & (runs == 0) & (signs != ord(","))
        expect(
            ((first & (runs == 3)) | (more & (runs == 2)) | (again & (runs == 1)) | closed).all()
        )
        run_starts = (np.cumsum(block.runs) - block.runs)[rows]
        place = np.arange(int(runs.sum())) - np.repeat(np.cumsum(runs) - runs, runs)
        tokens = place + np.repeat(run_starts, runs)
        roles = place + np.repeat(
            np.where(first, _SUBJECT, np.where(more, _PREDICATE, _OBJECT)), runs
        )
        starts, lengths = block.starts[tokens], block.lengths[tokens]
        index, buffer, distinct_starts, distinct_lengths = distinct_slices(text, starts, lengths)
        expect(is_utf8(buffer, distinct_starts))
        ids = self.read_all(buffer, distinct_starts, distinct_lengths)
        expect((ids >= 0).all())
        kinds = self.terms.kind[ids][index]
        # The keyword "a" is no term in other places.
        keyword = ((distinct_lengths == 1) & (buffer[distinct_starts] == ord("a")))[index]
        ids = ids[index]
        expect((kinds[roles == _SUBJECT] != LITERAL).all())
        expect((kinds[roles == _PREDICATE] == IRI).all())
        expect((roles[keyword] == _PREDICATE).all())
        here = np.arange(len(roles))
        subjects = np.maximum.accumulate(np.where(roles == _SUBJECT, here, 0))
        predicates = np.maximum.accumulate(np.where(roles == _PREDICATE, here, 0))
        objects = np.flatnonzero(roles == _OBJECT)
        return np.stack([ids[subjects[objects]], ids[predicates[objects]], ids[objects]], 1)

    def read(self, buffer: Bytes, starts: Int64s, lengths: Int64s) -> Ids:
        ids = super().read(buffer, starts, lengths)
        rows = np.flatnonzero(
            (ids < 0) & ~np.isin(buffer[starts], list(b'<"_')) & (lengths < 1 << 12)
        )
        texts, tags, found = [], [], []
        numbers = {
            name: self.terms.tag_of(_typed(name)) for name in ("integer", "decimal", "double")
        }
        for row, token in zip(
            rows.tolist(), slices_of(buffer, starts[rows], lengths[rows]), strict=True
        ):
            if token == b"a":
                texts.append(_TYPE)
                tags.append(IRI)
                found.append(row)
            elif match := _NAME.fullmatch(token):
                stem = self._stem_of(match[1] or b"")
                if stem is not None:
                    texts.append(stem + match[2])
                    tags.append(IRI)
                    found.append(row)
            elif match := _NUMBER.fullmatch(token):
                texts.append(token)
                tags.append(numbers[str(match.lastgroup)])
                found.append(row)
        if found:
            ids[found] = self.add_texts(texts, np.array(tags, np.int32))
        return ids

    def _stem_of(self, prefix: bytes) -> bytes | None:
        """The IRI of a prefix when every plain local name after it makes a valid IRI."""
        known = self._name_stems.get(prefix)
        if known is None and prefix in self._prefixes:
            stem = self._prefixes[prefix][1:-1]
            if stem.endswith((b"/", b"#", b":")) and self._is_valid_stem(stem):
                known = self._name_stems[prefix] = stem
        return known


def _typed(name: str) -> Term:
    return Literal("0", datatype=NamedNode(XSD + name))


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


def read_turtle_blocks(target: Target, file: BufferedReader, size: int) -> bool:
    """Reads the rest of the file, or returns False and leaves ``target.triples`` alone."""
    reader = TurtleReader(target.terms, target.labels)
    parts: list[Ids] = []
    try:
        for block in computed_ahead(cut_blocks(file, size)):
            parts += reader.read_block(block, first=not parts)
    except UnexpectedError:
        return False
    for part in parts:
        target.triples.add(part)
    return True
