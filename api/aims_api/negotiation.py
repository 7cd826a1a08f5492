"""Formats by media type: which one an Accept header prefers, and graphs written in it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import pyoxigraph as ox

from aims_api.problems import ProblemError
from aims_graph.sparql.formats import read_media_range
from aims_graph.vocabulary import PREFIXES

JSON: Final = "application/json"
HTML: Final = "text/html"
RDF_FORMATS: Final[Mapping[str, ox.RdfFormat]] = {
    "text/turtle": ox.RdfFormat.TURTLE,
    "application/ld+json": ox.RdfFormat.JSON_LD,
    "application/rdf+xml": ox.RdfFormat.RDF_XML,
    "application/n-triples": ox.RdfFormat.N_TRIPLES,
}
#: What a body may be; the names are those of patches.
BODIES: Final[Mapping[str, str]] = {
    "text/turtle": "turtle",
    "application/x-turtle": "turtle",
    "application/trig": "trig",
    "application/n-triples": "ntriples",
    "application/n-quads": "nquads",
    "application/ld+json": "jsonld",
    "application/rdf+xml": "rdfxml",
}


def choose(accept: str | None, offered: Sequence[str]) -> str:
    """RFC 9110, 12.5.1. The first one offered when anything goes. Raises ProblemError 406."""
    if not accept:
        return offered[0]
    best: tuple[float, int] = (0.0, -len(offered))
    chosen = None
    ranges = [read_media_range(part) for part in accept.split(",")]
    for place, media_type in enumerate(offered):
        matching = [
            (specific, quality)
            for wanted, quality in ranges
            if (specific := _specificity(wanted, media_type)) > 0
        ]
        quality = max(matching, default=(0, 0.0))[1]
        if (quality, -place) > best and quality > 0:
            best, chosen = (quality, -place), media_type
    if chosen is None:
        raise ProblemError(406, "not-acceptable", f"offered: {', '.join(offered)}")
    return chosen


def _specificity(wanted: str, media_type: str) -> int:
    if wanted == media_type:
        return 3
    if wanted.endswith("/*") and media_type.startswith(wanted[:-1]) and wanted != "*/*":
        return 2
    return 1 if wanted == "*/*" else 0


def body_format(content_type: str | None) -> str:
    """Raises ProblemError 415 with what is accepted."""
    media_type = (content_type or "").partition(";")[0].strip().lower()
    if media_type not in BODIES:
        raise ProblemError(
            415,
            "unsupported-media-type",
            f"accepted: {', '.join(BODIES)}",
            headers={"Accept-Post": ", ".join(BODIES)},
        )
    return BODIES[media_type]


def write_graph(quads: Iterable[ox.Quad | ox.Triple], media_type: str) -> bytes:
    """As triples, each once."""
    triples = dict.fromkeys(ox.Triple(q.subject, q.predicate, q.object) for q in quads)
    data = ox.serialize(triples, format=RDF_FORMATS[media_type], prefixes=dict(PREFIXES))
    assert data is not None
    return data
