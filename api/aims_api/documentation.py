"""OpenAPI as a page that needs no script, no style from elsewhere and no network."""

import html
import json
from collections.abc import Iterator, Mapping
from typing import Any


def write_documentation(schema: Mapping[str, Any]) -> str:
    by_tag: dict[str, list[str]] = {}
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            tag = (operation.get("tags") or ["other"])[0]
            by_tag.setdefault(tag, []).append("".join(_operation(path, method, operation)))
    info = schema["info"]
    sections = "".join(
        f'<h2 id="{_text(tag)}">{_text(tag.capitalize())}</h2>{"".join(parts)}'
        for tag, parts in by_tag.items()
    )
    links = " · ".join(f'<a href="#{_text(tag)}">{_text(tag)}</a>' for tag in by_tag)
    paragraphs = "".join(f"<p>{_text(part)}</p>" for part in info["description"].split("\n\n"))
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{_text(info['title'])} interface</title></head><body><main>"
        f"<h1>{_text(info['title'])} {_text(info['version'])}: interface</h1>{paragraphs}"
        f'<p>The same for machines: <a href="/openapi.json">openapi.json</a></p>'
        f"<nav>{links}</nav>{sections}</main></body></html>\n"
    )


def _operation(path: str, method: str, operation: Mapping[str, Any]) -> Iterator[str]:
    yield f"<h3><code>{method.upper()} {_text(path)}</code></h3>"
    yield f"<p>{_text(operation.get('description') or operation.get('summary', ''))}</p>"
    yield f"<p>Right: <strong>{_text(operation.get('x-permission', 'none'))}</strong></p>"
    parameters = operation.get("parameters", [])
    if parameters:
        yield (
            "<table><tr><th>Parameter</th><th>In</th><th>Type</th><th>Meaning</th>"
            "<th>Example</th></tr>"
        )
        for item in parameters:
            kind = item.get("schema", {})
            example = next(iter(kind.get("examples", ())), "")
            yield (
                f"<tr><td><code>{_text(item['name'])}</code></td><td>{_text(item['in'])}</td>"
                f"<td>{_text(_kind(kind))}</td><td>{_text(item.get('description', ''))}</td>"
                f"<td><code>{_text(example)}</code></td></tr>"
            )
        yield "</table>"
    for media, content in operation.get("requestBody", {}).get("content", {}).items():
        yield f"<p>Body: <code>{_text(media)}</code></p>{_example(content)}"
    for status, response in operation["responses"].items():
        for media, content in response.get("content", {}).items():
            if "example" in content:
                yield (
                    f"<details><summary>Answer {_text(status)}: <code>{_text(media)}</code>"
                    f"</summary>{_example(content)}</details>"
                )


def _example(content: Mapping[str, Any]) -> str:
    example = content.get("example")
    if example is None:
        return ""
    text = (
        example if isinstance(example, str) else json.dumps(example, indent=2, ensure_ascii=False)
    )
    return f"<pre>{_text(text)}</pre>"


def _kind(schema: Mapping[str, Any]) -> str:
    options = [_kind(item) for item in schema.get("anyOf", ()) if item.get("type") != "null"]
    if options:
        return " or ".join(options)
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    return str(schema.get("format") or schema.get("type") or schema.get("const") or "")


def _text(value: object) -> str:
    return html.escape(str(value))
