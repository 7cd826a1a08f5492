"""OpenAPI with what the routes need: the right that each takes, and how callers show who they are."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from fastapi import APIRouter, FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from aims_api.access import Needs
from aims_api.callers import Permission
from aims_api.openapi_examples import add_examples
from aims_api.openapi_problems import add_problems, problem_components
from aims_api.problems import Problem

RIGHT: Final = "x-permission"
_SCHEMES: Final = {
    "key": {"type": "http", "scheme": "bearer", "description": "An API key or an OIDC token."},
    "basic": {"type": "http", "scheme": "basic", "description": "An API key as the password."},
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "aims_session",
        "description": "Begun by POST /session; what changes something also sends X-CSRF-Token.",
    },
}
TAGS: Final[Mapping[str, str]] = {
    "compliance": "Where the organization stands, what would change it, whether a system may go on.",
    "findings": "What is wrong or unknown, why, and what would end it.",
    "records": "Systems, risks, controls, evidence and the other things that are recorded.",
    "audit": "Internal audits, from beginning to sign-off.",
    "documents": "What is taken away: for reading, for spreadsheets, for auditors.",
    "events": "Findings as they appear, change and close.",
    "journal": "Who changed what, when and why.",
    "sparql": "SPARQL 1.1 Protocol and Graph Store Protocol.",
    "queries": "Questions of the catalogue, each an address with typed parameters.",
    "inference": "What follows from the data, and by which steps.",
    "vocabulary": "Ontology, clauses and controls, rules: each term at the path of its IRI.",
    "access": "Keys and sessions.",
    "service": "Health, measures, and this description.",
}


def permission_of(dependant: Dependant) -> str | None:
    """The right that a route asks for, by its dependencies; what goes beyond reading, if anything does."""
    found = sorted(_permissions(dependant), key=lambda right: right is Permission.READ)
    return found[0].value if found else None


def _permissions(dependant: Dependant) -> Iterator[Permission]:
    for inner in dependant.dependencies:
        if isinstance(inner.call, Needs):
            yield inner.call.permission
        yield from _permissions(inner)


def describe(app: FastAPI, routers: Iterable[APIRouter]) -> None:
    """Replaces the app's description by a complete one, made when it is first asked for."""
    made = app.openapi

    def complete() -> dict[str, Any]:
        if app.openapi_schema is None:
            _complete(made(), routers)
        assert app.openapi_schema is not None
        return app.openapi_schema

    app.openapi = complete  # type: ignore[method-assign]


def _complete(schema: dict[str, Any], routers: Iterable[APIRouter]) -> None:
    schema["tags"] = [{"name": name, "description": text} for name, text in TAGS.items()]
    components = schema.setdefault("components", {})
    components["securitySchemes"] = _SCHEMES
    components["responses"] = problem_components()
    schemas = components.setdefault("schemas", {})
    schemas["Problem"] = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    for name in ("HTTPValidationError", "ValidationError"):  # of errors that are not answered so
        schemas.pop(name, None)
    for route in api_routes(routers):
        if not route.include_in_schema:
            continue
        right = permission_of(route.dependant)
        for method in map(str.lower, route.methods or ()):
            operation = schema["paths"][route.path_format].get(method)
            if operation is None:
                continue
            if right is not None:
                operation[RIGHT] = right
                operation["security"] = [{name: []} for name in _SCHEMES]
            add_problems(operation, route.path_format, method, right)
            add_examples(operation, route.path_format, method, schema)


def api_routes(routers: Iterable[APIRouter]) -> Iterator[APIRoute]:
    for router in routers:
        for route in router.routes:
            if isinstance(route, APIRoute):
                yield route
