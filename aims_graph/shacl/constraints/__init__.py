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

COMPONENTS: tuple[type[Constraint], ...] = (
    Class,
    Datatype,
    NodeKind,
    MinCount,
    MaxCount,
    MinExclusive,
    MinInclusive,
    MaxExclusive,
    MaxInclusive,
    MinLength,
    MaxLength,
    Pattern,
    LanguageIn,
    UniqueLang,
    Equals,
    Disjoint,
    LessThan,
    LessThanOrEquals,
    Not,
    And,
    Or,
    Xone,
    Node,
    Property,
    QualifiedMinCount,
    QualifiedMaxCount,
    Closed,
    HasValue,
    In,
    Sparql,
)

# Predicates whose subject is a shape.
PARAMETERS = frozenset(
    map(
        sh,
        [
            "class",
            "datatype",
            "nodeKind",
            "minCount",
            "maxCount",
            "minExclusive",
            "minInclusive",
            "maxExclusive",
            "maxInclusive",
            "minLength",
            "maxLength",
            "pattern",
            "languageIn",
            "uniqueLang",
            "equals",
            "disjoint",
            "lessThan",
            "lessThanOrEquals",
            "not",
            "and",
            "or",
            "xone",
            "node",
            "property",
            "qualifiedValueShape",
            "closed",
            "hasValue",
            "in",
            "sparql",
        ],
    )
)

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
]
