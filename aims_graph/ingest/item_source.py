"""Tables from YAML and JSON: a list of maps, or a map of maps whose keys become ``@key``.

Maps inside a row become columns with dotted names, lists of plain values list-valued cells.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from aims_graph.errors import InputError
from aims_graph.ingest.csv_source import decode
from aims_graph.ingest.tables import MAX_ROWS, Cell, Row, Table, TableOptions
from aims_graph.ingest.yaml_source import MAX_DEPTH, ListNode, MapNode, Node, Scalar, read_yaml

KEY: Final = "@key"
_LONGEST_NUMBER: Final = 100


def read_items(path: Path, options: TableOptions, format_: str) -> Table:
    """Raises InputError with line (YAML) or JSON pointer."""
    root = read_yaml(path) if format_ == "yaml" else read_json(path)
    for step in (options.items or "").split("."):
        if step:
            found = root.entries.get(step) if isinstance(root, MapNode) else None
            if found is None:
                raise InputError(
                    f"there is no {options.items!r} in it", file=path, line=root.line or None
                )
            root = found
    if isinstance(root, ListNode):
        pairs: list[tuple[str | None, Node]] = [(None, item) for item in root.items]
    elif isinstance(root, MapNode) and all(isinstance(v, MapNode) for v in root.entries.values()):
        pairs = list(root.entries.items())
    else:
        pairs = [(None, root)]
    if len(pairs) > MAX_ROWS:
        raise InputError(f"more than {MAX_ROWS:,} rows", file=path)
    found_rows = [_flatten(key, item, path) for key, item in pairs]
    header = list(dict.fromkeys(name for cells in found_rows for name in cells))
    rows = [
        Row(number, item.line or None, [cells.get(name, "") for name in header])
        for number, ((_, item), cells) in enumerate(zip(pairs, found_rows, strict=True), start=1)
    ]
    return Table(path, format_, header, rows)


def _flatten(key: str | None, item: Node, path: Path) -> dict[str, Cell]:
    cells: dict[str, Cell] = {} if key is None else {KEY: key}
    if not isinstance(item, MapNode):
        raise InputError(
            "a row must be a map of column names to values", file=path, line=item.line or None
        )
    waiting: list[tuple[str, Node]] = list(reversed(item.entries.items()))
    while waiting:
        name, node = waiting.pop()
        if isinstance(node, Scalar):
            cells[name] = "" if node.is_null else node.text
        elif isinstance(node, MapNode):
            waiting += [
                (f"{name}.{inner}", value) for inner, value in reversed(node.entries.items())
            ]
        else:
            texts = [part.text for part in node.items if isinstance(part, Scalar)]
            if len(texts) != len(node.items):
                raise InputError(
                    f"{name!r}: a list inside a row may hold plain values only",
                    file=path,
                    line=node.line or None,
                    hint="Give the mapping a source of its own for it ('items:').",
                )
            cells[name] = tuple(texts)
    return cells


@dataclass(frozen=True, slots=True)
class _Number:
    text: str


def read_json(path: Path) -> Node:
    """JSON as the same nodes as YAML (numbers keep their text). No places: pointers in errors.

    Raises InputError for NaN, Infinity, numbers beyond xsd:double, lone surrogates, duplicate keys.
    """
    text, _, _ = decode(path.read_bytes(), path, "utf-8")
    try:
        data = json.loads(
            text,
            parse_int=_Number,
            parse_float=_Number,
            parse_constant=_Number,
            object_pairs_hook=tuple,
        )
    except json.JSONDecodeError as error:
        raise InputError(
            f"not JSON: {error.msg}", file=path, line=error.lineno, column=error.colno
        ) from error
    except RecursionError as error:
        raise InputError(f"nested deeper than {MAX_DEPTH}", file=path) from error
    return _node(data, "", path, 0)


def _node(data: Any, pointer: str, path: Path, depth: int) -> Node:
    if depth > MAX_DEPTH:
        raise InputError(f"{pointer[:80]}…: nested deeper than {MAX_DEPTH}", file=path)
    if isinstance(data, tuple):
        entries: dict[str, Node] = {}
        for key, value in data:
            place = f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}"
            _check_text(key, place, path)
            if key in entries:
                raise InputError(f"{place}: the key is given twice", file=path)
            entries[key] = _node(value, place, path, depth + 1)
        return MapNode(0, 0, entries)
    if isinstance(data, list):
        items = [_node(item, f"{pointer}/{i}", path, depth + 1) for i, item in enumerate(data)]
        return ListNode(0, 0, items)
    if isinstance(data, str):
        _check_text(data, pointer, path)
        return Scalar(data, True, 0, 0)
    if isinstance(data, _Number):
        _check_number(data.text, pointer, path)
        return Scalar(data.text, False, 0, 0)
    return Scalar("null" if data is None else str(data).lower(), False, 0, 0)


def _check_text(text: str, pointer: str, path: Path) -> None:
    if not text.isascii() and any("\ud800" <= char <= "\udfff" for char in text):
        shown = pointer.encode("ascii", "backslashreplace").decode()
        raise InputError(f"{shown}: half of a surrogate pair is no character", file=path)


def _check_number(text: str, pointer: str, path: Path) -> None:
    if len(text) > _LONGEST_NUMBER:
        raise InputError(f"{pointer}: a number of {len(text):,} characters", file=path)
    if float(text) in (float("inf"), float("-inf")) or text == "NaN":
        raise InputError(
            f"{pointer}: {text} is no number", file=path, hint="Leave it out or write null."
        )
