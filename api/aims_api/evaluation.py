"""One evaluation of a set of graphs, and the questions that are answered from it."""

import copy
import json
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping
from datetime import date
from functools import cached_property
from typing import Any, Final

from pyoxigraph import NamedNode

from aims_api.answers import Answers
from aims_api.lasting import Change
from aims_api.memory import Made, Memory, Needs
from aims_api.rules import Rules
from aims_api.selection import count_difference, only_in
from aims_graph.assessment import (
    Assessment,
    Finding,
    FindingChange,
    what_if,
    with_ontology,
)
from aims_graph.assessment.kept_findings import KeptFindings
from aims_graph.columns import Columns, Triple
from aims_graph.columns.reader import Reader
from aims_graph.report.findings import finding_json
from aims_graph.shacl import Validator
from aims_graph.shacl.explanation import Explanation

#: More changed triples than this are evaluated from scratch.
_FEW: Final = 5_000


class Snapshot:
    """``graphs`` are what the reader may see, ``data`` their union without the ontology."""

    def __init__(
        self,
        rules: Rules,
        sequence: int,
        day: date,
        graphs: Mapping[str, Columns],
        data: Columns,
        validator: Validator,
        old: "Snapshot | None" = None,
        changed: Collection[Triple] = (),
    ) -> None:
        """``changed``: the statements in which ``data`` differ from those of ``old``."""
        self.rules = rules
        self.sequence = sequence
        self.day = day
        self.graphs = graphs
        self.data = data
        self.validator = validator
        self._changed = changed
        self.assessment, self.kept = _same_assessment(validator, old, changed) or _assessed(
            validator, rules, day, old
        )
        #: Of the data, the ontology and the date.
        self.reader = self.assessment.data.aside()
        #: The same graphs as the workspace has them, for what changes next.
        self.shared: Mapping[str, Columns] = graphs
        self._rows: dict[str, dict[str, Any]] = {}
        self._texts: dict[str, str] = {}
        self._memory = Memory()
        self.answers = Answers()
        self.cache: dict[Any, Any] = {}

    @property
    def findings(self) -> list[Finding]:
        return self.assessment.findings

    @cached_property
    def by_fingerprint(self) -> dict[str, Finding]:
        return {finding.fingerprint: finding for finding in self.findings}

    def row(self, finding: Finding) -> dict[str, Any]:
        """The finding as JSON; made once."""
        found = self._rows.get(finding.fingerprint)
        if found is None:
            found = self._rows[finding.fingerprint] = finding_json(self.assessment, finding)
        return found

    def row_text(self, finding: Finding) -> str:
        """The same, written."""
        found = self._texts.get(finding.fingerprint)
        if found is None:
            found = json.dumps(self.row(finding), ensure_ascii=False)
            self._texts[finding.fingerprint] = found
        return found

    def once(
        self,
        key: Hashable,
        make: "Callable[[Snapshot], Made]",
        needs: Needs = None,
    ) -> Made:
        """What ``make`` gives, made when it is first asked for. What was asked of one evaluation is made of
        the next before anybody sees that, unless what it ``needs`` is still the same.
        """
        return self._memory.once(self, key, make, needs)

    def known(self, key: Hashable) -> Any:
        """What ``once`` has made already, else None."""
        return self._memory.known(key)

    def says_the_same(self, old: "Snapshot", predicate: NamedNode) -> bool:
        """Whether no statement with the predicate has come or gone; False when that is not known."""
        mine, theirs = self.reader.columns, old.reader.columns
        return mine.terms is theirs.terms and (
            mine.pairs(mine.terms.id_of(predicate)) is theirs.pairs(theirs.terms.id_of(predicate))
        )

    def judges_as(self, old: "Snapshot") -> bool:
        """Whether what was made of the assessment of the one before, up to now, is what would be made of this one.
        Others may still be making: take first, then ask.
        """
        before = old.assessment
        return self.findings is before.findings and not before.data.was_asked_for(self._changed)

    def prepare(self, old: "Snapshot | None", change: Change | None = None) -> None:
        """Makes what readers of the one before have asked for, so that none of them has to wait."""
        self.assessment.by_requirement, self.assessment.by_system, self.by_fingerprint  # noqa: B018 - made here
        if old is None:
            return
        rows, texts = dict(old._rows), dict(old._texts)  # noqa: SLF001 - another of this class
        if self.judges_as(old):
            self._rows, self._texts = rows, texts
        elif change is not None and change.same_names:
            for name, finding in self.by_fingerprint.items():
                row = rows.get(name)
                if row is not None and old.by_fingerprint.get(name) == finding:
                    self._rows[name] = row
                    text = texts.get(name)
                    if text is not None:
                        self._texts[name] = text
        self._memory.renew(self, old, old._memory)  # noqa: SLF001

    # Questions

    def what_if(self, added: Iterable[Triple], removed: Iterable[Triple]) -> FindingChange:
        """The findings that would appear and go if the triples came and went. Writes nothing."""
        return what_if(self.validator, self.assessment.rules, added, removed)

    def explain(self, finding: Finding) -> Explanation | None:
        """What the rule looked at and what would end the finding."""
        for result in self.validator.report.results:
            if (result.shape, result.focus, result.value) != (
                finding.rule.shape,
                finding.focus,
                finding.value,
            ):
                continue
            if self.assessment.finding_of(result).fingerprint == finding.fingerprint:
                return self.validator.explain(result)
        return None


def _assessed(
    validator: Validator, rules: Rules, day: date, old: Snapshot | None
) -> tuple[Assessment, KeptFindings]:
    kept = KeptFindings(None if old is None else old.kept)
    reader = Reader(validator.data, None if old is None else old.assessment.data)
    found = Assessment(reader, rules.reader, validator.report, as_of=day.isoformat(), kept=kept)
    return found, kept


def _same_assessment(
    validator: Validator, old: Snapshot | None, changed: Collection[Triple]
) -> tuple[Assessment, KeptFindings] | None:
    """The one before, when nothing that it follows from has changed."""
    if old is None or not validator.says_as(old.validator):
        return None
    found = old.assessment.after(validator.data, validator.report, changed)
    return None if found is None else (found, old.kept)


def evaluate_anew(
    rules: Rules, sequence: int, day: date, graphs: Mapping[str, Columns], data: Columns
) -> Snapshot:
    whole = with_ontology(data, rules.ontology, day)
    return Snapshot(rules, sequence, day, graphs, data, Validator(rules.plan, whole))


def evaluate_change(
    old: Snapshot, sequence: int, graphs: Mapping[str, Columns], data: Columns
) -> Snapshot:
    """From the evaluation before, at the cost of what has changed."""
    if count_difference(old.data, data) > _FEW:
        return evaluate_anew(old.rules, sequence, old.day, graphs, data)
    added, removed = list(only_in(data, old.data)), list(only_in(old.data, data))
    if len(added) + len(removed) > _FEW:
        return evaluate_anew(old.rules, sequence, old.day, graphs, data)
    # What the ontology says stays said.
    ontology = Reader(old.rules.ontology)
    removed = [(s, p, o) for s, p, o in removed if o not in ontology.objects(s, p)]  # type: ignore[arg-type]
    validator = copy.copy(old.validator)  # its state is replaced, never changed
    validator.apply(added, removed)
    changed = [*added, *removed]
    return Snapshot(old.rules, sequence, old.day, graphs, data, validator, old, changed)
