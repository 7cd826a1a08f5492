"""Checked parse of RDF files into a term dictionary and id triples.

The graphs of a dataset (TriG, N-Quads) are read as one graph: their union.
"""

from collections.abc import Callable, Sequence
from io import BufferedReader, FileIO
from pathlib import Path
from typing import Final

import numpy as np
from pyoxigraph import RdfFormat

from aims_graph.errors import InputError

from .guards import BYTE_ORDER_MARK, check_byte_order_mark, check_literals
from .labels import BlankLabels
from .native import Target, read_document, read_lines
from .relations import TripleCollector
from .terms import TermDictionary

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

#: Bytes of a large file that are worked on at a time.
BLOCK_SIZE: Final = 1 << 23
#: Files below this are read natively: starting Arrow would cost more than it saves.
SMALL: Final = 1 << 21


#: Told how many bytes of how many are read.
Tell = Callable[[int, int], None]


def read_files(
    paths: Sequence[Path],
    terms: TermDictionary,
    base: str | None = None,
    tell: Tell | None = None,
) -> TripleCollector:
    """The triples of all files; raises InputError at the first thing that is wrong.

    Blank nodes of different files are told apart by their labels; those that ``terms`` had before
    are not considered.
    """
    triples = TripleCollector()
    reading = None if tell is None else _Reading(paths, tell)
    for number, path in enumerate(paths, 1):
        first_new = len(terms)
        # Blank node labels are local to a file.
        prefix = f"f{number}-" if len(paths) > 1 else ""
        read_file(Path(path), terms, triples, prefix, base, reading)
        check_literals(Path(path), terms, first_new)
    return triples


def read_file(
    path: Path,
    terms: TermDictionary,
    triples: TripleCollector,
    prefix: str,
    base: str | None,
    reading: "_Reading | None" = None,
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
    target = Target(path, syntax, base, terms, triples, labels)
    try:
        with path.open("rb") if reading is None else reading.open(path) as file:
            check_byte_order_mark(path, file.peek(4))
            if file.peek(3).startswith(BYTE_ORDER_MARK):
                file.read(len(BYTE_ORDER_MARK))
            if path.stat().st_size < SMALL or not _read_in_blocks(target, file):
                data = file.read()
                if is_lines:
                    read_lines(target, data, np.arange(data.count(b"\n") + 1))
                else:
                    read_document(target, data)
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError(f"cannot be read: {reason}", file=path) from None


def _read_in_blocks(target: Target, file: BufferedReader) -> bool:
    """Whether the file could be read the fast way; if not, it is as if nothing had been read."""
    # Arrow is slow to start.
    if target.syntax in (RdfFormat.N_TRIPLES, RdfFormat.N_QUADS):
        from .lines import read_line_blocks  # noqa: PLC0415 - read only for large files

        read_line_blocks(target, file, BLOCK_SIZE)
        return True
    if target.syntax == RdfFormat.TURTLE and target.base is None:
        from .turtle import read_turtle_blocks  # noqa: PLC0415 - read only for large files

        start = file.tell()
        if read_turtle_blocks(target, file, BLOCK_SIZE):
            return True
        file.seek(start)
    return False


class _Reading:
    """How far a call has come through its files."""

    def __init__(self, paths: Sequence[Path], tell: Tell) -> None:
        self.total = sum(path.stat().st_size for path in map(Path, paths) if path.is_file())
        self.before = 0
        self._tell = tell

    def open(self, path: Path) -> BufferedReader:
        return _ToldFile(path, self)

    def come_to(self, place: int) -> None:
        self._tell(min(self.before + place, self.total), self.total)


class _ToldFile(BufferedReader):
    """Tells with each block that is read from it."""

    def __init__(self, path: Path, reading: _Reading) -> None:
        super().__init__(FileIO(path))
        self._reading = reading

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size)
        self._reading.come_to(self.tell())
        return data

    def close(self) -> None:
        if not self.closed:
            self._reading.before += self.tell()
        super().close()
