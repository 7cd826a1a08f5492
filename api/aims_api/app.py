"""The service over one workspace."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from aims_api import beforehand, problems
from aims_api.boundary import Boundary
from aims_api.core import Core
from aims_api.first_words import FirstWords
from aims_api.openapi import api_routes, describe
from aims_api.pages.routing import ROUTERS as PAGES
from aims_api.repeating import Repeating
from aims_api.routes import ROUTERS
from aims_api.settings import Settings
from aims_graph import __version__
from aims_graph.workspace import Workspace

_DESCRIPTION = """\
State of an AI management system (ISO/IEC 42001), its records, questions and events.

Give an API key or an OIDC token as `Authorization: Bearer …`. Every answer holds only what the named
graphs hold that the caller may read. Errors are problem details (RFC 9457).
"""


def create_app(workspace: Workspace, *, settings: Settings | None = None) -> FastAPI:
    """``settings`` default to those of the workspace. The app owns a thread while it runs."""
    core = Core(workspace, settings or Settings.read(workspace.path))
    core.snapshots.starters.append(beforehand.work_out)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        core.start()
        yield
        core.close()

    app = FastAPI(
        title="AIMS Graph",
        version=__version__,
        description=_DESCRIPTION,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        separate_input_output_schemas=False,
    )
    app.state.core = core
    problems.register(app)
    # First: addresses of records begin with any word.
    routers = (*PAGES, *ROUTERS)
    app.router.routes.append(FirstWords(api_routes(routers)))
    for router in routers:
        app.include_router(router)
    describe(app, ROUTERS)
    app.add_middleware(Repeating, snapshots=core.snapshots, written=core.written)
    app.add_middleware(Boundary, settings=core.settings, measures=core.measures)
    return app
