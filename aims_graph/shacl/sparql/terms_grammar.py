"""IRIs, literals, variables and property paths of the query language."""

import re
from collections.abc import Mapping, Sized
from typing import Final
from urllib.parse import urljoin

from pyoxigraph import Literal, NamedNode

from aims_graph.vocabulary import RDF, XSD

from .algebra import (
    Alternative,
    Closure,
    Inverse,
    NegatedSet,
    Path,
    Sequence,
    Slot,
    Variable,
)
from .tokens import Token, TokenStream, unescape

XSD_BOOLEAN: Final = NamedNode(XSD + "boolean")
XSD_DECIMAL: Final = NamedNode(XSD + "decimal")
XSD_DOUBLE: Final = NamedNode(XSD + "double")
XSD_INTEGER: Final = NamedNode(XSD + "integer")
RDF_TYPE: Final = NamedNode(RDF + "type")

_NUMBERS: Final = {"integer": XSD_INTEGER, "decimal": XSD_DECIMAL, "double": XSD_DOUBLE}
_LOCAL_ESCAPE: Final = re.compile(r"\\(.)")

#: Longest chain of operators, path steps or group members: what is built from a chain is walked by
#: recursion.
LONGEST_CHAIN: Final = 100


class TermsGrammar(TokenStream):
    """``path`` is what ``$PATH`` stands for, in SPARQL syntax."""

    def __init__(self, text: str, prefixes: Mapping[str, str], path: str | None) -> None:
        super().__init__(text)
        self.prefixes = dict(prefixes)
        self.base: str | None = None
        self._path = path

    def parse_iri(self) -> NamedNode:
        token = self.advance()
        if token.kind == "iri":
            return self._make_iri(token, self._resolve(unescape(token.text[1:-1])))
        if token.kind == "name":
            prefix, local = token.text.split(":", 1)
            if prefix not in self.prefixes:
                self.fail(f"prefix {prefix}: is not declared", token)
            return self._make_iri(token, self.prefixes[prefix] + _LOCAL_ESCAPE.sub(r"\1", local))
        return self.fail("expected an IRI", token)

    def _make_iri(self, token: Token, text: str) -> NamedNode:
        try:
            return NamedNode(text)
        except ValueError:
            self.fail(f"<{text}> is no absolute IRI", token)

    def _resolve(self, reference: str) -> str:
        return reference if self.base is None else urljoin(self.base, reference)

    def parse_prologue(self) -> None:
        while keyword := self.take_word("PREFIX", "BASE"):
            token = self.token
            if keyword == "BASE":
                if token.kind != "iri":
                    self.fail("expected an IRI")
                self.base = self.parse_iri().value
                continue
            if token.kind != "name" or not token.text.endswith(":") or token.text.count(":") != 1:
                self.fail("expected a prefix")
            self.advance()
            if self.token.kind != "iri":
                self.fail("expected an IRI")
            self.prefixes[token.text[:-1]] = self._resolve(unescape(self.advance().text[1:-1]))

    def parse_variable(self) -> Variable:
        if self.token.kind != "variable":
            self.fail("expected a variable")
        return Variable(self.advance().text[1:])

    def at_literal(self) -> bool:
        if self.at_sign("+", "-"):
            return self.following().kind in _NUMBERS
        return self.token.kind in {"string", "long", *_NUMBERS} or self.at_word("TRUE", "FALSE")

    def parse_literal(self) -> Literal:
        sign = self.take_sign("+", "-") or ""
        token = self.advance()
        if token.kind in _NUMBERS:
            return Literal(sign + token.text, datatype=_NUMBERS[token.kind])
        if token.word in {"TRUE", "FALSE"}:
            return Literal(token.word.lower(), datatype=XSD_BOOLEAN)
        if token.kind not in {"string", "long"}:
            self.fail("expected a literal", token)
        quotes = 3 if token.kind == "long" else 1
        try:
            text = unescape(token.text[quotes:-quotes])
        except ValueError as error:
            self.fail(str(error), token)
        if self.token.kind == "language":
            return Literal(text, language=self.advance().text[1:])
        if self.take_sign("^^"):
            return Literal(text, datatype=self.parse_iri())
        return Literal(text)

    def at_iri(self) -> bool:
        return self.token.kind in {"iri", "name"}

    # Property paths (rules 88 to 96 of the grammar).

    def parse_verb(self) -> Slot | Path:
        """What stands between subject and object: a variable, an IRI or a path."""
        if self.token.kind == "variable":
            if self.token.text == "$PATH" and self._path is not None:
                return self.parse_path()
            return self.parse_variable()
        return self.parse_path()

    def parse_path(self) -> Path:
        options = [self._parse_sequence()]
        while self.take_sign("|"):
            options.append(self._parse_sequence())
        self.check_chain(options)
        return options[0] if len(options) == 1 else Alternative(tuple(options))

    def check_chain(self, chain: Sized) -> None:
        if len(chain) > LONGEST_CHAIN:
            self.fail(f"more than {LONGEST_CHAIN} members in a row")

    def _parse_sequence(self) -> Path:
        steps = [self._parse_element()]
        while self.take_sign("/"):
            steps.append(self._parse_element())
        self.check_chain(steps)
        return steps[0] if len(steps) == 1 else Sequence(tuple(steps))

    def _parse_element(self) -> Path:
        if self.take_sign("^"):
            return Inverse(self._parse_modified())
        return self._parse_modified()

    def _parse_modified(self) -> Path:
        path = self._parse_primary()
        if sign := self.take_sign("*", "+", "?"):
            return Closure(path, zero=sign != "+", many=sign != "?")
        return path

    def _parse_primary(self) -> Path:
        if self.take_sign("("):
            self.enter()
            path = self.parse_path()
            self.leave()
            self.expect(")")
            return path
        if self.take_sign("!"):
            return self._parse_negated()
        if self.token.kind == "variable" and self.token.text == "$PATH" and self._path is not None:
            self.advance()
            return parse_path_text(self._path)
        return self._parse_step()

    def _parse_step(self) -> NamedNode:
        if self.token.text == "a" and self.token.kind == "word":
            self.advance()
            return RDF_TYPE
        return self.parse_iri()

    def _parse_negated(self) -> Path:
        forward: list[NamedNode] = []
        backward: list[NamedNode] = []
        several = self.take_sign("(")
        if several and self.take_sign(")"):
            return NegatedSet((), None)
        while True:
            (backward if self.take_sign("^") else forward).append(self._parse_step())
            if not several:
                break
            if not self.take_sign("|"):
                self.expect(")")
                break
        return NegatedSet(
            tuple(forward) if forward or not backward else None,
            tuple(backward) if backward else None,
        )


def parse_path_text(text: str) -> Path:
    """A property path with full IRIs, as ``str`` of a SHACL path gives it."""
    grammar = TermsGrammar(text, {}, None)
    path = grammar.parse_path()
    if grammar.token.kind != "end":
        grammar.fail("expected the end of the path")
    return path
