"""OpenAPI: complete, with examples that are true."""

import json
from copy import deepcopy

import jsonschema_rs
import pytest

from aims_api.openapi_examples import FILE
from aims_api.recording import record

ANEW = "write it anew with python -m aims_api.recording"
#: Of these there is no graph, file or webhook in the example before somebody makes one; a stream has no end.
NOT_IN_SHOP = ("/events", "/graphs", "/evidence/{key}/file", "/webhooks/{hook}/deliveries")
MOMENTS = {"as_of", "at", "after"}
#: Maps whose keys are the data's, not the interface's.
MAPS = {"properties", "report", "by_severity"}


def operations(schema):
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def resolved(schema, value):
    while "$ref" in value:
        name = value["$ref"].removeprefix("#/components/").split("/")
        value = schema["components"][name[0]][name[1]]
    return value


def is_binary(content):
    return content.get("schema", {}).get("format") == "binary"


def lacking(schema):
    """What has no description or no example."""
    for name, operation in operations(schema):
        for part in ("summary", "description", "tags", "operationId"):
            if not operation.get(part):
                yield f"{name}: {part}"
        for item in operation.get("parameters", ()):
            if not item.get("description"):
                yield f"{name}: description of {item['name']}"
            if not item["schema"].get("examples") and "example" not in item:
                yield f"{name}: example of {item['name']}"
        for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
            if "example" not in content:
                yield f"{name}: example of a body as {media_type}"
        if not any(status.startswith("2") for status in operation["responses"]):
            yield f"{name}: an answer"
        for status, response in operation["responses"].items():
            response = resolved(schema, response)  # noqa: PLW2901
            contents = response.get("content", {})
            readable = [found for found in contents.values() if not is_binary(found)]
            if not response.get("description"):
                yield f"{name}: description of {status}"
            if readable and not any(found.keys() & {"example", "examples"} for found in readable):
                yield f"{name}: example of {status}"
            if not contents and int(status) < 300 and status != "204":
                yield f"{name}: content of {status}"


def examples(schema):
    """Where, schema, example."""
    for name, operation in operations(schema):
        for item in operation.get("parameters", ()):
            for example in item["schema"].get("examples", ()):
                yield f"{name}: {item['name']}", item["schema"], example
        bodies = {"body": operation.get("requestBody", {})}
        for part, holder in (bodies | operation["responses"]).items():
            for media_type, content in resolved(schema, holder).get("content", {}).items():
                found = [item["value"] for item in content.get("examples", {}).values()]
                found += [content["example"]] if "example" in content else []
                for example in found:
                    yield f"{name}: {part} {media_type}", content["schema"], example


def misfits(schema, components):
    for where, part, example in examples(schema):
        validator = jsonschema_rs.Draft202012Validator({**part, "components": components})
        for error in validator.iter_errors(example):
            yield f"{where}: {error.message} at {list(error.instance_path)}"


@pytest.fixture
def schema(client):
    return client.get("/openapi.json").json()


def test_nothing_lacks_a_description_or_an_example(schema):
    assert sorted(lacking(schema)) == []


def test_the_search_for_what_lacks_finds_it(schema):
    operation = schema["paths"]["/findings"]["get"]
    del operation["summary"], operation["parameters"][0]["description"]
    del operation["responses"]["200"]["content"]["application/json"]["example"]
    del schema["components"]["responses"]["Problem401"]["content"]["application/problem+json"][
        "examples"
    ]
    found = list(lacking(schema))
    assert {"GET /findings: summary", "GET /findings: example of 200"} <= set(found)
    assert "GET /status: example of 401" in found


def test_each_example_fits_its_schema(schema):
    assert list(misfits(schema, schema["components"])) == []


def test_each_answer_holds_what_is_described_and_nothing_else(schema):
    components = deepcopy(schema["components"])
    for name, part in components["schemas"].items():
        if part.get("properties") and name != "Problem":
            part["additionalProperties"] = False
    assert list(misfits(schema, components)) == []


def shape(value, name=""):
    """Names and kinds, without the data; of a list the first item stands for all."""
    if isinstance(value, dict):
        if name in MAPS:
            return "map"
        return {key: shape(inner, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [shape(item) for item in value[:1]]
    return "text or nothing" if isinstance(value, str | None) else type(value).__name__


def differing(kept, now, where):
    """Where shapes differ; an empty list is like any other list."""
    if isinstance(kept, dict) and isinstance(now, dict):
        for key in kept.keys() | now.keys():
            if key not in kept or key not in now:
                yield f"{where}.{key} is {'new' if key in now else 'gone'}"
            else:
                yield from differing(kept[key], now[key], f"{where}.{key}")
    elif isinstance(kept, list) and isinstance(now, list):
        if kept and now:
            yield from differing(kept[0], now[0], f"{where}[]")
    elif kept != now and "text or nothing" not in (kept, now):
        yield f"{where}: {kept} was recorded, {now} is answered"


@pytest.mark.slow
def test_the_recorded_answers_are_those_of_the_routes_asked_as_their_examples_say(schema):
    kept, now = json.loads(FILE.read_text(encoding="utf-8")), record()
    assert sorted(kept) == sorted(now) == sorted(name for name, _ in operations(schema)), ANEW
    found = []
    for name, answers in now.items():
        assert answers.keys() == kept[name].keys(), (name, ANEW)
        for status, contents in answers.items():
            recorded = kept[name][status]
            assert contents.keys() == recorded.keys(), (name, ANEW)
            for media_type, example in contents.items():
                before, after = shape(recorded[media_type]), shape(example)
                found += differing(before, after, f"{name} {media_type}")
    assert found == [], ANEW


def test_no_recorded_answer_holds_a_secret():
    text = FILE.read_text(encoding="utf-8")
    kept = json.loads(text)
    assert kept["POST /keys"]["201"]["application/json"]["key"] == "aims_0a1b2c3d4e5f_…"
    assert kept["POST /webhooks"]["201"]["application/json"]["secret"] == "…"
    assert kept["POST /session"]["200"]["application/json"]["csrf"] == "…"
    assert "127.0.0.1" not in text
    assert "/tmp" not in text


def test_each_parameter_takes_its_example(shop):
    schema, refused = shop.get("/openapi.json").json(), []
    for name, operation in operations(schema):
        method, path = name.split()
        asked = [i for i in operation.get("parameters", ()) if i["in"] == "query"]
        needed = {i["name"]: i["schema"]["examples"][0] for i in asked if i.get("required")}
        if method != "GET" or path in NOT_IN_SHOP:
            continue
        for item in operation.get("parameters", ()):
            if item["in"] == "path":
                path = path.replace("{" + item["name"] + "}", str(item["schema"]["examples"][0]))
        for item in asked:
            if item["name"] in MOMENTS and path != "/status":
                continue  # the same everywhere
            example = item["schema"]["examples"][0]
            answer = shop.get(path, params=needed | {item["name"]: example})
            if answer.status_code != 200:
                refused.append((path, item["name"], example, answer.text))
    assert refused == []


def multipart(example):
    """As a client sends it that has the parts as files."""
    files = [("file", ("inventory.csv", text)) for text in example["file"]]
    return {"files": [*files, ("mapping", ("mapping.yaml", example["mapping"]))]}


BODIES = [
    ("POST", "/import", {"dry_run": True}),
    ("PUT", "/graphs", {"graph": "urn:aims:source:draft"}),
    ("POST", "/graphs", {"graph": "urn:aims:source:draft"}),
    ("POST", "/sparql", {}),
    ("POST", "/evidence-files", {"evidence": "audit", "file_name": "a", "reason": "b", "after": 3}),
    ("PUT", "/{kind}/{key}", {"reason": "b"}),
]


@pytest.mark.parametrize(("method", "path", "query"), BODIES)
def test_each_body_is_taken_as_its_example_says(schema, editor, tell, method, path, query):
    tell("ex:audit a aims:Evidence . ex:recommender a aims:AISystem .")
    operation = schema["paths"][path][method.lower()]
    address = path.replace("{kind}", "systems").replace("{key}", "recommender")
    editor.get("/status", params={"after": 3})
    for media_type, content in operation["requestBody"]["content"].items():
        example = content["example"]
        headers = {"Content-Type": media_type, "If-Match": "*"}
        if media_type == "multipart/form-data":
            given = multipart(example)
            del headers["Content-Type"]
        elif media_type == "application/x-www-form-urlencoded":
            given = {"data": example}
        else:
            text = example if isinstance(example, str) else json.dumps(example)
            given = {"content": text.encode()}
        answer = editor.request(method, address, params=query, headers=headers, **given)
        assert answer.status_code < 300, (media_type, answer.text)
        assert str(answer.status_code) in operation["responses"]


BROKEN = {"content": b"{", "headers": {"Content-Type": "application/json"}}


def provoked(schema, client, login):
    """Operation, answer: without a credential, by a reader, by who has the right and asks for nothing."""
    reader = login("reader")
    clients = {
        "none": client,
        "read": reader,
        "journal": login("auditor"),
        "audit": login("auditor"),
        "write": login("editor"),
        "approve": login("approver"),
        "manage": login("admin"),
    }
    left_out = ("/events", "/session", *sorted(p for p in schema["paths"] if "/results" in p)[2:])
    for name, operation in operations(schema):
        method, path = name.split()
        if path in left_out:
            continue
        address = path.replace("{kind}", "systems").replace("{key}", "none").replace("{", "")
        address = address.replace("}", "")
        able = clients[operation["x-permission"]]
        for who in (client, reader, able):
            yield operation, who.request(method, address)
        yield operation, able.request(method, address, params={"after": "99", "limit": "0"})
        yield operation, able.request(method, address, params={"reason": "x"}, **BROKEN)


def test_every_problem_that_can_be_provoked_is_described(schema, client, login):
    problem = jsonschema_rs.Draft202012Validator(schema["components"]["schemas"]["Problem"])
    seen, missing = set(), set()
    for operation, answer in provoked(schema, client, login):
        status = answer.status_code
        seen.add(status)
        if str(status) not in operation["responses"]:
            missing.add((operation["operationId"], status, answer.text[:200]))
        if status >= 400:
            assert answer.headers["content-type"] == "application/problem+json"
            problem.validate(answer.json())
    assert missing == set()
    assert {200, 401, 403, 404, 415, 422} <= seen


def test_the_page_of_the_interface_shows_examples_as_text(client):
    page = client.get("/docs").text
    assert "<summary>Answer 200: <code>application/json</code></summary>" in page
    assert "<td><code>recommender</code></td>" in page
    assert "&lt;!doctype html&gt;" in page  # that of an answer in HTML
    assert page.count("<!doctype html>") == 1
