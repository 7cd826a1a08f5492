"""A moment in the life of a workspace, as people name it."""

from datetime import UTC, date, datetime, time, timedelta

from aims_graph.errors import InputError
from aims_graph.journal import Journal


def find_moment(journal: Journal, text: str) -> int:
    """The entry that a number, or the last one up to a date or time, means; 0 is before the first.

    A date means its end, a time without zone is UTC. Raises InputError on anything else.
    """
    if text.isascii() and text.isdigit():
        number = int(text)
        last = 0
        for entry in journal.entries():
            last = entry.sequence
            if last == number:
                return number
        if number > last:
            raise InputError(f"there is no entry {number}", hint=f"The last one is {last}")
        return number
    end = _end_of(text)
    found = 0
    for entry in journal.entries():
        if datetime.fromisoformat(entry.time) > end:
            break
        found = entry.sequence
    return found


def day_of(journal: Journal, text: str, number: int) -> date:
    """The date at which the rules of a moment are judged: the one named, or that of the entry."""
    if not (text.isascii() and text.isdigit()):
        return _end_of(text).date()
    for entry in journal.entries():
        if entry.sequence >= number:
            return datetime.fromisoformat(entry.time).date()
    return datetime.now(UTC).date()


def _end_of(text: str) -> datetime:
    try:
        if len(text) == len("2026-06-30"):
            day = date.fromisoformat(text)
            return datetime.combine(day, time(tzinfo=UTC)) + timedelta(days=1, microseconds=-1)
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise InputError(
            f"{text!r} is no moment",
            hint="Give the number of an entry, or 2026-06-30, or 2026-06-30T12:00",
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
