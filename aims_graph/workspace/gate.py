"""The gate: what a change would do to the findings, asked before an entry is written."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from pyoxigraph import Quad

from aims_graph.assessment import (
    Finding,
    FindingChange,
    load_ontology,
    read_rules,
    what_if,
    with_ontology,
)
from aims_graph.columns import Columns
from aims_graph.columns.reader import Reader
from aims_graph.errors import InputError
from aims_graph.shacl import Validator, compile_shapes
from aims_graph.workspace.dataset import Dataset, Effect
from aims_graph.workspace.folder import Folder
from aims_graph.workspace.policy import Block, blocked, read_policy


class CommitBlockedError(InputError):
    """The policy forbids the commit; nothing was written."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        count = f"{len(findings)} finding" + "s" * (len(findings) != 1)
        super().__init__(f"the policy of the workspace blocks this commit: it would add {count}")
        self.findings = tuple(findings)


class Moment(NamedTuple):
    """The data after an entry, and the date at which they are judged."""

    dataset: Dataset
    sequence: int
    day: date


class Gate:
    """Asked again and again about small changes, so the rules stay evaluated in between."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        self._evaluated: _Evaluated | None = None
        self._state: tuple[int, date, str] | None = None

    def forget(self) -> None:
        """What was evaluated is not what the data come from."""
        self._evaluated = self._state = None

    def what_if(
        self, moment: Moment, added: Iterable[Quad], removed: Iterable[Quad]
    ) -> FindingChange:
        """The findings that a commit would bring and end."""
        effect = moment.dataset.effect(added, removed)
        return self._at(moment).what_if(effect)

    def check(
        self, moment: Moment, added: Iterable[Quad], removed: Iterable[Quad]
    ) -> Effect | None:
        """What changes in the union; None without a policy. Raises CommitBlockedError."""
        path = self._folder.policy
        if path is None:
            return None
        policy = read_policy(path)
        effect = moment.dataset.effect(added, removed)
        findings = self._at(moment).blocked(policy, effect)
        if findings:
            raise CommitBlockedError(findings)
        return effect

    def follow(self, effect: Effect, sequence: int) -> None:
        """The change that was checked last has become the entry ``sequence``."""
        if self._evaluated is not None and self._state is not None:
            self._evaluated.apply(effect)
            self._state = (sequence, *self._state[1:])

    def _at(self, moment: Moment) -> "_Evaluated":
        """Evaluates all rules when data, date or rules are not those of the last time."""
        state = (moment.sequence, moment.day, self._folder.rules_version())
        if self._evaluated is None or self._state != state:
            data = with_ontology(
                moment.dataset.union(), load_ontology(self._folder.iso_text), moment.day
            )
            self._evaluated = _Evaluated(data, self._folder.rules())
            self._state = state
        return self._evaluated


class _Evaluated:
    """Rules evaluated on one state of the data, so that a change can be judged before it is made."""

    def __init__(self, data: Columns, shapes: Columns) -> None:
        self._rules = read_rules(Reader(shapes))
        self._validator = Validator(compile_shapes(shapes), data)

    def what_if(self, effect: Effect) -> FindingChange:
        return what_if(self._validator, self._rules, *effect)

    def apply(self, effect: Effect) -> None:
        self._validator.apply(*effect)

    def blocked(self, policy: Iterable[Block], effect: Effect) -> list[Finding]:
        """The findings for which the policy forbids the change."""
        appeared = self.what_if(effect).appeared
        if not appeared:
            return []
        return blocked(policy, appeared, Reader(self._validator.data.with_change(*effect)))
