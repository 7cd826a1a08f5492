"""What a compiled shapes graph is made of: shapes, their targets, their constraints."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Protocol, Self

import numpy as np
from numpy.typing import NDArray
from pyoxigraph import Literal, NamedNode

from aims_graph.columns import Columns, Triple
from aims_graph.shacl.names import Term, short
from aims_graph.shacl.paths import Path

if TYPE_CHECKING:
    from aims_graph.shacl.evaluation import Evaluation
    from aims_graph.shacl.reader import ShapeReader

Ids = NDArray[np.int32]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class TargetNode:
    node: Term

    def __str__(self) -> str:
        return f"node {short(self.node)}"


@dataclass(frozen=True, slots=True)
class TargetClass:
    """sh:targetClass, or a shape that is a class itself (implicit class target)."""

    target: NamedNode

    def __str__(self) -> str:
        return f"class {short(self.target)}"


@dataclass(frozen=True, slots=True)
class TargetSubjectsOf:
    predicate: NamedNode

    def __str__(self) -> str:
        return f"subjects of {short(self.predicate)}"


@dataclass(frozen=True, slots=True)
class TargetObjectsOf:
    predicate: NamedNode

    def __str__(self) -> str:
        return f"objects of {short(self.predicate)}"


Target = TargetNode | TargetClass | TargetSubjectsOf | TargetObjectsOf


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """A node shape (no path) or property shape; compared by identity."""

    node: Term
    path: Path | None
    targets: tuple[Target, ...]
    constraints: tuple["Constraint", ...]
    severity: NamedNode
    messages: tuple[Literal, ...]
    deactivated: bool

    def __str__(self) -> str:
        return (
            short(self.node)
            if isinstance(self.node, NamedNode)
            else f"shape of {self.path or self.node}"
        )


class Query(Protocol):
    """A compiled SPARQL query, as far as changes are concerned."""

    @property
    def predicates(self) -> frozenset[NamedNode] | None:
        """Predicates the query may look at; None for any."""

    def affected(
        self, old: Columns, new: Columns, added: Sequence[Triple], removed: Sequence[Triple]
    ) -> Ids | None:
        """Focus nodes whose results the change may alter; None for all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reads:
    """What a constraint looks at, for finding what a change affects and for explaining a result.

    focus_paths start at the focus node, value_paths at each value node; value_shapes are applied to value
    nodes; whole_value means every triple with the value node as subject.
    """

    focus_paths: tuple[Path, ...] = ()
    value_paths: tuple[Path, ...] = ()
    value_shapes: tuple[Shape, ...] = ()
    whole_value: bool = False
    query: Query | None = None


# Of a constraint that looks at the value nodes as they are, and at no triple.
ONLY_VALUES = Reads()


@dataclass(slots=True)
class Values:
    """The value nodes of some focus nodes, as rows sorted by (owner, value) without duplicates.

    focus: distinct focus nodes, ascending. owner, value: one entry a row; every owner is in focus.
    starts, counts: one entry a focus node; its rows are starts : starts + counts.
    """

    focus: Ids
    owner: Ids
    value: Ids
    starts: NDArray[np.intp]
    counts: NDArray[np.intp]


@dataclass(slots=True)
class Findings:
    """Results of one constraint, one row each; no term is looked up before somebody reads them.

    origin: the focus node at which the evaluated shape started (differs from focus below sh:property).
    value: -1 where a result has no sh:value. path: predicate of each row where it is not the path of the
    shape (sh:closed, ?path of a query); -1 = that of the shape. texts: messages of each row where a query made them.
    """

    shape: Shape
    constraint: "Constraint"
    origin: Ids
    focus: Ids
    value: Ids
    path: Ids | None = None
    texts: list[tuple[Literal, ...]] | None = None

    def __len__(self) -> int:
        return len(self.origin)

    def rows(self, index: NDArray[np.intp] | Mask) -> "Findings":
        texts = self.texts
        if texts is not None:
            positions = np.flatnonzero(index) if index.dtype == np.bool_ else index
            texts = [texts[position] for position in positions.tolist()]
        return Findings(
            self.shape,
            self.constraint,
            self.origin[index],
            self.focus[index],
            self.value[index],
            None if self.path is None else self.path[index],
            texts,
        )


def merged(blocks: list[Findings]) -> list[Findings]:
    """The same findings, one block for each shape and constraint."""
    groups: dict[tuple[Shape, Constraint], list[Findings]] = {}
    for block in blocks:
        if len(block):
            groups.setdefault((block.shape, block.constraint), []).append(block)
    return [group[0] if len(group) == 1 else _joined(group) for group in groups.values()]


def _joined(blocks: list[Findings]) -> Findings:
    first = blocks[0]
    paths = [block.path for block in blocks if block.path is not None]
    texts = [text for block in blocks if block.texts is not None for text in block.texts]
    return Findings(
        first.shape,
        first.constraint,
        np.concatenate([block.origin for block in blocks]),
        np.concatenate([block.focus for block in blocks]),
        np.concatenate([block.value for block in blocks]),
        np.concatenate(paths) if paths else None,
        texts or None,
    )


class Constraint(ABC):
    """One declaration of a constraint component in a shape.

    component: sh:sourceConstraintComponent of its results. cost: rough order of evaluation, cheap first.
    """

    cost: ClassVar[int] = 10

    @property
    @abstractmethod
    def component(self) -> NamedNode: ...

    @classmethod
    @abstractmethod
    def parse(cls, reader: "ShapeReader") -> Iterator[Self]:
        """The declarations that the shape of ``reader`` holds. Raises InputError when ill-formed."""

    @abstractmethod
    def find(self, shape: Shape, values: Values, evaluation: "Evaluation") -> list[Findings]:
        """The results for all focus nodes at once."""

    def findings(self, shape: Shape, owner: Ids, value: Ids | None = None) -> list[Findings]:
        """Findings at focus nodes ``owner``, one a row; none when there are no rows."""
        if not owner.size:
            return []
        if value is None:
            value = np.full(len(owner), -1, np.int32)
        return [Findings(shape, self, owner, owner, value)]

    @abstractmethod
    def message(self) -> str:
        """What a result says when the shape gives no sh:message."""

    def messages(self, shape: Shape) -> tuple[Literal, ...]:
        """sh:resultMessage of all results that bring no text of their own."""
        return shape.messages or (Literal(self.message()),)

    @property
    def remark(self) -> str:
        """What a plan says about how it is evaluated, where that is not on the columns."""
        return ""

    @property
    def reads(self) -> Reads:
        return ONLY_VALUES

    @property
    def source(self) -> Term | None:
        """sh:sourceConstraint of the results."""
        return None

    @property
    def shapes(self) -> tuple[Shape, ...]:
        """Shapes that this constraint refers to."""
        return self.reads.value_shapes


class ValueConstraint(Constraint):
    """A constraint that holds or fails for each value node by itself."""

    @abstractmethod
    def fails(self, values: Ids, evaluation: "Evaluation") -> Mask:
        """Which of ``values`` (any order, repeats allowed) violate the constraint."""

    def find(self, shape: Shape, values: Values, evaluation: "Evaluation") -> list[Findings]:
        rows = np.flatnonzero(self.fails(values.value, evaluation))
        return self.findings(shape, values.owner[rows], values.value[rows])
