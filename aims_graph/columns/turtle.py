"""Turtle in the layout that programs write, a block at a time.

Strings, IRIs and statements are found with NumPy; equal tokens by Arrow's hash table; only distinct
tokens are checked. Statements with brackets go to the native parser. What this reader does not
expect (single quotes, long strings, comments behind text, @base, prefixes in the middle …) makes
it give up on the whole file, which is then read natively: it never decides that something is wrong.
"""

import re
from io import BufferedReader
from itertools import chain
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pyoxigraph import Literal, NamedNode, RdfFormat, parse

from aims_graph.vocabulary import RDF, XSD

from .guards import MOST_PREFIXES
from .labels import BlankLabels
from .native import Target
from .statements import Block, UnexpectedError, cut_blocks, expect
from .terms import IRI, LITERAL, Ids, Term, TermDictionary
from .text import Bytes, Int64s
from .tokens import TokenReader, distinct_slices, is_plain_term, is_utf8, slices_of

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

    def document_of(self, tokens: list[bytes]) -> tuple[bytes, RdfFormat]:  # type: ignore[override]  # tokens are bytes here
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


def read_turtle_blocks(target: Target, file: BufferedReader, size: int) -> bool:
    """Reads the rest of the file, or returns False and leaves ``target.triples`` alone."""
    reader = TurtleReader(target.terms, target.labels)
    parts: list[Ids] = []
    try:
        for block in cut_blocks(file, size):
            parts += reader.read_block(block, first=not parts)
    except UnexpectedError:
        return False
    for part in parts:
        target.triples.add(part)
    return True
