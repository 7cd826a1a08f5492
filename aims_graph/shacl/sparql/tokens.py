"""Query text to tokens, with the limits that keep any text harmless."""

import re
from functools import cache
from typing import Final, NamedTuple, NoReturn

from aims_graph.errors import InputError

#: Longest query text, in bytes of UTF-8.
LONGEST_QUERY: Final = 64 * 1024

#: Deepest nesting of brackets and prefix operators.
DEEPEST_NESTING: Final = 64

_BEYOND_ASCII_START: Final = (
    "\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c\u200d"
    "\u2070-\u218f\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_BEYOND_ASCII: Final = _BEYOND_ASCII_START + "\u00b7\u0300-\u036f\u203f\u2040"
_ESCAPE: Final = r"%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?#@%]"


@cache
def _token_pattern(*, ascii_only: bool) -> re.Pattern[str]:
    """For texts of ASCII alone, as most are, without the ranges beyond it: they take 20 ms to compile."""
    start = "A-Za-z" + ("" if ascii_only else _BEYOND_ASCII_START)
    variable = "A-Za-z_0-9" + ("" if ascii_only else _BEYOND_ASCII)
    char = variable + r"\-"
    prefix = rf"(?:[{start}](?:[{char}.]*[{char}])?)?:"
    local = (
        rf"(?:(?:[{start}_:0-9]|{_ESCAPE})(?:(?:[{char}.:]|{_ESCAPE})*(?:[{char}:]|{_ESCAPE}))?)?"
    )
    return re.compile(
        rf"""
    (?P<space>(?:[ \t\r\n]+|\#[^\r\n]*)+)
  | (?P<iri><[^<>"{{}}|^`\\\x00-\x20]*>|<(?:[^<>"{{}}|^`\\\x00-\x20]|\\u[0-9A-Fa-f]{{4}}|\\U[0-9A-Fa-f]{{8}})*>)
  | (?P<blank>_:[{start}_0-9](?:[{char}.]*[{char}])?)
  | (?P<name>{prefix}{local})
  | (?P<variable>[?$][{start}_0-9][{variable}]*)
  | (?P<language>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)
  | (?P<double>(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+)[eE][+-]?[0-9]+)
  | (?P<decimal>[0-9]*\.[0-9]+)
  | (?P<integer>[0-9]+)
  | (?P<long>\"\"\"(?:"{{0,2}}(?:[^"\\]|\\.))*\"\"\"|'''(?:'{{0,2}}(?:[^'\\]|\\.))*''')
  | (?P<string>"(?:[^"\\\r\n]|\\.)*"|'(?:[^'\\\r\n]|\\.)*')
  | (?P<word>[A-Za-z_][A-Za-z_0-9]*)
  | (?P<sign>\^\^|&&|\|\||!=|<=|>=|[{{}}()\[\].,;*/+\-?|^!=<>])
    """,
        re.VERBOSE | re.DOTALL,
    )


class Token(NamedTuple):
    """``kind``: a group name of the token pattern or "end"; ``word`` is the upper-case text of a word."""

    kind: str
    text: str
    start: int
    word: str


class TokenStream:
    """The tokens of one query; ``token`` is the one where the parser stands."""

    def __init__(self, text: str) -> None:
        if len(text.encode("utf-8", "surrogatepass")) > LONGEST_QUERY:
            raise InputError(f"query is longer than {LONGEST_QUERY} bytes")
        self.text = text
        self._at = 0
        self._depth = 0
        self._tokens = self._scan()
        self.token = self._tokens[0]

    def _scan(self) -> list[Token]:
        tokens: list[Token] = []
        at = 0
        for match in _token_pattern(ascii_only=self.text.isascii()).finditer(self.text):
            if match.start() != at:
                break
            at = match.end()
            kind = match.lastgroup
            assert kind is not None
            if kind != "space":
                text = match.group()
                tokens.append(
                    Token(kind, text, match.start(), text.upper() if kind == "word" else "")
                )
        if at < len(self.text):
            self._fail_at(at, f"unexpected character {self.text[at]!r}")
        tokens.append(Token("end", "", at, ""))
        return tokens

    def following(self) -> Token:
        return self._tokens[min(self._at + 1, len(self._tokens) - 1)]

    def advance(self) -> Token:
        token = self.token
        if token.kind != "end":
            self._at += 1
            self.token = self._tokens[self._at]
        return token

    def at_sign(self, *signs: str) -> bool:
        return self.token.kind == "sign" and self.token.text in signs

    def at_word(self, *words: str) -> bool:
        return self.token.word in words

    def take_sign(self, *signs: str) -> str | None:
        return self.advance().text if self.at_sign(*signs) else None

    def take_word(self, *words: str) -> str | None:
        return self.advance().word if self.at_word(*words) else None

    def expect(self, text: str) -> None:
        """Step over a sign, or a word written in capitals."""
        if not (self.take_sign(text) or self.take_word(text)):
            self.fail(f"expected {text}")

    def enter(self) -> None:
        """One level deeper; ``leave`` goes back."""
        self._depth += 1
        if self._depth > DEEPEST_NESTING:
            self.fail(f"query is nested deeper than {DEEPEST_NESTING} levels")

    def leave(self) -> None:
        self._depth -= 1

    def fail(self, message: str, token: Token | None = None) -> NoReturn:
        token = token or self.token
        found = f", found {token.text!r}" if token.text else ", found the end of the query"
        self._fail_at(token.start, message + (found if message.startswith("expected") else ""))

    def _fail_at(self, at: int, message: str) -> NoReturn:
        line = self.text.count("\n", 0, at) + 1
        column = at - (self.text.rfind("\n", 0, at) + 1) + 1
        raise InputError(message, line=line, column=column)


_ESCAPED: Final = {
    "t": "\t",
    "b": "\b",
    "n": "\n",
    "r": "\r",
    "f": "\f",
    '"': '"',
    "'": "'",
    "\\": "\\",
}
_ESCAPE_SEQUENCE: Final = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))", re.DOTALL)


def unescape(text: str) -> str:
    """Resolve string escapes. Raises ValueError for an unknown one or one that is no character."""
    if "\\" not in text:
        return text

    def replace(match: re.Match[str]) -> str:
        number = match[1] or match[2]
        if number is None:
            if match[3] not in _ESCAPED:
                raise ValueError(f"unknown escape \\{match[3]}")
            return _ESCAPED[match[3]]
        code = int(number, 16)
        if 0xD800 <= code <= 0xDFFF:
            raise ValueError(f"\\u{number} is no character")
        return chr(code)

    return _ESCAPE_SEQUENCE.sub(replace, text)
