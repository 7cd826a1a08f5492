"""Answers of queries for people and programs: table rows, CSV, SPARQL JSON and XML, Markdown, Turtle."""

import csv
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import StringIO

import pyoxigraph as ox

from aims_graph.report.cells import safe_cell
from aims_graph.report.findings import markdown_cell

Result = ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples
Solution = tuple[ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple | None, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """Rows of a SELECT; an ASK has one row and column; a CONSTRUCT or DESCRIBE has its triples as rows."""

    kind: str
    columns: tuple[str, ...]
    rows: list[Solution]

    def texts(self, prefixes: Mapping[str, str] | None = None) -> list[tuple[str, ...]]:
        """Cells as people read them: IRIs shortened where a prefix is known, literals by their text."""
        return [tuple(_text(term, prefixes or {}) for term in row) for row in self.rows]


def read_answer(result: Result) -> Answer:
    """Lists a result in the thread that asked; Oxigraph's own object must not leave it."""
    if isinstance(result, ox.QueryBoolean):
        value = "true" if bool(result) else "false"
        boolean = ox.NamedNode("http://www.w3.org/2001/XMLSchema#boolean")
        return Answer("ask", ("answer",), [(ox.Literal(value, datatype=boolean),)])
    if isinstance(result, ox.QueryTriples):
        rows: list[Solution] = [(t.subject, t.predicate, t.object) for t in result]
        return Answer("graph", ("subject", "predicate", "object"), rows)
    names = tuple(variable.value for variable in result.variables)
    return Answer("select", names, [tuple(solution) for solution in result])


def _text(term: object, prefixes: Mapping[str, str]) -> str:
    if term is None:
        return ""
    if isinstance(term, ox.Literal):
        return term.value
    if isinstance(term, ox.NamedNode):
        for prefix, base in prefixes.items():
            if term.value.startswith(base):
                return f"{prefix}:{term.value.removeprefix(base)}"
        return term.value
    return str(term)


def _csv(answer: Answer) -> str:
    buffer = StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(answer.columns)
    writer.writerows([safe_cell(cell) for cell in row] for row in answer.texts())
    return buffer.getvalue()


def _markdown(answer: Answer) -> str:
    lines = ["| " + " | ".join(answer.columns) + " |", "|" + "---|" * len(answer.columns)]
    lines += ["| " + " | ".join(map(markdown_cell, row)) + " |" for row in answer.texts()]
    return "\n".join(lines) + "\n"


_STANDARD = {
    "json": (ox.QueryResultsFormat.JSON, ox.RdfFormat.JSON_LD),
    "xml": (ox.QueryResultsFormat.XML, ox.RdfFormat.RDF_XML),
}
_TEXT: dict[str, Callable[[Answer], str]] = {"csv": _csv, "markdown": _markdown}
RESULT_FORMATS = ("csv", "json", "xml", "markdown")


def write_answer(answer: Answer, fmt: str) -> str:
    """As CSV or Markdown."""
    return _TEXT[fmt](answer)


def write_result(result: Result, fmt: str) -> str:
    """The result in one of RESULT_FORMATS: JSON and XML are SPARQL 1.1 Query Results, of a graph JSON-LD and
    RDF/XML; CSV is made for spreadsheets, with cells that a spreadsheet would run made text.
    """
    if fmt in _TEXT:
        return _TEXT[fmt](read_answer(result))
    of_results, of_graph = _STANDARD[fmt]
    if isinstance(result, ox.QueryTriples):
        data = result.serialize(format=of_graph)
    else:
        data = result.serialize(format=of_results)
    assert data is not None
    return data.decode()
