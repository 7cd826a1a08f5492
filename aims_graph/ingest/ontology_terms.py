"""What the ontology says about names: classes, properties with their ranges, named individuals."""

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from aims_graph.resources import folder
from aims_graph.vocabulary import AIMS, ISO42001, OWL, RDF, RDFS, XSD

#: rdfs:range stands only where it is a safe axiom of OWL 2 RL, so it is not what an author needs.
_RANGE: Final = "https://schema.org/rangeIncludes"
_DOMAIN: Final = "https://schema.org/domainIncludes"
_TEXTS: Final = frozenset({XSD + "string", RDF + "langString", RDFS + "Literal"})
_CLASSES: Final = frozenset({OWL + "Class", RDFS + "Class"})
_KINDS: Final = {
    OWL + "ObjectProperty": "object",
    OWL + "DatatypeProperty": "datatype",
    OWL + "AnnotationProperty": "annotation",
    RDF + "Property": "annotation",
}


@dataclass(frozen=True, slots=True)
class PropertyTerm:
    """``kind`` is object, datatype or annotation; ``ranges`` and ``domains`` what
    schema:rangeIncludes and schema:domainIncludes name, without the datatypes of text;
    ``inverse_of`` the property that rules read, when this one is its inverse.
    """

    kind: str
    ranges: frozenset[str] = frozenset()
    domains: frozenset[str] = frozenset()
    inverse_of: str | None = None

    @property
    def range(self) -> str | None:
        """The one class or datatype of the values; None for text, and when several or none fit."""
        return next(iter(self.ranges)) if len(self.ranges) == 1 else None


@dataclass(slots=True)
class OntologyTerms:
    classes: set[str] = field(default_factory=set)
    properties: dict[str, PropertyTerm] = field(default_factory=dict)
    individuals: dict[str, set[str]] = field(default_factory=dict)  # IRI -> its classes
    superclasses: dict[str, set[str]] = field(default_factory=dict)  # the direct ones

    def above(self, class_: str) -> set[str]:
        """The class and all its superclasses."""
        found: set[str] = set()
        waiting = [class_]
        while waiting:
            current = waiting.pop()
            if current not in found:
                found.add(current)
                waiting += self.superclasses.get(current, ())
        return found

    def fits(self, classes: set[str], allowed: frozenset[str]) -> bool:
        """Whether something of these classes may be of one of the allowed ones; when in doubt, yes."""
        if not allowed or not classes & self.classes:
            return True
        return any(
            wanted in self.above(class_) or class_ in self.above(wanted)
            for class_ in classes
            for wanted in allowed
        )

    def individual(self, name: str) -> str | None:
        """The IRI of a vocabulary individual or of a clause, control or document of the standard."""
        for namespace in (AIMS, ISO42001):
            if namespace + name in self.individuals:
                return namespace + name
        return None


@cache
def read_ontology_terms(root: Path | None = None) -> OntologyTerms:
    """Reads ``ontology/*.ttl`` and ``ontology/iso42001/*.ttl``; alignments are no part of it."""
    base = root or folder("ontology")
    found = OntologyTerms()
    ranges: dict[str, set[str]] = {}
    domains: dict[str, set[str]] = {}
    inverses: dict[str, str] = {}
    kinds: dict[str, str] = {}
    types: list[tuple[str, str]] = []
    for path in sorted([*base.glob("*.ttl"), *base.glob("iso42001/*.ttl")]):
        for quad in ox.parse(path=path, format=ox.RdfFormat.TURTLE):
            subject, predicate, obj = quad.subject, quad.predicate.value, quad.object
            if not (isinstance(subject, ox.NamedNode) and isinstance(obj, ox.NamedNode)):
                continue
            if predicate == _RANGE:
                ranges.setdefault(subject.value, set()).add(obj.value)
            elif predicate == _DOMAIN:
                domains.setdefault(subject.value, set()).add(obj.value)
            elif predicate == OWL + "inverseOf":
                inverses[subject.value] = obj.value
            elif predicate == RDFS + "subClassOf":
                found.superclasses.setdefault(subject.value, set()).add(obj.value)
            elif predicate == RDF + "type":
                types.append((subject.value, obj.value))
    for subject_iri, class_ in types:
        if class_ in _CLASSES:
            found.classes.add(subject_iri)
        elif class_ in _KINDS and kinds.get(subject_iri) in (None, "annotation"):
            kinds[subject_iri] = _KINDS[class_]
        elif class_.startswith(AIMS):
            found.individuals.setdefault(subject_iri, set()).add(class_)
    for iri, kind in kinds.items():
        found.properties[iri] = PropertyTerm(
            kind,
            frozenset(ranges.get(iri, set()) - _TEXTS),
            frozenset(domains.get(iri, ())),
            inverses.get(iri),
        )
    found.properties.update(_OTHERS)
    return found


_DCT: Final = "http://purl.org/dc/terms/"
_TEXT: Final = PropertyTerm("datatype")
#: Properties of other vocabularies that every record uses. Their short names are in ``SHORT``.
_OTHERS: Final = {
    RDFS + "label": _TEXT,
    RDFS + "comment": _TEXT,
    RDFS + "seeAlso": PropertyTerm("annotation"),
    _DCT + "identifier": _TEXT,
    _DCT + "title": _TEXT,
    _DCT + "description": _TEXT,
    _DCT + "source": PropertyTerm("annotation"),
    _DCT + "created": PropertyTerm("datatype", frozenset({XSD + "date"})),
    _DCT + "modified": PropertyTerm("datatype", frozenset({XSD + "date"})),
}
SHORT: Final = {
    "label": RDFS + "label",
    "comment": RDFS + "comment",
    "seeAlso": RDFS + "seeAlso",
    "identifier": _DCT + "identifier",
    "title": _DCT + "title",
    "description": _DCT + "description",
    "source": _DCT + "source",
}
