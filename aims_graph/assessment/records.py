"""Which AI systems a node belongs to: a system's record is what hangs on it, less what it shares with others."""

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray
from pyoxigraph import Literal, NamedNode

from aims_graph.columns import IRI, LITERAL, Triple
from aims_graph.columns.joins import (
    Ids,
    expand,
    pack_pairs,
    unique_ids,
    unique_pairs,
    unpack_pairs,
)
from aims_graph.columns.reader import Reader, Term
from aims_graph.vocabulary import AIMS, RDFS

# Things that stand above single systems: a trace passes through them, a record ends at them.
_SHARED_CLASSES = (
    "Agent", "AIManagementSystem", "Requirement", "Control", "AIPolicy", "OrganizationalPolicy",
    "ScopeStatement", "StatementOfApplicability", "ApplicabilityEntry", "TreatmentPlan",
    "RiskCriteria", "RiskAssessmentMethod", "ImpactAssessmentProcess", "AuditProgramme",
    "InternalAudit", "ManagementReview", "AIObjective", "InterestedParty", "PartyRequirement",
    "Process", "Issue", "Level", "Scale",
)  # fmt: skip
_DEPTH = 5
_IS_DEFINED_BY = NamedNode(RDFS + "isDefinedBy")
_AI_SYSTEM = NamedNode(AIMS + "AISystem")


class SystemsOfNodes(Mapping[Term, tuple[Term, ...]]):
    """Node -> the systems whose record it is part of, systems in the order of the graph.

    ``nodes`` and ``places`` are parallel, ascending by both: an id, and the place of a system in ``systems``.
    """

    def __init__(self, reader: Reader, systems: tuple[Term, ...], nodes: Ids, places: Ids) -> None:
        self.terms = reader.columns.terms
        self.systems = systems
        self.nodes = nodes
        self.places = places

    def __getitem__(self, node: Term) -> tuple[Term, ...]:
        node_id = self.terms.id_of(node)
        # Typed bounds: plain ints would make searchsorted copy all ids to int64.
        low, high = self.nodes.searchsorted(np.array([node_id, node_id + 1], np.int32))
        if node_id < 0 or low == high:
            raise KeyError(node)
        return tuple(self.systems[place] for place in self.places[low:high].tolist())

    def same_as(self, other: "SystemsOfNodes") -> bool:
        return (
            self.terms is other.terms
            and self.systems == other.systems
            and np.array_equal(self.nodes, other.nodes)
            and np.array_equal(self.places, other.places)
        )

    def __iter__(self) -> Iterator[Term]:
        return iter(self.terms.terms_of(unique_ids(self.nodes)))

    def __len__(self) -> int:
        return len(unique_ids(self.nodes))


def systems_of_nodes(reader: Reader) -> SystemsOfNodes:
    """Followed are ``aims:`` properties away from a system, five steps at most, and one step against their
    direction from things that point at the system (incidents, decision records, …).
    """
    systems = reader.instance_ids(_AI_SYSTEM)
    sources, targets, pointing, pointed = _edges(reader, systems)
    place_of = np.zeros(len(reader.columns.terms), np.int32)
    place_of[systems] = np.arange(len(systems))
    # One number a system and a node of its record: all systems take a step at once.
    seen = pack_pairs(
        np.concatenate([place_of[systems], place_of[pointed]]), np.concatenate([systems, pointing])
    )
    seen = front = unique_ids(seen)
    for _ in range(_DEPTH):
        places, nodes = unpack_pairs(front)
        index, reached = expand(sources, targets, nodes)
        front = _without(unique_ids(pack_pairs(places[index], reached)), seen)
        if not len(front):
            break
        seen = np.sort(np.concatenate([seen, front]))
    places, nodes = unpack_pairs(seen)
    nodes, places = unique_pairs(nodes, places)
    return SystemsOfNodes(reader, reader.instances(_AI_SYSTEM), nodes, places)


def _without(pairs: NDArray[np.int64], members: NDArray[np.int64]) -> NDArray[np.int64]:
    """Of two ascending arrays of packed pairs, what only the first has."""
    if not len(members):
        return pairs
    at = np.minimum(members.searchsorted(pairs), len(members) - 1)
    left: NDArray[np.int64] = pairs[members[at] != pairs]
    return left


def _edges(reader: Reader, systems: Ids) -> tuple[Ids, Ids, Ids, Ids]:
    """Steps away from a node, ascending; and things outside of all records that point at a system."""
    columns = reader.columns
    is_system = np.zeros(len(columns.terms), np.bool_)
    is_system[systems] = True
    closed = is_system.copy()
    for name in _SHARED_CLASSES:
        closed[reader.instance_ids(NamedNode(AIMS + name))] = True
    closed[reader.statements(_IS_DEFINED_BY).subjects] = True
    away: list[tuple[Ids, Ids]] = [(systems[:0], systems[:0])]
    back: list[tuple[Ids, Ids]] = [(systems[:0], systems[:0])]
    for predicate in _governed_predicates(reader):
        pairs = columns.pairs(predicate)
        is_step = columns.terms.kind[pairs.objects] != LITERAL
        is_away = is_step & ~closed[pairs.objects]
        away.append((pairs.subjects[is_away], pairs.objects[is_away]))
        is_back = is_step & is_system[pairs.objects] & ~closed[pairs.subjects]
        back.append((pairs.subjects[is_back], pairs.objects[is_back]))
    sources, targets = unique_pairs(*map(np.concatenate, zip(*away, strict=True)))
    pointing, pointed = map(np.concatenate, zip(*back, strict=True))
    return sources, targets, pointing, pointed


def joins_records(statement: Triple) -> bool:
    """Whether it is of those that records are followed along, besides what things are."""
    _, predicate, value = statement
    return not isinstance(value, Literal) and predicate.value.startswith(AIMS)


def _governed_predicates(reader: Reader) -> list[int]:
    terms, predicates = reader.columns.terms, reader.columns.predicates
    names = terms.texts_of(predicates)
    return [
        predicate
        for predicate, name in zip(predicates.tolist(), names, strict=True)
        if terms.kind[predicate] == IRI and name.startswith(AIMS)
    ]
