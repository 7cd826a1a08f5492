"""Checks before a native parser sees the data: encoding, nesting, and what may not be asked of it.

Deep nesting overflows the native stack and takes the process with it, so depth is counted here
first, in linear time and constant stack.
"""

import re
from pathlib import Path
from typing import Final
from xml.parsers import expat

import numpy as np
from pyoxigraph import RdfFormat

from aims_graph.errors import InputError

from .terms import TermDictionary
from .text import are_escaped

#: Deepest nesting of [ ( { in Turtle and TriG, and of elements in RDF/XML.
DEEPEST: Final = 128
#: Deepest nesting of objects and arrays in JSON-LD: each level may hold a context of its own.
DEEPEST_JSON: Final = 64
#: The native parser takes quadratic time in the number of prefixes.
MOST_PREFIXES: Final = 1000

BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
_BYTE_ORDER_MARKS: Final = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")
_DECODE_STEP: Final = 1 << 22

#: Everything in Turtle that holds no bracket: other text, strings, IRIs, comments.
_TURTLE_REST: Final = re.compile(
    rb"""(?sx)(?: [^\[\](){}<>"'\#\\pP]++ | \\.
    | \"\"\" (?:[^"\\]|\\.|"(?!""))*+ \"\"\" | ''' (?:[^'\\]|\\.|'(?!''))*+ '''
    | " (?:[^"\\\n\r]|\\.)*+ " | ' (?:[^'\\\n\r]|\\.)*+ '
    | < [^\x00-\x20<>"{}|^`]*+ > | \#[^\n\r]*+ | [pP](?![rR][eE][fF][iI][xX]) )*+"""
)
_JSON_CONTEXT: Final = re.compile(rb'"@(?:context|import)"\s*:\s*[\["]')
_DIRECTION: Final = re.compile(rb"@[a-zA-Z]+(?:-[a-zA-Z0-9]+)*--(?:ltr|rtl)")


def check_document(path: Path, data: bytes, syntax: RdfFormat) -> None:
    check_encoding(path, data)
    if syntax in (RdfFormat.TURTLE, RdfFormat.TRIG):
        _check_turtle(path, data)
    elif syntax == RdfFormat.JSON_LD:
        _check_json(path, data)
    elif syntax == RdfFormat.RDF_XML:
        _check_xml(path, data)
    elif b"<<" in data:
        # N-Triples and N-Quads, which nest in triple terms only, are Turtle to the scanner.
        _scan_turtle(path, data)


def position_of(data: bytes, offset: int) -> tuple[int, int]:
    """Line and column of a byte, both from 1; columns count characters."""
    start = data.rfind(b"\n", 0, offset) + 1
    line = data.count(b"\n", 0, offset) + 1
    return line, len(data[start:offset].decode(errors="replace")) + 1


def _fail(
    path: Path, data: bytes, offset: int, message: str, hint: str | None = None
) -> InputError:
    line, column = position_of(data, offset)
    return InputError(message, file=path, line=line, column=column, hint=hint)


def check_byte_order_mark(path: Path, data: bytes | bytearray) -> None:
    if data.startswith(_BYTE_ORDER_MARKS):
        raise InputError(
            "the encoding must be UTF-8, this is UTF-16 or UTF-32 (byte order mark at byte 0)",
            file=path,
            hint="Save the file as UTF-8",
        )


def check_encoding(path: Path, data: bytes) -> None:
    """Refuses what is not UTF-8, naming the byte."""
    check_byte_order_mark(path, data)
    if data.isascii():
        return
    start = 0
    while start < len(data):
        end = min(start + _DECODE_STEP, len(data))
        # Do not cut inside a character.
        while end < len(data) and data[end] & 0xC0 == 0x80 and end > start + 1:
            end -= 1
        try:
            data[start:end].decode()
        except UnicodeDecodeError as error:
            offset = start + error.start
            raise _fail(path, data, offset, f"not UTF-8: invalid byte at offset {offset}") from None
        start = end


def _check_turtle(path: Path, data: bytes) -> None:
    openers = sum(map(data.count, (b"[", b"(", b"{", b"<<")))
    prefixes = data.lower().count(b"prefix")
    if openers <= DEEPEST and prefixes <= MOST_PREFIXES and b"<<" not in data:
        return
    _scan_turtle(path, data)


def _scan_turtle(path: Path, data: bytes) -> None:
    depth = prefixes = position = 0
    while (position := _TURTLE_REST.match(data, position).end()) < len(data):  # type: ignore[union-attr]  # it always matches, if only nothing
        char = data[position : position + 1]
        if char in b"[({":
            depth += 1
            if depth > DEEPEST:
                raise _fail(path, data, position, f"nesting is deeper than {DEEPEST}")
        elif char in b"])}":
            depth -= 1
        elif char in b"pP":
            prefixes += 1
            if prefixes > MOST_PREFIXES:
                raise _fail(path, data, position, f"more than {MOST_PREFIXES} prefixes")
        elif data.startswith(b"<<", position):
            raise _fail(path, data, position, "RDF 1.2 triple terms are not supported")
        position += 1


def _check_json(path: Path, data: bytes) -> None:
    array = np.frombuffer(data, np.uint8)
    quotes = np.flatnonzero(array == ord('"'))
    quotes = quotes[~are_escaped(quotes, np.flatnonzero(array == ord("\\")))]
    opening = (array == ord("{")) | (array == ord("["))
    closing = (array == ord("}")) | (array == ord("]"))
    brackets = np.flatnonzero(opening | closing)
    brackets = brackets[np.searchsorted(quotes, brackets) % 2 == 0]
    depth = np.cumsum(np.where(opening[brackets], 1, -1))
    deep = np.flatnonzero(depth > DEEPEST_JSON)
    if len(deep):
        message = f"nesting is deeper than {DEEPEST_JSON}"
        raise _fail(path, data, int(brackets[deep[0]]), message)


def find_remote_context(path: Path, data: bytes) -> InputError | None:
    """The error for the first context given as a link, which would have to be fetched."""
    for match in _JSON_CONTEXT.finditer(data):
        link = re.compile(rb'[^{}]*?"((?:[^"\\]|\\.)*)"').match(data, match.end() - 1)
        if link:
            name = link[1].decode(errors="replace")
            message = f"remote context {name} is not allowed: nothing is fetched"
            return _fail(path, data, match.start(), message, "Write the context into the file")
    return None


def _check_xml(path: Path, data: bytes) -> None:
    """Refuses a DOCTYPE (entities can read files and grow without bound), deep nesting, bad XML."""
    parser = expat.ParserCreate()
    depth = 0

    def refuse_doctype(*_: object) -> None:
        raise _fail(path, data, data.find(b"<!DOCTYPE"), "DOCTYPE is not allowed")

    def open_element(*_: object) -> None:
        nonlocal depth
        depth += 1
        if depth > DEEPEST:
            offset = parser.CurrentByteIndex
            raise _fail(path, data, offset, f"nesting is deeper than {DEEPEST}")

    def close_element(*_: object) -> None:
        nonlocal depth
        depth -= 1

    parser.StartDoctypeDeclHandler = refuse_doctype
    parser.StartElementHandler = open_element
    parser.EndElementHandler = close_element
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        message = expat.errors.messages[error.code]
        raise InputError(message, file=path, line=error.lineno, column=error.offset + 1) from None


def check_literals(path: Path, terms: TermDictionary, first: int) -> None:
    """Refuses U+0000 in terms from id ``first`` on: databases and spreadsheets cut text there."""
    text, offsets = terms.text
    if (text[offsets[first] :] == 0).any():
        data = path.read_bytes()
        match = re.search(rb"\\u0000|\\U00000000|\x00", data)
        line, column = position_of(data, match.start()) if match else (None, None)
        message = "control character U+0000 is not allowed in text"
        raise InputError(message, file=path, line=line, column=column)


def find_unsupported_term(data: bytes) -> tuple[int | None, int | None]:
    match = _DIRECTION.search(data) or re.search(rb"\{\||@direction|annotation", data)
    return position_of(data, match.start()) if match else (None, None)
