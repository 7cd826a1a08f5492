"""Simple full text: all words, anywhere in label, identifier or description."""

import unicodedata
from typing import Final

from pyoxigraph import NamedNode

from aims_api.evaluation import Snapshot
from aims_api.things import members
from aims_graph.vocabulary import DCT, RDFS

_TEXTS: Final = tuple(
    NamedNode(iri)
    for iri in (RDFS + "label", DCT + "title", DCT + "identifier", DCT + "description")
)


def search(snapshot: Snapshot, kind: str, words: str | None) -> list[NamedNode]:
    """By label; all when there are no words. Accents and case make no difference."""
    found: list[tuple[str, NamedNode, str]] | None = snapshot.cache.get(("texts", kind))
    if found is None:
        reader = snapshot.reader
        found = [
            (
                reader.label(node).casefold(),
                node,
                plain(" ".join([key, *(reader.text(node, text) for text in _TEXTS)])),
            )
            for node, key in members(snapshot, kind).items()
            if isinstance(node, NamedNode)
        ]
        found.sort(key=lambda item: (item[0], item[1].value))
        snapshot.cache["texts", kind] = found
    wanted = plain(words or "").split()
    return [node for _, node, text in found if all(word in text for word in wanted)]


def plain(text: str) -> str:
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(part for part in parts if not unicodedata.combining(part))
