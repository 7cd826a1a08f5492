"""Quads of DATA blocks and of templates, their terms exactly as written.

Oxigraph's update parser turns them into values; its TriG parser does not, and the blocks are TriG but for
their variables, which become IRIs that nobody else can use.
"""

import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox

from aims_graph.errors import InputError
from aims_graph.sparql.snapshot import recorded
from aims_graph.sparql.tokens import Token, read_tokens

Term = ox.NamedNode | ox.BlankNode | ox.Literal
_VARIABLE: Final = f"urn:variable:{secrets.token_hex(8)}:"


@dataclass(frozen=True, slots=True)
class Variable:
    name: str


@dataclass(frozen=True, slots=True)
class Template:
    """``graph``: None for the default graph."""

    subject: Term | Variable
    predicate: Term | Variable
    object: Term | Variable
    graph: Term | Variable | None

    def variables(self) -> Iterator[str]:
        for term in (self.subject, self.predicate, self.object, self.graph):
            if isinstance(term, Variable):
                yield term.name


def read_templates(block: str, prologue: str, prefixes: Mapping[str, str]) -> list[Template]:
    """The quads of what stands between the braces. Raises InputError."""
    declared = "".join(f"PREFIX {name}: <{iri}>\n" for name, iri in prefixes.items())
    document = f"{declared}{prologue}{_as_trig(block)}"
    try:
        quads = list(ox.parse(document, format=ox.RdfFormat.TRIG))
    except SyntaxError as error:
        raise InputError(f"the triples cannot be read: {error.msg or error}") from None
    return [
        Template(
            _open(quad.subject),
            _open(quad.predicate),
            _open(quad.object),
            None if isinstance(quad.graph_name, ox.DefaultGraph) else _open(quad.graph_name),
        )
        for quad in quads
    ]


def inserted(
    templates: Iterable[Template],
    row: Mapping[str, Term],
    blanks: dict[ox.BlankNode, ox.BlankNode],
    graph: ox.NamedNode | None,
    respell: Callable[[ox.Literal], ox.Literal],
) -> Iterator[ox.Quad]:
    """Instances of the templates. Values that were found are spelled as the record spells them."""
    for template in templates:
        terms = fill(template, row, blanks, graph)
        if terms is None:
            continue
        subject, predicate, value, name = terms
        if isinstance(template.object, Variable) and isinstance(value, ox.Literal):
            value = respell(value)
        where = ox.DefaultGraph() if name is None else name
        yield recorded(ox.Quad(subject, predicate, value, where))


def fill(
    template: Template,
    row: Mapping[str, Term],
    blanks: dict[ox.BlankNode, ox.BlankNode],
    graph: ox.NamedNode | None,
) -> tuple[ox.NamedNode | ox.BlankNode, ox.NamedNode, Term, ox.NamedNode | None] | None:
    """None for an instance that is no quad (SPARQL 1.1 Update, 3.1.3): unbound, or a literal as subject."""

    def term(part: Term | Variable) -> Term | None:
        if isinstance(part, Variable):
            return row.get(part.name)
        if isinstance(part, ox.BlankNode):
            return blanks.setdefault(part, ox.BlankNode())
        return part

    subject, predicate, value = map(term, (template.subject, template.predicate, template.object))
    name = graph if template.graph is None else term(template.graph)
    if not isinstance(subject, ox.NamedNode | ox.BlankNode) or not isinstance(
        predicate, ox.NamedNode
    ):
        return None
    if value is None or not (name is None or isinstance(name, ox.NamedNode)):
        return None
    if template.graph is not None and name is None:
        return None
    return subject, predicate, value, name


def _open(term: object) -> Term | Variable:
    if isinstance(term, ox.NamedNode) and term.value.startswith(_VARIABLE):
        return Variable(term.value.removeprefix(_VARIABLE))
    assert isinstance(term, ox.NamedNode | ox.BlankNode | ox.Literal)
    return term


def _as_trig(block: str) -> str:
    """Triples outside GRAPH get braces of their own: the dots around GRAPH, which SPARQL lets one leave out,
    then do not matter.
    """
    tokens = list(read_tokens(block))
    parts: list[str] = []
    plain: list[Token] = []
    at = 0
    while at < len(tokens):
        if not tokens[at].is_word("GRAPH"):
            plain.append(tokens[at])
            at += 1
            continue
        end = next(i for i in range(at, len(tokens)) if tokens[i].text == "}")
        parts += (_braced(plain), _joined(tokens[at : end + 1]))
        plain = []
        at = end + 1
    return " ".join([*parts, _braced(plain)])


def _braced(tokens: list[Token]) -> str:
    if tokens and tokens[0].text == ".":
        tokens = tokens[1:]
    return "{ " + _joined(tokens) + " }"


def _joined(tokens: list[Token]) -> str:
    """What stood together stays together ("1"@en, "1"^^xsd:integer, +1)."""
    text = ""
    end = -1
    for token in tokens:
        text += ("" if token.start == end else " ") + _spell(token)
        end = token.end
    return text


def _spell(token: Token) -> str:
    if token.kind == "variable":
        return f" <{_VARIABLE}{token.text[1:]}> "
    return token.text
