"""SPARQL text cut into tokens, so that words in strings, IRIs and comments are never taken for keywords."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

# SPARQL 1.1 section 19.8. A "<" opens an IRI only when its ">" comes with none of the characters that
# IRIREF excludes; otherwise it is the operator. Quantifiers are possessive or bounded: no text of n
# characters takes more than some n steps.
_ESCAPE = r"""\\[tbnrf"'\\]|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8}"""
_TOKEN = re.compile(
    rf"""
    (?P<space>\s+)
  | (?P<comment>\#[^\n\r]*)
  | (?P<iri><(?:[^<>"{{}}|^`\\\x00-\x20]|\\u[0-9A-Fa-f]{{4}}|\\U[0-9A-Fa-f]{{8}})*+>)
  | (?P<string>\"\"\"(?:\"{{0,2}}(?:[^"\\]|{_ESCAPE}))*+\"\"\"
              |'''(?:'{{0,2}}(?:[^'\\]|{_ESCAPE}))*+'''
              |(?!\"\"\")"(?:[^"\\\n\r]|{_ESCAPE})*+"
              |(?!''')'(?:[^'\\\n\r]|{_ESCAPE})*+')
  | (?P<variable>[?$]\w+)
  | (?P<language>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)
  | (?P<blank>_:[\w.\-]+)
  | (?P<name>(?:[^\W\d_][\w\-.]{{0,200}}+)?:(?:[\w\-.:]|%[0-9A-Fa-f]{{2}}|\\.)*)
  | (?P<word>[^\W\d]\w*)
  | (?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)
  | (?P<mark>\^\^|&&|\|\||!=|<=|>=|.)
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Token:
    kind: str
    text: str
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.text)

    def is_word(self, word: str) -> bool:
        return self.kind == "word" and self.text.upper() == word


def read_tokens(text: str) -> Iterator[Token]:
    """Tokens without white space and comments, in order. Never fails: an odd character is a mark, and so is
    the quote of a string that does not end or has an escape SPARQL does not know.
    """
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or "mark"
        if kind not in {"space", "comment"}:
            yield Token(kind, match.group(), match.start())


def position(text: str, offset: int) -> tuple[int, int]:
    """Line and column, both from 1."""
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)
