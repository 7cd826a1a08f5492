"""Looking things up term by term, for code that reads a graph as people do: a node and what is said of it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from pyoxigraph import BlankNode, Literal, NamedNode

from aims_graph.columns import Columns, Pairs, Triple
from aims_graph.columns.joins import Ids, expand
from aims_graph.vocabulary import AIMS, DCT, ISO42001, RDF, RDFS, SKOS

Term = NamedNode | BlankNode | Literal

TYPE = NamedNode(RDF + "type")
_IDENTIFIER = NamedNode(DCT + "identifier")
DESCRIBED_BY = NamedNode(AIMS + "describedBy")
SUBCLASS = NamedNode(RDFS + "subClassOf")
#: Properties that say what to call a node, the first that does.
LABELS = (NamedNode(RDFS + "label"), NamedNode(SKOS + "prefLabel"), NamedNode(DCT + "title"))
#: So many terms that were asked for are kept from one reader to the next.
_MOST_KEPT: Final = 100_000


@dataclass(slots=True)
class Names:
    """Terms of one dictionary that were asked for."""

    ids: dict[Term, int] = field(default_factory=dict)
    terms: dict[int, Term] = field(default_factory=dict)

    def __len__(self) -> int:
        return max(len(self.ids), len(self.terms))


class Reader:
    """Look-ups over one snapshot; every answer is in the order of the columns, so it repeats."""

    def __init__(self, columns: Columns, before: "Reader | None" = None) -> None:
        """``before``: of an earlier state; what it looked up is kept when the terms have the same ids."""
        self.columns = columns
        self._instances: dict[NamedNode, tuple[Term, ...]] = {}
        known = (
            None if before is None or before.columns.terms is not columns.terms else before.names
        )
        self.names: Names = Names() if known is None or len(known) >= _MOST_KEPT else known
        self._ids, self._terms = self.names.ids, self.names.terms
        #: Properties that this reader, or one that it comes after, was asked for (None: for all there are). What was
        #: made of its answers stays true while no statement with one of them comes or goes.
        self.asked: set[Term | None] = set() if before is None else before.asked

    def aside(self) -> "Reader":
        """Another one of the same columns, whose questions are not noted here."""
        found = Reader(self.columns, self)
        found.asked = set()
        return found

    def was_asked_for(self, statements: Iterable[Triple]) -> bool:
        """Whether they may be part of an answer that was given."""
        everything = None in self.asked
        return any(everything or predicate in self.asked for _, predicate, _ in statements)

    def statements(self, predicate: NamedNode) -> Pairs:
        """All with the predicate, as ids."""
        self.asked.add(predicate)
        return self.columns.pairs(self._id(predicate))

    def _id(self, term: Term) -> int:
        """Kept once found: people's questions come back to the same nodes."""
        found = self._ids.get(term)
        if found is None:
            found = self.columns.terms.id_of(term)
            if found >= 0:
                self._ids[term] = found
        return found

    def _named(self, ids: Ids) -> list[Term]:
        return [self._term(term_id) for term_id in ids.tolist()]

    def _term(self, term_id: int) -> Term:
        term = self._terms.get(term_id)
        if term is None:
            term = self._terms[term_id] = self.columns.terms.term(term_id)
        return term

    def objects(self, subject: Term, predicate: NamedNode) -> list[Term]:
        pairs, node = self.statements(predicate), self._id(subject)
        return [] if node < 0 else self._named(_run(pairs.subjects, pairs.objects, node))

    def subjects(self, predicate: NamedNode, obj: Term) -> list[Term]:
        pairs, node = self.statements(predicate), self._id(obj)
        return [] if node < 0 else self._named(_run(*pairs.by_object, node))

    def objects_of_any(self, subjects: Iterable[Term], predicate: NamedNode) -> list[Term]:
        """Distinct, in the order of the subjects."""
        pairs = self.statements(predicate)
        return self._reached(pairs.subjects, pairs.objects, subjects)

    def subjects_of_any(self, predicate: NamedNode, objects: Iterable[Term]) -> list[Term]:
        """Distinct, in the order of the objects."""
        return self._reached(*self.statements(predicate).by_object, objects)

    def _reached(self, keys: Ids, values: Ids, nodes: Iterable[Term]) -> list[Term]:
        ids = np.fromiter(map(self._id, nodes), np.int32)
        _, found = expand(keys, values, ids[ids >= 0])
        return [self._term(term_id) for term_id in dict.fromkeys(found.tolist())]

    def pairs(self, predicate: NamedNode) -> list[tuple[Term, Term]]:
        pairs = self.statements(predicate)
        return list(zip(self._named(pairs.subjects), self._named(pairs.objects), strict=True))

    def predicates(self) -> list[NamedNode]:
        """All there are, in the order of the columns."""
        self.asked.add(None)
        return [p for p in self._named(self.columns.predicates) if isinstance(p, NamedNode)]

    def value(self, subject: Term, predicate: NamedNode) -> Term | None:
        """The first object in the order of the columns, or None."""
        found = self.objects(subject, predicate)
        return found[0] if found else None

    def text(self, subject: Term, predicate: NamedNode, language: str = "en") -> str:
        """The literal in this language, else one without, else any; "" when there is none."""
        literals = [o for o in self.objects(subject, predicate) if isinstance(o, Literal)]
        for wanted in (language, None):
            for literal in literals:
                if literal.language == wanted:
                    return literal.value
        return literals[0].value if literals else ""

    def date(self, subject: Term, predicate: NamedNode) -> str | None:
        value = self.value(subject, predicate)
        return value.value if isinstance(value, Literal) else None

    def label(self, term: Term) -> str:
        """What to call a node: its label, else its class and what it is for, where the ontology says by which
        property (``aims:describedBy``), else the last part of its IRI.
        """
        if isinstance(term, Literal):
            return term.value
        for predicate in LABELS:
            text = self.text(term, predicate)
            if text:
                return text
        return self._description(term) or local_name(term)

    def _description(self, term: Term) -> str:
        for kind in self.types(term):
            for predicate in self.objects(kind, DESCRIBED_BY):
                found = self.value(term, predicate) if isinstance(predicate, NamedNode) else None
                if isinstance(found, NamedNode):
                    number = (
                        self.text(found, _IDENTIFIER) if found.value.startswith(ISO42001) else ""
                    )
                    return f"{self.label(kind)} for {number} {self.label(found)}".replace("  ", " ")
        return ""

    def subclasses(self, *classes: NamedNode) -> set[Term]:
        """The classes and, by rdfs:subClassOf, all below them."""
        below: set[Term] = set(classes)
        pending: list[Term] = list(classes)
        while pending:
            for child in self.subjects(SUBCLASS, pending.pop()):
                if child not in below:
                    below.add(child)
                    pending.append(child)
        return below

    def instances(self, cls: NamedNode) -> tuple[Term, ...]:
        """SHACL instances of a class: rdf:type to it or to a class below it."""
        if cls not in self._instances:
            self._instances[cls] = tuple(self._named(self.instance_ids(cls)))
        return self._instances[cls]

    def instance_ids(self, cls: NamedNode) -> Ids:
        """Of the same nodes in the same order."""
        objects, subjects = self.statements(TYPE).by_object
        kinds = (self._id(kind) for kind in sorted(self.subclasses(cls), key=str))
        found = [run for kind in kinds if len(run := _run(objects, subjects, kind))]
        if len(found) == 1:
            return found[0]
        ids = np.concatenate(found) if found else subjects[:0]
        return np.fromiter(dict.fromkeys(ids.tolist()), np.int32)

    def types(self, node: Term) -> list[Term]:
        return self.objects(node, TYPE)


def _run(keys: Ids, values: Ids, key: int) -> Ids:
    # Typed bounds: plain ints would make searchsorted copy all keys to int64.
    low, high = keys.searchsorted(np.array([key, key + 1], np.int32))
    return values[low:high]


def local_name(term: Term) -> str:
    """The readable end of an IRI; blank nodes keep their label."""
    if isinstance(term, BlankNode):
        return str(term)
    text = term.value
    for mark in ("#", "/", ":"):
        tail = text.rstrip(mark).rpartition(mark)[2]
        if tail and tail != text:
            return tail
    return text


def join_labels(reader: Reader, terms: Iterable[Term]) -> str:
    return ", ".join(sorted({reader.label(term) for term in terms}))
