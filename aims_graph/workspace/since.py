"""What was written since a moment, for views that follow the journal."""

from collections.abc import Iterable
from typing import Final

from pyoxigraph import Quad

from aims_graph.journal import Entry, Journal, Position

#: More changed quads than this are not replayed: making a view anew is faster.
MANY: Final = 50_000


def entries_since(
    journal: Journal, position: Position | None, *, until: int | None = None
) -> list[Entry] | None:
    """Entries after a remembered position, up to entry ``until``; the journal then stands after the last.

    None when a view of that position has to be made anew: the entry there is another one, something was
    redacted since, which the view may hold, or more than ``MANY`` quads have changed. Raises JournalError.
    """
    if position is None or not journal.resume(position):
        return None
    found: list[Entry] = []
    seen = 0
    for entry in journal.advance(until=until):
        seen += entry.added_count + entry.removed_count
        if entry.redacts or seen > MANY:
            return None
        found.append(entry)
    return found


def net_change(entries: Iterable[Entry]) -> tuple[set[Quad], set[Quad]]:
    """The quads that the entries together bring, and those that they take out."""
    added: set[Quad] = set()
    removed: set[Quad] = set()
    for entry in entries:
        gone, come = set(entry.removed_quads()), set(entry.added_quads())
        added, removed = (
            (added - gone) | (come - removed),
            (removed - come) | (gone - added),
        )
    return added, removed
