"""A SPARQL 1.1 Update request cut into its operations (SPARQL 1.1 Update, section 3), on tokens.

What stands inside the braces is left to Oxigraph, which is then given each operation by itself: its own
parser takes no PREFIX after the first operation, as the standard allows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NoReturn

from aims_graph.errors import InputError
from aims_graph.sparql.from_clauses import resolve
from aims_graph.sparql.tokens import Token, position, read_tokens

_CLOSING: Final = {"{": 1, "}": -1}


@dataclass(frozen=True, slots=True)
class Data:
    """``block``: what stands between the braces."""

    insert: bool
    block: str


@dataclass(frozen=True, slots=True)
class Modify:
    """``graph``: of WITH. ``using``, ``using_named``: None when there is no USING at all."""

    delete: str | None
    insert: str | None
    where: str
    graph: str | None = None
    using: tuple[str, ...] | None = None
    using_named: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Clear:
    """CLEAR or DROP. ``target``: an IRI, or DEFAULT, NAMED, ALL."""

    target: str
    silent: bool


@dataclass(frozen=True, slots=True)
class Create:
    graph: str
    silent: bool


@dataclass(frozen=True, slots=True)
class Transfer:
    """``verb``: COPY, MOVE or ADD; the graphs are IRIs or DEFAULT."""

    verb: str
    source: str
    target: str
    silent: bool


Operation = Data | Modify | Clear | Create | Transfer


@dataclass(frozen=True, slots=True)
class Step:
    """``prologue``: the PREFIX and BASE declarations that hold for the operation, as text. ``text``: the
    operation itself, which begins at ``start``.
    """

    operation: Operation
    prologue: str
    text: str
    start: int


def read_operations(text: str, prefixes: Mapping[str, str]) -> list[Step]:
    """Raises InputError with line and column."""
    return _Reader(text, prefixes).read()


class _Reader:
    def __init__(self, text: str, prefixes: Mapping[str, str]) -> None:
        self._text = text
        self._tokens: Sequence[Token] = list(read_tokens(text))
        self._at = 0
        self._prefixes = dict(prefixes)
        self._prologue = ""

    def read(self) -> list[Step]:
        steps: list[Step] = []
        while True:
            self._read_prologue()
            if self._at == len(self._tokens):
                return steps
            start = self._tokens[self._at].start
            operation = self._operation()
            text = self._text[start : self._tokens[self._at - 1].end]
            steps.append(Step(operation, self._prologue, text, start))
            if self._at < len(self._tokens) and not self._take_mark(";"):
                self._fail()

    def _read_prologue(self) -> None:
        while word := self._take_word("PREFIX", "BASE"):
            start = self._tokens[self._at - 1].start
            name = self._next() if word == "PREFIX" else None
            iri = self._next()
            if name is not None:
                self._prefixes[name.text[:-1]] = resolve(iri, self._prefixes, self._text)
            self._prologue += self._text[start : iri.end] + "\n"

    def _operation(self) -> Operation:
        verb = self._take_word("INSERT", "DELETE", "WITH", "CLEAR", "DROP", "CREATE", "COPY", "MOVE", "ADD")  # fmt: skip
        match verb:
            case "CLEAR" | "DROP":
                silent = self._take_word("SILENT") is not None
                return Clear(self._take_word("DEFAULT", "NAMED", "ALL") or self._graph(), silent)
            case "CREATE":
                return Create(silent=self._take_word("SILENT") is not None, graph=self._graph())
            case "COPY" | "MOVE" | "ADD":
                silent = self._take_word("SILENT") is not None
                source = self._graph_or_default()
                if not self._take_word("TO"):
                    self._fail()
                return Transfer(verb, source, self._graph_or_default(), silent)
            case "INSERT" | "DELETE" if self._take_word("DATA"):
                return Data(verb == "INSERT", self._block())
            case "DELETE" if self._take_word("WHERE"):
                block = self._block()
                return Modify(block, None, block)
            case None:
                self._fail()
        graph = None
        if verb == "WITH":
            graph = self._iri()
            verb = self._take_word("INSERT", "DELETE")
        return self._modify(verb, graph)

    def _modify(self, verb: str | None, graph: str | None) -> Modify:
        delete = self._block() if verb == "DELETE" else None
        insert = None
        if verb == "INSERT" or self._take_word("INSERT"):
            insert = self._block()
        using: list[str] = []
        using_named: list[str] = []
        while self._take_word("USING"):
            (using_named if self._take_word("NAMED") else using).append(self._iri())
        if not self._take_word("WHERE"):
            self._fail()
        where = self._block()
        if not using and not using_named:
            return Modify(delete, insert, where, graph)
        return Modify(delete, insert, where, graph, tuple(using), tuple(using_named))

    def _graph(self) -> str:
        self._take_word("GRAPH")
        return self._iri()

    def _graph_or_default(self) -> str:
        return self._take_word("DEFAULT") or self._graph()

    def _iri(self) -> str:
        return resolve(self._next(), self._prefixes, self._text)

    def _block(self) -> str:
        """The text between this brace and the one that closes it."""
        if not self._take_mark("{"):
            self._fail()
        start = self._tokens[self._at - 1].end
        depth = 1
        while depth:
            token = self._next()
            if token.kind == "mark":
                depth += _CLOSING.get(token.text, 0)
        return self._text[start : token.start]

    def _next(self) -> Token:
        if self._at == len(self._tokens):
            self._fail()
        self._at += 1
        return self._tokens[self._at - 1]

    def _take_word(self, *words: str) -> str | None:
        if self._at < len(self._tokens):
            token = self._tokens[self._at]
            if token.kind == "word" and token.text.upper() in words:
                self._at += 1
                return token.text.upper()
        return None

    def _take_mark(self, mark: str) -> bool:
        found = self._at < len(self._tokens) and self._tokens[self._at].text == mark
        self._at += found
        return found

    def _fail(self) -> NoReturn:
        at = self._tokens[min(self._at, len(self._tokens) - 1)]
        line, column = position(self._text, at.start)
        raise InputError(f"{at.text[:40]} cannot stand here", line=line, column=column)
