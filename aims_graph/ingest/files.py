"""The way in: any mixture of files, each by the reader that fits it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from aims_graph.columns import Columns, Triple, load
from aims_graph.errors import InputError
from aims_graph.ingest.authoring import is_authored, read_authored
from aims_graph.ingest.entities import Ids, apply_mapping, apply_static
from aims_graph.ingest.graph import Graph
from aims_graph.ingest.mapping import Mapping
from aims_graph.ingest.mapping_file import read_mapping
from aims_graph.ingest.meter import Meter
from aims_graph.ingest.rdf import ill_typed, is_rdf, read_rdf
from aims_graph.ingest.readers import read_table, table_format
from aims_graph.ingest.report import IngestReport, SourceReport
from aims_graph.ingest.yaml_source import read_yaml


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
    rules = None if mapping is None else read_mapping(mapping)
    graph = Graph()
    authored: list[Path] = []
    ids: Ids = {}
    meter = Meter(paths, tell)
    for path in paths:
        source = None if rules is None or table_format(path) is None else rules.source_of(path)
        if source is not None and rules is not None and not _is_authored(path):
            if not ids:
                apply_static(rules, graph)
            meter.begin(path)
            table = read_table(path, source.options)
            apply_mapping(rules, source, table, graph, ids, meter.come_to)
        elif path.suffix.lower() in (".yaml", ".yml"):
            authored.append(path)
        elif is_rdf(path):
            meter.begin(path)
            _add_rdf(path, graph, meter)
        else:
            raise _unreadable(path, rules)
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


def _unreadable(path: Path, rules: Mapping | None) -> InputError:
    if not path.exists():
        return InputError("there is no such file", file=path)
    if table_format(path) is None:
        return InputError(
            f"the ending {path.suffix!r} is no format that is read",
            file=path,
            hint="Known: Turtle, TriG, N-Triples, N-Quads, JSON-LD, RDF/XML, CSV, TSV, XLSX, YAML, JSON.",
        )
    if rules is None:
        return InputError(
            "a table needs a mapping", file=path, hint="Name one with --mapping FILE."
        )
    patterns = ", ".join(repr(source.file) for source in rules.sources.values())
    return InputError(
        f"no source of {rules.file.name} fits this file name (they fit {patterns})", file=path
    )


def _triples(quads: Iterable[ox.Quad]) -> Iterable[Triple]:
    return ((quad.subject, quad.predicate, quad.object) for quad in quads)  # type: ignore[misc]  # no triple terms get in
