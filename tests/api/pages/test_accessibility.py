"""Every page in a headless Chromium under axe-core (set AIMS_AXE to the file axe.min.js)."""

import json
import os
import shutil
import socket
import subprocess
import threading
import time
from pathlib import Path
from urllib.request import urlopen

import pytest
import uvicorn

PATHS = (
    "", "requirements/6.1.3", "requirements/A.6.2.4", "systems/pricing", "findings", "records",
    "records/risks", "things/https%3A%2F%2Fshop.example%2Faims%23david-kim", "search?q=risk",
    "trace/https%3A%2F%2Fshop.example%2Faims%23pricing", "heat-map", "statement-of-applicability",
    "lineage/https%3A%2F%2Fshop.example%2Faims%23pricing", "journal", "journal/1", "rules",
    "rules/SystemInUseIsWithinScope", "questions", "questions/untreated-risks", "what-if",
    "query?query=ASK%7B%7D", "nothing-there",
)  # fmt: skip
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


@pytest.fixture
def served(shop):
    port = free_port()
    config = uvicorn.Config(shop.app, port=port, log_level="error", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    wait_for(f"http://127.0.0.1:{port}/healthz")
    yield f"http://127.0.0.1:{port}/pages/"
    server.should_exit = True
    thread.join()


def test_no_page_has_an_axe_violation(shop, served, chromium):
    node, axe = shutil.which("node"), os.environ.get("AIMS_AXE", "")
    if node is None or not Path(axe).is_file():
        pytest.skip("node or axe-core is missing: set AIMS_AXE to axe.min.js")
    keys = shop.app.state.core.keys
    caller = keys.caller(shop.headers["authorization"].removeprefix("Bearer "))
    token = keys.start_session(caller, 600).token
    script = Path(__file__).with_name("axe.mjs")
    command = [node, "--experimental-websocket", script, str(chromium), axe, token]
    ran = subprocess.run(
        [*command, *(served + path for path in PATHS)], capture_output=True, check=True, timeout=300
    )
    found = json.loads(ran.stdout)
    assert len(found) == len(PATHS)
    assert all(result["passes"] > 20 for result in found.values())
    assert {a: r["violations"] for a, r in found.items() if r["violations"]} == {}
