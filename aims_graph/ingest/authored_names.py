"""What the words of an AIMS file in YAML stand for: classes, properties, references, literals."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from aims_graph.columns.lexical import read_value
from aims_graph.errors import InputError
from aims_graph.ingest.fields import suggest
from aims_graph.ingest.iris import Names
from aims_graph.ingest.ontology_terms import SHORT, OntologyTerms, PropertyTerm
from aims_graph.ingest.yaml_source import Node, Scalar
from aims_graph.vocabulary import AIMS, XSD

HEADER: Final = ("base", "prefixes", "language")
_SPOKEN: Final = frozenset({"label", "comment", "title", "description"})
_EXAMPLES: Final = {
    XSD + "date": "2026-03-31",
    XSD + "boolean": "true or false",
    XSD + "decimal": "0.95",
    XSD + "integer": "12",
}


@dataclass(frozen=True, slots=True)
class Declared:
    iri: ox.NamedNode
    file: Path
    line: int


class WordReader:
    """Every method raises InputError at the place of what is wrong. ``ids`` fills up while the
    files of a set are read.
    """

    def __init__(
        self,
        path: Path,
        names: Names,
        language: str | None,
        terms: OntologyTerms,
        ids: dict[str, Declared],
    ) -> None:
        self.path = path
        self.names = names
        self.language = language
        self.terms = terms
        self.ids = ids

    def fail(self, message: str, at: Node, hint: str | None = None) -> InputError:
        return InputError(message, file=self.path, line=at.line, column=at.column, hint=hint)

    def class_iri(self, key: Scalar) -> str:
        if AIMS + key.text in self.terms.classes:
            return AIMS + key.text
        found = self.names.iri(key.text)
        if found is not None and (
            not found.value.startswith(AIMS) or found.value in self.terms.classes
        ):
            return found.value
        hint = suggest(key.text, [*_local_names(self.terms.classes), *HEADER])
        raise self.fail(f"{key.text!r} is no class of the vocabulary", key, hint)

    def property_term(self, key: Scalar) -> tuple[ox.NamedNode, PropertyTerm]:
        for iri in (AIMS + key.text, SHORT.get(key.text, "")):
            if iri in self.terms.properties:
                return ox.NamedNode(iri), self.terms.properties[iri]
        found = self.names.iri(key.text)
        if found is not None:
            term = self.terms.properties.get(found.value)
            if term is not None:
                return found, term
            if not found.value.startswith(AIMS):
                return found, PropertyTerm("annotation")
        names = [*_local_names(self.terms.properties), *SHORT]
        raise self.fail(
            f"{key.text!r} is no property of the vocabulary", key, suggest(key.text, names)
        )

    def find(self, node: Scalar) -> ox.NamedNode | None:
        """An id of these files, a name or number of the vocabulary or the standard, an IRI."""
        declared = self.ids.get(node.text)
        if declared is not None:
            return declared.iri
        individual = self.terms.individual(node.text)
        if individual is not None:
            return ox.NamedNode(individual)
        if AIMS + node.text in self.terms.properties or AIMS + node.text in self.terms.classes:
            return ox.NamedNode(AIMS + node.text)
        return self.names.iri(node.text)

    def reference(self, node: Scalar, name: str) -> ox.NamedNode:
        found = self.find(node)
        if found is None:
            individuals = {iri.rpartition("#")[2] for iri in self.terms.individuals}
            raise self.fail(
                f"{name}: nothing has the id {node.text!r}",
                node,
                suggest(node.text, [*self.ids, *individuals]) or "Write an IRI as <https://…>.",
            )
        return found

    def literal(
        self, node: Scalar, name: str, range_: str | None, language: str | None = None
    ) -> ox.Literal:
        """The language of the header goes to what is read as a sentence or a name, not to codes."""
        if language is None and name.removeprefix("rdfs:").removeprefix("dct:") in _SPOKEN:
            language = self.language
        if range_ is None:
            return ox.Literal(node.text, language=language)
        if read_value(range_, node.text) is None:
            example = _EXAMPLES.get(range_)
            raise self.fail(
                f"{name}: {node.text!r} is no xsd:{range_.removeprefix(XSD)}",
                node,
                f"Write for example {example}." if example else None,
            )
        return ox.Literal(node.text, datatype=ox.NamedNode(range_))


def _local_names(iris: Iterable[str]) -> list[str]:
    return [iri.removeprefix(AIMS) for iri in iris if iri.startswith(AIMS)]
