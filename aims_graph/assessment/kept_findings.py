"""Findings of the evaluation before that still say the same, so that only the others are read anew.

A finding follows from its result and from what is said of the things it names. It is kept when its result has
come again and no statement with a property that it was read from has come or gone. A service judges the whole
after each commit, which rarely changes more than a few statements.
"""

from typing import Final

import numpy as np
from pyoxigraph import NamedNode

from aims_graph.assessment.findings import READ_FOR_ALL, Finding, FindingReader, has_no_name
from aims_graph.columns.reader import DESCRIBED_BY, LABELS, SUBCLASS, TYPE, Reader
from aims_graph.shacl import ValidationResult
from aims_graph.vocabulary import DCT

_IDENTIFIER: Final = NamedNode(DCT + "identifier")
_NAMING: Final = frozenset({*LABELS, TYPE, SUBCLASS, DESCRIBED_BY, _IDENTIFIER})


class KeptFindings:
    """Findings by the result that each was read from. Made for one evaluation, from those of the one before."""

    def __init__(self, before: "KeptFindings | None" = None) -> None:
        self._before = before
        self.reader: FindingReader | None = None
        self.found: dict[ValidationResult, Finding] = {}
        self._old: dict[ValidationResult, Finding] = {}
        self._changed: frozenset[NamedNode] = frozenset()

    def begin(self, reader: FindingReader) -> None:
        """Must come before ``read``; lets go of the evaluation before."""
        self.reader = reader
        before, self._before = self._before, None
        if before is None or before.reader is None:
            return
        changed = _changed(reader, before.reader)
        if changed is None:
            return
        if changed.isdisjoint(READ_FOR_ALL | read_for_names(reader.data)):
            self._changed = changed
            self._old = before.found

    def read(self, result: ValidationResult) -> Finding:
        assert self.reader is not None
        found = self._old.get(result)
        if found is None or self._depends(found):
            found = self.reader.finding(result)
        if not (has_no_name(found.focus) or (found.value is not None and has_no_name(found.value))):
            self.found[result] = found
        return found

    def end(self) -> None:
        self._old = {}

    def _depends(self, finding: Finding) -> bool:
        rule = finding.rule
        return rule.requirement_path in self._changed or not self._changed.isdisjoint(rule.asks_for)


def read_for_names(data: Reader) -> frozenset[NamedNode]:
    """Properties that ``Reader.label`` and messages read what things are called from."""
    described = (what for _, what in data.pairs(DESCRIBED_BY))
    return _NAMING | {what for what in described if isinstance(what, NamedNode)}


def _changed(new: FindingReader, old: FindingReader) -> frozenset[NamedNode] | None:
    """Properties whose statements are others; None when anything may be."""
    mine, theirs = new.data.columns, old.data.columns
    if mine.terms is not theirs.terms or new.rules is not old.rules:
        return None
    if not new.systems.same_as(old.systems):
        return None
    predicates = np.union1d(mine.predicates, theirs.predicates)
    others = [p for p in predicates.tolist() if mine.pairs(p) is not theirs.pairs(p)]
    names = (mine.terms.term(p) for p in others)
    return frozenset(name for name in names if isinstance(name, NamedNode))
