"""Entries as the tests write them."""

from aims_graph.journal import Draft, Entry, Journal, Payload

DRAFT = Draft("Ada", "because", "test")


def add(journal: Journal, *lines: str, removed: tuple[str, ...] = ()) -> Entry:
    """Appends an entry as a writer does."""
    with journal.writing():
        for _ in journal.advance():
            pass
        journal.recover()
        payload = Payload([line.encode() for line in lines], [line.encode() for line in removed])
        return journal.append(DRAFT, payload)


def quad(number: int, text: str = "x") -> str:
    return f'<urn:s{number}> <urn:p> "{text}" <urn:g> .'
