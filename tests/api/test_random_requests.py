"""Requests that nobody would send, made from OpenAPI."""

import runpy


def test_no_random_request_is_a_server_error(root):
    run = runpy.run_path(str(root / "benchmarks" / "api_cases.py"))["run"]
    seen = run(200)
    assert sum(seen.values()) > 150
    assert seen[200] > 50
    assert not [status for status in seen if status >= 500 and status != 503]
