"""Things that no trace reaches, and traces that end too early."""

from dataclasses import dataclass

import numpy as np

from aims_graph.columns import LITERAL, Columns, joins
from aims_graph.columns.joins import Ids
from aims_graph.columns.reader import Reader, Term
from aims_graph.trace.relations import (
    all_relations,
    declared,
    lineage_relations,
    traced_relations,
    vocabulary_ids,
)
from aims_graph.trace.selection import reach
from aims_graph.trace.steps import ids_of, pairs_along
from aims_graph.vocabulary import aims

ORPHAN = "nothing is related to it"
UNREACHED = "no requirement leads to it"
NO_OWNER = "nobody answers for it"

_TRACED = (
    "AISystem", "AIModel", "ModelVersion", "Dataset", "Risk", "RiskTreatment", "ControlImplementation",
    "ImpactAssessment", "RiskAssessment", "Evidence", "MonitoringArrangement", "Supplier",
)  # fmt: skip
_SUPPLIED = ("hasSupplier", "^supplies", "outsourcedTo", "issuedBy", "developedBy", "providedBy")
_NONE: Ids = np.empty(0, np.int32)
_OWNED = ("AISystem", "Dataset", "Risk", "RiskTreatment", "ControlImplementation", "AIObjective")


@dataclass(frozen=True, slots=True)
class LooseEnd:
    """A thing, the name of its class, and what is wrong: ORPHAN, UNREACHED or NO_OWNER."""

    thing: Term
    label: str
    kind: str
    problem: str


def find_loose_ends(data: Columns) -> list[LooseEnd]:
    """Each thing once for each problem, an orphan only as that. ``data`` includes the ontology."""
    reader = Reader(data)
    relations = (*traced_relations(reader), *lineage_relations(reader))
    steps = declared(data, relations)
    requirements = ids_of(data, reader.instances(aims("Requirement")))
    reached = reach(data, steps, requirements, forwards=True)
    # What lineage leads to, or a reached system has, is reached too.
    reached = reach(data, steps, _with_neighbours(data, reached), forwards=True)
    related = _related_ids(data, reader)
    found: list[LooseEnd] = []
    orphans: set[Term] = set()
    for name in _TRACED:
        kind = aims(name)
        for thing in reader.instances(kind):
            node = data.terms.id_of(thing)
            if not joins.is_in(np.array([node], np.int32), related)[0]:
                orphans.add(thing)
                found.append(LooseEnd(thing, reader.label(thing), reader.label(kind), ORPHAN))
            elif not joins.is_in(np.array([node], np.int32), reached)[0]:
                found.append(LooseEnd(thing, reader.label(thing), reader.label(kind), UNREACHED))
    for name in _OWNED:
        kind = aims(name)
        things = [thing for thing in reader.instances(kind) if thing not in orphans]
        owned = set(pairs_along(data, ids_of(data, things), ("owner", "^owns"))[0].tolist())
        found += [
            LooseEnd(thing, reader.label(thing), reader.label(kind), NO_OWNER)
            for thing in things
            if data.terms.id_of(thing) not in owned
        ]
    return sorted(found, key=lambda end: (end.problem, end.kind, end.label, str(end.thing)))


def _with_neighbours(data: Columns, reached: Ids) -> Ids:
    _, suppliers = pairs_along(data, reached, _SUPPLIED)
    _, held = pairs_along(data, reached, ("hasRisk", "^riskOf"))
    return joins.unique_ids(np.concatenate([reached, suppliers, held]))


def _related_ids(data: Columns, reader: Reader) -> Ids:
    """Nodes that a property of the vocabulary joins with another node, words of the vocabulary aside."""
    words = vocabulary_ids(data, reader)
    found = [_NONE]
    for _, predicate in declared(data, all_relations(data, reader)):
        pairs = data.pairs(predicate)
        ends = np.stack([pairs.subjects, pairs.objects])
        joined = (data.terms.kind[pairs.objects] != LITERAL) & (pairs.subjects != pairs.objects)
        joined &= ~joins.is_in(pairs.objects, words) & ~joins.is_in(pairs.subjects, words)
        found.append(ends[:, joined].ravel())
    return joins.unique_ids(np.concatenate(found))
