"""Validation results and the report (https://www.w3.org/TR/shacl/#validation-report)."""

import io
from abc import abstractmethod
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, serialize

from aims_graph.shacl.names import FALSE, RDF_TYPE, TRUE, Term, sh
from aims_graph.shacl.paths import Path, path_triples
from aims_graph.vocabulary import PREFIXES


@dataclass(frozen=True, slots=True)
class ValidationResult:
    """One sh:ValidationResult; field names as in the vocabulary without "result" and "source"."""

    focus: Term
    shape: Term
    component: NamedNode
    severity: NamedNode
    path: Path | None
    value: Term | None
    messages: tuple[Literal, ...]
    constraint: Term | None = None
    details: tuple["ValidationResult", ...] = ()


Counts = Counter[tuple[Term, NamedNode, NamedNode]]


class Results(Sequence[ValidationResult]):
    """Results that can be counted without being made."""

    @abstractmethod
    def counts(self) -> Counts:
        """Number of results by (shape, component, severity)."""


@dataclass(frozen=True, slots=True)
class ValidationReport:
    """results: in the order of shapes, then focus nodes; a lazy sequence for the columns engine.

    focus_nodes: for each active shape with targets, the focus nodes checked, also those without result.
    """

    results: Sequence[ValidationResult]
    focus_nodes: Mapping[Term, tuple[Term, ...]] = field(default_factory=dict)

    @property
    def conforms(self) -> bool:
        return not self.results

    def summary(self) -> Counts:
        """Number of results by (shape, component, severity)."""
        if isinstance(self.results, Results):
            return self.results.counts()
        return Counter((r.shape, r.component, r.severity) for r in self.results)

    def to_triples(self) -> Iterator[Triple]:
        """The report as RDF, result by result; paths and blank nodes of its own are new blank nodes."""
        report = BlankNode()
        yield Triple(report, RDF_TYPE, sh("ValidationReport"))
        yield Triple(report, sh("conforms"), TRUE if self.conforms else FALSE)
        for result in self.results:
            node = BlankNode()
            yield Triple(report, sh("result"), node)
            yield from result_triples(node, result)

    def to_turtle(self) -> str:
        turtle = io.BytesIO()
        self.write(turtle)
        return turtle.getvalue().decode()

    def write(self, output: IO[bytes], file_format: RdfFormat = RdfFormat.TURTLE) -> None:
        """Write the report as RDF; results are made one at a time, however many there are."""
        prefixes = {name: PREFIXES[name] for name in ("sh", "xsd")}
        serialize(self.to_triples(), output, format=file_format, prefixes=prefixes)


def result_triples(node: BlankNode, result: ValidationResult) -> Iterator[Triple]:
    yield Triple(node, RDF_TYPE, sh("ValidationResult"))
    yield Triple(node, sh("focusNode"), result.focus)
    yield Triple(node, sh("sourceShape"), result.shape)
    yield Triple(node, sh("sourceConstraintComponent"), result.component)
    yield Triple(node, sh("resultSeverity"), result.severity)
    if result.path is not None:
        path, triples = path_triples(result.path)
        yield Triple(node, sh("resultPath"), path)
        yield from triples
    if result.value is not None:
        yield Triple(node, sh("value"), result.value)
    for message in result.messages:
        yield Triple(node, sh("resultMessage"), message)
    if result.constraint is not None:
        yield Triple(node, sh("sourceConstraint"), result.constraint)
    for detail in result.details:
        inner = BlankNode()
        yield Triple(node, sh("detail"), inner)
        yield from result_triples(inner, detail)
