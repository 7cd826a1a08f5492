"""The way in: any mixture of files, each by the reader that fits it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox

from aims_graph.columns import Columns, Triple, load
from aims_graph.errors import InputError
from aims_graph.ingest.authoring import is_authored, read_authored
from aims_graph.ingest.graph import Graph
from aims_graph.ingest.meter import Meter
from aims_graph.ingest.rdf import ill_typed, is_rdf, read_rdf
from aims_graph.ingest.report import IngestReport, SourceReport
from aims_graph.ingest.yaml_source import read_yaml

if TYPE_CHECKING:
    from aims_graph.ingest.mapped import MappedTables


@dataclass(frozen=True, slots=True)
class Ingested:
    """``quads`` without repetition, in the order of the files."""

    quads: list[ox.Quad]
    report: IngestReport

    def columns(self) -> Columns:
        """The union of all graphs."""
        return Columns.from_triples(_triples(self.quads))


def ingest(
    paths: Sequence[Path],
    *,
    mapping: Path | None = None,
    tell: Callable[[int, int], None] | None = None,
) -> Ingested:
    """Reads everything before it returns anything: an InputError leaves nothing half done.

    RDF goes in as it is. Tables need a mapping. A YAML file with a ``base`` is an AIMS file;
    with a mapping that has a source for it, a YAML or JSON file is a table. ``tell`` hears how many
    bytes of how many are done.
    """
    graph = Graph()
    tables = None if mapping is None else _mapped_tables(mapping, graph)
    authored: list[Path] = []
    meter = Meter(paths, tell)
    for path in paths:
        if tables is not None and tables.expects(path) and not _is_authored(path):
            tables.add(path, meter)
        elif path.suffix.lower() in (".yaml", ".yml"):
            authored.append(path)
        elif is_rdf(path):
            meter.begin(path)
            _add_rdf(path, graph, meter)
        else:
            raise _unreadable(path, tables)
    if authored:
        meter.begin(*authored)
        read_authored(authored, graph, tell=meter.come_to)
    meter.begin()
    return Ingested(graph.finish(), graph.report)


def read_columns(
    paths: Iterable[Path],
    *,
    mapping: Path | None = None,
    tell: Callable[[int, int], None] | None = None,
) -> Columns:
    """Files of any kind as one graph; as ``ingest``, without a report, and faster for RDF alone."""
    given = list(paths)
    if mapping is None and all(is_rdf(path) for path in given):
        return load(given, tell=tell)
    return ingest(given, mapping=mapping, tell=tell).columns()


def _is_authored(path: Path) -> bool:
    return path.suffix.lower() in (".yaml", ".yml") and is_authored(read_yaml(path))


def _add_rdf(path: Path, graph: Graph, meter: Meter) -> None:
    quads = read_rdf(path, tell=meter.come_to)
    before = len(graph)
    graph.extend(quads)
    graph.report.sources.append(
        SourceReport(
            path.name, path.suffix[1:].lower(), rows=len(quads), triples=len(graph) - before
        )
    )
    wrong = ill_typed(quads)
    if wrong:
        graph.report.add_note(
            path.name, f"{wrong} literals have a form their datatype does not know"
        )


def _mapped_tables(mapping: Path, graph: Graph) -> "MappedTables":
    from aims_graph.ingest.mapped import MappedTables  # noqa: PLC0415 - slow to load, and few need it

    return MappedTables(mapping, graph)


def _unreadable(path: Path, tables: "MappedTables | None") -> InputError:
    from aims_graph.ingest.readers import table_format  # noqa: PLC0415 - only for what is wrong

    if not path.exists():
        return InputError("there is no such file", file=path)
    if table_format(path) is None:
        return InputError(
            f"the ending {path.suffix!r} is no format that is read",
            file=path,
            hint="Known: Turtle, TriG, N-Triples, N-Quads, JSON-LD, RDF/XML, CSV, TSV, XLSX, YAML, JSON.",
        )
    if tables is None:
        return InputError(
            "a table needs a mapping", file=path, hint="Name one with --mapping FILE."
        )
    return tables.refuse(path)


def _triples(quads: Iterable[ox.Quad]) -> Iterable[Triple]:
    return ((quad.subject, quad.predicate, quad.object) for quad in quads)  # type: ignore[misc]  # no triple terms get in
