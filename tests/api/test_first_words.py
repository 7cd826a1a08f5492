"""Routes found by the first word of a path are those that the app would find one after the other."""

from collections.abc import Iterator

import pytest
from fastapi.routing import APIRoute
from hypothesis import given
from hypothesis import strategies as st
from starlette.routing import Match, NoMatchFound

from aims_api.first_words import FirstWords
from aims_api.openapi import api_routes
from aims_api.pages.routing import ROUTERS as PAGES
from aims_api.routes import ROUTERS

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


@pytest.fixture(scope="module")
def routes() -> list[APIRoute]:
    return list(api_routes((*PAGES, *ROUTERS)))


def scope_of(method: str, path: str, root: str = "") -> dict[str, object]:
    return {"type": "http", "method": method, "path": path, "root_path": root, "headers": []}


def one_by_one(routes: list[APIRoute], method: str, path: str) -> APIRoute | None:
    full = (r for r in routes if r.matches(scope_of(method, path))[0] is Match.FULL)
    return next(full, None)


def found(routes: list[APIRoute], method: str, path: str) -> APIRoute | None:
    match, child = FirstWords(routes).matches(scope_of(method, path))
    assert match in (Match.FULL, Match.NONE)
    return child.get("route")


def paths_of(routes: list[APIRoute]) -> Iterator[str]:
    for route in routes:
        yield route.path_format.format(**dict.fromkeys(route.param_convertors, "systems"))


def test_every_route_is_found(routes):
    assert len(routes) > 150
    for path in paths_of(routes):
        for method in METHODS:
            assert found(routes, method, path) is one_by_one(routes, method, path), (method, path)


def test_any_path_leads_where_it_would_have_led(routes):
    words = sorted({word for path in paths_of(routes) for word in path.split("/")})
    some = st.lists(st.sampled_from([*words, "", "x", "a b", "é"]), max_size=5).map("/".join)

    @given(st.sampled_from(METHODS), some, st.booleans())
    def check(method, path, slash):
        path = "/" + path + "/" * slash
        assert found(routes, method, path) is one_by_one(routes, method, path)

    check()


def test_what_fits_by_its_path_only_is_left_to_the_app(client, routes):
    assert found(routes, "DELETE", "/status") is None
    answer = client.delete("/status")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET"
    assert client.get("/status/").status_code in (401, 404)


def test_below_another_address_the_app_looks_itself(routes):
    match, _ = FirstWords(routes).matches(scope_of("GET", "/status", root="/aims"))
    assert match is Match.NONE
    assert FirstWords(routes).matches({"type": "websocket", "path": "/status"})[0] is Match.NONE
    with pytest.raises(NoMatchFound):
        FirstWords(routes).url_path_for("status")


def test_the_measures_name_a_page_by_its_whole_address(admin):
    admin.get("/pages/sign-in")
    assert 'route="/pages/sign-in"' in admin.get("/metrics").text
