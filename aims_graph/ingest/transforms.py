"""What may be done to a cell before it becomes a value. Each takes and gives a list of texts."""

import re
from collections.abc import Callable
from typing import Final

import regex

from aims_graph.errors import InputError

Transform = Callable[[list[str]], list[str]]

MAX_PATTERN: Final = 500
#: For one pattern on one cell; cells have at most 131,072 characters.
SECONDS: Final = 2.0
_SIMPLE: Final[dict[str, Callable[[str], str]]] = {
    "trim": str.strip,
    "collapse": lambda text: " ".join(text.split()),
    "lower": str.lower,
    "upper": str.upper,
}
_QUOTED: Final = r"(?:'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\")"
_LIST_ITEM: Final = re.compile(rf"\s*{_QUOTED}\s*(,|$)", re.DOTALL)
_ESCAPE: Final = re.compile(r"\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|.)", re.DOTALL)
_ESCAPES: Final = {"n": "\n", "t": "\t", "r": "\r", "\n": ""}

NAMES: Final = (*_SIMPLE, "python-list", "split", "extract", "replace", "drop")


class CellError(ValueError):
    """A cell that a transform cannot read; reported with its place."""


class Pattern:
    """A regular expression from a mapping file, in bounded time."""

    def __init__(self, text: str) -> None:
        """Raises ValueError."""
        if len(text) > MAX_PATTERN:
            raise ValueError(f"the pattern is longer than {MAX_PATTERN} characters")
        try:
            self.compiled = regex.compile(text)
        except regex.error as error:
            raise ValueError(f"not a regular expression: {error}") from error

    def find(self, text: str) -> str | None:
        """The first group of the first match, or the whole match without groups."""
        try:
            match = self.compiled.search(text, timeout=SECONDS)
        except TimeoutError as error:
            raise self.slow() from error
        if match is None:
            return None
        return (match[1] or "") if self.compiled.groups else match[0]

    def replace(self, replacement: str, text: str) -> str:
        try:
            return str(self.compiled.sub(replacement, text, timeout=SECONDS))
        except TimeoutError as error:
            raise self.slow() from error

    def slow(self) -> InputError:
        return InputError(
            f"the pattern {self.compiled.pattern!r} needs more than {SECONDS:g} s for one cell",
            hint="Avoid repetitions inside repetitions.",
        )


def simple(name: str) -> Transform:
    """``trim``, ``collapse``, ``lower``, ``upper`` or ``python-list``. Raises KeyError."""
    if name == "python-list":
        return lambda texts: [item for text in texts for item in read_list(text)]
    change = _SIMPLE[name]
    return lambda texts: [change(text) for text in texts]


def split(separator: str) -> Transform:
    return lambda texts: [part.strip() for text in texts for part in text.split(separator)]


def drop(values: frozenset[str]) -> Transform:
    return lambda texts: [text for text in texts if text not in values]


def extract(pattern: str) -> Transform:
    """The first group, or the whole match; a text without a match is a CellError."""
    compiled = Pattern(pattern)

    def apply(texts: list[str]) -> list[str]:
        found = []
        for text in texts:
            part = compiled.find(text)
            if part is None:
                raise CellError(f"does not match {pattern!r}")
            found.append(part)
        return found

    return apply


def replace(pattern: str, replacement: str) -> Transform:
    r"""``\1`` in the replacement is the first group. Raises ValueError."""
    compiled = Pattern(pattern)
    for reference in re.findall(r"\\(.?)", replacement):
        if not ("1" <= reference <= "9" and int(reference) <= compiled.compiled.groups):
            raise ValueError(f"the replacement names a group \\{reference} that the pattern lacks")
    return lambda texts: [compiled.replace(replacement, text) for text in texts]


def read_list(text: str) -> list[str]:
    """The strings of a flat Python list literal such as ``['a', "b"]``; nothing is evaluated."""
    body = text.strip()
    if not body:
        return []
    if not (body.startswith("[") and body.endswith("]")):
        raise CellError("is no list such as ['a', 'b']")
    body = body[1:-1].strip()
    items = []
    position = 0
    while position < len(body):
        match = _LIST_ITEM.match(body, position)
        if match is None:
            raise CellError("is no list of quoted texts")
        raw = match[1] if match[1] is not None else match[2]
        items.append(_ESCAPE.sub(_unescape, raw))
        position = match.end()
    return items


def _unescape(match: re.Match[str]) -> str:
    code = match[1]
    if len(code) > 1:
        char = chr(int(code[1:], 16))
        return "\ufffd" if "\ud800" <= char <= "\udfff" else char
    return _ESCAPES.get(code, code)
