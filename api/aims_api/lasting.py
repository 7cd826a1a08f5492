"""From one evaluation to the next: what a commit has changed, and the answers that it does not concern.

Those are given out from the next evaluation too, so that a commit does not make all of them new work. Each answer
says by a test of the change whether it lasts; one without a test does not.
"""

from collections.abc import Callable, Hashable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Final

from pyoxigraph import NamedNode

from aims_api.selection import count_difference, only_in
from aims_graph.assessment.kept_findings import read_for_names
from aims_graph.columns import Columns, Term, Triple

if TYPE_CHECKING:
    from aims_api.evaluation import Snapshot

#: More changed statements than this are not looked at: the answers are all made anew.
_FEW: Final = 5_000
#: In the state of a request: the test of its answer.
LASTS: Final = "lasts"


class Change:
    """Between two evaluations with the same rules, day and dictionary, of which one follows the other."""

    def __init__(self, old: "Snapshot", new: "Snapshot", statements: list[Triple]) -> None:
        self._old, self._new = old, new
        #: What was said of them, in any graph, is not what is said now.
        self.subjects: frozenset[Term] = frozenset(subject for subject, _, _ in statements)
        self.predicates: frozenset[NamedNode] = frozenset(p for _, p, _ in statements)  # type: ignore[misc]  # predicates are IRIs

    @cached_property
    def same_names(self) -> bool:
        """Nothing is called otherwise, and everything is of the same kinds."""
        return self.predicates.isdisjoint(read_for_names(self._new.reader))

    @cached_property
    def same_state(self) -> bool:
        """The findings are the same, and what is concluded from them, and what all of it is called."""
        old, new = self._old.assessment, self._new.assessment
        return (
            self.same_names
            and old.findings == new.findings
            and old.excluded_controls == new.excluded_controls
            and old.by_requirement == new.by_requirement
            and old.by_system == new.by_system
        )

    def same_made(self, key: Hashable) -> bool:
        """Whether what both evaluations have made under the key is the same."""
        found = self._new.known(key)
        return found is not None and found == self._old.known(key)


Lasts = Callable[[Change], bool]


def change_between(old: "Snapshot", new: "Snapshot") -> Change | None:
    """None when nothing can be said without looking at everything."""
    if old.rules is not new.rules or old.day != new.day or old.data.terms is not new.data.terms:
        return None
    statements: list[Triple] = []
    for one, other in _changed_graphs(old, new):
        if one.terms is not other.terms or count_difference(one, other) > _FEW:
            return None
        statements += only_in(one, other)
        statements += only_in(other, one)
    return Change(old, new, statements) if len(statements) <= _FEW else None


def _changed_graphs(old: "Snapshot", new: "Snapshot") -> Iterator[tuple[Columns, Columns]]:
    for name in {*old.graphs, *new.graphs}:
        before, after = old.graphs.get(name), new.graphs.get(name)
        if before is not after:
            known = before or after
            assert known is not None
            nothing = Columns(known.terms, {})
            yield before or nothing, after or nothing


def carry_over(change: Change, old: "Snapshot", new: "Snapshot") -> None:
    for question, answer in old.answers.items():
        if answer.lasts is not None and answer.lasts(change):
            new.answers.keep(question, answer)
