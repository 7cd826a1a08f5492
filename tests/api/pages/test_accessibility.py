"""Every page but the query editor in a headless Chromium under axe-core (set AIMS_AXE to the file axe.min.js)."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

PATHS = (
    "", "requirements/6.1.3", "requirements/A.6.2.4", "systems/pricing", "findings", "records",
    "records/risks", "things/https%3A%2F%2Fshop.example%2Faims%23david-kim", "search?q=risk",
    "trace/https%3A%2F%2Fshop.example%2Faims%23pricing", "heat-map", "statement-of-applicability",
    "lineage/https%3A%2F%2Fshop.example%2Faims%23pricing", "journal", "journal/1", "rules",
    "rules/SystemInUseIsWithinScope", "questions", "questions/untreated-risks", "what-if",
    "nothing-there", "trend?as_of=2027-03-01", "documents", "?as_of=2026-01-31&at=1",
)  # fmt: skip


def test_no_page_has_an_axe_violation(shop, served, chromium, session):
    node, axe = shutil.which("node"), os.environ.get("AIMS_AXE", "")
    if node is None or not Path(axe).is_file():
        pytest.skip("node or axe-core is missing: set AIMS_AXE to axe.min.js")
    token = session(shop)
    script = Path(__file__).with_name("axe.mjs")
    command = [node, "--experimental-websocket", script, str(chromium), axe, token]
    ran = subprocess.run(
        [*command, *(served + path for path in PATHS)], capture_output=True, check=True, timeout=300
    )
    found = json.loads(ran.stdout)
    assert len(found) == len(PATHS)
    assert all(result["passes"] > 20 for result in found.values())
    assert {a: r["violations"] for a, r in found.items() if r["violations"]} == {}
