"""Checked parse of RDF files into a term dictionary and id triples.

The graphs of a dataset (TriG, N-Quads) are read as one graph: their union.
"""

import re
from collections.abc import Iterator, Sequence
from io import BufferedReader
from itertools import chain, islice
from operator import attrgetter
from pathlib import Path
from typing import Any, Final, NoReturn

import numpy as np
from pyoxigraph import RdfFormat, parse

from aims_graph.errors import InputError

from .guards import (
    check_byte_order_mark,
    check_document,
    check_encoding,
    check_literals,
    find_remote_context,
    find_unsupported_term,
)
from .labels import BlankLabels
from .relations import TripleCollector
from .terms import Ids, Term, TermDictionary
from .text import PADDING

FORMATS: Final = {
    ".ttl": RdfFormat.TURTLE,
    ".trig": RdfFormat.TRIG,
    ".nt": RdfFormat.N_TRIPLES,
    ".nq": RdfFormat.N_QUADS,
    ".jsonld": RdfFormat.JSON_LD,
    ".json": RdfFormat.JSON_LD,
    ".rdf": RdfFormat.RDF_XML,
    ".owl": RdfFormat.RDF_XML,
    ".xml": RdfFormat.RDF_XML,
}

#: Bytes of a line syntax that are held in memory at a time.
BLOCK_SIZE: Final = 1 << 23
#: Files below this are read natively: starting Arrow would cost more than it saves.
SMALL: Final = 1 << 21
#: Triples that are held as Python objects at a time.
BATCH: Final = 100_000

_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
_POSITION: Final = re.compile(r"^Parser error at line \d+ (?:column \d+|between [^:]*): ")
_TRIPLE: Final = attrgetter("subject", "predicate", "object")


def read_files(
    paths: Sequence[Path], terms: TermDictionary, base: str | None = None
) -> TripleCollector:
    """The triples of all files; raises InputError at the first thing that is wrong."""
    triples = TripleCollector()
    for number, path in enumerate(paths, 1):
        first_new = len(terms)
        # Blank node labels are local to a file.
        prefix = f"f{number}-" if len(paths) > 1 else ""
        read_file(Path(path), terms, triples, prefix, base)
        check_literals(Path(path), terms, first_new)
    return triples


def read_file(
    path: Path, terms: TermDictionary, triples: TripleCollector, prefix: str, base: str | None
) -> None:
    """``prefix`` is put before blank node labels."""
    syntax = FORMATS.get(path.suffix.lower())
    if syntax is None:
        known = ", ".join(FORMATS)
        raise InputError(
            f"unknown RDF file extension {path.suffix!r}", file=path, hint=f"Known are {known}"
        )
    is_lines = syntax in (RdfFormat.N_TRIPLES, RdfFormat.N_QUADS)
    labels = BlankLabels(prefix, document=not is_lines)
    try:
        with path.open("rb") as file:
            if is_lines:
                _read_lines(path, file, syntax, terms, triples, labels)
            elif not _read_plain_turtle(path, file, syntax, terms, triples, labels, base):
                file.seek(0)
                _read_document(path, file.read(), syntax, terms, triples, labels, base)
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError(f"cannot be read: {reason}", file=path) from None


# Line formats


def _read_lines(
    path: Path,
    file: BufferedReader,
    syntax: RdfFormat,
    terms: TermDictionary,
    triples: TripleCollector,
    labels: BlankLabels,
) -> None:
    size = min(BLOCK_SIZE, path.stat().st_size)
    read = _read_small_block if path.stat().st_size < SMALL else _read_block
    buffer = bytearray(size + PADDING)
    line = held = 0
    while True:
        if held == size:  # a line longer than a block
            size *= 2
            buffer = buffer[:held] + bytearray(size + PADDING - held)
        with memoryview(buffer) as view:
            count = file.readinto(view[held:size])
        if line == 0 and held == 0:
            check_byte_order_mark(path, buffer)
            if buffer.startswith(_BYTE_ORDER_MARK):
                buffer[:3] = b"   "
        held += count
        cut = held if count == 0 else buffer.rfind(b"\n", 0, held) + 1
        line += read(path, buffer, cut, line, syntax, terms, triples, labels)
        if count == 0:
            return
        held -= cut
        buffer[:held] = buffer[cut : cut + held]


def _read_block(
    path: Path,
    buffer: bytearray,
    size: int,
    first_line: int,
    syntax: RdfFormat,
    terms: TermDictionary,
    triples: TripleCollector,
    labels: BlankLabels,
) -> int:
    """Reads whole lines; returns how many there were. ``first_line`` counts from 0."""
    from .lines import Block, read_block  # noqa: PLC0415  (Arrow is slow to start)
    from .tokens import TokenReader  # noqa: PLC0415

    block = Block(buffer, size, with_graphs=syntax == RdfFormat.N_QUADS)
    ids, left = read_block(block, TokenReader(terms, labels))
    triples.add(ids)
    if len(left):
        starts, ends = block.line_starts[left].tolist(), block.line_ends[left].tolist()
        lines = [buffer[start:end] for start, end in zip(starts, ends, strict=True)]
        joined = b"\n".join(lines)
        _read_native_lines(path, joined, first_line + left, syntax, terms, triples, labels)
    return len(block.line_starts)


def _read_small_block(
    path: Path,
    buffer: bytearray,
    size: int,
    first_line: int,
    syntax: RdfFormat,
    terms: TermDictionary,
    triples: TripleCollector,
    labels: BlankLabels,
) -> int:
    """As ``_read_block``, without Arrow."""
    data = bytes(buffer[:size])
    numbers = first_line + np.arange(data.count(b"\n") + 1)
    _read_native_lines(path, data, numbers, syntax, terms, triples, labels)
    return data.count(b"\n")


def _read_native_lines(
    path: Path,
    data: bytes,
    numbers: np.ndarray[Any, np.dtype[np.int64]],
    syntax: RdfFormat,
    terms: TermDictionary,
    triples: TripleCollector,
    labels: BlankLabels,
) -> None:
    """Lines whose numbers in the file, from 0, are given."""
    try:
        data.decode()
    except UnicodeDecodeError:
        check_encoding(path, path.read_bytes())  # names the offset in the whole file
    try:
        check_document(path, data, syntax)
        for batch, ids in _native_batches(data, syntax, None):
            found = [labels.rename(term) for term in batch]
            _check_terms(path, data, found)
            triples.add(terms.add_all(found)[ids])
    except SyntaxError as error:
        _fail(path, error, int(numbers[(error.lineno or 1) - 1]) + 1)
    except InputError as error:
        if error.line is not None:
            error.line = int(numbers[error.line - 1]) + 1
        raise


# Documents


def _read_plain_turtle(
    path: Path,
    file: BufferedReader,
    syntax: RdfFormat,
    terms: TermDictionary,
    triples: TripleCollector,
    labels: BlankLabels,
    base: str | None,
) -> bool:
    """Whether the file could be read the fast way; nothing is added to ``triples`` if not."""
    if syntax != RdfFormat.TURTLE or base is not None or path.stat().st_size < SMALL:
        return False
    from .turtle import TurtleReader, UnexpectedError  # noqa: PLC0415  (Arrow is slow to start)

    try:
        parts = TurtleReader(terms, labels).read_file(file, BLOCK_SIZE)
    except UnexpectedError:
        return False
    for part in parts:
        triples.add(part)
    return True


def _read_document(
    path: Path,
    data: bytes,
    syntax: RdfFormat,
    terms: TermDictionary,
    triples: TripleCollector,
    labels: BlankLabels,
    base: str | None,
) -> None:
    data = data.removeprefix(_BYTE_ORDER_MARK)
    check_document(path, data, syntax)
    try:
        for batch, ids in _native_batches(data, syntax, base):
            found = [labels.rename(term) for term in batch]
            _check_terms(path, data, found)
            triples.add(terms.add_all(found)[ids])
    except SyntaxError as error:
        _fail(path, error, error.lineno, data)


def _native_batches(
    data: bytes, syntax: RdfFormat, base: str | None
) -> Iterator[tuple[list[Term], Ids]]:
    """Distinct terms of some triples, and those triples as (n, 3) indexes into them."""
    triples = map(_TRIPLE, parse(data, format=syntax, base_iri=base))
    while True:
        numbers = _Numbers()
        flat = chain.from_iterable(islice(triples, BATCH))
        ids = np.fromiter(map(numbers.__getitem__, flat), np.int32).reshape(-1, 3)
        if len(ids) == 0:
            return
        yield list(numbers), ids


class _Numbers(dict[Term, int]):
    """Numbers its keys from 0 as they are first asked for."""

    def __missing__(self, term: Term) -> int:
        number = self[term] = len(self)
        return number


def _check_terms(path: Path, data: bytes, found: Sequence[Term]) -> None:
    for term in found:
        if not hasattr(term, "value") or getattr(term, "direction", None) is not None:
            line, column = find_unsupported_term(data)
            raise InputError(
                "RDF 1.2 triple terms and base directions are not supported",
                file=path,
                line=line,
                column=column,
            )


def _fail(path: Path, error: SyntaxError, line: int | None, data: bytes = b"") -> NoReturn:
    if "LoadDocumentCallback" in str(error.msg):
        remote = find_remote_context(path, data)
        raise remote or InputError("remote contexts are not allowed", file=path) from None
    message = _POSITION.sub("", str(error.msg))
    hint = None
    if "No scheme found in an absolute IRI" in message:
        hint = "A relative IRI needs a base: write @base or an absolute IRI"
    raise InputError(message, file=path, line=line, column=error.offset, hint=hint) from None
