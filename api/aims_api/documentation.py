"""OpenAPI as a page that needs no script, nothing from elsewhere and no network."""

import html
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

_CODE: Final = re.compile(r"(`{1,2})([^`]+)\1")


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
    paragraphs = "".join(f"<p>{_words(part)}</p>" for part in info["description"].split("\n\n"))
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<link rel="stylesheet" href="/pages/static/pages.css">'
        f"<title>{_text(info['title'])} interface</title></head><body><main>"
        f"<h1>{_text(info['title'])} {_text(info['version'])}: interface</h1>{paragraphs}"
        f'<p>The same for machines: <a href="/openapi.json">openapi.json</a></p>'
        f"<nav>{links}</nav>{sections}</main></body></html>\n"
    )


def _operation(path: str, method: str, operation: Mapping[str, Any]) -> Iterator[str]:
    yield f"<h3><code>{method.upper()} {_text(path)}</code></h3>"
    yield f"<p>{_words(operation.get('description') or operation.get('summary', ''))}</p>"
    yield f"<p>Right: <strong>{_text(operation.get('x-permission', 'none'))}</strong></p>"
    parameters = operation.get("parameters", [])
    if parameters:
        heads = "".join(
            f'<th scope="col">{name}</th>'
            for name in ("Parameter", "In", "Type", "Meaning", "Example")
        )
        label = f"Parameters of {method.upper()} {path}"
        yield (
            f'<div class="scroll" tabindex="0" role="region" aria-label="{_text(label)}">'
            f'<table class="cards"><thead><tr>{heads}</tr></thead><tbody>'
        )
        for item in parameters:
            kind = item.get("schema", {})
            example = next(iter(kind.get("examples", ())), "")
            yield (
                f"<tr><td><code>{_text(item['name'])}</code></td><td>{_text(item['in'])}</td>"
                f"<td>{_text(_kind(kind))}</td><td>{_words(item.get('description', ''))}</td>"
                f"<td><code>{_text(_written(example))}</code></td></tr>"
            )
        yield "</tbody></table></div>"
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
    return f'<pre tabindex="0">{_text(_written(example, 2))}</pre>'


def _written(example: Any, indent: int | None = None) -> str:
    if isinstance(example, str):
        return example
    return json.dumps(example, indent=indent, ensure_ascii=False)


def _kind(schema: Mapping[str, Any]) -> str:
    options = [_kind(item) for item in schema.get("anyOf", ()) if item.get("type") != "null"]
    if options:
        return " or ".join(options)
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    return str(schema.get("format") or schema.get("type") or schema.get("const") or "")


def _words(value: object) -> str:
    """Text with its marks of code."""
    return _CODE.sub(r"<code>\2</code>", _text(value))


def _text(value: object) -> str:
    return html.escape(str(value))
