"""What others have changed of a record since somebody began to edit it."""

from collections.abc import Iterable
from dataclasses import dataclass

from pyoxigraph import NamedNode, Quad

from aims_api.callers import Caller
from aims_api.core import Core
from aims_api.patches import graph_of
from aims_graph.journal import Entry, read_quads


@dataclass(frozen=True, slots=True)
class NodeChange:
    """The part of a journal entry that is about one node, in graphs that the reader may read."""

    entry: Entry
    added: list[Quad]
    removed: list[Quad]


def changes_since(core: Core, caller: Caller, node: NamedNode, sequence: int) -> list[NodeChange]:
    """The newest last."""
    found = []
    for entry in core.workspace.journal.entries():
        if entry.sequence > sequence:
            payload = entry.load()
            added, removed = (
                _about(node, lines, caller) for lines in (payload.added, payload.removed)
            )
            if added or removed:
                found.append(NodeChange(entry, added, removed))
    return found


def _about(node: NamedNode, lines: Iterable[bytes], caller: Caller) -> list[Quad]:
    start = f"{node} ".encode()
    quads = read_quads(line for line in lines if line.startswith(start))
    return [quad for quad in quads if caller.may_read(graph_of(quad))]


def before(quads: Iterable[Quad], changes: list[NodeChange]) -> list[Quad]:
    """What was said when none of the changes was made yet."""
    said = dict.fromkeys(quads)
    for change in reversed(changes):
        for quad in change.added:
            said.pop(quad, None)
        said.update(dict.fromkeys(change.removed))
    return list(said)
