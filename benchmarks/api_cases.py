"""Random requests made from OpenAPI against the service over the example: none may be a server error.

python benchmarks/api_cases.py [CASES]     (default: 10,000 requests over all operations)
"""

import os
import sys
import tempfile
from collections import Counter
from datetime import date
from pathlib import Path

import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis.generation import GenerationMode
from starlette.testclient import TestClient

from aims_api import Settings, create_app
from aims_graph.cli.graph import expand
from aims_graph.ingest import ingest
from aims_graph.workspace import Workspace

ROOT = Path(__file__).resolve().parent.parent
_TURNS = 5
#: Streams never end; keys and sessions would take the credential away.
LEFT_OUT = {("GET", "/events"), ("DELETE", "/session"), ("DELETE", "/keys/{key_id}")}


@schemathesis.serializer(
    "application/pdf", "text/turtle", "application/x-turtle", "application/trig",
    "application/n-triples", "application/n-quads", "application/ld+json", "application/rdf+xml",
    "application/sparql-query", "application/sparql-update",
)  # fmt: skip
def as_bytes(_, value):  # noqa: ANN001, ANN201 - schemathesis types
    """Whatever was drawn, as text; many of these bodies are nonsense, which is the point."""
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")


def run(cases: int, *, number: int = 1) -> Counter[int]:
    """Answers by status. Raises AssertionError at the first server error other than 503."""
    folder = Path(tempfile.mkdtemp()) / "workspace"
    workspace = Workspace.create(folder)
    shop = ROOT / "examples" / "shop"
    quads = ingest(expand([shop / "common", shop / "with-gaps"])).quads
    workspace.replace_source(quads, reason="Example", source="shop")
    limits = Settings(day=date(2026, 6, 30), rate=1e6, burst=10**6, query_seconds=5)
    app = create_app(workspace, settings=limits)
    key = app.state.core.keys.create("admin", ["admin"], read=["*"], write=["*"]).text
    schema = schemathesis.openapi.from_asgi("/openapi.json", app)
    operations = [found.ok() for found in schema.get_all_operations()]
    operations = [o for o in operations if (o.method.upper(), o.path) not in LEFT_OUT]
    seen: Counter[int] = Counter()
    headers = {"Authorization": f"Bearer {key}"}
    with TestClient(app, headers=headers, raise_server_exceptions=False) as client:
        for turn in range(_TURNS):
            # Some operations take little that can be varied: the others are tried again.
            missing = cases - seen.total()
            if missing <= 0:
                break
            each = -(-missing // len(operations))
            for operation in operations:
                _try(operation, client, each, number + turn, seen)
    return seen


def _try(operation, client, each, number, seen):  # noqa: ANN001, ANN202 - schemathesis types
    strategy = operation.as_strategy(generation_mode=GenerationMode.POSITIVE) | (
        operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)
    )

    @seed(number)
    @settings(
        max_examples=each, deadline=None, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=strategy)
    def check(case):  # noqa: ANN001, ANN202
        try:
            arguments = case.as_transport_kwargs(base_url="http://testserver")
            arguments.pop("timeout", None)
            given_headers = {
                name: value
                for name, value in (arguments.pop("headers", None) or {}).items()
                if name.lower() not in ("authorization", "cookie")
            }
            arguments.pop("cookies", None)
            request = client.build_request(headers=given_headers, **arguments)
            request.read()  # parts of forms are written only now
        except (ValueError, UnicodeError, TypeError, AttributeError):
            return  # no client can send it
        answer = client.send(request)
        seen[answer.status_code] += 1
        where = f"{case.method} {case.formatted_path}: {answer.text[:300]}"
        assert answer.status_code < 500 or answer.status_code == 503, where

    check()


def main() -> None:
    cases = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    seen = run(cases, number=int(os.environ.get("SEED", "1")))
    print(f"{sum(seen.values())} requests:", dict(sorted(seen.items())))


if __name__ == "__main__":
    main()
