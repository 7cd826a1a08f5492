"""SPARQL results in JSON as other stores write them, also where they do not keep to the standard."""

import json
from dataclasses import dataclass
from typing import Any

import pyoxigraph as ox

from aims_graph.errors import InputError
from aims_graph.sparql.errors import LimitError
from aims_graph.sparql.limits import Limits

Term = ox.NamedNode | ox.BlankNode | ox.Literal


@dataclass(frozen=True, slots=True)
class Solutions:
    """Rows without what is unbound; of an ASK, ``boolean`` and no rows."""

    variables: tuple[str, ...]
    rows: list[dict[str, Term]]
    boolean: bool | None = None

    def integer(self, name: str) -> int:
        """A count. Raises InputError when there is none."""
        try:
            return int(self.rows[0][name].value)
        except (IndexError, KeyError, ValueError):
            raise InputError("the store's answer is no number") from None


def read_results(data: bytes, *, is_ask: bool, limits: Limits) -> Solutions:
    """Raises InputError on what is no result, LimitError on too many rows."""
    try:
        document = json.loads(data)
        if "boolean" in document:
            return Solutions((), [], _boolean(document["boolean"]))
        variables = tuple(map(str, document["head"].get("vars", ())))
        bindings = document["results"]["bindings"]
        if len(bindings) > limits.rows:
            raise LimitError(f"the answer has more than {limits.rows} rows")
        rows = [{str(name): _term(value) for name, value in row.items()} for row in bindings]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError("the store's answer is not SPARQL JSON") from None
    if is_ask:  # Virtuoso answers with one row, or with none for false
        values = [term.value for row in rows for term in row.values()]
        return Solutions((), [], bool(values) and _boolean(values[0]))
    return Solutions(variables, rows)


def _boolean(value: object) -> bool:
    return str(value).lower() in ("true", "1")


def _term(value: dict[str, Any]) -> Term:
    match value["type"]:
        case "uri":
            return ox.NamedNode(value["value"])
        case "bnode":
            return ox.BlankNode("b" + "".join(c for c in value["value"] if c.isalnum()))
        case "literal" | "typed-literal":
            language = value.get("xml:lang")
            if language:
                return ox.Literal(value["value"], language=language)
            if "datatype" in value:
                return ox.Literal(value["value"], datatype=ox.NamedNode(value["datatype"]))
            return ox.Literal(value["value"])
        case other:
            raise InputError(f"the store's answer has a term of type {other!r}")
