"""An in-memory Oxigraph index of a graph, for queries of the person at the keyboard.

Oxigraph keeps values, not lexical forms, of numbers and dates ("01" becomes "1"): where the spelling of a
literal matters, ask the columns.
"""

from collections.abc import Iterable

import pyoxigraph as ox

from aims_graph.columns import Triple
from aims_graph.errors import InputError
from aims_graph.sparql.tokens import read_tokens

_REFUSED = {
    "SERVICE": "it would send data to another server",
    "LOAD": "it would fetch a file",
    "FROM": "the dataset is the workspace's own",
}
MAX_QUERY_BYTES = 64 * 1024


def refuse_remote(text: str) -> None:
    """Raises InputError when a query would reach outside, or is too large to parse safely."""
    if len(text.encode()) > MAX_QUERY_BYTES:
        raise InputError(f"the query is larger than {MAX_QUERY_BYTES // 1024} KiB")
    for token in read_tokens(text):
        reason = _REFUSED.get(token.text.upper()) if token.kind == "word" else None
        if reason:
            line = text.count("\n", 0, token.start) + 1
            raise InputError(f"{token.text.upper()} is not allowed: {reason}", line=line)


class Index:
    """One snapshot of triples; the default graph holds them all."""

    def __init__(self, triples: Iterable[Triple]) -> None:
        self._store = ox.Store()
        # Subjects are IRIs or blank nodes and predicates IRIs: the parsers of the columns saw to it.
        self._store.bulk_extend(ox.Quad(s, p, o) for s, p, o in triples)  # type: ignore[arg-type]

    def query(
        self, text: str, prefixes: dict[str, str] | None = None
    ) -> ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples:
        """Raises InputError when the text is not a query or would reach outside."""
        refuse_remote(text)
        try:
            return self._store.query(text, prefixes=prefixes)
        except SyntaxError as error:
            raise InputError(
                f"not a SPARQL query: {error.msg or error}", line=error.lineno, column=error.offset
            ) from None
