"""Checked access to what a YAML file says: known keys only, expected kinds, errors with places."""

from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import NoReturn

from aims_graph.errors import InputError
from aims_graph.ingest.yaml_source import ListNode, MapNode, Node, Scalar


def suggest(word: str, known: Iterable[str]) -> str | None:
    """A hint for a misspelt word; compares without regard to case."""
    by_fold = {name.casefold(): name for name in known}
    close = get_close_matches(word.casefold(), by_fold, n=1, cutoff=0.7)
    return f"Did you mean {by_fold[close[0]]!r}?" if close else None


class Fields:
    """One map of a file. Raises InputError at the place of what is wrong."""

    def __init__(self, node: Node, file: Path, what: str, known: Iterable[str] | None) -> None:
        self.file = file
        self.what = what
        if not isinstance(node, MapNode):
            self.fail(f"{what} must be a map of keys to values", node)
        self.node = node
        if known is not None:
            allowed = sorted(known)
            for name, key in node.keys.items():
                if name not in allowed:
                    hint = suggest(name, allowed) or f"Known keys: {', '.join(allowed)}."
                    self.fail(f"{what} has no key {name!r}", key, hint)

    def fail(self, message: str, at: Node, hint: str | None = None) -> NoReturn:
        raise InputError(message, file=self.file, line=at.line, column=at.column, hint=hint)

    def __contains__(self, key: str) -> bool:
        return key in self.node.entries

    def get(self, key: str) -> Node | None:
        return self.node.entries.get(key)

    def required(self, key: str) -> Node:
        node = self.node.entries.get(key)
        if node is None:
            self.fail(f"{self.what} needs the key {key!r}", self.node)
        return node

    def scalar(self, key: str) -> Scalar | None:
        node = self.get(key)
        if node is None:
            return None
        if not isinstance(node, Scalar):
            self.fail(f"{key!r} must be a single value", node)
        return node

    def text(self, key: str) -> str | None:
        node = self.scalar(key)
        if node is None:
            return None
        if node.is_null:
            self.fail(f"{key!r} has no value", node)
        return node.text

    def choice(self, key: str, options: Iterable[str], default: str) -> str:
        node = self.scalar(key)
        if node is None:
            return default
        known = list(options)
        if node.text not in known:
            hint = suggest(node.text, known) or f"Known values: {', '.join(known)}."
            self.fail(f"{key!r} cannot be {node.text!r}", node, hint)
        return node.text

    def flag(self, key: str, *, default: bool = False) -> bool:
        return self.choice(key, ("true", "false"), str(default).lower()) == "true"

    def number(self, key: str, default: int) -> int:
        node = self.scalar(key)
        if node is None:
            return default
        if not node.text.isascii() or not node.text.isdigit() or len(node.text) > 9:
            self.fail(f"{key!r} must be a whole number", node)
        return int(node.text)

    def items(self, key: str) -> list[Node]:
        """A list, or a single value as a list of one."""
        node = self.get(key)
        if node is None:
            return []
        return list(node.items) if isinstance(node, ListNode) else [node]

    def texts(self, key: str) -> list[str]:
        found = []
        for node in self.items(key):
            if not isinstance(node, Scalar):
                self.fail(f"{key!r} must be text or a list of texts", node)
            found.append(node.text)
        return found
