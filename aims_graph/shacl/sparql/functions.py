"""The built-in functions on single terms (SPARQL 1.1, section 17.4).

Each takes terms and returns a term or raises TypeMismatch. IF, COALESCE, BOUND, IN, EXISTS, the logical
connectives and REGEX are forms that the evaluators know themselves.
"""

import hashlib
from collections.abc import Callable
from contextlib import suppress
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from math import ceil, floor, isfinite
from typing import Final
from urllib.parse import quote

from pyoxigraph import BlankNode, Literal, NamedNode

from aims_graph.columns import Term
from aims_graph.columns.lexical import DECIMAL, INTEGER
from aims_graph.errors import InputError
from aims_graph.vocabulary import RDF

from .casts import CASTS
from .dates import DATE_FUNCTIONS
from .literals import (
    XSD_STRING,
    Number,
    TypeMismatch,
    boolean,
    calculate,
    integer,
    number,
    number_of,
    string_of,
    text_like,
    text_of,
    value_of,
)

Function = Callable[..., Term]

_RDF_LANG_STRING: Final = NamedNode(RDF + "langString")

#: Longest string that a query may make.
LONGEST_TEXT: Final = 1 << 20


def _lang(term: Term) -> Literal:
    if not isinstance(term, Literal):
        raise TypeMismatch
    return Literal(term.language or "")


def _datatype(term: Term) -> NamedNode:
    if not isinstance(term, Literal):
        raise TypeMismatch
    return term.datatype


def _iri(term: Term) -> NamedNode:
    if isinstance(term, NamedNode):
        return term
    if not isinstance(term, Literal) or term.language is not None or term.datatype != XSD_STRING:
        raise TypeMismatch
    with suppress(ValueError):
        return NamedNode(term.value)
    raise TypeMismatch


def _is_numeric(term: Term) -> Literal:
    with suppress(TypeMismatch):
        number_of(term)
        return boolean(True)
    return boolean(False)


def lang_matches(tag: str, wanted: str) -> bool:
    """Basic filtering of RFC 4647."""
    if wanted == "*":
        return tag != ""
    tag, wanted = tag.lower(), wanted.lower()
    return tag == wanted or tag.startswith(wanted + "-")


def _lang_matches(tag: Term, wanted: Term) -> Literal:
    return boolean(lang_matches(_simple(tag), _simple(wanted)))


def _substring(source: Term, start: Term, length: Term | None = None) -> Literal:
    """Positions count from 1 (fn:substring)."""
    text, begin = text_of(source), _integer(start)
    end = len(text) + 1 if length is None else begin + _integer(length)
    return text_like(source, text[max(begin - 1, 0) : max(end - 1, 0)])


def _integer(term: Term) -> int:
    rank, value = number_of(term)
    if rank != INTEGER:
        raise TypeMismatch
    return int(value)


def _compatible(first: Term, second: Term) -> tuple[str, str]:
    """Argument compatibility, section 17.4.3.1.2."""
    texts = text_of(first), text_of(second)
    assert isinstance(first, Literal)
    assert isinstance(second, Literal)
    if second.language is not None and (first.language or "").lower() != second.language.lower():
        raise TypeMismatch
    return texts


def _contains(source: Term, part: Term) -> Literal:
    text, wanted = _compatible(source, part)
    return boolean(wanted in text)


def _starts(source: Term, part: Term) -> Literal:
    text, wanted = _compatible(source, part)
    return boolean(text.startswith(wanted))


def _ends(source: Term, part: Term) -> Literal:
    text, wanted = _compatible(source, part)
    return boolean(text.endswith(wanted))


def _before(source: Term, part: Term) -> Literal:
    text, wanted = _compatible(source, part)
    head, found, _ = text.partition(wanted) if wanted else ("", "-", "")
    return text_like(source, head) if found else Literal("")


def _after(source: Term, part: Term) -> Literal:
    text, wanted = _compatible(source, part)
    _, found, tail = text.partition(wanted) if wanted else ("", "-", text)
    return text_like(source, tail) if found else Literal("")


def _concat(*parts: Term) -> Literal:
    text = "".join(map(text_of, parts))
    check_length(text)
    languages = {part.language for part in parts if isinstance(part, Literal)}
    language = languages.pop() if len(languages) == 1 else None
    return Literal(text) if language is None else Literal(text, language=language)


def check_length(text: str) -> None:
    if len(text) > LONGEST_TEXT:
        raise InputError(f"query makes a string of more than {LONGEST_TEXT} characters")


def _strlang(text: Term, tag: Term) -> Literal:
    lexical, language = _simple(text), _simple(tag)
    with suppress(ValueError):
        return Literal(lexical, language=language)
    raise TypeMismatch


def _strdt(text: Term, datatype: Term) -> Literal:
    if not isinstance(datatype, NamedNode) or datatype == _RDF_LANG_STRING:
        raise TypeMismatch
    return Literal(_simple(text), datatype=datatype)


def _simple(term: Term) -> str:
    if not isinstance(term, Literal) or term.language is not None:
        raise TypeMismatch
    return text_of(term)


def _on_number(
    on_decimal: Callable[[Decimal], Decimal], on_float: Callable[[float], float]
) -> Callable[[Term], Literal]:
    def apply(term: Term) -> Literal:
        rank, value = number_of(term)
        if rank in (INTEGER, DECIMAL):
            return number(Number(rank, on_decimal(Decimal(value))))
        return number(Number(rank, on_float(float(value)) if isfinite(value) else float(value)))

    return apply


def _round_decimal(value: Decimal) -> Decimal:
    return (value + Decimal("0.5")).to_integral_value(ROUND_FLOOR)


def _negate(term: Term) -> Literal:
    rank, value = number_of(term)
    return number(Number(rank, -value))


def _abs(term: Term) -> Literal:
    rank, value = number_of(term)
    return number(Number(rank, value if value >= 0 else -value))


def _plus(term: Term) -> Literal:
    return number(number_of(term))


def _hash(name: str) -> Callable[[Term], Literal]:
    def digest(term: Term) -> Literal:
        return Literal(hashlib.new(name, _simple(term).encode(), usedforsecurity=False).hexdigest())

    return digest


FUNCTIONS: Final[dict[str, Function]] = {
    "+": lambda left, right: calculate("+", left, right),
    "-": lambda left, right: calculate("-", left, right),
    "*": lambda left, right: calculate("*", left, right),
    "/": lambda left, right: calculate("/", left, right),
    "NEGATE": _negate,
    "PLUS": _plus,
    "STR": lambda term: Literal(string_of(term)),
    "LANG": _lang,
    "DATATYPE": _datatype,
    "IRI": _iri,
    "ISIRI": lambda term: boolean(isinstance(term, NamedNode)),
    "ISBLANK": lambda term: boolean(isinstance(term, BlankNode)),
    "ISLITERAL": lambda term: boolean(isinstance(term, Literal)),
    "ISNUMERIC": _is_numeric,
    "SAMETERM": lambda left, right: boolean(left == right),
    "LANGMATCHES": _lang_matches,
    "STRLEN": lambda term: integer(len(text_of(term))),
    "UCASE": lambda term: text_like(term, text_of(term).upper()),
    "LCASE": lambda term: text_like(term, text_of(term).lower()),
    "SUBSTR": _substring,
    "CONTAINS": _contains,
    "STRSTARTS": _starts,
    "STRENDS": _ends,
    "STRBEFORE": _before,
    "STRAFTER": _after,
    "CONCAT": _concat,
    "ENCODE_FOR_URI": lambda term: Literal(quote(text_of(term), safe="-_.~")),
    "STRLANG": _strlang,
    "STRDT": _strdt,
    "ABS": _abs,
    "CEIL": _on_number(
        lambda value: value.to_integral_value(ROUND_CEILING), lambda value: float(ceil(value))
    ),
    "FLOOR": _on_number(
        lambda value: value.to_integral_value(ROUND_FLOOR), lambda value: float(floor(value))
    ),
    "ROUND": _on_number(_round_decimal, lambda value: float(floor(value + 0.5))),
    "MD5": _hash("md5"),
    "SHA1": _hash("sha1"),
    "SHA256": _hash("sha256"),
    "SHA384": _hash("sha384"),
    "SHA512": _hash("sha512"),
    **DATE_FUNCTIONS,
    **CASTS,
}

__all__ = ["FUNCTIONS", "Function", "check_length", "lang_matches", "value_of"]
