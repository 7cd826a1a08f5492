"""Full verification of a journal: every byte of it, and that it continues a head kept elsewhere."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from aims_graph.journal import merkle
from aims_graph.journal.blobs import unreferenced
from aims_graph.journal.errors import JournalError
from aims_graph.journal.heads import Head
from aims_graph.journal.log import BLOBS, Journal


@dataclass(slots=True)
class Verification:
    """``problems`` are proof of change or damage; ``notices`` are none. ``leaves`` are the hashes of
    the entries up to the first problem, ``size`` the bytes of their lines, ``blobs`` what they name.
    """

    journal: str = ""
    leaves: list[bytes] = field(default_factory=list)
    size: int = 0
    blobs: set[str] = field(default_factory=set)
    withheld: int = 0
    problems: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        return not self.problems

    @property
    def head(self) -> Head:
        return Head.of(self.journal, self.leaves)


def verify(folder: Path, head: Head | None = None) -> Verification:
    """Reads the whole journal and changes nothing. Without a head, damage is found, but not a
    truncation or a journal that somebody wrote anew.
    """
    result = Verification()
    try:
        journal = Journal(folder)
        result.journal = journal.genesis.hash
        _verify_entries(journal, result)
    except JournalError as error:
        result.problems.append(str(error))
    else:
        if journal.tail is not None:
            result.notices.append(
                f"{journal.tail.size} bytes after entry {len(result.leaves)} are no entry; "
                "they were never acknowledged"
            )
        for path in unreferenced(folder / BLOBS, result.blobs):
            result.notices.append(f"no entry names {path.name}; `aims rebuild` removes it")
    if head is not None:
        compare(result, head)
    return result


def _verify_entries(journal: Journal, result: Verification) -> None:
    withheld: Counter[int] = Counter()
    declared: Counter[int] = Counter()
    for entry in journal.advance():
        payload = entry.load()
        result.leaves.append(bytes.fromhex(entry.hash))
        withheld[entry.sequence] += payload.withheld
        declared.update(entry.redacts)
        if entry.blob:
            result.blobs.add(entry.blob)
    result.size = journal.position.end
    result.withheld = withheld.total()
    for sequence in sorted((withheld - declared) | (declared - withheld)):
        result.problems.append(
            f"entry {sequence} withholds {withheld[sequence]} lines; "
            f"redactions on record withhold {declared[sequence]}"
        )


def compare(result: Verification, head: Head) -> None:
    """Adds what shows that the journal does not continue ``head``."""
    if result.journal and result.journal != head.journal:
        result.problems.append("this is another journal than the one the head is of")
        return
    size = len(result.leaves)
    if size < head.size:
        result.problems.append(
            f"the journal holds {size} good entries, the head {head.size}: "
            "entries were removed, changed or rolled back"
        )
    elif merkle.root(result.leaves[: head.size]).hex() != head.root:
        result.problems.append(
            f"the first {head.size} entries are not those the head was made of: "
            "entries were changed, exchanged or left out"
        )
