"""Checks on SPARQL text before a native parser sees it.

The parser of Oxigraph works by recursion and its planner takes quadratic or cubic time, so a few kilobytes can
kill or hang a process; SERVICE and LOAD make requests. All is decided on tokens, in linear time. Where
Oxigraph reads looser than the standard (no space is needed after a keyword: ``LOADSILENT<…>``, ``SERVICE:x``),
or where our tokens and its grammar could part ways (a ``<`` that is an operator to one and opens an IRI to
the other), the text is refused rather than judged.
"""

import re
from collections.abc import Iterable
from typing import Final

from aims_graph.errors import InputError
from aims_graph.sparql.errors import LimitError, RefusedError
from aims_graph.sparql.tokens import Token, position, read_tokens

MAX_QUERY_BYTES: Final = 64 * 1024
#: Brackets of all kinds, open at the same time.
MAX_NESTING: Final = 64
#: Arithmetic, logic, comparison and path operators of the whole text.
MAX_OPERATORS: Final = 500
#: Triple patterns, each object of a list counted, each item of a collection twice.
MAX_PATTERNS: Final = 100
#: Sequence, alternative and inverse steps between two marks that end a pattern.
MAX_PATH_STEPS: Final = 64
#: The same of the whole text.
MAX_ALL_PATH_STEPS: Final = 200
#: OPTIONAL, UNION, MINUS, FILTER, BIND, VALUES, GRAPH, AS and the like.
MAX_CLAUSES: Final = 150
#: Terms of all VALUES blocks.
MAX_VALUES: Final = 5000
#: Triples of all INSERT DATA and DELETE DATA blocks.
MAX_DATA_TRIPLES: Final = 5000
MAX_PREFIXES: Final = 200
MAX_TOKENS: Final = 30_000

_CLAUSES: Final = frozenset(
    {"OPTIONAL", "UNION", "MINUS", "FILTER", "BIND", "VALUES", "GRAPH", "AS", "EXISTS"}
    | {"LATERAL", "SELECT"}
)
_OPERATORS: Final = frozenset(
    {"+", "-", "*", "/", "=", "!", "<", ">", "|", "^", "&&", "||", "!=", "<=", ">="}
)
_PATH_MARKS: Final = frozenset("/|^")
_OPENING: Final = {"(": ")", "[": "]", "{": "}"}
_TERMS: Final = frozenset({"iri", "string", "variable", "blank", "name", "number"})
_SURROGATE_OR_BEYOND: Final = re.compile(
    r"\\u[dD][89a-fA-F]|\\U(?!000[0-9A-Fa-f]|0010)|\\U0000[dD][89a-fA-F]"
)
_FULL_IRI: Final = re.compile(r"<[A-Za-z][A-Za-z0-9+.\-]*://")
_SCHEME: Final = re.compile(r"<([A-Za-z][A-Za-z0-9+.\-]*):")
_PLAIN_IRI: Final = re.compile(r"<[\w:.,;~%@&=+*/\-]*>")

_REFUSED: Final = {
    "SERVICE": "it would send data to another server",
    "LOAD": "it would fetch a file",
}


def check_text(text: str, prefixes: Iterable[str] = ()) -> list[Token]:
    """The tokens of a query or update that is safe to parse. ``prefixes``: those declared outside the text.

    Raises LimitError, RefusedError or InputError with line and column.
    """
    tokens = _check_tokens(text, prefixes)
    _Counter(text).count(tokens)
    return tokens


def _check_tokens(text: str, prefixes: Iterable[str]) -> list[Token]:
    size = len(text.encode(errors="surrogatepass"))
    if size > MAX_QUERY_BYTES:
        raise LimitError(
            f"the text is larger than {MAX_QUERY_BYTES // 1024} KiB ({size} bytes)",
            hint="Ask for less at a time, or ingest data as a file",
        )
    if re.search("[\ud800-\udfff\x00]", text):
        raise InputError("the text has characters that are not allowed")
    tokens: list[Token] = []
    declared = set(prefixes)
    for token in read_tokens(text):
        _check_words(text, token)
        if token.kind == "name" and tokens and tokens[-1].is_word("PREFIX"):
            declared.add(token.text[:-1])
        if token.kind == "string" and _SURROGATE_OR_BEYOND.search(token.text):
            raise _error(InputError, text, token, "the string has an escape that is no character")
        if token.kind == "mark":
            _check_mark(text, token, tokens[-1] if tokens else None)
        tokens.append(token)
        if len(tokens) > MAX_TOKENS:
            raise _error(LimitError, text, token, f"more than {MAX_TOKENS} words and signs")
    if len(declared) > MAX_PREFIXES:
        raise LimitError(f"more than {MAX_PREFIXES} prefixes")
    for token in tokens:
        if token.kind == "iri":
            _check_iri(text, token, declared)
    return tokens


def _check_words(text: str, token: Token) -> None:
    """Refuses a keyword that reaches outside, also where it is written together with its neighbours."""
    for word, reason in _REFUSED.items():
        if _may_be_read_as(token, word.lower()):
            hint = None
            if not token.is_word(word):
                hint = f"If it is only a name: write the IRI in full, a name with {word.lower()!r} here is ambiguous"
            raise _error(RefusedError, text, token, f"{word} is not allowed: {reason}", hint)


def _may_be_read_as(token: Token, word: str) -> bool:
    folded = token.text.lower()
    if word not in folded:
        return False
    if token.kind == "word":
        return True
    if token.kind not in {"name", "blank"}:
        return False
    prefix, _, local = folded.partition(":")
    # Oxigraph ends a name at its second dot, and what follows is read as a new token.
    tail = local if local[:1] in ("-", ".") else local.partition(".")[2]
    return word in prefix or word in tail


def _check_mark(text: str, token: Token, before: Token | None) -> None:
    if token.text in ("'", '"'):
        message = "the string does not end, or has an escape that SPARQL does not know"
        raise _error(InputError, text, token, message)
    if before is None or before.kind != "mark" or before.end != token.start:
        return
    if (before.text, token.text) in {("<", "<"), ("{", "|")}:
        raise _error(InputError, text, before, "RDF 1.2 triple terms are not supported")


def _check_iri(text: str, token: Token, declared: set[str]) -> None:
    """An IRI that could also be read as "less than" and an expression must hold nothing that hides text."""
    if _FULL_IRI.match(token.text):
        return
    scheme = _SCHEME.match(token.text)
    if scheme and scheme[1] not in declared:
        return
    if not _PLAIN_IRI.fullmatch(token.text):
        raise _error(
            InputError,
            text,
            token,
            f"{token.text} can be read in two ways",
            "Write the IRI in full, or a space after the comparison sign",
        )


class _Counter:
    def __init__(self, text: str) -> None:
        self.text = text
        self.open: list[Token] = []
        self.patterns = self.operators = self.steps = self.all_steps = self.clauses = (
            self.values
        ) = 0
        self.data_triples = 0
        self.pending = 0  # terms since the last mark that ends a pattern
        self.values_depth = self.data_depth = 0  # brackets open when such a block began

    def count(self, tokens: list[Token]) -> None:
        before: Token | None = None
        for token in tokens:
            if token.kind == "mark":
                self._mark(token)
            elif token.kind == "word":
                self._word(token, before)
            elif token.kind in _TERMS:
                self._term(token, before)
            before = token
        if self.open:
            raise _error(
                InputError, self.text, self.open[-1], f"{self.open[-1].text} is not closed"
            )

    def _mark(self, token: Token) -> None:
        mark = token.text
        if mark in _OPENING:
            self.open.append(token)
            self._limit(token, len(self.open), MAX_NESTING, "nesting")
            if mark != "(":
                self._end_pattern(token)
        elif mark in (")", "]", "}"):
            if not self.open or _OPENING[self.open[-1].text] != mark:
                raise _error(InputError, self.text, token, f"{mark} closes nothing")
            if mark != ")":
                self._end_pattern(token)
            self.open.pop()
            if len(self.open) < self.values_depth:
                self.values_depth = 0
            if len(self.open) < self.data_depth:
                self.data_depth = 0
        elif mark in ".;,":
            self._end_pattern(token)
        elif mark in _OPERATORS:
            self.operators += 1
            self._limit(token, self.operators, MAX_OPERATORS, "operators")
            if mark in _PATH_MARKS:
                self.steps += 1
                self.all_steps += 1
                self._limit(token, self.steps, MAX_PATH_STEPS, "path steps")
                self._limit(token, self.all_steps, MAX_ALL_PATH_STEPS, "path steps in all")

    def _word(self, token: Token, before: Token | None) -> None:
        word = token.text.upper()
        if word in _CLAUSES:
            self.clauses += 1
            self._limit(token, self.clauses, MAX_CLAUSES, "clauses")
        if word == "VALUES":
            self.values_depth = len(self.open) + 1
        elif word == "DATA" and before is not None and before.text.upper() in ("INSERT", "DELETE"):
            self.data_depth = len(self.open) + 1
        elif word in ("A", "TRUE", "FALSE", "UNDEF"):
            self._term(token, before)
        self.steps = 0

    def _term(self, token: Token, before: Token | None) -> None:
        if self.values_depth and len(self.open) >= self.values_depth:
            self.values += 1
            self._limit(token, self.values, MAX_VALUES, "values")
        elif not self.open or self.open[-1].text != "(":
            self.pending += 1
        elif before is not None and (before.kind in _TERMS or before.text in "()"):
            # Two terms side by side in parentheses: a collection, two triples an item.
            self._add_patterns(token, 2)

    def _end_pattern(self, token: Token) -> None:
        if self.open and self.open[-1].text == "(":
            return
        self.steps = 0
        if self.pending:
            self.pending = 0
            self._add_patterns(token, 1)

    def _add_patterns(self, token: Token, number: int) -> None:
        if self.data_depth and len(self.open) >= self.data_depth:
            self.data_triples += number
            self._limit(token, self.data_triples, MAX_DATA_TRIPLES, "triples of data")
        else:
            self.patterns += number
            self._limit(token, self.patterns, MAX_PATTERNS, "triple patterns")

    def _limit(self, token: Token, number: int, limit: int, what: str) -> None:
        if number > limit:
            raise _error(
                LimitError, self.text, token, f"{what} > {limit}", "Split it into several requests"
            )


def _error(
    kind: type[InputError], text: str, token: Token, message: str, hint: str | None = None
) -> InputError:
    line, column = position(text, token.start)
    return kind(message, line=line, column=column, hint=hint)
