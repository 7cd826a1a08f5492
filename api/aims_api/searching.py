"""Simple full text: all words, anywhere in label, identifier or description."""

import unicodedata
from typing import Final

from pyoxigraph import NamedNode

from aims_api.evaluation import Snapshot
from aims_api.things import CLASSES, members
from aims_graph.columns.reader import LABELS
from aims_graph.vocabulary import DCT, RDFS

TEXTS: Final = tuple(
    NamedNode(iri)
    for iri in (RDFS + "label", DCT + "title", DCT + "identifier", DCT + "description")
)


def search(snapshot: Snapshot, kind: str, words: str | None) -> list[NamedNode]:
    """By label; all when there are no words. Accents and case make no difference."""
    found = snapshot.once(
        ("texts", kind), lambda of: _read_texts(of, kind), (*CLASSES, *LABELS, *TEXTS)
    )
    wanted = plain(words or "").split()
    return [node for node, text in found if all(word in text for word in wanted)]


def is_ready(snapshot: Snapshot, kind: str) -> bool:
    """Whether what is searched has been read."""
    return snapshot.known(("texts", kind)) is not None


def _read_texts(snapshot: Snapshot, kind: str) -> list[tuple[NamedNode, str]]:
    reader = snapshot.reader
    found = [
        (
            reader.label(node).casefold(),
            node,
            plain(" ".join([key, *(reader.text(node, text) for text in TEXTS)])),
        )
        for node, key in members(snapshot, kind).items()
        if isinstance(node, NamedNode)
    ]
    found.sort(key=lambda item: (item[0], item[1].value))
    return [(node, text) for _, node, text in found]


def plain(text: str) -> str:
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(part for part in parts if not unicodedata.combining(part))
