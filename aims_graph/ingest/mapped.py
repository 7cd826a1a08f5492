"""Tables on their way in by a mapping. Apart, since nothing of it is loaded where no mapping is named."""

from pathlib import Path

from aims_graph.errors import InputError
from aims_graph.ingest.entities import Ids, apply_mapping, apply_static
from aims_graph.ingest.graph import Graph
from aims_graph.ingest.mapping_file import read_mapping
from aims_graph.ingest.meter import Meter
from aims_graph.ingest.readers import read_table, table_format


class MappedTables:
    """Adds to ``graph`` what tables say. Raises InputError when the mapping is wrong."""

    def __init__(self, mapping: Path, graph: Graph) -> None:
        self._rules = read_mapping(mapping)
        self._graph = graph
        self._ids: Ids = {}

    def expects(self, path: Path) -> bool:
        """Whether the mapping has a source for the file."""
        return table_format(path) is not None and self._rules.source_of(path) is not None

    def add(self, path: Path, meter: Meter) -> None:
        """Raises InputError with line and column."""
        source = self._rules.source_of(path)
        assert source is not None
        if not self._ids:
            apply_static(self._rules, self._graph)
        meter.begin(path)
        table = read_table(path, source.options)
        apply_mapping(self._rules, source, table, self._graph, self._ids, meter.come_to)

    def refuse(self, path: Path) -> InputError:
        patterns = ", ".join(repr(source.file) for source in self._rules.sources.values())
        return InputError(
            f"no source of {self._rules.file.name} fits this file name (they fit {patterns})",
            file=path,
        )
