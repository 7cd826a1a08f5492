"""why, infer: what follows from what is recorded, and from what it follows."""

from pathlib import Path
from typing import Annotated

import typer
from pyoxigraph import Literal, NamedNode, RdfFormat, serialize
from pyoxigraph import Triple as Statement

from aims_graph.cli.graph import find_thing, load_data, ontology
from aims_graph.cli.options import Data, Mapping, Output, choose
from aims_graph.cli.output import console, messages, print_json, write_or_print
from aims_graph.cli.progress import progress
from aims_graph.cli.state import current
from aims_graph.columns import Term, Triple
from aims_graph.columns.reader import Reader
from aims_graph.errors import InputError
from aims_graph.inference import Inferred, find_contradictions, prove, with_inferred
from aims_graph.vocabulary import AIMS, PREFIXES, RDF


def register(app: typer.Typer) -> None:
    app.command()(why)
    app.command()(infer)


def why(
    subject: Annotated[str, typer.Argument(help="IRI, id or label.")],
    predicate: Annotated[str, typer.Argument(help="Property: name, prefixed name, IRI, or a.")],
    value: Annotated[str, typer.Argument(help="IRI, id, label or text.")],
    data: Data = None,
    mapping: Mapping = None,
    fmt: Annotated[str, typer.Option("--format", help="table or json")] = "table",
) -> None:
    """Why does this hold? The proof, down to what is recorded. Exit code 1 when it does not hold."""
    choose(fmt, ["table", "json"], "--format")
    inferred = _infer(data, mapping)
    reader = Reader(inferred.columns)
    link = _property(reader, predicate)
    start = find_thing(reader, subject)
    origins = None if data else _Origins()
    for end in _values(reader, start, link, value):
        proof = prove(inferred, (start, link, end), origins)
        if proof is not None:
            if fmt == "json":
                print_json(proof.to_json())
            else:
                console.print(str(proof), markup=False)
            return
    messages.print(
        f"{reader.label(start)} {reader.label(link)} {value}: this neither is recorded nor follows.",
        markup=False,
        soft_wrap=True,
    )
    raise typer.Exit(1)


def infer(
    data: Data = None,
    mapping: Mapping = None,
    output: Output = None,
    fmt: Annotated[str, typer.Option("--format", help="ntriples, turtle or count")] = "ntriples",
) -> None:
    """What follows by OWL 2 RL and is not recorded. Exit code 1 when there is a contradiction."""
    choose(fmt, ["ntriples", "turtle", "count"], "--format")
    inferred = _infer(data, mapping)
    found = inferred.inferred
    if fmt == "count":
        names = [(found.terms.term(int(p)), len(found.pairs(int(p)))) for p in found.predicates]
        for name, count in sorted(names, key=lambda each: -each[1]):
            console.print(f"{count:8} {name}", markup=False)
    else:
        kind = RdfFormat.TURTLE if fmt == "turtle" else RdfFormat.N_TRIPLES
        statements = (Statement(*triple) for triple in found.triples())  # type: ignore[arg-type]  # subjects are no literals
        text = serialize(statements, format=kind, prefixes=PREFIXES if fmt == "turtle" else None)
        write_or_print(text or b"", output)
    contradictions = find_contradictions(inferred)
    for contradiction in contradictions:
        messages.print(
            f"Contradiction ({contradiction.rule}): {contradiction.message}",
            markup=False,
            soft_wrap=True,
        )
    raise typer.Exit(1 if contradictions else 0)


def _infer(data: list[Path] | None, mapping: Path | None) -> Inferred:
    graph = load_data(data, mapping)
    with progress("Inferring"):
        return with_inferred(graph.with_change(ontology().triples(), []))


def _property(reader: Reader, name: str) -> NamedNode:
    """Raises InputError when the graph has no such property."""
    prefix, colon, local = name.partition(":")
    iri = PREFIXES[prefix] + local if colon and prefix in PREFIXES else name
    known = set(reader.columns.predicates.tolist())
    for text in (RDF + "type" if name == "a" else iri, AIMS + name):
        try:
            node = NamedNode(text)
        except ValueError:
            continue
        if reader.columns.terms.id_of(node) in known:
            return node
    raise InputError(f"no triple has the property {name!r}", hint="Give its IRI or aims: name")


def _values(reader: Reader, start: Term, link: NamedNode, name: str) -> list[Term]:
    """What the name may mean: first among the values there, then in the whole graph."""
    there = reader.objects(start, link)
    literals: list[Term] = [v for v in there if isinstance(v, Literal) and v.value == name]
    if literals:
        return literals
    things = [value for value in there if not isinstance(value, Literal)]
    try:
        return [find_thing(reader, name, things)]
    except InputError:
        return [find_thing(reader, name)]


class _Origins:
    """Where a recorded triple comes from: the last entry that added it; "ontology" for ours."""

    def __init__(self) -> None:
        self._entries: dict[Triple, str] = {}
        for entry in current.workspace().journal.entries():
            for quad in entry.added_quads():
                key: Triple = (quad.subject, quad.predicate, quad.object)  # type: ignore[assignment]  # no triple terms get in
                self._entries[key] = f"entry {entry.sequence} from {entry.source} by {entry.actor}"

    def __call__(self, triple: Triple) -> str | None:
        return self._entries.get(triple, "ontology")
