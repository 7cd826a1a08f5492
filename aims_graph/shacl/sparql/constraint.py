"""A compiled SPARQL constraint and what it finds."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np
from pyoxigraph import Literal, NamedNode

from aims_graph.columns import Columns, Term, Triple
from aims_graph.errors import InputError
from aims_graph.shacl.paths import Path
from aims_graph.vocabulary import XSD

from .algebra import Path as QueryPath
from .algebra import (
    Query,
    TriplePattern,
)
from .evaluation import Evaluator
from .literals import TRUE
from .messages import fill, has_places
from .path_steps import may_be_empty
from .scope import computed_variables, constants, walk
from .space import COMPUTED, TermSpace
from .tables import UNBOUND, Ids, Table, distinct, rows_with_match

if TYPE_CHECKING:
    from .dependencies import Dependencies
    from .reference import Reference
    from .reference_expressions import Solution

_XSD_DATE_TIME: Final = NamedNode(XSD + "dateTime")


@dataclass(slots=True)
class Violations:
    """One row a validation result, as ids of the data's dictionary.

    ``value``: -1 where the result has no sh:value. ``path``: what the query bound to ``?path``, -1 where
    nothing; None when no row has one. ``texts``: the messages of each row, None when they are the same for all
    (``SparqlConstraint.messages``, else those of the shape).
    """

    focus: Ids
    value: Ids
    path: Ids | None = None
    texts: list[tuple[Literal, ...]] | None = None

    def __len__(self) -> int:
        return len(self.focus)


@dataclass(frozen=True, eq=False)
class SparqlConstraint:
    """One ``sh:sparql`` value of a shape, or one use of a SPARQL-based constraint component.

    ``component``: sh:sourceConstraintComponent. ``source``: sh:sourceConstraint, None for components.
    ``messages``: sh:message of the constraint or validator; ``label``: what to say when neither they nor the shape say
    anything. ``per_value``: an ASK validator, asked about each value node. ``outside``: why the query runs on an
    Oxigraph copy of the data, empty when it runs on the columns.
    """

    shape: Term
    path: Path | None
    component: NamedNode
    source: Term | None
    query: Query
    parameters: Mapping[str, Term]
    shapes_graph: Columns
    messages: tuple[Literal, ...] = ()
    shape_messages: tuple[Literal, ...] = ()
    label: str = ""
    outside: tuple[str, ...] = ()
    _computed: frozenset[str] = field(init=False)
    _constants: frozenset[Term] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_computed", computed_variables(self.query))
        object.__setattr__(self, "_constants", frozenset(constants(self.query)))

    @property
    def per_value(self) -> bool:
        return self.query.ask

    # Dependencies

    @cached_property
    def _dependencies(self) -> "Dependencies":
        from .dependencies import Dependencies  # noqa: PLC0415  (only changes ask)

        path = str(self.path) if self.path is not None else None
        return Dependencies(self.query.pattern, path, per_value=self.per_value)

    @property
    def predicates(self) -> frozenset[NamedNode] | None:
        """The predicates of the triples that can matter; None: any."""
        if self.outside and any(map(_may_stand_still, walk(self.query.pattern))):
            # Oxigraph looks whether the node is in the graph, which any triple can change.
            return None
        return self._dependencies.predicates

    def affected(
        self, old: Columns, new: Columns, added: Iterable[Triple], removed: Iterable[Triple]
    ) -> Ids | None:
        """The focus nodes (sorted ids) whose results the change from ``old`` to ``new`` may alter; None: any."""
        if self.outside:
            # How a value is spelled may hang on triples of other focus nodes.
            return None
        return self._dependencies.affected(old, new, added, removed)

    # Evaluation

    def evaluate(
        self, data: Columns, focus: Ids, value: Ids | None = None, *, now: Term | None = None
    ) -> Violations:
        """The violations of each focus node; for an ASK validator, of each row (focus node, value node).

        ``now`` is what NOW() says; the present by default. Raises InputError when the query itself reports a
        failure, or needs more memory than it may.
        """
        space = TermSpace(data.terms, self._constants)
        seed = Table({"this": focus}, len(focus))
        if self.per_value:
            assert value is not None
            seed = Table({"this": focus, "value": value}, len(focus))
        seed = distinct(seed)
        find = self._on_oxigraph if self.outside else self._on_columns
        try:
            found = find(data, space, seed, now or present())
        except InputError as error:
            raise InputError(f"query of {self.shape}: {error}") from error
        return self._violations(found, space)

    def _on_columns(self, data: Columns, space: TermSpace, seed: Table, now: Term) -> Table:
        evaluator = Evaluator(
            data, space, seed, now=now, computed=self._computed, shapes=self.shapes_graph
        )
        found = evaluator.solutions(self.query.pattern)
        return seed.take(~rows_with_match(seed, found)) if self.per_value else found

    def _on_oxigraph(self, data: Columns, space: TermSpace, seed: Table, now: Term) -> Table:
        from .oxigraph import solutions  # noqa: PLC0415  (few shapes need it)

        if not seed.size:
            return seed
        try:
            return solutions(self.query, data, self.shapes_graph, space, seed, now)
        except InputError as error:
            error.message = f"on Oxigraph ({', '.join(self.outside)}): {error.message}"
            raise

    def evaluate_plainly(
        self, reference: "Reference", focus: Term, value: Term | None = None
    ) -> "list[Solution]":
        """The same for one focus node by the reference evaluator: a solution a violation."""
        given: dict[str, Term] = {"this": focus}
        if not self.per_value:
            return reference.solutions(self.query.pattern, given)
        assert value is not None
        given["value"] = value
        return [] if reference.solutions(self.query.pattern, given) else [given]

    def _violations(self, found: Table, space: TermSpace) -> Violations:
        self._check_failure(found, space)
        focus = found.columns["this"]
        default = focus if self.path is None else np.full(found.size, UNBOUND, np.int32)
        value = found.columns.get("value", default)
        if (missing := value < 0).any():
            value = np.where(missing, default, value)
        return Violations(
            focus, known_ids(value, space), self._paths(found, space), self._texts(found, space)
        )

    def _check_failure(self, found: Table, space: TermSpace) -> None:
        failure = found.columns.get("failure")
        if failure is not None and any(
            space.term(each) == TRUE for each in np.unique(failure).tolist()
        ):
            raise InputError(f"the query of {self.shape} reports a failure (?failure is true)")

    def _paths(self, found: Table, space: TermSpace) -> Ids | None:
        path = found.columns.get("path")
        if path is None or not found.size:
            return None

        def iri_only(term: Term | None) -> int:
            return space.terms.add(term) if isinstance(term, NamedNode) else UNBOUND

        return space.map_distinct([path], iri_only)

    def _texts(self, found: Table, space: TermSpace) -> list[tuple[Literal, ...]] | None:
        templates = self.messages or self.shape_messages
        own = found.columns.get("message")
        if own is None and not any(map(has_places, templates)):
            return None
        if not templates and self.label:
            templates = (Literal(self.label),)
        names = [name for name in found.columns if not name.startswith(".")]
        texts: list[tuple[Literal, ...]] = []
        for row in zip(*(found.columns[name].tolist() for name in names), strict=True):
            solution = {
                name: term
                for name, each in zip(names, row, strict=True)
                if (term := space.term(each)) is not None
            }
            message = solution.get("message")
            if isinstance(message, Literal):
                texts.append((message,))
            else:
                texts.append(
                    tuple(fill(template, {**self.parameters, **solution}) for template in templates)
                )
        return texts


def _may_stand_still(part: object) -> bool:
    return (
        isinstance(part, TriplePattern)
        and isinstance(part.predicate, QueryPath)
        and may_be_empty(part.predicate)
    )


def known_ids(ids: Ids, space: TermSpace) -> Ids:
    """With computed terms entered in the data's dictionary: they are part of a result now."""
    if not space.has_computed(ids):
        return ids
    ids = ids.copy()
    for row in np.flatnonzero(ids >= COMPUTED).tolist():
        term = space.term(int(ids[row]))
        assert term is not None
        ids[row] = space.terms.add(term)
    return ids


def present() -> Literal:
    text = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return Literal(text, datatype=_XSD_DATE_TIME)
