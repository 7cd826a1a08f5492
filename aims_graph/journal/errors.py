"""What can be wrong with a journal, or in the way of writing to it."""

from aims_graph.errors import InputError


class JournalError(InputError):
    """The journal is damaged, or cannot be written."""


class LockedError(JournalError):
    """Somebody else is writing."""


class ReadOnlyError(JournalError):
    """The disk took no more. Nothing was recorded; writing goes on when the disk takes it again."""
