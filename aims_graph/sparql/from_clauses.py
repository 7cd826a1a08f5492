"""FROM and FROM NAMED: which graphs of the store a query is about. Nothing is ever fetched."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aims_graph.errors import InputError
from aims_graph.sparql.tokens import Token, position


@dataclass(frozen=True, slots=True)
class DataSet:
    """Graphs that a request names beside its text (SPARQL 1.1 Protocol, 2.1.4 and 2.2.3): those whose union
    is the default graph, and those that GRAPH finds.
    """

    default: tuple[str, ...]
    named: tuple[str, ...]


def read_prefixes(tokens: Sequence[Token], prefixes: Mapping[str, str]) -> dict[str, str]:
    """All prefixes that hold in the text, without the colon."""
    known = dict(prefixes)
    for word, name, iri in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if word.is_word("PREFIX") and name.kind == "name" and iri.kind == "iri":
            known[name.text[:-1]] = iri.text[1:-1]
    return known


def resolve(token: Token, prefixes: Mapping[str, str], text: str) -> str:
    """The IRI a token stands for. Raises InputError when it is none."""
    if token.kind == "iri":
        return token.text[1:-1]
    prefix, colon, local = token.text.partition(":")
    if token.kind == "name" and colon and prefix in prefixes:
        return prefixes[prefix] + local.replace("\\", "")
    line, column = position(text, token.start)
    raise InputError(f"{token.text} is no IRI and no known prefix", line=line, column=column)


def take_from_clauses(
    text: str, tokens: Sequence[Token], prefixes: Mapping[str, str]
) -> tuple[str, list[str] | None, list[str] | None]:
    """The text with blanks in place of its FROM clauses; their graphs, default and named, both None when there
    is no such clause (SPARQL 1.1, 13.2: with one, what it does not name is empty).
    """
    if not any(token.is_word("FROM") for token in tokens):
        return text, None, None
    known = read_prefixes(tokens, prefixes)
    default: list[str] = []
    named: list[str] = []
    for place, token in enumerate(tokens):
        if token.text == "{" or token.is_word("WHERE"):
            break
        if not token.is_word("FROM"):
            continue
        rest = tokens[place + 1 : place + 3]
        is_named = bool(rest) and rest[0].is_word("NAMED")
        graph = rest[1] if is_named and len(rest) > 1 else rest[0] if rest else token
        (named if is_named else default).append(resolve(graph, known, text))
        gap = text[token.start : graph.end]
        blank = "".join(char if char in "\r\n" else " " for char in gap)
        text = text[: token.start] + blank + text[graph.end :]
    return text, default, named
