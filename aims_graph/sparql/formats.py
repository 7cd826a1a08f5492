"""Result formats by media type and short name, and which of them a request accepts."""

from typing import Final

import pyoxigraph as ox

from aims_graph.errors import InputError

#: Of SELECT and ASK.
SOLUTIONS: Final = {
    "application/sparql-results+json": ox.QueryResultsFormat.JSON,
    "application/sparql-results+xml": ox.QueryResultsFormat.XML,
    "text/csv": ox.QueryResultsFormat.CSV,
    "text/tab-separated-values": ox.QueryResultsFormat.TSV,
}
#: Of CONSTRUCT and DESCRIBE.
GRAPHS: Final = {
    "text/turtle": ox.RdfFormat.TURTLE,
    "application/n-triples": ox.RdfFormat.N_TRIPLES,
    "application/ld+json": ox.RdfFormat.JSON_LD,
    "application/rdf+xml": ox.RdfFormat.RDF_XML,
}
_NAMES: Final = {
    "json": ("application/sparql-results+json", "application/ld+json"),
    "xml": ("application/sparql-results+xml", "application/rdf+xml"),
    "csv": ("text/csv", "text/turtle"),
    "tsv": ("text/tab-separated-values", "text/turtle"),
    "turtle": ("application/sparql-results+json", "text/turtle"),
    "ntriples": ("application/sparql-results+json", "application/n-triples"),
    "jsonld": ("application/sparql-results+json", "application/ld+json"),
}
_ALSO: Final = {
    "application/json": ("application/sparql-results+json", "application/ld+json"),
    "application/xml": ("application/sparql-results+xml", "application/rdf+xml"),
    "text/xml": ("application/sparql-results+xml", "application/rdf+xml"),
    "text/plain": ("text/tab-separated-values", "application/n-triples"),
}
_DEFAULT: Final = ("application/sparql-results+json", "text/turtle")


def choose_formats(accept: str | None) -> tuple[str, str]:
    """Media types for solutions and for graphs, from a short name or an Accept header (RFC 9110, 12.5.1).

    Raises InputError when nothing that is accepted can be written.
    """
    if accept is None or not accept.strip():
        return _DEFAULT
    if accept in _NAMES:
        return _NAMES[accept]
    wanted = _by_preference(accept)
    solutions = next((s for part in wanted if (s := _match(part, SOLUTIONS, 0))), None)
    graph = next((g for part in wanted if (g := _match(part, GRAPHS, 1))), None)
    if solutions is None and graph is None:
        known = ", ".join([*SOLUTIONS, *GRAPHS])
        raise InputError(f"no result format fits {accept!r}", hint=f"Known: {known}")
    return solutions or _DEFAULT[0], graph or _DEFAULT[1]


def _by_preference(accept: str) -> list[str]:
    weighted = []
    for place, part in enumerate(accept.split(",")):
        media_type, quality = read_media_range(part)
        if quality > 0:
            weighted.append((-quality, place, media_type))
    return [media_type for _, _, media_type in sorted(weighted)]


def read_media_range(part: str) -> tuple[str, float]:
    """One part of an Accept header: its media type, and its weight from 0 to 1."""
    media_type, *parameters = (piece.strip().lower() for piece in part.split(";"))
    quality = 1.0
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name == "q":
            try:
                quality = min(1.0, max(0.0, float(value)))
            except ValueError:
                quality = 0.0
    return media_type, quality


def _match(
    wanted: str, known: dict[str, ox.QueryResultsFormat] | dict[str, ox.RdfFormat], place: int
) -> str | None:
    if wanted in known:
        return wanted
    if wanted in _ALSO:
        return _ALSO[wanted][place]
    if wanted == "*/*":
        return _DEFAULT[place]
    kind, _, sub = wanted.partition("/")
    return (
        next((name for name in known if name.startswith(kind + "/")), None) if sub == "*" else None
    )
