"""Named questions: SPARQL files whose ``#+`` header says what they answer, for which clause, with which parameters."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from pyoxigraph import Literal, NamedNode

from aims_graph.errors import InputError
from aims_graph.sparql.tokens import Token, read_tokens
from aims_graph.vocabulary import XSD

_XSD_TYPES = {"date": "date", "integer": "integer", "boolean": "boolean", "decimal": "decimal"}
PARAMETER_TYPES = ("iri", "string", *_XSD_TYPES)
_NOT_IN_IRI = re.compile(r"[\x00-\x20<>\"{}|^`\\]")
_INTEGER = re.compile(r"[+-]?\d{1,18}\Z")
_DECIMAL = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)\Z")


@dataclass(frozen=True, slots=True)
class Parameter:
    """A one-variable VALUES block of the query; what stands in the file is its default, UNDEF is "any"."""

    name: str
    type: str
    required: bool
    description: str


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    description: str


@dataclass(frozen=True, slots=True)
class Query:
    """A catalogue entry. ``text`` is valid SPARQL as it stands."""

    name: str
    title: str
    description: str
    clauses: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    columns: tuple[Column, ...]
    text: str

    def bind(self, values: Mapping[str, str]) -> str:
        """The query with its parameters set; each value is checked against the declared type.

        Raises InputError for an unknown or missing parameter and for a value that is not of its type.
        """
        known = {parameter.name: parameter for parameter in self.parameters}
        for name in values:
            if name not in known:
                hint = f"Parameters: {', '.join(known) or 'none'}"
                raise InputError(f"query {self.name} has no parameter {name!r}", hint=hint)
        text = self.text
        for parameter in self.parameters:
            if parameter.name in values:
                term = parameter_term(parameter, values[parameter.name])
                text = _replace_values(text, parameter.name, str(term))
            elif parameter.required:
                raise InputError(
                    f"query {self.name} needs the parameter {parameter.name!r}",
                    hint=f"Give --param {parameter.name}=<{parameter.type}>",
                )
        return text


def parameter_term(parameter: Parameter, value: str) -> NamedNode | Literal:
    """The RDF term of a parameter given as text. Raises InputError when it is not of the type."""
    wrong = InputError(
        f"parameter {parameter.name} must be of type {parameter.type}, not {value!r}"
    )
    match parameter.type:
        case "iri":
            if _NOT_IN_IRI.search(value) or ":" not in value:
                raise wrong
            return NamedNode(value)
        case "string":
            return Literal(value)
        case "date":
            try:
                return Literal(
                    date.fromisoformat(value).isoformat(), datatype=NamedNode(XSD + "date")
                )
            except ValueError:
                raise wrong from None
        case "boolean" if value not in {"true", "false"}:
            raise wrong
        case "integer" if not _INTEGER.match(value):
            raise wrong
        case "decimal" if not _DECIMAL.match(value):
            raise wrong
    return Literal(value, datatype=NamedNode(XSD + _XSD_TYPES[parameter.type]))


def _replace_values(text: str, name: str, term: str) -> str:
    """Puts a serialised term into every ``VALUES ?name { … }`` block."""
    blocks = _values_blocks(text, name)
    for start, end in reversed(blocks):
        text = f"{text[:start]} {term} {text[end:]}"
    return text


def _values_blocks(text: str, name: str) -> list[tuple[int, int]]:
    """Start and end of what stands between the braces of each such block."""
    tokens = list(read_tokens(text))
    found = []
    for i in range(len(tokens) - 3):
        values, variable, brace = tokens[i : i + 3]
        if not values.is_word("VALUES") or variable.text[1:] != name or brace.text != "{":
            continue
        if variable.kind != "variable":
            continue
        close: Token = next(t for t in tokens[i + 3 :] if t.text == "}")
        found.append((brace.end, close.start))
    return found


def read_query(path: Path) -> Query:
    """Reads a query file. Raises InputError on a header that is missing, malformed or untrue."""
    import yaml  # noqa: PLC0415  (workers start without it)

    text = path.read_text(encoding="utf-8")
    lines = [line[2:].removeprefix(" ") for line in text.splitlines() if line.startswith("#+")]
    if not lines:
        raise InputError("no #+ header", file=path, line=1, hint="Begin with #+ title: …")
    try:
        header = yaml.safe_load("\n".join(lines))
    except yaml.YAMLError as error:
        raise InputError(f"the #+ header is not YAML: {error}", file=path) from None
    if not isinstance(header, dict):
        raise InputError("the #+ header is not a list of fields", file=path, line=1)
    return _query(path, header, text)


def _query(path: Path, header: dict[str, Any], text: str) -> Query:
    for field in ("title", "description", "columns"):
        if not header.get(field):
            raise InputError(f"the #+ header lacks {field}", file=path, line=1)
    parameters = tuple(
        Parameter(
            name=str(entry["name"]),
            type=str(entry.get("type", "string")),
            required=bool(entry.get("required", False)),
            description=str(entry.get("description", "")),
        )
        for entry in header.get("parameters") or ()
    )
    for parameter in parameters:
        if parameter.type not in PARAMETER_TYPES:
            raise InputError(
                f"parameter {parameter.name}: unknown type {parameter.type}", file=path
            )
        if not _values_blocks(text, parameter.name):
            message = f"parameter {parameter.name} has no VALUES ?{parameter.name} {{ … }} block"
            raise InputError(message, file=path)
    clauses = header.get("clause") or ()
    return Query(
        name=path.stem,
        title=str(header["title"]),
        description=str(header["description"]),
        clauses=tuple(map(str, clauses if isinstance(clauses, list) else [clauses])),
        parameters=parameters,
        columns=tuple(
            Column(str(entry["name"]), str(entry.get("description", "")))
            for entry in header["columns"]
        ),
        text=text,
    )


def read_catalogue(folder: Path) -> dict[str, Query]:
    """All query files of a folder, by name."""
    return {path.stem: read_query(path) for path in sorted(folder.glob("*.rq"))}


def find_query(catalogue: Mapping[str, Query], name: str) -> Query:
    """Raises InputError with the nearest names when there is none of this name."""
    if name in catalogue:
        return catalogue[name]
    import difflib  # noqa: PLC0415  (workers start without it)

    near = difflib.get_close_matches(name, catalogue, n=3, cutoff=0.5)
    hint = f"Did you mean {' or '.join(near)}?" if near else "`aims query` lists them"
    raise InputError(f"no query is called {name!r}", hint=hint)
