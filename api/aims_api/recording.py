"""The examples of answers in OpenAPI, made by asking the routes about the shop example.

What is asked is what OpenAPI itself gives as examples of parameters and bodies, so this also shows that
these work. Write the answers anew with ``python -m aims_api.recording``.
"""

import json
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

from fastapi import FastAPI
from fastapi.testclient import TestClient
from pyoxigraph import NamedNode

from aims_api.app import create_app
from aims_api.openapi import RIGHT
from aims_api.openapi_examples import FILE
from aims_api.routes.events import text_of
from aims_api.settings import Settings
from aims_api.snapshots import ALL
from aims_api.things import coded
from aims_graph.ingest import ingest
from aims_graph.resources import folder
from aims_graph.sparql.formats import GRAPHS
from aims_graph.workspace import Workspace

DAY: Final = date(2026, 6, 30)
_PEOPLE: Final = "https://shop.example/aims#"
#: Right -> role and person of the key that asks.
_ASKERS: Final = {
    "none": ("reader", None),
    "read": ("reader", None),
    "journal": ("auditor", None),
    "audit": ("auditor", "elena-rossi"),
    "write": ("editor", None),
    "approve": ("approver", "ingrid-halden"),
    "manage": ("admin", None),
}
_AUDIT: Final = "/internal-audits/{key}"
_PART: Final = _AUDIT + "/requirements/{number}"
#: These come in this order, after what only reads and makes; what takes away comes last.
_THEN: Final = (
    f"POST {_PART}/notes",
    f"POST {_PART}/samples",
    f"PUT {_PART}/verdict",
    f"POST {_PART}/sign-off",
    f"POST {_AUDIT}/sign-off",
    f"GET {_AUDIT}",
    f"GET {_PART}",
    f"POST {_AUDIT}/reopening",
    f"POST {_PART}/reopening",
    "GET /keys",
    "GET /sessions",
    "DELETE /sessions/{session_id}",
    "GET /sessions",
    "DELETE /sessions/{session_id}",
    "GET /evidence/{key}/file",
    "PATCH /{kind}/{key}",
    "PUT /{kind}/{key}",
    "POST /{kind}/{key}/approval",
    "POST /{kind}/{key}/retirement",
    "DELETE /{kind}/{key}",
    "GET /events",
    "GET /webhooks",
    "GET /webhooks/{hook}/deliveries",
    "POST /webhooks/{hook}/deliveries/{delivery}/attempt",
    "DELETE /webhooks/{hook}",
    "DELETE /keys/{key_id}",
    "PUT /graphs",
    "DELETE /graphs",
    "DELETE /session",
)
_MASKED: Final = {"key": "aims_0a1b2c3d4e5f_…", "secret": "…", "csrf": "…"}
_RECEIVER: Final = "http://127.0.0.1:9/"
_ROWS: Final = 2
_LINES: Final = 16
_BEGINNING: Final = 400
_WAIT: Final = 30.0
NOT_ACCEPTABLE: Final = 406
_LONGEST: Final = 4_000


class Recorder:
    """``operations`` are those of OpenAPI in the order in which they can be asked."""

    def __init__(self, clients: Mapping[str, TestClient], app: FastAPI, key: str) -> None:
        self._clients = clients
        self._app = app
        self.schema: dict[str, Any] = app.openapi()
        #: Names that are made on the way, which no example can know: parameter -> value.
        self._known: dict[str, str] = {}
        self._key = key

    def operations(self) -> list[tuple[str, str, dict[str, Any]]]:
        found = [
            (method.upper(), path, operation)
            for path, operations in self.schema["paths"].items()
            for method, operation in operations.items()
        ]
        order = {name: at for at, name in enumerate(_THEN)}
        return sorted(found, key=lambda item: order.get(f"{item[0]} {item[1]}", -1))

    def record(self) -> Iterator[tuple[str, int, dict[str, Any]]]:
        """Operation, status and examples by media type. Raises ValueError where one is refused."""
        for method, path, operation in self.operations():
            if path == "/events":
                yield "GET /events", 200, {"text/event-stream": self._events()}
                continue
            examples: dict[str, Any] = {}
            status = 0
            for media_type in self._asked(path, operation):
                answer = self._ask(method, path, operation, media_type)
                if answer.status_code == NOT_ACCEPTABLE and media_type in GRAPHS:
                    continue  # an answer of rows is no graph
                if answer.status_code >= 300:
                    raise ValueError(f"{method} {path}: {answer.status_code} {answer.text[:400]}")
                status = answer.status_code
                kind = answer.headers.get("content-type", "").partition(";")[0]
                self._notice(method, path, answer)
                if answer.content and kind in operation["responses"][str(status)]["content"]:
                    example = _example(answer, kind)
                    if example is not None:
                        examples[kind] = example
            yield f"{method} {path}", status, examples

    def _asked(self, path: str, operation: Mapping[str, Any]) -> list[str]:
        """Media types to ask for: those that are negotiated, one else."""
        formats = any(item["name"] == "format" for item in operation.get("parameters", ()))
        safe = "requestBody" not in operation and not formats
        for status, response in operation["responses"].items():
            if status.startswith("2") and safe and len(response.get("content", ())) > 1:
                offered = list(response["content"])
                return offered[:1] if path.endswith("/results") else offered
        return ["*/*"]

    def _ask(self, method: str, path: str, operation: Mapping[str, Any], media_type: str) -> Any:
        client = self._clients[operation[RIGHT]]
        address = path
        query: dict[str, Any] = {}
        for item in operation.get("parameters", ()):
            value = self._value(method, path, item)
            if item["in"] == "path":
                address = address.replace("{" + item["name"] + "}", value)
            elif item["in"] == "query" and (
                item.get("required") or item["name"] in ("format", "query")
            ):
                query[item["name"]] = value
        if path == "/trend":  # nothing was recorded before this run
            query = {"until": datetime.now(UTC).date().isoformat(), "points": 1}
        if path == "/graphs":
            query["graph"] = "urn:aims:source:" + ("shop" if method == "GET" else "draft")
        headers = {"Accept": media_type}
        if any(item["name"] == "if-match" for item in operation.get("parameters", ())):
            version = address.replace("/verdict", "").replace("/sign-off", "")
            headers["If-Match"] = client.get(version, params=self._after()).headers["etag"]
        if any(item["name"] == "after" for item in operation.get("parameters", ())):
            query |= self._after()
        content = operation.get("requestBody", {}).get("content", {})
        for kind in ("application/json", "text/turtle", *content):
            if kind in content:
                headers["Content-Type"] = kind
                body = content[kind]["example"]
                data = body if isinstance(body, str) else json.dumps(self._filled(path, body))
                return client.request(
                    method, address, params=query, headers=headers, content=data.encode()
                )
        return client.request(method, address, params=query, headers=headers)

    def _after(self) -> dict[str, int]:
        return {"after": self._app.state.core.workspace.sequence}

    def _value(self, method: str, path: str, item: Mapping[str, Any]) -> str:
        name = item["name"]
        if name == "key" and path.startswith("/internal-audits"):
            name = "audit"
        elif name == "key" and method == "DELETE":
            name = "made"  # an approved one is not the editor's to take back
        return self._known.get(name, str(item["schema"]["examples"][0]))

    def _filled(self, path: str, body: Any) -> Any:
        """With what only exists here: a key, and a receiver (where nobody listens)."""
        own = {"/session": {"key": self._key}, "/webhooks": {"url": _RECEIVER}}
        return {**body, **own.get(path, {})} if isinstance(body, dict) else body

    def _notice(self, method: str, path: str, answer: Any) -> None:
        if (method, path) == ("POST", "/internal-audits"):
            rows = self._clients["read"].get("/internal-audits", params=self._after()).json()
            made = answer.json()["audit"]
            self._known["audit"] = next(row["key"] for row in rows if row["iri"] == made)
        elif (method, path) == ("POST", "/webhooks"):
            self._known["hook"] = answer.json()["id"]
        elif (method, path) == ("GET", "/webhooks/{hook}/deliveries"):
            self._known["delivery"] = str(answer.json()[0]["id"])
        elif (method, path) == ("POST", "/keys"):
            self._known["key_id"] = answer.json()["id"]
        elif (method, path) == ("GET", "/sessions"):
            self._known["session_id"] = answer.json()[0]["id"]
        elif (method, path) == ("POST", "/{kind}"):
            self._known["made"] = coded(NamedNode(answer.json()["iri"]))
        elif (method, path) == ("GET", "/findings"):
            self._known["fingerprint"] = answer.json()["findings"][0]["fingerprint"]

    def _events(self) -> str:
        core = self._app.state.core
        deadline = time.monotonic() + _WAIT
        while not (place := core.feeds.place(ALL)).number and time.monotonic() < deadline:
            time.sleep(0.05)
        found = core.feeds.after(ALL, replace(place, number=0), _ROWS)
        return "".join(map(text_of, found))


def _example(answer: Any, kind: str) -> Any:
    """Short enough to read: rows of lists and lines of text are left out; None for bytes."""
    if kind.endswith("json"):
        return _trimmed(answer.json())
    if not kind.startswith("text/") and not kind.endswith(("xml", "-triples", "-query")):
        return None
    text = answer.text
    if len(text) <= _LONGEST:
        return text
    if kind == "text/html":
        return text[:_BEGINNING] + "…"
    if kind.endswith("xml"):
        return None
    return "".join(text.splitlines(keepends=True)[:_LINES])


def _trimmed(value: Any) -> Any:
    if value == _RECEIVER:
        return "https://hooks.example/aims"
    if isinstance(value, dict):
        return {
            name: _MASKED[name] if _is_secret(name, inner) else _trimmed(inner)
            for name, inner in value.items()
        }
    if isinstance(value, list):
        return [_trimmed(item) for item in value[:_ROWS]]
    return value


def _is_secret(name: str, value: Any) -> bool:
    return name in ("secret", "csrf") or (name == "key" and str(value).startswith("aims_"))


def record() -> dict[str, dict[str, dict[str, Any]]]:
    """Operation -> status -> media type -> example."""
    found: dict[str, dict[str, dict[str, Any]]] = {}
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        workspace = Workspace.create(Path(name) / "workspace")
        shop = folder("examples") / "shop"
        files = [
            path for part in ("common", "with-gaps") for path in sorted((shop / part).iterdir())
        ]
        workspace.replace_source(ingest(files).quads, reason="Example", source="shop")
        limits = Settings(
            day=DAY, rate=1e6, burst=10**6, anonymous_burst=1000, allow_private_targets=True
        )
        app = create_app(workspace, settings=limits)
        clients, text = _clients(app)
        stack.enter_context(TestClient(app))  # runs what belongs to the app
        app.state.core.snapshots.of_graphs(ALL)  # ready
        recorder = Recorder(clients, app, text)
        for operation, status, examples in recorder.record():
            found.setdefault(operation, {})[str(status)] = examples
    return found


def _clients(app: FastAPI) -> tuple[dict[str, TestClient], str]:
    keys = app.state.core.keys
    clients: dict[str, TestClient] = {}
    text = ""
    for right, (role, person) in _ASKERS.items():
        who = None if person is None else _PEOPLE + person
        text = keys.create(role, [role], read=["*"], write=["*"], person=who).text
        clients[right] = TestClient(app, headers={"Authorization": f"Bearer {text}"})
    return clients, text


def main() -> None:
    FILE.write_text(json.dumps(record(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
