"""The mapping of tables to the graph, as read from its YAML file (``mapping_file`` reads it)."""

import enum
from collections.abc import Callable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

import pyoxigraph as ox

from aims_graph.ingest.dates import DateRule
from aims_graph.ingest.iris import Names, Term
from aims_graph.ingest.tables import TableOptions
from aims_graph.ingest.templates import Template
from aims_graph.ingest.transforms import Transform


class Meaning(enum.Enum):
    """What a blank cell, or a listed value, says when it is no term."""

    IGNORE = "ignore"
    NOT_REPORTED = "not-reported"
    ERROR = "error"


Outcome = Meaning | tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Holds for a row whose trimmed cell satisfies ``test``."""

    column: str
    test: Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Combination:
    """``kind`` is all, any or none."""

    kind: str
    parts: tuple["Condition", ...]


Condition = Comparison | Combination


@dataclass(frozen=True, slots=True)
class PropertyMapping:
    """One way in which rows say something. The value comes from ``column``, or else from
    ``constant``, ``iri``, ``template`` or ``node``; with a column the last three may use
    ``{@value}``.
    """

    predicate: ox.NamedNode
    line: int
    blank: Outcome
    unknown: str
    column: str | None = None
    constant: tuple[Term, ...] = ()
    iri: Template | None = None
    template: Template | None = None
    node: "NodeMapping | None" = None
    transforms: tuple[Transform, ...] = ()
    blanks: frozenset[str] = frozenset()
    values: dict[str, Outcome] | None = None
    datatype: str | None = None  # IRI, or "iri" for a cell that is one
    date: DateRule | None = None
    language: str | None = None
    when: Condition | None = None
    inverse: bool = False
    once: bool = False


@dataclass(frozen=True, slots=True)
class NodeMapping:
    """A node made inside a row; without ``subject`` its IRI is the outer one and the property."""

    subject: Template | None
    types: tuple[ox.NamedNode, ...]
    properties: tuple[PropertyMapping, ...]


@dataclass(frozen=True, slots=True)
class EntityMapping:
    """One node for each row of a source that meets ``when``."""

    name: str
    source: str
    line: int
    subject: Template
    fallback: Template | None
    blank: str  # error, skip
    duplicates: str  # error, skip, suffix, merge
    node: NodeMapping
    when: Condition | None


@dataclass(frozen=True, slots=True)
class SourceMapping:
    name: str
    file: str  # a pattern that the name of a file has to match
    options: TableOptions
    aliases: dict[str, str] = field(default_factory=dict)  # short name -> header
    ignored: frozenset[str] = frozenset()
    optional: frozenset[str] = frozenset()
    blanks: frozenset[str] = frozenset({""})


@dataclass(frozen=True, slots=True)
class StaticNode:
    subject: ox.NamedNode
    properties: tuple[tuple[ox.NamedNode, tuple[Term, ...]], ...]


@dataclass(frozen=True, slots=True)
class Mapping:
    file: Path
    names: Names
    note: ox.NamedNode | None
    completeness: ox.NamedNode | None
    sources: dict[str, SourceMapping]
    entities: tuple[EntityMapping, ...]
    static: tuple[StaticNode, ...]

    def source_of(self, path: Path) -> SourceMapping | None:
        """The source whose file pattern fits; the only source takes any table."""
        for source in self.sources.values():
            if fnmatchcase(path.name, source.file):
                return source
        return None


def condition_columns(condition: Condition | None) -> set[str]:
    if condition is None:
        return set()
    if isinstance(condition, Comparison):
        return {condition.column}
    return set().union(*(condition_columns(part) for part in condition.parts))


def node_columns(node: NodeMapping) -> dict[str, int]:
    """Columns the node uses -> the line of the mapping that first does."""
    found: dict[str, int] = {}
    for prop in node.properties:
        used = condition_columns(prop.when)
        if prop.column is not None:
            used.add(prop.column)
        for template in (prop.iri, prop.template):
            if template is not None:
                used |= template.columns
        if prop.node is not None:
            if prop.node.subject is not None:
                used |= prop.node.subject.columns
            for column, line in node_columns(prop.node).items():
                found.setdefault(column, line)
        for column in used:
            found.setdefault(column, prop.line)
    return found


def entity_columns(entity: EntityMapping) -> dict[str, int]:
    used = entity.subject.columns | condition_columns(entity.when)
    if entity.fallback is not None:
        used |= entity.fallback.columns
    return node_columns(entity.node) | dict.fromkeys(used, entity.line)
