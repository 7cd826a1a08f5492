"""Which AI systems a node belongs to: a system's record is what hangs on it, less what it shares with others."""

from collections.abc import Mapping

from pyoxigraph import Literal, NamedNode

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


def systems_of_nodes(reader: Reader) -> Mapping[Term, tuple[Term, ...]]:
    """Node -> the systems whose record it is part of, systems in the order of the graph.

    Followed are ``aims:`` properties away from a system, five steps at most, and one step against their
    direction from things that point at the system (incidents, decision records, …).
    """
    systems = reader.instances(_AI_SYSTEM)
    closed: set[Term] = set(systems)
    for name in _SHARED_CLASSES:
        closed.update(reader.instances(NamedNode(AIMS + name)))
    closed.update(subject for subject, _ in reader.pairs(_IS_DEFINED_BY))
    outgoing: dict[Term, list[Term]] = {}
    incoming: dict[Term, list[Term]] = {}
    system_set = set(systems)
    for predicate in _governed_predicates(reader):
        for subject, obj in reader.pairs(predicate):
            if isinstance(obj, Literal):
                continue
            if obj not in closed:
                outgoing.setdefault(subject, []).append(obj)
            elif obj in system_set and subject not in closed:
                incoming.setdefault(obj, []).append(subject)
    found: dict[Term, dict[Term, None]] = {}
    for system in systems:
        front = [system, *incoming.get(system, [])]
        seen = set(front)
        for _ in range(_DEPTH):
            reached = [obj for node in front for obj in outgoing.get(node, ()) if obj not in seen]
            front = list(dict.fromkeys(reached))
            seen.update(front)
            if not front:
                break
        for node in seen:
            found.setdefault(node, {})[system] = None
    return {node: tuple(of) for node, of in found.items()}


def _governed_predicates(reader: Reader) -> list[NamedNode]:
    terms = reader.columns.terms
    predicates = (terms.term(int(p)) for p in reader.columns.predicates)
    return [p for p in predicates if isinstance(p, NamedNode) and p.value.startswith(AIMS)]
