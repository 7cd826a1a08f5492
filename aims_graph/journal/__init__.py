"""The record of every change: append-only, hash-chained, the only source of truth of a workspace.

The format is specified in docs/journal.md.
"""

from aims_graph.journal.entry import Draft, Entry, quad_line, read_quads
from aims_graph.journal.errors import JournalError, LockedError, ReadOnlyError
from aims_graph.journal.log import Journal, Position
from aims_graph.journal.payload import Lines, Payload

__all__ = [
    "Draft",
    "Entry",
    "Journal",
    "JournalError",
    "Lines",
    "LockedError",
    "Payload",
    "Position",
    "ReadOnlyError",
    "quad_line",
    "read_quads",
]
