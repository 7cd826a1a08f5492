"""The catalogue of questions: listed, described, and each an address with typed parameters."""

import inspect
from collections.abc import Awaitable, Callable
from datetime import date
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel

from aims_api.access import CoreOf, Reading
from aims_api.answering import asking
from aims_api.negotiation import JSON, choose
from aims_api.problems import ProblemError
from aims_api.routes.sparql import ANSWERS, answer_to
from aims_api.things import node_of
from aims_graph.errors import InputError
from aims_graph.resources import folder
from aims_graph.sparql import Parameter, find_query, read_catalogue
from aims_graph.sparql import Query as CatalogueQuery

router = APIRouter(tags=["queries"])

CATALOGUE: Final = read_catalogue(folder("queries"))
_TYPES: Final[dict[str, Any]] = {
    "iri": str, "string": str, "date": date, "integer": int, "boolean": bool, "decimal": float,
}  # fmt: skip


QueryName = Annotated[str, Path(description="Name in the catalogue.", examples=["untreated-risks"])]
_EXAMPLES: Final[dict[str, Any]] = {
    "requirement": "https://w3id.org/aims-graph/iso42001#6.1.3",
    "dataset": "https://shop.example/aims#routing-train",
    "system": "https://shop.example/aims#recommender",
    "before": "2027-06-30",
}


class ParameterRow(BaseModel):
    name: str
    type: str
    required: bool
    description: str


class ColumnRow(BaseModel):
    name: str
    description: str


class QueryRow(BaseModel):
    name: str
    title: str
    description: str
    clauses: list[str]
    parameters: list[ParameterRow]
    columns: list[ColumnRow]
    text: str


@router.get("/queries", response_model=list[QueryRow])
def list_queries(_: Reading) -> list[dict[str, Any]]:
    """All questions of the catalogue."""
    return [_row(query) for query in CATALOGUE.values()]


@router.get(
    "/queries/{name}",
    response_model=QueryRow,
    responses={200: {"content": {"application/sparql-query": {}}}},
)
def read_query(request: Request, name: QueryName, _: Reading) -> Response:
    """One question: described, or its SPARQL text."""
    try:
        query = find_query(CATALOGUE, name)
    except InputError as error:
        raise ProblemError(404, "not-found", error.message) from None
    media_type = choose(request.headers.get("accept"), [JSON, "application/sparql-query"])
    if media_type == JSON:
        text = QueryRow.model_validate(_row(query)).model_dump_json()
        return Response(text, media_type=media_type)
    return Response(query.text, media_type=media_type)


def _row(query: CatalogueQuery) -> dict[str, Any]:
    return {
        "name": query.name,
        "title": query.title,
        "description": query.description,
        "clauses": list(query.clauses),
        "parameters": [
            {"name": p.name, "type": p.type, "required": p.required, "description": p.description}
            for p in query.parameters
        ],
        "columns": [{"name": c.name, "description": c.description} for c in query.columns],
        "text": query.text,
    }


def _endpoint(query: CatalogueQuery) -> Callable[..., Awaitable[Response]]:
    """A function with the parameters of the query, so that they are checked and documented by type."""

    async def endpoint(request: Request, core: CoreOf, caller: Reading, **given: Any) -> Response:
        values = {name: _text(value) for name, value in given.items() if value is not None}
        for parameter in query.parameters:
            if parameter.type == "iri" and parameter.name in values:
                node = node_of(values[parameter.name])
                if node is None:
                    raise ProblemError(422, "validation-failed", f"{parameter.name} is no IRI")
                values[parameter.name] = node.value
        return await asking(core, answer_to, core, caller, query.bind(values), request)

    fixed = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=annotation)
        for name, annotation in (("request", Request), ("core", CoreOf), ("caller", Reading))
    ]
    own = [_parameter(parameter) for parameter in query.parameters]
    endpoint.__signature__ = inspect.Signature([*fixed, *own])  # type: ignore[attr-defined]
    endpoint.__name__ = "ask_" + query.name.replace("-", "_")
    endpoint.__doc__ = query.description
    return endpoint


def _parameter(parameter: Parameter) -> inspect.Parameter:
    kind = _TYPES[parameter.type]
    about = Query(
        description=parameter.description,
        max_length=2000 if kind is str else None,
        examples=[_EXAMPLES[parameter.name]] if parameter.name in _EXAMPLES else None,
    )
    annotation: Any = Annotated[kind if parameter.required else kind | None, about]
    default = inspect.Parameter.empty if parameter.required else None
    return inspect.Parameter(
        parameter.name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation
    )


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


for _query in CATALOGUE.values():
    router.get(
        f"/queries/{_query.name}/results",
        summary=_query.title,
        responses=ANSWERS,
        response_class=Response,
    )(_endpoint(_query))
