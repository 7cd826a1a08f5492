"""Labels of blank nodes, which are local to a file."""

import re
from typing import Final

from pyoxigraph import BlankNode

from .terms import Term

#: What the native parser draws at random for nodes without a label.
_GENERATED: Final = re.compile("[0-9a-f]{25,32}")


class BlankLabels:
    """Names blank nodes of one file apart from those of other files, the same in each run.

    In documents, nodes without label become g-1, g-2 … in the order they are met, and written
    labels in that form make way.
    """

    def __init__(self, prefix: str, *, document: bool) -> None:
        self._prefix = prefix
        self._document = document
        self._generated: dict[str, str] = {}

    def name(self, label: str) -> str:
        if not self._document:
            return self._prefix + label
        if _GENERATED.fullmatch(label):
            return self._generated.setdefault(label, f"{self._prefix}g-{len(self._generated) + 1}")
        return self._prefix + ("u-" + label if label.startswith(("g-", "u-")) else label)

    def rename(self, term: Term) -> Term:
        return BlankNode(self.name(term.value)) if isinstance(term, BlankNode) else term
