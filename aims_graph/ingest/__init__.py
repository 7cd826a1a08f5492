"""Takes in what an organization has: RDF files, tables by a declarative mapping, AIMS files in YAML."""

from aims_graph.ingest.files import Ingested, ingest, read_columns
from aims_graph.ingest.report import IngestReport, Note, NotUnderstood, SourceReport

__all__ = [
    "IngestReport",
    "Ingested",
    "NotUnderstood",
    "Note",
    "SourceReport",
    "ingest",
    "read_columns",
]
