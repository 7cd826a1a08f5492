"""An in-memory Oxigraph index of a graph, for queries of our own catalogue.

They are trusted, so they run in this process; what others write runs in a worker (see pool). Oxigraph keeps
values, not lexical forms, of numbers and dates ("01" becomes "1"): where the spelling of a literal matters,
ask the columns.
"""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

import pyoxigraph as ox

from aims_graph.errors import InputError
from aims_graph.sparql.guard import check_text

if TYPE_CHECKING:  # workers start without the columns
    from aims_graph.columns import Triple

_PLACE = re.compile(r"error at (\d+):(\d+): ", re.DOTALL)
_LONGEST = 200


class Index:
    """One snapshot of triples; the default graph holds them all."""

    def __init__(self, triples: "Iterable[Triple]") -> None:
        self._store = ox.Store()
        # Subjects are IRIs or blank nodes and predicates IRIs: the parsers of the columns saw to it.
        self._store.bulk_extend(ox.Quad(s, p, o) for s, p, o in triples)  # type: ignore[arg-type]  # as said above

    def query(
        self, text: str, prefixes: dict[str, str] | None = None
    ) -> ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples:
        """Raises InputError when the text is not a query, or one that would reach outside."""
        check_text(text, prefixes or ())
        try:
            return self._store.query(text, prefixes=prefixes)
        except SyntaxError as error:
            raise syntax_error(error) from None


def syntax_error(error: SyntaxError, what: str = "query") -> InputError:
    """Oxigraph's message with its place; its lists of all characters that could follow are cut."""
    message = str(error.msg or error)
    match = _PLACE.match(message)
    line, column = (int(match[1]), int(match[2])) if match else (error.lineno, error.offset)
    rest = message[match.end() :] if match else message
    if len(rest) > _LONGEST:
        rest = "this cannot stand here"
    return InputError(f"not a SPARQL {what}: {rest}", line=line, column=column)
