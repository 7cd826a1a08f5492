"""Looking things up term by term, for code that reads a graph as people do: a node and what is said of it."""

from collections.abc import Iterable

import numpy as np
from pyoxigraph import BlankNode, Literal, NamedNode

from aims_graph.columns import Columns
from aims_graph.vocabulary import DCT, RDF, RDFS, SKOS

Term = NamedNode | BlankNode | Literal

_TYPE = NamedNode(RDF + "type")
_SUBCLASS = NamedNode(RDFS + "subClassOf")
_LABELS = (NamedNode(RDFS + "label"), NamedNode(SKOS + "prefLabel"), NamedNode(DCT + "title"))


class Reader:
    """Look-ups over one snapshot; every answer is in the order of the columns, so it repeats."""

    def __init__(self, columns: Columns) -> None:
        self.columns = columns
        self._instances: dict[NamedNode, tuple[Term, ...]] = {}

    def objects(self, subject: Term, predicate: NamedNode) -> list[Term]:
        terms = self.columns.terms
        node, p = terms.id_of(subject), terms.id_of(predicate)
        if node < 0 or p < 0:
            return []
        pairs = self.columns.pairs(p)
        low, high = np.searchsorted(pairs.subjects, [node, node + 1])
        return [terms.term(int(o)) for o in pairs.objects[low:high]]

    def subjects(self, predicate: NamedNode, obj: Term) -> list[Term]:
        terms = self.columns.terms
        node, p = terms.id_of(obj), terms.id_of(predicate)
        if node < 0 or p < 0:
            return []
        objects, subjects = self.columns.pairs(p).by_object
        low, high = np.searchsorted(objects, [node, node + 1])
        return [terms.term(int(s)) for s in subjects[low:high]]

    def pairs(self, predicate: NamedNode) -> list[tuple[Term, Term]]:
        terms = self.columns.terms
        p = terms.id_of(predicate)
        if p < 0:
            return []
        pairs = self.columns.pairs(p)
        return [
            (terms.term(s), terms.term(o))
            for s, o in zip(pairs.subjects.tolist(), pairs.objects.tolist(), strict=True)
        ]

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
        """What to call a node: its label, else the last part of its IRI."""
        if isinstance(term, Literal):
            return term.value
        for predicate in _LABELS:
            text = self.text(term, predicate)
            if text:
                return text
        return local_name(term)

    def subclasses(self, *classes: NamedNode) -> set[Term]:
        """The classes and, by rdfs:subClassOf, all below them."""
        below: set[Term] = set(classes)
        pending: list[Term] = list(classes)
        while pending:
            for child in self.subjects(_SUBCLASS, pending.pop()):
                if child not in below:
                    below.add(child)
                    pending.append(child)
        return below

    def instances(self, cls: NamedNode) -> tuple[Term, ...]:
        """SHACL instances of a class: rdf:type to it or to a class below it."""
        if cls not in self._instances:
            found: dict[Term, None] = {}
            for kind in sorted(self.subclasses(cls), key=str):
                found.update(dict.fromkeys(self.subjects(_TYPE, kind)))
            self._instances[cls] = tuple(found)
        return self._instances[cls]

    def types(self, node: Term) -> list[Term]:
        return self.objects(node, _TYPE)


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
