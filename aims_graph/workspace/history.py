"""What happened between two moments, and taking it back."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from pyoxigraph import Quad

from aims_graph.assessment import Assessment, Finding, State, evaluate
from aims_graph.columns import Columns
from aims_graph.errors import InputError
from aims_graph.journal import Entry, Journal, read_quads
from aims_graph.journal.payload import is_withheld
from aims_graph.workspace.dataset import Dataset
from aims_graph.workspace.workspace import Workspace


@dataclass(frozen=True, slots=True)
class QuadChange:
    """Lines of N-Quads that are there at the later moment only, and at the earlier one only."""

    added: list[bytes]
    removed: list[bytes]


@dataclass(frozen=True, slots=True)
class StateChange:
    """A requirement by number and title, and its state at both moments."""

    number: str
    title: str
    before: State
    after: State


@dataclass(frozen=True, slots=True)
class Conformance:
    """How findings and states of requirements differ between two evaluations."""

    appeared: list[Finding]
    gone: list[Finding]
    states: list[StateChange]


def find_entry(journal: Journal, sequence: int) -> Entry:
    """Raises InputError when there is no such entry."""
    last = 0
    for entry in journal.entries():
        if entry.sequence == sequence:
            return entry
        last = entry.sequence
    raise InputError(f"there is no entry {sequence}", hint=f"The last one is {last}")


def difference(journal: Journal, before: int, after: int) -> QuadChange:
    """The net change from one entry to a later or an earlier one."""
    low, high = sorted((before, after))
    first: dict[bytes, bool] = {}
    last: dict[bytes, bool] = {}
    for line, present in _changes(journal, low, high):
        first.setdefault(line, present)
        last[line] = present
    # Entries hold effective changes only: what was first added was not there before.
    added = sorted(line for line, present in last.items() if present and first[line])
    removed = sorted(line for line, present in last.items() if not present and not first[line])
    return QuadChange(added, removed) if before <= after else QuadChange(removed, added)


def _changes(journal: Journal, low: int, high: int) -> Iterator[tuple[bytes, bool]]:
    for entry in journal.entries():
        if entry.sequence > high:
            return
        if entry.sequence > low:
            payload = entry.load()
            yield from ((line, False) for line in payload.removed if not is_withheld(line))
            yield from ((line, True) for line in payload.added if not is_withheld(line))


def compare(
    before: Columns, after: Columns, *, as_of: date, ontology: Columns, shapes: Columns
) -> Conformance:
    """Evaluates both with the same rules and date, so that only the data make a difference."""
    old, new = (
        evaluate(data, as_of=as_of, ontology=ontology, shapes=shapes) for data in (before, after)
    )
    return difference_of(old, new)


def difference_of(old: Assessment, new: Assessment) -> Conformance:
    """How the two differ, which are of the same rules and date."""
    return Conformance(
        _without(new.findings, old.findings),
        _without(old.findings, new.findings),
        list(_state_changes(old, new)),
    )


def _without(findings: list[Finding], others: list[Finding]) -> list[Finding]:
    known = {finding.fingerprint for finding in others}
    return [finding for finding in findings if finding.fingerprint not in known]


def _state_changes(old: Assessment, new: Assessment) -> Iterator[StateChange]:
    before = {requirement.iri: result.state for requirement, result in old.by_requirement.items()}
    for requirement, result in new.by_requirement.items():
        state = before.get(requirement.iri, State.UNKNOWN)
        if state is not result.state:
            yield StateChange(requirement.number, requirement.title, state, result.state)


@dataclass(frozen=True, slots=True)
class Reversal:
    """``left``: changes of the entry that later entries had undone; ``withheld``: lines that were
    redacted and cannot be taken back.
    """

    entry: Entry | None
    left: int
    withheld: int


def revert(
    workspace: Workspace, sequence: int, *, reason: str = "", actor: str | None = None
) -> Reversal:
    """A new entry that undoes what is still in effect of an earlier one. Nothing is erased.

    Raises InputError for a redaction, and for an entry of which redactions have left nothing.
    """
    undone = find_entry(workspace.journal, sequence)
    payload = undone.load()
    come, gone = read_quads(payload.removed), read_quads(payload.added)
    if undone.redacts:
        raise InputError(
            f"entry {sequence} is a redaction: what it withheld is gone for good",
            hint="Record it anew, if it may be recorded",
        )
    if payload.withheld and not come and not gone:
        raise InputError(
            f"all of entry {sequence} was redacted later: nothing of it can be taken back",
            hint="`aims log` tells which entries are redactions",
        )
    left = 0

    def work(dataset: Dataset) -> tuple[list[Quad], list[Quad]]:
        nonlocal left
        effective = (
            [quad for quad in come if quad not in dataset],
            [quad for quad in gone if quad in dataset],
        )
        left = len(come) + len(gone) - sum(map(len, effective))
        return effective

    entry = workspace.change(
        work,
        reason=reason or f"Reverted entry {sequence}: {undone.reason}",
        source=undone.source,
        actor=actor,
    )
    return Reversal(entry, left, payload.withheld)
