"""Files for the tests of this folder."""

from collections.abc import Callable
from pathlib import Path

import pyoxigraph as ox
import pytest

from aims_graph.ingest import Ingested, ingest


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str | bytes], Path]:
    def make(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        data = content.encode() if isinstance(content, str) else content
        path.write_bytes(data)
        return path

    return make


@pytest.fixture
def map_table(write) -> Callable[..., Ingested]:
    """Ingests a table (CSV by default) with a mapping; a mapping without header gets one."""

    def run(table: str | bytes, mapping: str, name: str = "t.csv") -> Ingested:
        if "base:" not in mapping:
            mapping = (
                "base: https://x.example/\nprefixes: {ex: 'https://x.example/ns#'}\n" + mapping
            )
        return ingest([write(name, table)], mapping=write("mapping.yaml", mapping))

    return run


@pytest.fixture
def turtle() -> Callable[[str], set[ox.Triple]]:
    """Expected triples; prefixes as in ``map_table``."""
    head = (
        "@prefix : <https://x.example/> . @prefix ex: <https://x.example/ns#> ."
        "@prefix aims: <https://w3id.org/aims-graph/ns#> ."
        "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> ."
        "@prefix xsd: <http://www.w3.org/2001/XMLSchema#> ."
        "@prefix dct: <http://purl.org/dc/terms/> ."
        "@prefix iso42001: <https://w3id.org/aims-graph/iso42001#> ."
    )

    def parse(text: str) -> set[ox.Triple]:
        return {q.triple for q in ox.parse(head + text, format=ox.RdfFormat.TURTLE)}

    return parse
