"""A service over a small workspace, and clients of each role."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
import uvicorn
from fastapi.testclient import TestClient
from pyoxigraph import NamedNode, Quad, RdfFormat, parse

from aims_api import Settings, create_app
from aims_api.core import Core
from aims_graph.cli.graph import expand
from aims_graph.ingest import ingest
from aims_graph.workspace import Workspace

DAY = date(2026, 6, 30)
RECORDS, SECRET = "urn:aims:source:records", "urn:aims:source:secret"
PREFIXES = """
@prefix aims: <https://w3id.org/aims-graph/ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix ex: <https://shop.example/aims#> .
"""
DATA = """
ex:pricing a aims:AISystem ; rdfs:label "Dynamic pricing"@en ; aims:owner ex:maria ;
  aims:systemStage aims:OperationAndMonitoring .
ex:maria a aims:Person ; rdfs:label "Maria López" .
ex:orders a aims:Dataset ; rdfs:label "Orders" .
ex:bias a aims:Risk ; rdfs:label "Unfair prices" .
ex:assessment a aims:RiskAssessment ; rdfs:label "Assessment of prices" ; aims:performedBy ex:erik .
"""
SECRET_DATA = """
ex:spy a aims:AISystem ; rdfs:label "Project Nightfall" ; aims:owner ex:zoe .
ex:zoe a aims:Person ; rdfs:label "Zoe Hidden" .
"""


def quads(turtle: str, graph: str = RECORDS) -> list[Quad]:
    """Parsed here: tests of what is sent over HTTP start a worker for that, these would start hundreds."""
    data = (PREFIXES + turtle).encode()
    found = parse(data, format=RdfFormat.TURTLE, rename_blank_nodes=True)
    return [Quad(q.subject, q.predicate, q.object, NamedNode(graph)) for q in found]


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    made = Workspace.create(tmp_path / "workspace")
    made.commit(quads(DATA), reason="Start", source="test", actor="somebody")
    made.commit(quads(SECRET_DATA, SECRET), reason="Hush", source="test", actor="somebody")
    return made


@pytest.fixture
def tell(workspace: Workspace) -> Callable[..., int]:
    """Commits Turtle with the usual prefixes; gives the number of the entry."""

    def commit(turtle: str, graph: str = RECORDS, reason: str = "x") -> int:
        return workspace.commit(quads(turtle, graph), reason=reason, source="test").sequence

    return commit


@pytest.fixture
def settings() -> Settings:
    return Settings(day=DAY, rate=10_000, burst=100_000, anonymous_burst=10_000)


@pytest.fixture
def client(workspace: Workspace, settings: Settings) -> Iterator[TestClient]:
    """Without a credential."""
    with TestClient(create_app(workspace, settings=settings)) as found:
        yield found


@pytest.fixture
def core(client: TestClient) -> Core:
    return client.app.state.core


Login = Callable[..., TestClient]


@pytest.fixture
def login(client: TestClient, core: Core) -> Login:
    """A client with a key of a role: ``login("editor", read=[...], write=[...], person=...)``."""

    def make(role: str, read=("*",), write=("*",), person=None, name=None) -> TestClient:
        key = core.keys.create(name or role, [role], read=read, write=write, person=person).text
        headers = {"Authorization": f"Bearer {key}"}
        return TestClient(client.app, headers=headers, raise_server_exceptions=False)

    return make


@pytest.fixture
def reader(login: Login) -> TestClient:
    return login("reader")


@pytest.fixture
def editor(login: Login) -> TestClient:
    return login("editor")


@pytest.fixture
def approver(login: Login) -> TestClient:
    return login("approver")


@pytest.fixture
def admin(login: Login) -> TestClient:
    return login("admin")


@pytest.fixture(scope="session")
def shop(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """An admin's client over the example with gaps; not to be written to."""
    made = Workspace.create(tmp_path_factory.mktemp("shop") / "workspace")
    folder = root / "examples" / "shop"
    found = ingest(expand([folder / "common", folder / "with-gaps"])).quads
    made.replace_source(found, reason="Example", source="shop")
    app = create_app(made, settings=Settings(day=DAY, rate=10_000, burst=100_000))
    key = app.state.core.keys.create("admin", ["admin"], read=["*"], write=["*"]).text
    with TestClient(app, headers={"Authorization": f"Bearer {key}"}) as found_client:
        yield found_client


@pytest.fixture
def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def node(name: str) -> NamedNode:
    return NamedNode("https://shop.example/aims#" + name)


@pytest.fixture
def server(workspace: Workspace) -> Iterator[tuple[str, str, str]]:
    """Address of a live server, a reader's key and an editor's."""
    app = create_app(workspace, settings=Settings(day=DAY))
    keys = app.state.core.keys
    reader = keys.create("reader", ["reader"], read=["*"]).text
    editor = keys.create("editor", ["editor"], read=["*"], write=["*"]).text
    config = uvicorn.Config(app, port=0, log_level="error", lifespan="on")
    running = uvicorn.Server(config)
    thread = threading.Thread(target=running.run)
    thread.start()
    while not running.started:
        time.sleep(0.05)
    port = running.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}", reader, editor
    running.should_exit = True
    thread.join()
