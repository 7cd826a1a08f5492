"""REGEX and REPLACE: the regular expressions of ``sh:pattern``, in bounded time."""

import re
from typing import TYPE_CHECKING, Final

from pyoxigraph import Literal

from aims_graph.columns import Term
from aims_graph.errors import InputError
from aims_graph.shacl.patterns import SECONDS, Pattern, compile_backtracking, compile_pattern

from .functions import check_length
from .literals import XSD_STRING, TypeMismatch, text_like, text_of

if TYPE_CHECKING:
    import regex

_REFERENCE: Final = re.compile(r"\\(.)|\$(\d+)|([\\$])", re.DOTALL)


def compile_regex(text: Term | None, flags: Term | None) -> Pattern:
    """Raises TypeMismatch when an argument is no plain string, InputError when it is no regular expression."""
    expression, options = _plain(text), _plain(flags)
    try:
        return compile_pattern(expression, options)
    except ValueError as error:
        raise InputError(f"{expression!r} is no regular expression: {error}") from error


def matches(pattern: Pattern, text: str) -> bool:
    return bool(pattern.matches_few([text])[0])


def replace(source: Term, pattern: Term, replacement: Term, flags: Term | None = None) -> Literal:
    """Raises TypeMismatch for what is no string, and for a pattern that matches the empty string."""
    text, template = text_of(source), _plain(replacement)
    read = compile_regex(pattern, flags or Literal(""))
    compiled = compile_backtracking(read.text, read.flags)
    if _matches_nothing(compiled):
        raise TypeMismatch
    pieces: list[str] = []
    end = 0
    try:
        for match in compiled.finditer(text, timeout=SECONDS):
            pieces += [text[end : match.start()], _fill(template, match.groups(""))]
            end = match.end()
    except TimeoutError:
        raise InputError(
            f"pattern {read.text!r} needs more than {SECONDS:g} s on the values"
        ) from None
    result = "".join([*pieces, text[end:]])
    check_length(result)
    return text_like(source, result)


def _matches_nothing(compiled: "regex.Pattern[str]") -> bool:
    """Whether the expression matches the empty string."""
    return compiled.search("", timeout=SECONDS) is not None


def _plain(term: Term | None) -> str:
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
