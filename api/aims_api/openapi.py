"""OpenAPI with what the routes need: the right that each takes, and how callers show who they are."""

from collections.abc import Iterator
from typing import Any, Final

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from aims_api.access import Needs
from aims_api.problems import Problem

RIGHT: Final = "x-permission"
_SCHEMES: Final = {
    "key": {"type": "http", "scheme": "bearer", "description": "An API key or an OIDC token."},
    "basic": {"type": "http", "scheme": "basic", "description": "An API key as the password."},
    "session": {"type": "apiKey", "in": "cookie", "name": "aims_session"},
}


def permission_of(dependant: Dependant) -> str | None:
    """The right that a route asks for, by its dependencies."""
    for inner in dependant.dependencies:
        if isinstance(inner.call, Needs):
            return inner.call.permission.value
        found = permission_of(inner)
        if found is not None:
            return found
    return None


def api_routes(app: FastAPI) -> Iterator[APIRoute]:
    for route in app.routes:
        if isinstance(route, APIRoute) and route.include_in_schema:
            yield route


def describe(app: FastAPI) -> None:
    """Replaces the app's description by a complete one, made when it is first asked for."""
    made = app.openapi

    def complete() -> dict[str, Any]:
        if app.openapi_schema is None:
            schema = made()
            components = schema.setdefault("components", {})
            components["securitySchemes"] = _SCHEMES
            model = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
            components.setdefault("schemas", {}).setdefault("Problem", model)
            for route in api_routes(app):
                right = permission_of(route.dependant)
                for method in route.methods or ():
                    operation = schema["paths"][route.path_format].get(method.lower())
                    if operation is not None and right is not None:
                        operation[RIGHT] = right
                        operation["security"] = [{name: []} for name in _SCHEMES]
        assert app.openapi_schema is not None
        return app.openapi_schema

    app.openapi = complete  # type: ignore[method-assign]
