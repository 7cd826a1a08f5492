"""A report kept up to date: after a change only what it can alter is validated again."""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from pyoxigraph import Literal

from aims_graph.columns import Columns, Triple
from aims_graph.columns.joins import antijoin, is_in, semijoin
from aims_graph.shacl.change import Change, union
from aims_graph.shacl.evaluation import Evaluation
from aims_graph.shacl.model import Constraint, Findings, Ids, merged
from aims_graph.shacl.plan import Group, Plan, Unit
from aims_graph.shacl.report import ValidationReport, ValidationResult
from aims_graph.shacl.results import ColumnResults, FocusNodes, results_of

if TYPE_CHECKING:
    from aims_graph.shacl.explanation import Explanation

Row = tuple[int, int, int, tuple[Literal, ...] | None]


class Difference(NamedTuple):
    """Results that a change brings and results it takes away."""

    appeared: list[ValidationResult]
    gone: list[ValidationResult]


class _State(NamedTuple):
    evaluation: Evaluation
    focus: dict[Group, Ids]
    found: dict[Unit, list[Findings]]


class Validator:
    """data: the snapshot that ``report`` is about; ``apply`` moves to the next one."""

    def __init__(
        self, plan: Plan, data: Columns, tell: Callable[[int, int], None] | None = None
    ) -> None:
        """``tell`` hears how many constraints of how many are evaluated."""
        self.plan = plan
        self._state = _evaluate(plan, data, tell)

    @property
    def data(self) -> Columns:
        return self._state.evaluation.data

    @property
    def report(self) -> ValidationReport:
        state = self._state
        blocks = [findings for unit in self.plan.units for findings in state.found[unit]]
        focus = {
            shape.node: state.focus[group] for group in self.plan.groups for shape in group.shapes
        }
        return ValidationReport(
            ColumnResults(blocks, state.evaluation), FocusNodes(focus, self.data.terms)
        )

    def apply(self, added: Iterable[Triple], removed: Iterable[Triple]) -> Difference:
        """Change the data; a triple in both is present afterwards."""
        difference, self._state = self._after(added, removed)
        return difference

    def says_as(self, other: "Validator") -> bool:
        """Whether it has the same results on the same focus nodes as one that it is a copy of, before it moved on."""
        mine, others = self._state, other._state  # noqa: SLF001 - another of this class
        return all(mine.focus[group] is others.focus[group] for group in self.plan.groups) and all(
            mine.found[unit] is others.found[unit] for unit in self.plan.units
        )

    def what_if(self, added: Iterable[Triple], removed: Iterable[Triple]) -> Difference:
        """What ``apply`` would return, without the change."""
        return self._after(added, removed)[0]

    def explain(self, result: ValidationResult) -> "Explanation":
        """Why ``result``, one of the present report, is there. Raises ValueError when it is not."""
        from aims_graph.shacl.explanation import explain  # noqa: PLC0415  (few ask)

        for unit in self.plan.units:
            for found in self._state.found[unit]:
                if (found.shape.node, found.constraint.component) != (
                    result.shape,
                    result.component,
                ):
                    continue
                rows = found.rows(found.focus == self.data.terms.id_of(result.focus))
                if result in results_of(rows, self._state.evaluation):
                    return explain(result, found.shape, found.constraint, self._state.evaluation)
        raise ValueError("the result is not part of the present report")

    def _after(
        self, added: Iterable[Triple], removed: Iterable[Triple]
    ) -> tuple[Difference, _State]:
        old = self._state
        change = Change(old.evaluation, added, removed)
        new = _State(change.after, dict(old.focus), dict(old.found))
        moved = {group: self._move_focus(group, change, old, new) for group in self.plan.groups}
        difference = Difference([], [])
        concerned = self.plan.units_reading(change.predicates)
        # Constraints that share their nodes share the values of paths too, which are kept by the identity of the nodes.
        chosen: dict[tuple[Group, bytes], Ids] = {}
        for unit in self.plan.units:
            group = unit.group
            nodes: Ids | None = moved[group]
            if unit in concerned:
                affected = change.affected_by(unit.shape, unit.constraint)
                nodes = None if affected is None else union(affected, moved[group])
            if nodes is None:
                self._update(unit, None, new.focus[group], old, new, difference)
            elif nodes.size:
                key = group, nodes.tobytes()
                if key not in chosen:
                    chosen[key] = semijoin(nodes, new.focus[group])
                # Results at nodes that are no focus nodes: only where those have ceased to be.
                if chosen[key].size or moved[group].size:
                    self._update(unit, nodes, chosen[key], old, new, difference)
        return difference, new

    def _move_focus(self, group: Group, change: Change, old: _State, new: _State) -> Ids:
        """Bring the focus nodes of the group up to date; returns those that came or went."""
        candidates = change.target_changes(group.targets)
        if not candidates.size:
            return candidates
        present = new.evaluation.targets(candidates, group.targets)
        former = semijoin(candidates, old.focus[group])
        moved = np.setxor1d(present, former, assume_unique=True)
        if moved.size:
            new.focus[group] = union(antijoin(old.focus[group], candidates), present)
        return moved

    def _update(
        self,
        unit: Unit,
        nodes: Ids | None,
        focus: Ids,
        old: _State,
        new: _State,
        difference: Difference,
    ) -> None:
        """Evaluate the unit again at ``focus``: those of ``nodes`` that are focus nodes, or (None) all there are."""
        before = old.found[unit]
        kept: list[Findings] = []
        if nodes is not None:
            parts = [(found, is_in(found.origin, nodes)) for found in before]
            kept = [found.rows(~hit) if hit.any() else found for found, hit in parts]
            before = [found.rows(hit) for found, hit in parts if hit.any()]
        after = _find(unit, focus, new.evaluation)
        if _counted(before) == _counted(after):
            return
        new.found[unit] = merged([*kept, *after])
        difference.gone.extend(_missing(before, after, old.evaluation))
        difference.appeared.extend(_missing(after, before, new.evaluation))


def _evaluate(plan: Plan, data: Columns, tell: Callable[[int, int], None] | None = None) -> _State:
    state = _State(Evaluation(data), {}, {})
    for group in plan.groups:
        state.focus[group] = state.evaluation.focus_nodes(group.targets)
    current: Group | None = None
    for done, unit in enumerate(plan.units, 1):
        if unit.group is not current:
            # Groups share no values: their focus nodes differ.
            state.evaluation.forget_values()
            current = unit.group
        state.found[unit] = _find(unit, state.focus[unit.group], state.evaluation)
        if tell is not None:
            tell(done, len(plan.units))
    state.evaluation.forget_values()
    return state


def _find(unit: Unit, focus: Ids, evaluation: Evaluation) -> list[Findings]:
    if not focus.size:
        return []
    values = evaluation.values(unit.shape.path, focus)
    return unit.constraint.find(unit.shape, values, evaluation)


def _missing(
    blocks: list[Findings], others: list[Findings], evaluation: Evaluation
) -> Iterable[ValidationResult]:
    """Results in ``blocks`` that ``others`` has not, or not as often."""
    if not blocks:
        return
    spare = Counter((found.constraint, row) for found in others for row in _rows(found))
    for found in blocks:
        missing = []
        for index, row in enumerate(_rows(found)):
            key = (found.constraint, row)
            if spare[key]:
                spare[key] -= 1
            else:
                missing.append(index)
        if missing:
            yield from results_of(found.rows(np.array(missing)), evaluation)


def _counted(blocks: list[Findings]) -> Counter[tuple[Constraint, int, Row]]:
    """Results by constraint and the node whose judgement they are part of."""
    return Counter(
        (found.constraint, origin, row)
        for found in blocks
        for origin, row in zip(found.origin.tolist(), _rows(found), strict=True)
    )


def _rows(found: Findings) -> list[Row]:
    """What tells the results of one constraint apart."""
    none = [-1] * len(found)
    path = none if found.path is None else found.path.tolist()
    texts = [None] * len(found) if found.texts is None else found.texts
    return list(zip(found.focus.tolist(), found.value.tolist(), path, texts, strict=True))
