"""Reads YAML as text with places: no aliases, no tags, no duplicate keys, no guessed types.

A scalar stays what was written (``NO`` is "NO", ``1.10`` is "1.10"); whoever uses it decides by the
expected type, so nothing is changed by the reading. Anchors, aliases, merge keys and tags are
refused: they are how a small file becomes a large one, and no mapping needs them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import yaml

from aims_graph.errors import InputError

MAX_BYTES: Final = 64 * 1024 * 1024
MAX_DEPTH: Final = 64
MAX_NODES: Final = 2_000_000

_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NULLS: Final = frozenset({"", "~", "null", "Null", "NULL"})


@dataclass(frozen=True, slots=True)
class Scalar:
    text: str
    quoted: bool
    line: int
    column: int

    @property
    def is_null(self) -> bool:
        return not self.quoted and self.text in _NULLS


@dataclass(frozen=True, slots=True)
class ListNode:
    line: int
    column: int
    items: list["Node"] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class MapNode:
    line: int
    column: int
    entries: dict[str, "Node"] = field(default_factory=dict)
    keys: dict[str, Scalar] = field(default_factory=dict)


Node = Scalar | ListNode | MapNode


def read_yaml(path: Path) -> Node:
    """The one document of the file. Raises InputError with line and column."""
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise InputError(f"the file has {size:,} bytes, more than {MAX_BYTES:,}", file=path)
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", file=path) from error
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InputError("the text is not UTF-8", file=path, line=line) from error
    return parse_yaml(text, path)


def parse_yaml(text: str, file: Path | str) -> Node:
    """As read_yaml; ``file`` is only named in errors."""
    try:
        return _build(yaml.parse(text, Loader=_LOADER), file)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = ""
        if error.problem and error.context_mark is not None:
            where = f" ({error.context}, which begins on line {error.context_mark.line + 1})"
        raise InputError(
            f"not YAML: {error.problem or error.context}{where}",
            file=file,
            line=None if mark is None else mark.line + 1,
            column=None if mark is None else mark.column + 1,
        ) from error
    except yaml.YAMLError as error:
        position = getattr(error, "position", None)
        line = None if position is None else text.count("\n", 0, position) + 1
        raise InputError(f"not YAML: {error}", file=file, line=line) from error


class _Tree:
    """Builds nodes from events without recursion, so depth costs nothing but the limit."""

    def __init__(self, file: Path | str) -> None:
        self.file = file
        self.root: Node | None = None
        self.stack: list[ListNode | MapNode] = []
        self.pending: list[Scalar | None] = []  # the key that waits for its value, per open node
        self.count = 0

    def fail(self, message: str, line: int, column: int, hint: str | None = None) -> InputError:
        return InputError(message, file=self.file, line=line, column=column, hint=hint)

    def add(self, node: Node) -> None:
        self.count += 1
        if self.count > MAX_NODES:
            raise self.fail(f"more than {MAX_NODES:,} nodes", node.line, node.column)
        if not self.stack:
            self.root = node
            return
        parent = self.stack[-1]
        if isinstance(parent, ListNode):
            parent.items.append(node)
            return
        key = self.pending[-1]
        if key is not None:
            parent.entries[key.text] = node
            self.pending[-1] = None
            return
        if not isinstance(node, Scalar):
            raise self.fail("a key must be plain text", node.line, node.column)
        if node.text == "<<" and not node.quoted:
            raise self.fail(
                "merge keys are not allowed", node.line, node.column, "Write the keys out."
            )
        if node.text in parent.keys:
            first = parent.keys[node.text]
            raise self.fail(
                f"key {node.text!r} on line {node.line} was already given on line {first.line}",
                node.line,
                node.column,
                "Keep one of the two.",
            )
        parent.keys[node.text] = node
        self.pending[-1] = node

    def open(self, node: ListNode | MapNode) -> None:
        self.add(node)
        self.stack.append(node)
        self.pending.append(None)
        if len(self.stack) > MAX_DEPTH:
            raise self.fail(f"nested deeper than {MAX_DEPTH}", node.line, node.column)

    def close(self) -> None:
        self.stack.pop()
        self.pending.pop()


def _build(events: Iterator[yaml.Event], file: Path | str) -> Node:
    tree = _Tree(file)
    for event in events:
        assert event.start_mark is not None
        line, column = event.start_mark.line + 1, event.start_mark.column + 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
            raise tree.fail(
                "anchors and aliases are not allowed", line, column, "Write the value out."
            )
        tag = getattr(event, "tag", None)
        if tag not in (None, "!"):
            raise tree.fail(f"the tag {tag} is not allowed", line, column)
        if isinstance(event, yaml.ScalarEvent):
            tree.add(Scalar(event.value, not event.implicit[0], line, column))
        elif isinstance(event, yaml.SequenceStartEvent):
            tree.open(ListNode(line, column))
        elif isinstance(event, yaml.MappingStartEvent):
            tree.open(MapNode(line, column))
        elif isinstance(event, yaml.CollectionEndEvent):
            tree.close()
        elif isinstance(event, yaml.DocumentStartEvent) and tree.root is not None:
            raise tree.fail("only one document is allowed in a file", line, column)
    if tree.root is None:
        raise InputError("the file is empty", file=file)
    return tree.root
