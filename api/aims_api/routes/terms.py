"""The vocabulary, the standard's catalogue, the rules: as documents and term by term, for everybody."""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from html import escape
from pathlib import Path as FilePath
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Request, Response
from pyoxigraph import BlankNode, NamedNode, Triple

from aims_api.access import PUBLIC
from aims_api.negotiation import HTML, RDF_FORMATS, choose, write_graph
from aims_api.problems import ProblemError
from aims_graph.assessment import load_shapes
from aims_graph.columns import Columns, load
from aims_graph.columns.reader import Reader
from aims_graph.resources import folder, ontology_files
from aims_graph.vocabulary import AIMS, BASE, ISO42001, SHAPES

router = APIRouter(tags=["vocabulary"])

_BASES: Final[Mapping[str, str]] = {"ns": AIMS, "iso42001": ISO42001, "shapes": SHAPES}
_ANSWER: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {media_type: {} for media_type in (HTML, *RDF_FORMATS)}}
}
_HEADER: Final = re.compile(r"<([^<>]+)> a owl:Ontology")


@lru_cache(maxsize=1)
def _ontology() -> Columns:
    """Without anybody's licensed text: this is what everybody may read."""
    ours = folder("ontology")
    return load([path for path in ontology_files() if path.is_relative_to(ours)])


@lru_cache(maxsize=1)
def _modules() -> dict[str, FilePath]:
    """Files of ontology and rules by the IRIs in their headers."""
    files = [*folder("ontology").rglob("*.ttl"), *folder("shapes").glob("*.ttl")]
    found = {}
    for path in files:
        header = _HEADER.search(path.read_text(encoding="utf-8"))
        if header is not None:
            found[header.group(1)] = path
    return found


@lru_cache(maxsize=1)
def _rules() -> Columns:
    return load_shapes()


def _graph(document: str) -> Columns:
    return _rules() if document == "shapes" else _ontology()


@router.get(
    "/ontology/{module:path}", responses=_ANSWER, response_class=Response, openapi_extra=PUBLIC
)
def read_module(
    request: Request,
    module: Annotated[
        str, Path(description="Name of the module.", examples=["core"], max_length=200)
    ],
) -> Response:
    """A module of the ontology, at the path of its IRI; ``aims`` imports them all."""
    path = _modules().get(f"{BASE}ontology/{module}")
    if path is None:
        raise ProblemError(404, "not-found", "there is no such module")
    return _respond(request, module, _triples(load([path])))


def _triples(graph: Columns) -> list[Triple]:
    return [Triple(s, p, o) for s, p, o in graph.triples()]  # type: ignore[arg-type]


def _document(document: str) -> Callable[..., Response]:
    def read(request: Request) -> Response:
        triples = _described(_graph(document), _BASES[document], exact=False)
        return _respond(request, document, triples)

    return read


def _term(document: str, example: str) -> Callable[..., Response]:
    def read(
        request: Request,
        term: Annotated[
            str,
            Path(description="Local name of the term.", examples=[example], max_length=200),
        ],
    ) -> Response:
        module = _modules().get(f"{BASE}{document}/{term}")
        if module is not None:
            return _respond(request, term, _triples(load([module])))
        try:
            iri = NamedNode(_BASES[document] + term)
        except ValueError:
            raise ProblemError(404, "not-found", "there is no such term") from None
        triples = _described(_graph(document), iri.value, exact=True)
        if not triples:
            raise ProblemError(404, "not-found", "there is no such term")
        return _respond(request, iri.value, triples)

    return read


# An address each, not a parameter: other addresses of one or two parts are other things.
for _name, _about, _example in (
    ("ns", "The vocabulary", "AISystem"),
    ("iso42001", "Clauses and controls of the standard", "6.1.3"),
    ("shapes", "The rules", "SystemHasOwner"),
):
    router.get(
        f"/{_name}",
        name=f"read_{_name}",
        summary=f"{_about}: all terms",
        description="As a page, or RDF as the Accept header asks; for everybody.",
        responses=_ANSWER,
        response_class=Response,
        openapi_extra=PUBLIC,
    )(_document(_name))
    router.get(
        f"/{_name}/{{term}}",
        name=f"read_{_name}_term",
        summary=f"{_about}: one term, at the path of its IRI",
        description="As a page, or RDF as the Accept header asks; for everybody.",
        responses=_ANSWER,
        response_class=Response,
        openapi_extra=PUBLIC,
    )(_term(_name, _example))


def _described(graph: Columns, start: str, *, exact: bool) -> list[Triple]:
    """Statements about the IRIs that begin so, and about the blank nodes these lead to."""
    by_subject: dict[object, list[Triple]] = {}
    for s, p, o in graph.triples():
        by_subject.setdefault(s, []).append(Triple(s, p, o))  # type: ignore[arg-type]
    waiting: list[object] = [
        s
        for s in by_subject
        if isinstance(s, NamedNode) and (s.value == start if exact else s.value.startswith(start))
    ]
    found: dict[object, list[Triple]] = {}
    while waiting:
        subject = waiting.pop()
        if subject not in found and subject in by_subject:
            found[subject] = by_subject[subject]
            waiting += [t.object for t in by_subject[subject] if isinstance(t.object, BlankNode)]
    return [triple for triples in found.values() for triple in triples]


def _respond(request: Request, title: str, triples: list[Triple]) -> Response:
    media_type = choose(request.headers.get("accept"), ["text/turtle", HTML, *RDF_FORMATS])
    headers = {"Vary": "Accept", "Cache-Control": "public, max-age=3600"}
    if media_type == HTML:
        body = _page(title, triples).encode()
    else:
        body = write_graph(triples, media_type)
    return Response(body, headers=headers, media_type=media_type)


def _page(title: str, triples: Iterable[Triple]) -> str:
    reader = Reader(_ontology())
    rows = "".join(
        f"<tr><td>{escape(str(t.subject))}</td><td>{escape(reader.label(t.predicate))}</td>"
        f"<td>{escape(getattr(t.object, 'value', str(t.object)))}</td></tr>"
        for t in sorted(triples, key=str)
    )
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f"</head><body><main><h1>{escape(title)}</h1><table><tr><th>Term</th><th>Says</th>"
        f"<th>Value</th></tr>{rows}</table></main></body></html>\n"
    )
