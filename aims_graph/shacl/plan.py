"""The compiled plan: which focus nodes, along which paths, which constraints, in which order."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache

from pyoxigraph import NamedNode

from aims_graph.columns import Columns
from aims_graph.shacl.constraints.shape_based import Property
from aims_graph.shacl.model import (
    Constraint,
    Reads,
    Shape,
    Target,
)
from aims_graph.shacl.names import Term, short
from aims_graph.shacl.paths import Path, predicates
from aims_graph.shacl.shapes import parse_shapes


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """Shapes with equal targets: their focus nodes are found once, each path is walked once."""

    targets: tuple[Target, ...]
    shapes: tuple[Shape, ...]

    def by_path(self) -> dict[Path | None, list[tuple[Shape, Constraint]]]:
        """All constraints that start at the focus nodes, by the path they share, cheapest first."""
        found: dict[Path | None, list[tuple[Shape, Constraint]]] = {}
        pending = list(self.shapes)
        while pending:
            shape = pending.pop(0)
            if shape.deactivated:
                continue
            for constraint in shape.constraints:
                if isinstance(constraint, Property) and shape.path is None:
                    pending.append(constraint.shape)
                else:
                    found.setdefault(shape.path, []).append((shape, constraint))
        for constraints in found.values():
            constraints.sort(key=lambda pair: pair[1].cost)
        return found


@dataclass(frozen=True, eq=False)
class Unit:
    """One constraint of a shape with targets: the least that is evaluated again after a change."""

    group: Group
    shape: Shape
    constraint: Constraint

    @cached_property
    def predicates(self) -> frozenset[Term] | None:
        """Those its path and constraint look at at given focus nodes; None for any."""
        return read_predicates(self.shape, self.constraint)


@dataclass(frozen=True)
class Plan:
    """shapes: every shape of the graph, also those that only other shapes refer to."""

    shapes: tuple[Shape, ...]

    @cached_property
    def units(self) -> tuple[Unit, ...]:
        return tuple(
            Unit(group, shape, constraint)
            for group in self.groups
            for shape in group.shapes
            for constraint in shape.constraints
        )

    def units_reading(self, predicates: Iterable[Term]) -> set[Unit]:
        """Those whose results at given focus nodes may depend on triples of one of the predicates."""
        by_predicate = self._units_by_predicate
        return by_predicate[None].union(*(by_predicate.get(each, ()) for each in predicates))

    @cached_property
    def _units_by_predicate(self) -> dict[Term | None, set[Unit]]:
        """Under None those that may read any predicate."""
        found: dict[Term | None, set[Unit]] = {None: set()}
        for unit in self.units:
            for predicate in (None,) if unit.predicates is None else unit.predicates:
                found.setdefault(predicate, set()).add(unit)
        return found

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """Active shapes with targets, grouped by equal targets."""
        groups: dict[frozenset[Target], list[Shape]] = {}
        for shape in self.shapes:
            if shape.targets and not shape.deactivated:
                groups.setdefault(frozenset(shape.targets), []).append(shape)
        return tuple(Group(shapes[0].targets, tuple(shapes)) for shapes in groups.values())

    def describe(self) -> str:
        """The plan for people: one block a target group, one line a path and constraint."""
        lines = []
        for number, group in enumerate(self.groups, start=1):
            targets = " or ".join(map(str, group.targets))
            shapes = ", ".join(map(str, group.shapes))
            lines.append(f"{number}. focus nodes: {targets} (for {shapes})")
            for path, constraints in group.by_path().items():
                lines.append(
                    f"   values along {_words(path)}" if path else "   the focus node itself"
                )
                for shape, constraint in constraints:
                    name = short(constraint.component).removesuffix("ConstraintComponent")
                    where = f"; {constraint.remark}" if constraint.remark else ""
                    lines.append(f"     {name}: {constraint.message()} [{shape}{where}]")
        return "\n".join(lines)


def compile_shapes(shapes: Columns) -> Plan:
    """Raises InputError for ill-formed, recursive or unsupported shapes."""
    return Plan(parse_shapes(shapes))


@lru_cache(maxsize=10_000)
def read_by(constraint: Constraint) -> Reads:
    """What the constraint reads, made once."""
    return constraint.reads


# Asked again for each change; bounded, because a plan may be compiled anew any number of times.
@lru_cache(maxsize=10_000)
def read_predicates(shape: Shape, constraint: Constraint) -> frozenset[Term] | None:
    """Predicates that decide about results of the constraint at given focus nodes; None for any."""
    reads = read_by(constraint)
    if reads.whole_value:
        return None
    paths = [*reads.focus_paths, *reads.value_paths]
    if shape.path is not None:
        paths.append(shape.path)
    parts: list[frozenset[Term] | None] = [frozenset(predicates(path)) for path in paths]
    parts += [
        read_predicates(inner, part) for inner in reads.value_shapes for part in inner.constraints
    ]
    if reads.query is not None:
        parts.append(reads.query.predicates)
    return _all(*parts)


def _all(*parts: frozenset[Term] | None) -> frozenset[Term] | None:
    """Union; None, which stands for everything, wins."""
    found: set[Term] = set()
    for part in parts:
        if part is None:
            return None
        found |= part
    return frozenset(found)


def _words(path: Path) -> str:
    return short(path) if isinstance(path, NamedNode) else str(path)
