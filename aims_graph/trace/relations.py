"""The relations a trace follows, as the ontology lists them."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from pyoxigraph import NamedNode

from aims_graph.columns import Columns, joins
from aims_graph.columns.joins import Ids
from aims_graph.columns.reader import Reader, local_name
from aims_graph.vocabulary import AIMS, OWL, RDFS, aims

_SUBPROPERTY = NamedNode(RDFS + "subPropertyOf")
_INVERSE = NamedNode(OWL + "inverseOf")
TRACES = aims("tracesDirectlyTo")


@dataclass(frozen=True, slots=True)
class Relation:
    """One direction of a property: ``label`` reads from the left thing to the right one."""

    predicate: NamedNode
    inverse: bool
    label: str


# From what is made to what it is made of; their order is that of a data flow read backwards.
_LINEAGE = (
    "aboutSystem", "byVersion", "hasDeployment", "deploysVersion", "usesModel", "hasVersion",
    "previousVersion", "producedBy", "usedDataset", "trainedOn", "validatedOn", "testedOn", "usesDataset",
    "derivedFrom", "hasPreparation", "preparationInput", "hasAcquisition", "fromSource", "providedBy",
)  # fmt: skip
# Said from the system's side, and no inverse: other reports are about a system too.
_LINEAGE_BACKWARDS = (("hasDecisionRecord", "aboutSystem"),)


def traced_relations(ontology: Reader) -> tuple[Relation, ...]:
    """Towards systems, data, evidence and people: sub-properties of aims:tracesDirectlyTo.

    Each is read in its own direction and, where an inverse is declared, from the inverse too, since data
    states either. Clauses lead to the controls the catalogue relates them to.
    """
    relations: dict[tuple[NamedNode, bool], Relation] = {}
    for node in ontology.subjects(_SUBPROPERTY, TRACES):
        assert isinstance(node, NamedNode)
        label = ontology.label(node)
        relations[node, False] = Relation(node, inverse=False, label=label)
        for inverse in _inverses(ontology, node):
            relations[inverse, True] = Relation(inverse, inverse=True, label=label)
    return tuple(relations.values())


def _inverses(ontology: Reader, node: NamedNode) -> Iterator[NamedNode]:
    for other in (*ontology.objects(node, _INVERSE), *ontology.subjects(_INVERSE, node)):
        if isinstance(other, NamedNode):
            yield other


def lineage_relations(ontology: Reader) -> tuple[Relation, ...]:
    """Upstream: from a system, model or dataset to what it comes from."""
    relations: dict[tuple[NamedNode, bool], Relation] = {}
    for name in _LINEAGE:
        node = aims(name)
        label = ontology.label(node) or local_name(node)
        relations[node, False] = Relation(node, inverse=False, label=label)
        for inverse in _inverses(ontology, node):
            relations.setdefault((inverse, True), Relation(inverse, inverse=True, label=label))
    for name, read_as in _LINEAGE_BACKWARDS:
        label = ontology.label(aims(read_as))
        relations[aims(name), True] = Relation(aims(name), inverse=True, label=label)
    return tuple(relations.values())


# What a finding or a status says of a thing relates it to nothing.
_NOT_RELATING = frozenset({"focusNode", "findingValue", "resultFor", "notReported", "status"})


def all_relations(data: Columns, ontology: Reader) -> tuple[Relation, ...]:
    """Every property of the vocabulary that the data use to relate one thing to another."""
    found = []
    for predicate in data.predicates.tolist():
        node = data.terms.term(predicate)
        if not isinstance(node, NamedNode) or not node.value.startswith(AIMS):
            continue
        if local_name(node) not in _NOT_RELATING:
            found.append(Relation(node, inverse=False, label=ontology.label(node)))
    return tuple(found)


def vocabulary_ids(data: Columns, ontology: Reader) -> Ids:
    """Sorted ids of the words of the vocabulary: stages, categories, classes; a chain through them relates
    nothing.
    """
    defined = ontology.pairs(NamedNode(RDFS + "isDefinedBy"))
    words = (node for node, _ in defined if str(node).startswith(f"<{AIMS}"))
    return joins.unique_ids(np.array([data.terms.id_of(word) for word in words], np.int32))


def declared(data: Columns, relations: tuple[Relation, ...]) -> list[tuple[Relation, int]]:
    """The relations that occur in the data, with their predicate's id."""
    found = ((relation, data.terms.id_of(relation.predicate)) for relation in relations)
    return [(relation, node) for relation, node in found if node >= 0]
