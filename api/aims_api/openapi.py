"""OpenAPI with what the routes need: the right that each takes, and how callers show who they are."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from fastapi import APIRouter, FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from aims_api.access import Needs
from aims_api.callers import Permission
from aims_api.problems import Problem

RIGHT: Final = "x-permission"
_SCHEMES: Final = {
    "key": {"type": "http", "scheme": "bearer", "description": "An API key or an OIDC token."},
    "basic": {"type": "http", "scheme": "basic", "description": "An API key as the password."},
    "session": {"type": "apiKey", "in": "cookie", "name": "aims_session"},
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
            schema = made()
            components = schema.setdefault("components", {})
            components["securitySchemes"] = _SCHEMES
            model = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
            components.setdefault("schemas", {}).setdefault("Problem", model)
            for route in _api_routes(routers):
                right = permission_of(route.dependant)
                for method in route.methods or ():
                    operation = schema["paths"][route.path_format].get(method.lower())
                    if operation is not None and right is not None:
                        operation[RIGHT] = right
                        operation["security"] = [{name: []} for name in _SCHEMES]
        assert app.openapi_schema is not None
        return app.openapi_schema

    app.openapi = complete  # type: ignore[method-assign]


def _api_routes(routers: Iterable[APIRouter]) -> Iterator[APIRoute]:
    for router in routers:
        for route in router.routes:
            if isinstance(route, APIRoute) and route.include_in_schema:
                yield route
