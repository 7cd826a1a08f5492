"""Questions: the query catalogue, the SPARQL index, and what keeps a question from doing harm.

docs/sparql.md describes it. Light to import: a worker process begins with this package.
"""

from aims_graph.sparql.catalogue import (
    Column,
    Parameter,
    Query,
    find_query,
    read_catalogue,
    read_query,
)
from aims_graph.sparql.guard import check_text
from aims_graph.sparql.index import Index
from aims_graph.sparql.limits import Limits

__all__ = [
    "Column",
    "Index",
    "Limits",
    "Parameter",
    "Query",
    "check_text",
    "find_query",
    "read_catalogue",
    "read_query",
]
