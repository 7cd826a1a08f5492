"""Ids of the OWL, RDFS and RDF terms that rules are read from."""

from typing import Final

from pyoxigraph import NamedNode

from aims_graph.columns import TermDictionary
from aims_graph.vocabulary import OWL, RDF, RDFS

#: Stands, as a property, for "is a member of the list"; no term has this id.
LIST_MEMBER: Final = (1 << 31) - 1

_CLASSES: Final = [
    "Class",
    "Thing",
    "Nothing",
    "TransitiveProperty",
    "SymmetricProperty",
    "AsymmetricProperty",
    "IrreflexiveProperty",
    "FunctionalProperty",
    "InverseFunctionalProperty",
    "AllDisjointClasses",
    "AllDisjointProperties",
    "AllDifferent",
]
_PROPERTIES: Final = [
    "equivalentClass",
    "equivalentProperty",
    "inverseOf",
    "propertyChainAxiom",
    "hasKey",
    "intersectionOf",
    "unionOf",
    "oneOf",
    "complementOf",
    "disjointWith",
    "propertyDisjointWith",
    "members",
    "distinctMembers",
    "sameAs",
    "differentFrom",
    "onProperty",
    "onClass",
    "someValuesFrom",
    "allValuesFrom",
    "hasValue",
    "maxCardinality",
    "maxQualifiedCardinality",
    "sourceIndividual",
    "assertionProperty",
    "targetIndividual",
    "targetValue",
]
_RDFS: Final = ["subClassOf", "subPropertyOf", "domain", "range", "Resource"]
_RDF: Final = ["type", "first", "rest", "nil"]


class Names:
    """``names["subClassOf"]`` is the id of rdfs:subClassOf, and so on; absent terms get one."""

    def __init__(self, terms: TermDictionary) -> None:
        self._ids = {
            name: terms.add(NamedNode(space + name))
            for space, names in ((OWL, _CLASSES + _PROPERTIES), (RDFS, _RDFS), (RDF, _RDF))
            for name in names
        }

    def __getitem__(self, name: str) -> int:
        return self._ids[name]

    @property
    def schema_predicates(self) -> frozenset[int]:
        """A change of a triple with one of these can change which rules there are."""
        names = (*_PROPERTIES, *_RDFS, "first", "rest")
        return frozenset(self._ids[name] for name in names if name not in _DATA)

    @property
    def schema_classes(self) -> frozenset[int]:
        """The same for members of these classes."""
        return frozenset(self._ids[name] for name in _CLASSES if name not in {"Thing", "Nothing"})


_DATA: Final = frozenset({"sameAs", "differentFrom"})
