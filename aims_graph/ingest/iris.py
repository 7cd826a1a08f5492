"""IRIs and constant terms as people write them: prefixed names, ``<…>``, slugs, plain values."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

import pyoxigraph as ox

from aims_graph.vocabulary import PREFIXES, XSD

Term = ox.NamedNode | ox.Literal

_MORE: Final = {
    "foaf": "http://xmlns.com/foaf/0.1/",
    "dcat": "http://www.w3.org/ns/dcat#",
    "org": "http://www.w3.org/ns/org#",
    "schema": "https://schema.org/",
}
KNOWN_PREFIXES: Final[Mapping[str, str]] = PREFIXES | _MORE

#: What a table cell may name; ``javascript:`` and ``data:`` would become live links in a page.
_CELL_SCHEMES: Final = re.compile(r"(?:https?://[^/\s]|urn:|mailto:)", re.IGNORECASE)
_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_PREFIXED: Final = re.compile(r"([A-Za-z][\w.-]*)?:([^\s<>\"{}|^`\\]*)")
_INTEGER: Final = re.compile(r"[+-]?\d{1,18}")
_DECIMAL: Final = re.compile(r"[+-]?\d{0,30}\.\d{1,30}")
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d")


def slugify(text: str) -> str:
    """Lower-case words joined with hyphens; letters of every script are kept, accents are not.
    Empty when the text holds no letter or digit.
    """
    plain = "".join(
        char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char)
    )
    words = re.findall(r"[^\W_]+", unicodedata.normalize("NFC", plain).casefold())
    return "-".join(words)


def encode(text: str) -> str:
    return quote(text, safe="")


def cell_iri(text: str) -> ox.NamedNode | None:
    """The IRI a cell holds, or None; only schemes that are safe to show as a link."""
    return _node(text) if _CELL_SCHEMES.match(text) else None


def _node(text: str) -> ox.NamedNode | None:
    try:
        return ox.NamedNode(text)
    except ValueError:
        return None


class Names:
    """Resolves names against a base and prefixes."""

    def __init__(self, base: str, prefixes: Mapping[str, str]) -> None:
        self.base = base
        self.prefixes = {**KNOWN_PREFIXES, **prefixes}

    def iri(self, text: str) -> ox.NamedNode | None:
        """``<iri>`` or a prefixed name whose prefix is declared; else None."""
        if text.startswith("<") and text.endswith(">"):
            return _node(text[1:-1])
        return self.prefixed(text)

    def prefixed(self, text: str) -> ox.NamedNode | None:
        match = _PREFIXED.fullmatch(text)
        if match is None or (match[1] or "") not in self.prefixes:
            return None
        return _node(self.prefixes[match[1] or ""] + match[2])

    def absolute(self, text: str) -> ox.NamedNode | None:
        """An IRI made by a template: prefixed name, absolute, or relative to the base.

        Dot segments are kept out: an id ``../x`` must not climb out of the base.
        """
        named = self.prefixed(text)
        if named is not None:
            return named
        full = text if _SCHEME.match(text) else self.base + text
        if any(segment in (".", "..") for segment in full.split("#")[0].split("/")):
            return None
        return _node(full)

    def constant(self, text: str, *, quoted: bool) -> Term | None:
        """An IRI; or, unquoted, a boolean, number or ISO date; else a string.

        None when it looks like a prefixed name or ``<iri>`` but is none.
        """
        if text.startswith("<") and text.endswith(">"):
            return self.iri(text)
        named = self.prefixed(text)
        if named is not None:
            return named
        if not quoted:
            for pattern, datatype in (
                (_INTEGER, "integer"),
                (_DECIMAL, "decimal"),
                (_DATE, "date"),
            ):
                if pattern.fullmatch(text):
                    return ox.Literal(text, datatype=ox.NamedNode(XSD + datatype))
            if text in ("true", "false"):
                return ox.Literal(text, datatype=ox.NamedNode(XSD + "boolean"))
            if re.fullmatch(r"[a-z][\w-]*:[A-Za-z][\w.-]*", text):
                return None
        return ox.Literal(text)
