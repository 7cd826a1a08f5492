"""Constraint components: one module a section of the specification, one plain list of all."""

from aims_graph.shacl.constraints.cardinality import MaxCount, MinCount
from aims_graph.shacl.constraints.logical import And, Not, Or, Xone
from aims_graph.shacl.constraints.other import Closed, HasValue, In
from aims_graph.shacl.constraints.property_pair import (
    Disjoint,
    Equals,
    LessThan,
    LessThanOrEquals,
)
from aims_graph.shacl.constraints.shape_based import (
    Node,
    Property,
    QualifiedMaxCount,
    QualifiedMinCount,
)
from aims_graph.shacl.constraints.sparql_based import Sparql
from aims_graph.shacl.constraints.string_based import (
    LanguageIn,
    MaxLength,
    MinLength,
    Pattern,
    UniqueLang,
)
from aims_graph.shacl.constraints.value_range import (
    MaxExclusive,
    MaxInclusive,
    MinExclusive,
    MinInclusive,
)
from aims_graph.shacl.constraints.value_type import Class, Datatype, NodeKind
from aims_graph.shacl.model import Constraint
from aims_graph.shacl.names import sh
from aims_graph.shacl.reader import ShapeReader

#: Every component with the properties that its ``parse`` reads, the one that makes a node a shape first.
COMPONENTS: dict[type[Constraint], tuple[str, ...]] = {
    Class: ("class",),
    Datatype: ("datatype",),
    NodeKind: ("nodeKind",),
    MinCount: ("minCount",),
    MaxCount: ("maxCount",),
    MinExclusive: ("minExclusive",),
    MinInclusive: ("minInclusive",),
    MaxExclusive: ("maxExclusive",),
    MaxInclusive: ("maxInclusive",),
    MinLength: ("minLength",),
    MaxLength: ("maxLength",),
    Pattern: ("pattern", "flags"),
    LanguageIn: ("languageIn",),
    UniqueLang: ("uniqueLang",),
    Equals: ("equals",),
    Disjoint: ("disjoint",),
    LessThan: ("lessThan",),
    LessThanOrEquals: ("lessThanOrEquals",),
    Not: ("not",),
    And: ("and",),
    Or: ("or",),
    Xone: ("xone",),
    Node: ("node",),
    Property: ("property",),
    QualifiedMinCount: ("qualifiedValueShape", "qualifiedMinCount", "qualifiedValueShapesDisjoint"),
    QualifiedMaxCount: ("qualifiedValueShape", "qualifiedMaxCount", "qualifiedValueShapesDisjoint"),
    Closed: ("closed", "ignoredProperties"),
    HasValue: ("hasValue",),
    In: ("in",),
    Sparql: ("sparql",),
}

#: Predicates whose subject is a shape.
PARAMETERS = frozenset(sh(names[0]) for names in COMPONENTS.values())

_READ = {component: frozenset(map(sh, names)) for component, names in COMPONENTS.items()}


def parse_constraints(reader: ShapeReader) -> list[Constraint]:
    """All that the shape declares, cheapest first. Raises InputError when something is ill-formed."""
    declared = reader.graph.predicates(reader.node)
    # A shapes graph may declare components of its own, so that any property can be for Sparql.
    found = [
        constraint
        for component, read in _READ.items()
        if component is Sparql or not read.isdisjoint(declared)
        for constraint in component.parse(reader)
    ]
    return sorted(found, key=lambda constraint: constraint.cost)


__all__ = [
    "COMPONENTS",
    "PARAMETERS",
    "And",
    "Class",
    "Closed",
    "Datatype",
    "Disjoint",
    "Equals",
    "HasValue",
    "In",
    "LanguageIn",
    "LessThan",
    "LessThanOrEquals",
    "MaxCount",
    "MaxExclusive",
    "MaxInclusive",
    "MaxLength",
    "MinCount",
    "MinExclusive",
    "MinInclusive",
    "MinLength",
    "Node",
    "NodeKind",
    "Not",
    "Or",
    "Pattern",
    "Property",
    "QualifiedMaxCount",
    "QualifiedMinCount",
    "Sparql",
    "UniqueLang",
    "Xone",
    "parse_constraints",
]
