"""Refuses RDF files before the parser sees them: what would crash it, or keep it busy for minutes.

A parser that works on bytes, recursively or with entities can be stopped by a small file (nested
collections, triple terms, scoped contexts, entity definitions). The scans here are linear.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from aims_graph.errors import InputError

MAX_NESTING: Final = 128
MAX_JSON_NESTING: Final = 64
MAX_PREFIXES: Final = 1_000

_WIDE_MARKS: Final = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")
_PREFIX: Final = re.compile(rb"^[ \t]*@?prefix[ \t]", re.IGNORECASE | re.MULTILINE)
_NUL: Final = re.compile(rb"(?<!\\)(?:\\\\)*+(?:\\u0000|\\U00000000)|\x00")

#: One run of what does not nest (text, strings, IRIs, comments); possessive, so never retried.
_TURTLE_RUN: Final = re.compile(
    rb"(?:[^\"'<>#\[\](){}\\]++"
    rb'|"""(?:[^"\\]++|\\.|"(?!""))*+"""|"(?!"")(?:[^"\\\n\r]++|\\.)*+"'
    rb"|'''(?:[^'\\]++|\\.|'(?!''))*+'''|'(?!'')(?:[^'\\\n\r]++|\\.)*+'"
    rb"|<[^<>\"{}|^`\x00-\x20]*+>|#[^\n\r]*+|\\.)++",
    re.DOTALL,
)
_JSON_RUN: Final = re.compile(rb'(?:[^"\[\]{}]++|"(?:[^"\\]++|\\.)*+")++', re.DOTALL)
_XML_TAG: Final = re.compile(
    rb"<(?:!--(?:[^-]++|-(?!->))*+-->|!\[CDATA\[(?:[^\]]++|\](?!\]>))*+\]\]>|\?[^>]*+>"
    rb"|(?P<close>/)?+[A-Za-z_:\x80-\xff](?:[^<>\"'/]++|\"[^\"]*+\"|'[^']*+'|/(?!>))*+(?P<empty>/)?+>)"
)
_DOCTYPE: Final = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)


def check_rdf(data: bytes, path: Path, kind: str) -> None:
    """``kind`` is turtle (also TriG), lines (N-Triples, N-Quads), json or xml. Raises InputError."""
    _check_encoding(data, path)
    if kind in ("turtle", "lines"):
        _check_turtle(data, path, nested=kind == "turtle")
    elif kind == "json":
        _check_json(data, path)
    else:
        _check_xml(data, path)


def place(data: bytes, offset: int) -> tuple[int, int]:
    """Line and column (in bytes) of an offset, both from 1."""
    return data.count(b"\n", 0, offset) + 1, offset - data.rfind(b"\n", 0, offset)


def _refuse(
    message: str, data: bytes, offset: int, path: Path, hint: str | None = None
) -> InputError:
    line, column = place(data, offset)
    return InputError(message, file=path, line=line, column=column, hint=hint)


def _check_encoding(data: bytes, path: Path) -> None:
    if data.startswith(_WIDE_MARKS):
        raise InputError("the encoding must be UTF-8", file=path, hint="Save the file as UTF-8.")
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _refuse(
            f"not UTF-8 at byte {error.start}", data, error.start, path, "Save the file as UTF-8."
        ) from error
    nul = _NUL.search(data)
    if nul is not None:
        raise _refuse(
            "the control character U+0000 is not allowed in text", data, nul.start(), path
        )


def _check_turtle(data: bytes, path: Path, *, nested: bool) -> None:
    if len(data) > 8 * MAX_PREFIXES and data.lower().count(b"prefix") > MAX_PREFIXES:
        found = [match.start() for match in _PREFIX.finditer(data)]
        if len(found) > MAX_PREFIXES:
            raise _refuse(
                f"{len(found):,} prefixes, more than {MAX_PREFIXES:,}",
                data,
                found[MAX_PREFIXES],
                path,
            )
    openers = sum(map(data.count, (b"[", b"(", b"{"))) if nested else 0
    if openers <= MAX_NESTING and b"<<" not in data and b"{|" not in data:
        return
    depth = position = 0
    while position < len(data):
        run = _TURTLE_RUN.match(data, position)
        if run is not None:
            position = run.end()
            continue
        char = data[position]
        if data.startswith(b"<<", position) or data.startswith(b"{|", position):
            raise _refuse("triple terms (RDF 1.2) are not supported", data, position, path)
        if char in b"[({":
            depth += 1
            if depth > MAX_NESTING:
                raise _refuse(f"nested deeper than {MAX_NESTING}", data, position, path)
        elif char in b"])}":
            depth -= 1
        position += 1


def _check_json(data: bytes, path: Path) -> None:
    depth = position = 0
    while position < len(data):
        run = _JSON_RUN.match(data, position)
        if run is not None:
            position = run.end()
            continue
        depth += 1 if data[position] in b"[{" else -1 if data[position] in b"]}" else 0
        if depth > MAX_JSON_NESTING:
            raise _refuse(f"nested deeper than {MAX_JSON_NESTING}", data, position, path)
        position += 1
    try:
        document = json.loads(data)
    except ValueError:
        return  # the parser says it better
    for address in _remote_contexts(document):
        raise _refuse(
            f"a context elsewhere is not allowed and was not fetched: {address[:300]}",
            data,
            max(data.find(address.encode("utf-8", "replace")), 0),
            path,
            "Write the context into the file.",
        )


def _remote_contexts(document: Any) -> Iterator[str]:
    """Addresses that ``@context`` or ``@import`` ask for; nesting is limited by now."""
    if isinstance(document, list):
        for item in document:
            yield from _remote_contexts(item)
    elif isinstance(document, dict):
        for key, value in document.items():
            if key in ("@context", "@import"):
                contexts = value if isinstance(value, list) else [value]
                yield from (context for context in contexts if isinstance(context, str))
            yield from _remote_contexts(value)


def _check_xml(data: bytes, path: Path) -> None:
    doctype = _DOCTYPE.search(data)
    if doctype is not None:
        raise _refuse(
            "DOCTYPE is not allowed",
            data,
            doctype.start(),
            path,
            "Write entities and prefixes out.",
        )
    depth = 0
    for tag in _XML_TAG.finditer(data):
        if data[tag.start() + 1] in b"!?" or tag["empty"]:
            continue
        depth += -1 if tag["close"] else 1
        if depth > MAX_NESTING:
            raise _refuse(f"nested deeper than {MAX_NESTING}", data, tag.start(), path)
