"""The requirements of the standard as the ontology's catalogue lists them."""

from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode

from aims_graph.columns.reader import Reader, Term, local_name
from aims_graph.vocabulary import AIMS, DCT, ISO42001, RDFS

CLAUSE, CONTROL = "clause", "control"

#: How documents call what an organization has laid over our catalogue.
LICENSED_TEXT = "Text of the standard (licensed to you)"

_REQUIREMENT_CLAUSE = NamedNode(AIMS + "RequirementClause")
_ANNEX_A_CONTROL = NamedNode(AIMS + "AnnexAControl")
_ASSESSED_AT = NamedNode(AIMS + "assessedAtLevel")
_WHOLE_AIMS = NamedNode(AIMS + "WholeAIMS")
_LICENSED_TEXT = NamedNode(AIMS + "licensedText")
_NOT_JUDGED = NamedNode(AIMS + "notJudgedBecause")
_NEEDS_EVIDENCE = NamedNode(AIMS + "needsEvidence")
_IDENTIFIER = NamedNode(DCT + "identifier")
_LABEL = NamedNode(RDFS + "label")


@dataclass(frozen=True, slots=True)
class Requirement:
    """A requirement clause or an Annex A control."""

    iri: NamedNode
    number: str
    title: str
    kind: str
    whole_aims: bool
    needs_evidence: bool
    not_judged_because: str
    #: Of the standard, where the organization has laid the text it licensed over ours; else empty.
    licensed_text: str = ""

    @property
    def part(self) -> str:
        """The clause (4 … 10) or control group (A.2 … A.10) it stands in."""
        if self.kind == CLAUSE:
            return self.number.partition(".")[0]
        return ".".join(self.number.split(".")[:2])


def number_key(number: str) -> tuple[int, ...]:
    """Sorts 6.1.3 before 10.2, and clauses before controls."""
    annex = number.startswith("A")
    parts = number.lstrip("AC.").split(".")
    return (int(annex), *(int(part) for part in parts if part.isdigit()))


def read_requirements(reader: Reader) -> dict[NamedNode, Requirement]:
    """All requirement clauses and Annex A controls, in the order of their numbers."""
    found: list[Requirement] = []
    for cls, kind in ((_REQUIREMENT_CLAUSE, CLAUSE), (_ANNEX_A_CONTROL, CONTROL)):
        for node in reader.instances(cls):
            if not isinstance(node, NamedNode) or not node.value.startswith(ISO42001):
                continue
            found.append(
                Requirement(
                    iri=node,
                    number=reader.text(node, _IDENTIFIER) or local_name(node),
                    title=reader.text(node, _LABEL),
                    kind=kind,
                    whole_aims=_WHOLE_AIMS in reader.objects(node, _ASSESSED_AT),
                    needs_evidence=_is_true(reader.value(node, _NEEDS_EVIDENCE)),
                    not_judged_because=reader.text(node, _NOT_JUDGED),
                    licensed_text=reader.text(node, _LICENSED_TEXT),
                )
            )
    found.sort(key=lambda requirement: number_key(requirement.number))
    return {requirement.iri: requirement for requirement in found}


def _is_true(term: Term | None) -> bool:
    return isinstance(term, Literal) and term.value in {"true", "1"}
