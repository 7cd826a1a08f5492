"""A live server and a headless Chromium that walks through its pages."""

import json
import os
import shutil
import socket
import subprocess
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

import pytest
import uvicorn

WALK = Path(__file__).with_name("browser.mjs")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def wait_for(address):
    for _ in range(150):
        try:
            return urlopen(address, timeout=5).read()
        except OSError:
            time.sleep(0.2)
    pytest.fail(f"{address} does not answer")


@pytest.fixture(autouse=True)
def whole_trend(monkeypatch):
    """However slow the machine is, a trend has all its points."""
    monkeypatch.setattr("aims_api.pages.trend.SECONDS", 3600.0)


@pytest.fixture
def chromium(tmp_path):
    """The port of its debugging protocol."""
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("chromium is not installed")
    port = free_port()
    flags = [*FLAGS, f"--user-data-dir={tmp_path / 'profile'}", f"--remote-debugging-port={port}"]
    with subprocess.Popen(
        [program, *flags, "about:blank"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        wait_for(f"http://127.0.0.1:{port}/json/version")
        yield port
        process.terminate()


@contextmanager
def serve(app):
    """The address of a live server."""
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        wait_for(f"http://127.0.0.1:{port}/healthz")
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture
def serving():
    return serve


@pytest.fixture
def served(shop):
    with serve(shop.app) as address:
        yield address + "/pages/"


@pytest.fixture
def walk(chromium):
    """Goes through steps as browser.mjs describes them; gives answers, requests and troubles."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")

    def go(*steps):
        ran = subprocess.run(
            [node, "--experimental-websocket", WALK, str(chromium)],
            input=json.dumps(steps), capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
        assert ran.returncode == 0, ran.stderr[-3000:]
        return json.loads(ran.stdout)

    return go


@pytest.fixture
def session():
    """The token of a new session of a client's key."""

    def begin(client):
        keys = client.app.state.core.keys
        caller = keys.caller(client.headers["authorization"].removeprefix("Bearer "))
        return keys.start_session(caller, 600).token

    return begin


@pytest.fixture(scope="session")
def axe():
    """The text of axe-core: of the file that AIMS_AXE names, else of the package that carries it."""
    given = Path(os.environ.get("AIMS_AXE", ""))
    if given.is_file():
        return given.read_text(encoding="utf-8")
    package = pytest.importorskip("axe_core_python", reason="axe-core-python is not installed")
    return (Path(package.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
