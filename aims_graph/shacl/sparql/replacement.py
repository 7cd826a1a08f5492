"""REPLACE (fn:replace): the regular expressions of ``sh:pattern`` with a time limit."""

import re
from time import monotonic
from typing import Final

from pyoxigraph import Literal

from aims_graph.columns import Term
from aims_graph.errors import InputError
from aims_graph.shacl.patterns import SECONDS, _compile_backtracking as compile_backtracking, compile_pattern

from .functions import check_length
from .literals import XSD_STRING, TypeMismatch, text_like, text_of

_REFERENCE: Final = re.compile(r"\\(.)|\$(\d+)|([\\$])", re.DOTALL)


def replace(source: Term, pattern: Term, replacement: Term, flags: Term | None = None) -> Literal:
    """Raises TypeMismatch for what is no string, and for a pattern that matches the empty string."""
    text = text_of(source)
    expression, template, options = (_plain(term) for term in (pattern, replacement, flags or Literal("")))
    try:
        compile_pattern(expression, options)
        compiled = compile_backtracking(expression, options)
    except ValueError as error:
        raise InputError(f"{expression!r} is no regular expression: {error}") from error
    deadline = monotonic() + SECONDS
    pieces: list[str] = []
    end = 0
    try:
        if compiled.search("", timeout=SECONDS) is not None:
            raise TypeMismatch
        for match in compiled.finditer(text, timeout=SECONDS):
            pieces += [text[end : match.start()], _fill(template, match.groups(""))]
            end = match.end()
            if monotonic() > deadline:
                raise TimeoutError
    except TimeoutError:
        raise InputError(f"pattern {expression!r} needs more than {SECONDS:g} s on the values") from None
    result = "".join([*pieces, text[end:]])
    check_length(result)
    return text_like(source, result)


def _plain(term: Term) -> str:
    if not isinstance(term, Literal) or term.language is not None or term.datatype != XSD_STRING:
        raise TypeMismatch
    return term.value


def _fill(template: str, groups: tuple[str, ...]) -> str:
    """``$1`` is the first group, ``$12`` the first group and a 2 where there is no twelfth."""

    def part(match: re.Match[str]) -> str:
        if match[1] is not None:
            if match[1] not in "\\$":
                raise TypeMismatch
            return match[1]
        if match[3] is not None:
            raise TypeMismatch
        digits, rest = match[2], ""
        while len(digits) > 1 and int(digits) > len(groups):
            digits, rest = digits[:-1], digits[-1] + rest
        number = int(digits)
        if number == 0:
            raise TypeMismatch
        return (groups[number - 1] if number <= len(groups) else "") + rest

    return _REFERENCE.sub(part, template)
