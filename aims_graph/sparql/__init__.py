"""Questions: the query catalogue, the SPARQL index, and what keeps a question from doing harm."""

from aims_graph.sparql.catalogue import (
    Column,
    Parameter,
    Query,
    find_query,
    read_catalogue,
    read_query,
)
from aims_graph.sparql.index import Index, refuse_remote

__all__ = [
    "Column",
    "Index",
    "Parameter",
    "Query",
    "find_query",
    "read_catalogue",
    "read_query",
    "refuse_remote",
]
