"""Examples in OpenAPI: bodies as their fields say, answers as the shop example gives them.

The answers are recorded, so that they are true, and kept in ``examples.json``. Write that anew with
``python -m aims_api.recording``; a test compares its shape with what the routes answer now.
"""

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox

from aims_api.negotiation import BODIES

FILE: Final = Path(__file__).with_name("examples.json")
_DEEPEST: Final = 6
_WRITTEN: Final = {
    "trig": ox.RdfFormat.TRIG,
    "ntriples": ox.RdfFormat.N_TRIPLES,
    "nquads": ox.RdfFormat.N_QUADS,
    "jsonld": ox.RdfFormat.JSON_LD,
    "rdfxml": ox.RdfFormat.RDF_XML,
}


@lru_cache(maxsize=1)
def _recorded() -> dict[str, dict[str, dict[str, Any]]]:
    """Operation -> status -> media type -> example."""
    found: dict[str, dict[str, dict[str, Any]]] = {}
    if FILE.is_file():
        found = json.loads(FILE.read_text(encoding="utf-8"))
    return found


def add_examples(
    operation: dict[str, Any], path: str, method: str, schema: Mapping[str, Any]
) -> None:
    for content in operation.get("requestBody", {}).get("content", {}).values():
        if "example" not in content and "examples" not in content:
            example = compose(content.get("schema", {}), schema)
            if example is not None:
                content["example"] = example
    recorded = _recorded().get(f"{method.upper()} {path}", {})
    for status, response in operation["responses"].items():
        for media_type, content in response.get("content", {}).items():
            if not content.get("schema"):
                content["schema"] = answer_schema(media_type)
            example = recorded.get(status, {}).get(media_type)
            if example is not None:
                content["example"] = example


def answer_schema(media_type: str) -> dict[str, Any]:
    """Of an answer that no model describes."""
    if media_type.endswith("json"):
        return {"type": ["object", "array"]}
    if media_type.startswith("text/") or media_type.endswith(("xml", "-triples", "-query")):
        return {"type": "string"}
    return {"type": "string", "format": "binary"}


def compose(schema: Mapping[str, Any], root: Mapping[str, Any], depth: int = 0) -> Any:
    """An example from those of the fields; None where there is none."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        schema = root["components"]["schemas"].get(name, {})
    if schema.get("examples"):
        return schema["examples"][0]
    if schema.get("type") == "object" and depth < _DEEPEST:
        made = {
            name: compose(inner, root, depth + 1)
            for name, inner in schema.get("properties", {}).items()
        }
        required = schema.get("required", ())
        return {
            name: value for name, value in made.items() if value is not None or name in required
        }
    return schema.get("default")


def rdf_bodies(turtle: str) -> dict[str, dict[str, Any]]:
    """The same triples as a body of each format that is taken."""
    quads = list(ox.parse(turtle.encode(), format=ox.RdfFormat.TURTLE))
    found = {}
    for media_type, name in BODIES.items():
        text = (
            turtle
            if name == "turtle"
            else (ox.serialize(quads, format=_WRITTEN[name]) or b"").decode()
        )
        found[media_type] = {"schema": {"type": "string"}, "example": text}
    return found
