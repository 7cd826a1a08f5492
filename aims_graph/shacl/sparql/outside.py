"""Which queries are not run on the columns, because Oxigraph knows something that they do not.

What is outside is told from the text of the query alone, so that a query always runs in the same place, whatever
the data are.
"""

from collections.abc import Iterator
from typing import Final

from pyoxigraph import Literal

from aims_graph.vocabulary import XSD

from .algebra import (
    Aggregate,
    Call,
    Constant,
    Expression,
    Extend,
    Group,
    Query,
    Variable,
)
from .scope import walk

#: Built-ins with the number of arguments they take.
FOREIGN_BUILTINS: Final[dict[str, tuple[int, int | None]]] = {"ADJUST": (2, 2), "HASLANG": (1, 1)}
_DURATIONS: Final = frozenset(
    XSD + name for name in ("duration", "dayTimeDuration", "yearMonthDuration")
)
FOREIGN_CASTS: Final = _DURATIONS | {
    XSD + name for name in ("time", "gYear", "gYearMonth", "gMonth", "gMonthDay", "gDay")
}
_GEOSPARQL: Final = "http://www.opengis.net/def/function/geosparql/"

_NUMBERS: Final = frozenset(
    {"*", "/", "ABS", "CEIL", "FLOOR", "ROUND", "STRLEN"}
    | {"YEAR", "MONTH", "DAY", "HOURS", "MINUTES", "SECONDS"}
    | {XSD + name for name in ("integer", "decimal", "float", "double")}
)
_COUNTED: Final = frozenset({"COUNT", "SUM", "AVG"})


def is_foreign_function(iri: str) -> bool:
    return iri in FOREIGN_CASTS or iri.startswith(_GEOSPARQL)


def reasons(query: Query) -> tuple[str, ...]:
    """What only Oxigraph can do of the query; empty when the columns can do it all."""
    return tuple(sorted(set(_reasons(query))))


def _reasons(query: Query) -> Iterator[str]:
    sums: list[tuple[str, tuple[Expression, ...]]] = []
    for part in walk(query.pattern):
        match part:
            case Call(name, _) if name in FOREIGN_BUILTINS:
                yield name
            case Call(name, _) if is_foreign_function(name):
                yield name.replace(XSD, "xsd:").replace(_GEOSPARQL, "geof:")
            case Call("+" | "-" as sign, arguments):
                sums.append((sign, arguments))
            case Constant(Literal() as literal) if literal.datatype.value in _DURATIONS:
                yield "durations"
    if sums:
        dates = Dates(query)
        yield from (f"{n} on what may be dates" for n, of in sums if dates.may_be_among(of))


class Dates:
    """Where dates and durations may be calculated with, as far as the text of a query tells."""

    def __init__(self, query: Query) -> None:
        self._assigned: dict[str, Expression | Aggregate] = {}
        for part in walk(query.pattern):
            match part:
                case Extend(_, name, expression):
                    self._assigned[name] = expression
                case Group(_, _, aggregates, _):
                    self._assigned.update(aggregates)

    def may_be_among(self, operands: tuple[Expression, ...]) -> bool:
        """A number, or what is no date, on either side leaves no sum or difference of dates."""
        return not any(self._is_none(operand, frozenset()) for operand in operands)

    def _is_none(self, expression: Expression | Aggregate, seen: frozenset[str]) -> bool:
        match expression:
            case Constant(term):
                return not (isinstance(term, Literal) and _is_temporal(term.datatype.value))
            case Variable(name):
                known = name in self._assigned and name not in seen
                return known and self._is_none(self._assigned[name], seen | {name})
            case Aggregate(function, argument, _, _):
                return function in _COUNTED or (
                    argument is not None and self._is_none(argument, seen)
                )
            case Call("+" | "-" | "NEGATE" | "PLUS", operands):
                return any(self._is_none(operand, seen) for operand in operands)
            case Call("IF", (_, *branches)) | Call("COALESCE", branches):
                return all(self._is_none(branch, seen) for branch in branches)
            case Call(name, _):
                return name in _NUMBERS
        return False


def _is_temporal(datatype: str) -> bool:
    return datatype in FOREIGN_CASTS or datatype in (XSD + "date", XSD + "dateTime")
