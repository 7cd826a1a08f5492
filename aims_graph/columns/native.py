"""Reading with the native parser: any format, some microseconds a triple, and the last word on
what is wrong.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from operator import attrgetter
from pathlib import Path
from typing import Final, NoReturn

import numpy as np
from numpy.typing import NDArray
from pyoxigraph import RdfFormat, parse

from aims_graph.errors import InputError

from .guards import check_document, check_encoding, find_remote_context, find_unsupported_term
from .labels import BlankLabels
from .relations import TripleCollector
from .terms import Ids, Term, TermDictionary

#: Triples that are held as Python objects at a time.
BATCH: Final = 100_000

_POSITION: Final = re.compile(r"^Parser error at line \d+ (?:column \d+|between [^:]*): ")
_TRIPLE: Final = attrgetter("subject", "predicate", "object")


@dataclass(frozen=True, slots=True)
class Target:
    """A file that is being read, and where its terms and triples go."""

    path: Path
    syntax: RdfFormat
    base: str | None
    terms: TermDictionary
    triples: TripleCollector
    labels: BlankLabels


def read_document(target: Target, data: bytes) -> None:
    check_document(target.path, data, target.syntax)
    try:
        _read(target, data)
    except SyntaxError as error:
        _fail(target.path, error, error.lineno, data)


def read_lines(target: Target, data: bytes, numbers: NDArray[np.int64]) -> None:
    """Lines of N-Triples or N-Quads whose numbers in the file, from 0, are given."""
    try:
        data.decode()
    except UnicodeDecodeError:
        check_encoding(target.path, target.path.read_bytes())  # names the offset in the whole file
    try:
        check_document(target.path, data, target.syntax)
        _read(target, data)
    except SyntaxError as error:
        _fail(target.path, error, int(numbers[(error.lineno or 1) - 1]) + 1, data)
    except InputError as error:
        if error.line is not None:
            error.line = int(numbers[error.line - 1]) + 1
        raise


def _read(target: Target, data: bytes) -> None:
    for batch, ids in _batches(data, target.syntax, target.base):
        found = [target.labels.rename(term) for term in batch]
        _check_terms(target.path, data, found)
        target.triples.add(target.terms.add_all(found)[ids])


def _batches(data: bytes, syntax: RdfFormat, base: str | None) -> Iterator[tuple[list[Term], Ids]]:
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
