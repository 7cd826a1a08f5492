"""Choosing, ordering and paging findings; what was chosen once is kept with its evaluation."""

import base64
import binascii
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from aims_api.evaluation import Snapshot
from aims_api.problems import ProblemError
from aims_graph.assessment import SEVERITIES, Finding, State, number_key
from aims_graph.assessment.findings import literal
from aims_graph.columns.reader import Term

SORTS: Final = ("requirement", "severity", "state", "owner", "label", "rule")
_PLACES: Final = "places of findings"
_FEW: Final = 200
GROUPINGS: Final = ("requirement", "system", "owner", "rule", "severity", "state")


@dataclass(frozen=True, slots=True)
class Choice:
    """None where anything goes. ``text`` is looked for in message, label and rule."""

    requirement: str | None = None
    severity: str | None = None
    state: str | None = None
    system: Term | None = None
    owner: Term | None = None
    focus: Term | None = None
    rule: str | None = None
    in_progress: bool | None = None
    text: str | None = None
    sort: str = "requirement"


class Chosen(list[Finding]):
    """In order, with the place of each."""

    @cached_property
    def places(self) -> dict[str, int]:
        return {finding.fingerprint: place for place, finding in enumerate(self)}


def choose(snapshot: Snapshot, choice: Choice) -> Chosen:
    """In order; the fingerprint decides between equals."""
    return snapshot.once(("findings", choice), lambda of: Chosen(_choose(of, choice)), "assessment")


def are_few(snapshot: Snapshot, choice: Choice) -> bool:
    """Whether ``choose`` has few findings to look at, or none."""
    if snapshot.known(("findings", choice)) is not None:
        return True
    if snapshot.known(_PLACES) is None:
        return False
    some = _narrowed(snapshot, choice)
    return some is not None and len(some) <= _FEW


def _choose(snapshot: Snapshot, choice: Choice) -> list[Finding]:
    tests = list(_tests(snapshot, choice))
    name, turned = choice.sort.removeprefix("-"), choice.sort.startswith("-")
    some = _narrowed(snapshot, choice)
    found = ordered(snapshot, name) if some is None else some
    found = [f for f in found if all(test(f) for test in tests)]
    if some is not None:
        found = _sorted(snapshot, found, name)
    if turned:
        found.reverse()
    return found


def ordered(snapshot: Snapshot, sort: str) -> list[Finding]:
    """All findings by one of SORTS."""
    return snapshot.once(
        ("ordered findings", sort), lambda of: _sorted(of, of.findings, sort), "assessment"
    )


def _sorted(snapshot: Snapshot, findings: Iterable[Finding], name: str) -> list[Finding]:
    key = _sort_key(snapshot, name)
    return sorted(findings, key=lambda f: (key(f), f.fingerprint))


class Places:
    """Findings by what most choices ask for, so that few have to be looked at."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.by_requirements: dict[tuple[Term, ...], list[Finding]] = {}
        self.by_value: dict[tuple[str, object], list[Finding]] = {}
        for f in findings:
            self.by_requirements.setdefault(f.requirements, []).append(f)
            for key in (("owner", f.owner), ("focus", f.focus), ("rule", f.rule.name)):
                self.by_value.setdefault(key, []).append(f)
            for system in f.systems:
                self.by_value.setdefault(("system", system), []).append(f)


def places_of(snapshot: Snapshot) -> Places:
    return snapshot.once(_PLACES, lambda of: Places(of.findings), "assessment")


def _narrowed(snapshot: Snapshot, choice: Choice) -> list[Finding] | None:
    """Findings of the requirement among the fewest that hold all that are chosen; None for all there are."""
    places = places_of(snapshot)
    found = [
        places.by_value.get((name, value), [])
        for name in ("system", "owner", "focus", "rule")
        if (value := getattr(choice, name)) is not None
    ]
    fewest = min(found, key=len, default=None)
    if choice.requirement is None:
        return fewest
    numbers, wanted = snapshot.assessment.numbers, choice.requirement
    about = {
        requirements
        for requirements, group in places.by_requirements.items()
        if any(n == wanted or n.startswith(wanted + ".") for n in numbers(group[0]))
    }
    if fewest is not None:
        return [f for f in fewest if f.requirements in about]
    return [f for requirements in about for f in places.by_requirements[requirements]]


def _tests(snapshot: Snapshot, choice: Choice) -> Iterable[Callable[[Finding], bool]]:
    """Of all but the requirement."""
    if choice.severity is not None:
        yield lambda f: f.severity == choice.severity
    if choice.state is not None:
        yield lambda f: f.counts and str(f.state) == choice.state
    if choice.system is not None:
        yield lambda f: choice.system in f.systems
    if choice.owner is not None:
        yield lambda f: f.owner == choice.owner
    if choice.focus is not None:
        yield lambda f: f.focus == choice.focus
    if choice.rule is not None:
        yield lambda f: f.rule.name == choice.rule
    if choice.in_progress is not None:
        yield lambda f: bool(f.progress) is choice.in_progress
    if choice.text:
        text, label = choice.text.casefold(), snapshot.assessment.data.label
        yield (
            lambda f: (
                text in f.message.casefold()
                or text in f.rule.name.casefold()
                or text in label(f.focus).casefold()
            )
        )


def _sort_key(snapshot: Snapshot, sort: str) -> Callable[[Finding], Any]:
    assessment, label = snapshot.assessment, snapshot.assessment.data.label
    ranks = {name: rank for rank, name in enumerate(SEVERITIES)}
    known: dict[tuple[object, ...], tuple[int, ...]] = {}

    def by_requirement(f: Finding) -> tuple[int, ...]:
        if f.requirements not in known:
            found = [number_key(number) for number in assessment.numbers(f)]
            known[f.requirements] = min(found, default=(9,))
        return known[f.requirements]

    match sort:
        case "severity":
            return lambda f: (ranks.get(f.severity, 9), by_requirement(f))
        case "state":
            return lambda f: (f.state is not State.NOT_MET, by_requirement(f))
        case "owner":
            return lambda f: "" if f.owner is None else label(f.owner).casefold()
        case "label":
            return lambda f: label(f.focus).casefold()
        case "rule":
            return lambda f: f.rule.name
    return by_requirement


def page(found: Chosen, cursor: str | None, limit: int) -> tuple[list[Finding], str | None]:
    """The findings after the cursor. It names the last one shown, so that findings that come or go
    meanwhile neither hide others nor show them twice.
    """
    start = 0
    if cursor is not None:
        last, position = _read_cursor(cursor)
        place = found.places.get(last)
        start = min(position, len(found)) if place is None else place + 1
    shown = found[start : start + limit]
    end = start + len(shown)
    if end >= len(found) or not shown:
        return shown, None
    text = json.dumps([shown[-1].fingerprint, end])
    return shown, base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read_cursor(cursor: str) -> tuple[str, int]:
    try:
        data = cursor.encode("ascii")
        last, position = json.loads(base64.urlsafe_b64decode(data + b"=" * (-len(data) % 4)))
        if isinstance(last, str) and isinstance(position, int) and position >= 0:
            return last, position
    except (binascii.Error, ValueError, TypeError, RecursionError):
        pass
    raise ProblemError(422, "validation-failed", "the cursor is none of ours")


def group(snapshot: Snapshot, found: list[Finding], by: str) -> list[dict[str, Any]]:
    """Counts by value, the most findings first; a finding of two requirements counts for both."""
    groups: dict[Any, list[int]] = {}
    for finding in found:
        for value in _values(snapshot, finding, by):
            entry = groups.setdefault(value, [0, 0, 0])
            entry[0] += 1
            if finding.counts:
                entry[1 if finding.state is State.NOT_MET else 2] += 1
    rows = [
        {
            "value": _text(value),
            "label": _label(snapshot, value, by),
            "count": count,
            "not_met": not_met,
            "unknown": unknown,
        }
        for value, (count, not_met, unknown) in groups.items()
    ]
    rows.sort(key=lambda row: (-int(row["count"] or 0), str(row["value"])))
    return rows


def _values(snapshot: Snapshot, finding: Finding, by: str) -> Iterable[Any]:
    match by:
        case "requirement":
            return snapshot.assessment.numbers(finding) or [None]
        case "system":
            return finding.systems or [None]
        case "owner":
            return [finding.owner]
        case "rule":
            return [finding.rule.name]
        case "severity":
            return [finding.severity]
    return [str(finding.state)]


def _text(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else literal(value)


def _label(snapshot: Snapshot, value: Any, by: str) -> str | None:
    if value is None or by in ("severity", "state", "rule"):
        return None
    if by == "requirement":
        return next(
            (r.title for r in snapshot.assessment.requirements.values() if r.number == value), None
        )
    return snapshot.reader.label(value)
