"""What requirements hang on: coverage, single points of failure, critical controls."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from aims_graph.columns import Columns, joins
from aims_graph.columns.joins import Ids
from aims_graph.columns.reader import Reader, Term
from aims_graph.trace.steps import Step, grouped, ids_of, pairs_along
from aims_graph.vocabulary import aims

_ADDRESSED: Step = ("addressedBy", "^addresses")
_IMPLEMENTED: Step = ("implementedBy", "^implements")
_DONE_BY: Step = (*_ADDRESSED, *_IMPLEMENTED, "^forControl")
_REQUIRED: Step = ("requiresDocument", "^documentRequiredBy")
_DOCUMENT: Step = ("documentedAs", "^documents")
_OWNER: Step = ("owner", "^owns", "responsible")
_EVIDENCE: Step = ("evidencedBy", "^evidences")
_TREATMENT: Step = ("controlAppliedIn", "^appliesControl")
_RISK: Step = ("treats", "^hasTreatment")
_AT_RISK: Step = ("riskOf", "^hasRisk")
_SUPPLIER: Step = ("hasSupplier", "^supplies")

OWNER, EVIDENCE, SUPPLIER = "owner", "evidence", "supplier"


@dataclass(frozen=True, slots=True)
class Coverage:
    """What stands behind one requirement."""

    requirement: Term
    carried_out_by: tuple[Term, ...]
    evidence: tuple[Term, ...]
    owners: tuple[Term, ...]
    systems: tuple[Term, ...]

    @property
    def missing(self) -> tuple[str, ...]:
        parts = (
            ("anything that carries it out", self.carried_out_by),
            ("evidence", self.evidence),
            ("an owner", self.owners),
        )
        return tuple(name for name, things in parts if not things)


@dataclass(frozen=True, slots=True)
class Dependence:
    """``alone``: the requirements that have no other thing of this role."""

    thing: Term
    role: str
    requirements: tuple[Term, ...]
    alone: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class CriticalControl:
    """``alone``: the risks that no other control treats."""

    control: Term
    risks: tuple[Term, ...]
    alone: tuple[Term, ...]
    systems: tuple[Term, ...]


class Dependences:
    """Relations from requirements to what meets them, read once for all requirements.

    ``data`` includes the ontology.
    """

    def __init__(self, data: Columns, requirements: Sequence[Term]) -> None:
        self._data = data
        self._reader = Reader(data)
        self.requirements = tuple(requirements)
        self._starts = ids_of(data, requirements)

    def coverage(self) -> list[Coverage]:
        """A row a requirement, in the order given."""
        done, evidence, owners, systems = (
            grouped(self._data, *pairs)
            for pairs in (
                self._carried_out(),
                self._evidence(),
                self._owners(),
                self._systems(),
            )
        )
        return [
            Coverage(node, *(tuple(found.get(node, ())) for found in (done, evidence, owners, systems)))
            for node in self.requirements
        ]  # fmt: skip

    def single_points(self) -> list[Dependence]:
        """Owners, evidence and suppliers, those with most requirements first."""
        found = [
            *_dependences(self._data, OWNER, self._owners()),
            *_dependences(self._data, EVIDENCE, self._evidence()),
            *_dependences(self._data, SUPPLIER, self._suppliers()),
        ]
        return sorted(
            found, key=lambda d: (-len(d.alone), -len(d.requirements), d.role, str(d.thing))
        )

    def critical_controls(self) -> list[CriticalControl]:
        """Controls that treat risks, those that alone treat most risks first."""
        risks = self._treated()
        alone = _alone(self._data, *risks)
        systems = grouped(self._data, *self._of_class(self._after(risks, _AT_RISK), "AISystem"))
        by_control = grouped(self._data, *risks)
        found = [
            CriticalControl(
                control,
                tuple(by_control[control]),
                tuple(alone.get(control, ())),
                tuple(systems.get(control, ())),
            )
            for control in self.requirements
            if control in by_control
        ]
        return sorted(found, key=lambda c: (-len(c.alone), -len(c.systems), -len(c.risks)))

    def _treated(self) -> tuple[Ids, Ids]:
        """(control, risk) by a treatment that is neither cancelled nor replaced."""
        data = self._data
        of_control, treatments = pairs_along(data, self._starts, _TREATMENT)
        cancelled = self._reader.subjects(aims("status"), aims("Cancelled"))
        replaced = [s for s, _ in self._reader.pairs(aims("replacedBy"))]
        kept = ~joins.is_in(treatments, ids_of(data, [*cancelled, *replaced]))
        return self._after((of_control[kept], treatments[kept]), _RISK)

    def _after(self, pairs: tuple[Ids, Ids], *steps: Step) -> tuple[Ids, Ids]:
        """The pairs led on from their second node."""
        origins, nodes = pairs
        middle, ends = pairs_along(self._data, joins.unique_ids(nodes), *steps)
        index, reached = joins.expand(middle, ends, nodes)
        return joins.unique_pairs(origins[index], reached)

    def _of_class(self, pairs: tuple[Ids, Ids], name: str) -> tuple[Ids, Ids]:
        origins, nodes = pairs
        members = ids_of(self._data, self._reader.instances(aims(name)))
        inside = joins.is_in(nodes, members)
        return origins[inside], nodes[inside]

    def _carried_out(self) -> tuple[Ids, Ids]:
        documents = pairs_along(self._data, self._starts, _REQUIRED, _DOCUMENT)
        return _union(pairs_along(self._data, self._starts, _DONE_BY), documents)

    def _evidence(self) -> tuple[Ids, Ids]:
        said = self._of_class(pairs_along(self._data, self._starts, _ADDRESSED), "Evidence")
        shown = pairs_along(self._data, self._starts, _IMPLEMENTED, _EVIDENCE)
        direct = pairs_along(self._data, self._starts, _EVIDENCE)
        documents = pairs_along(self._data, self._starts, _REQUIRED, _DOCUMENT)
        return _union(said, shown, direct, documents)

    def _owners(self) -> tuple[Ids, Ids]:
        return self._after(self._carried_out(), _OWNER)

    def _systems(self) -> tuple[Ids, Ids]:
        at_risk = self._after(self._treated(), _AT_RISK)
        named = pairs_along(self._data, self._starts, _IMPLEMENTED, ("forSystem",))
        return self._of_class(_union(at_risk, named), "AISystem")

    def _suppliers(self) -> tuple[Ids, Ids]:
        outsourced = self._after(self._carried_out(), ("outsourcedTo",))
        issued = self._after(self._evidence(), ("issuedBy",))
        supplied = self._after(self._systems(), _SUPPLIER)
        return self._of_class(_union(outsourced, issued, supplied), "Supplier")


def _union(*relations: tuple[Ids, Ids]) -> tuple[Ids, Ids]:
    return joins.unique_pairs(
        np.concatenate([left for left, _ in relations]),
        np.concatenate([right for _, right in relations]),
    )


def _alone(data: Columns, left: Ids, right: Ids) -> Mapping[Term, list[Term]]:
    """Left -> the right nodes that no other left node leads to."""
    nodes, counts = joins.group_counts(np.sort(right))
    inside = joins.is_in(right, nodes[counts == 1])
    return grouped(data, left[inside], right[inside])


def _dependences(data: Columns, role: str, pairs: tuple[Ids, Ids]) -> Iterable[Dependence]:
    requirements, things = pairs
    turned = joins.unique_pairs(things, requirements)
    alone = _alone(data, *turned)
    for thing, hanging in grouped(data, *turned).items():
        yield Dependence(thing, role, tuple(hanging), tuple(alone.get(thing, ())))
