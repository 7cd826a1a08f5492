"""What an Oxigraph store cannot keep: how a literal was written.

A store holds values: "01", "+1" and "1" of type xsd:integer are one term to it. The record has exact terms, so we
remember every quad whose object the store would rewrite, and can name quads as they were written.
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from aims_graph.vocabulary import RDF, XSD

# Terms of these types are kept as they are (measured with Oxigraph 0.5.13).
_KEPT: Final = frozenset(
    {XSD + "string", XSD + "anyURI", RDF + "langString", RDF + "HTML", RDF + "XMLLiteral"}
)
# Spellings that a store gives back as they are, by type; asking it takes a hundred times as long.
_CANONICAL: Final = {
    XSD + name: re.compile(pattern).fullmatch
    for name, pattern in {
        "boolean": "true|false",
        "integer": "0|-?[1-9][0-9]{0,17}",
        "decimal": "-?(?:0|[1-9][0-9]{0,8})\\.[0-9]{0,8}[1-9]",
        "date": "[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}",
        "dateTime": "[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-9]{2}:[0-9]{2}Z?",
    }.items()
}
#: Literals whose answers are remembered; then it begins anew.
_MOST_KNOWN: Final = 100_000
_SUBJECT: Final = ox.NamedNode("urn:s")
_PREDICATE: Final = ox.NamedNode("urn:p")


class Normaliser:
    """Asks a store what it makes of a literal."""

    def __init__(self) -> None:
        self._store = ox.Store()
        self._known: dict[ox.Literal, ox.Literal] = {}

    def literal(self, literal: ox.Literal) -> ox.Literal:
        if literal.language is not None:
            tag = literal.language.lower()
            return literal if tag == literal.language else self._ask(literal)
        name = literal.datatype.value
        if name in _KEPT:
            return literal
        is_canonical = _CANONICAL.get(name)
        if is_canonical is not None and is_canonical(literal.value):
            return literal
        return self._ask(literal)

    def quad(self, quad: ox.Quad) -> ox.Quad:
        if not isinstance(quad.object, ox.Literal):
            return quad
        kept = self.literal(quad.object)
        if kept == quad.object:
            return quad
        return ox.Quad(quad.subject, quad.predicate, kept, quad.graph_name)

    def _ask(self, literal: ox.Literal) -> ox.Literal:
        found = self._known.get(literal)
        if found is None:
            asked = ox.Quad(_SUBJECT, _PREDICATE, literal)
            self._store.add(asked)
            (answer,) = self._store
            self._store.remove(answer)
            assert isinstance(answer.object, ox.Literal)
            found = self._known[literal] = answer.object
            if len(self._known) > _MOST_KNOWN:
                self._known.clear()
        return found


class Spellings:
    """For each quad of the store that stands for quads spelled otherwise: all of those, itself included if it
    is one. Quads that are exactly as the store has them, and alone, are not here.
    """

    def __init__(self, exact: Iterable[ox.Quad] = ()) -> None:
        self.normaliser = Normaliser()
        self._of: dict[ox.Quad, set[ox.Quad]] = {}
        self._literals: dict[ox.Literal, set[ox.Literal]] = {}
        for quad in exact:
            self._note(self.normaliser.quad(quad), quad)

    def __iter__(self) -> Iterator[ox.Quad]:
        for quads in self._of.values():
            yield from quads

    def exact(self, kept: ox.Quad) -> set[ox.Quad]:
        """The recorded quads that a quad of the store stands for."""
        return self._of.get(kept, {kept})

    def literal(self, kept: ox.Literal) -> ox.Literal:
        """How the record writes a value, when it writes it in one way only; otherwise as the store does."""
        ways = self._literals.get(kept, {kept})
        return next(iter(ways)) if len(ways) == 1 else kept

    def add(self, quad: ox.Quad, store: ox.Store) -> ox.Quad:
        """Notes a quad that is about to be added; returns the one that the store will hold."""
        kept = self.normaliser.quad(quad)
        if kept in self._of:
            self._note(kept, quad)
        elif kept != quad:
            if kept in store:
                self._note(kept, kept)
            self._note(kept, quad)
        return kept

    def remove(self, quad: ox.Quad) -> ox.Quad | None:
        """Forgets a quad; returns the one to take out of the store, None while it stands for others."""
        kept = self.normaliser.quad(quad)
        ways = self._of.get(kept)
        if ways is None:
            return kept if kept == quad else None
        ways.discard(quad)
        if ways and ways != {kept}:
            return None
        del self._of[kept]
        return None if ways else kept

    def _note(self, kept: ox.Quad, quad: ox.Quad) -> None:
        self._of.setdefault(kept, set()).add(quad)
        if isinstance(kept.object, ox.Literal) and isinstance(quad.object, ox.Literal):
            self._literals.setdefault(kept.object, set()).add(quad.object)


def read_spellings(path: Path) -> Spellings:
    """Of a file that ``write_spellings`` wrote; empty when there is none."""
    if not path.exists():
        return Spellings()
    return Spellings(ox.parse(path.read_bytes(), format=ox.RdfFormat.N_QUADS))


def write_spellings(spellings: Spellings, path: Path) -> None:
    path.write_text("".join(f"{quad} .\n" for quad in spellings), encoding="utf-8")
