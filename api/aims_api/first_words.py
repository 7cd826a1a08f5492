"""Routes found by the first word of a path.

FastAPI tries its routes one after the other, twice for each router that was included: with some two hundred
that took longer than to make most answers.
"""

from collections.abc import Iterable
from typing import Final, NoReturn

from fastapi.routing import APIRoute
from starlette.routing import BaseRoute, Match, NoMatchFound
from starlette.types import Receive, Scope, Send


class FirstWords(BaseRoute):
    """Stands before the routes of an app and takes what one of them would take. What fits none, or one by its
    path only, is left to the app, which knows what to answer then.
    """

    def __init__(self, routes: Iterable[APIRoute]) -> None:
        words = [(_first_word(route.path_format), route) for route in routes]
        #: In the order of the app, those of a word among those that take any word.
        self._of: Final[dict[str | None, list[APIRoute]]] = {
            name: [route for word, route in words if word in (name, None)]
            for name in {None, *(word for word, _ in words)}
        }

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        if scope["type"] == "http" and not scope.get("root_path"):
            for route in self._of.get(_first_word(scope["path"]), self._of[None]):
                match, child = route.matches(scope)
                if match is Match.FULL:
                    return match, child
        return Match.NONE, {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        await scope["route"].handle(scope, receive, send)

    def url_path_for(self, name: str, /, **path_params: object) -> NoReturn:
        raise NoMatchFound(name, path_params)


def _first_word(path: str) -> str | None:
    """None: a parameter."""
    word = path.removeprefix("/").partition("/")[0]
    return None if "{" in word else word
