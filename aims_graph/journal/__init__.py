"""The record of every change: append-only, hash-chained, the only source of truth of a workspace."""

from aims_graph.journal.log import Entry, Journal, JournalError

__all__ = ["Entry", "Journal", "JournalError"]
