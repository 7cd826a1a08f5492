"""query: a question of the catalogue, or SPARQL of your own; update: a change written as SPARQL."""

import re
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from aims_graph.assessment import evaluate, load_crosswalks, to_triples, with_ontology
from aims_graph.cli.graph import find_thing, load_data, ontology, rules
from aims_graph.cli.options import (
    AsOf,
    Data,
    Engine,
    Mapping,
    Output,
    choose,
    parse_date,
    refuse_table_file,
)
from aims_graph.cli.output import messages, print_table, write_or_print
from aims_graph.cli.progress import progress
from aims_graph.cli.state import current
from aims_graph.columns import Columns, Triple
from aims_graph.columns.reader import Reader
from aims_graph.errors import InputError
from aims_graph.report.results import RESULT_FORMATS, read_answer, write_result
from aims_graph.resources import folder
from aims_graph.sparql import (
    Index,
    Limits,
    Parameter,
    Query,
    check_text,
    find_query,
    read_catalogue,
)
from aims_graph.sparql.graphs import FINDINGS, INFERRED
from aims_graph.vocabulary import AIMS, PREFIXES

# Words of the findings graph: a query that has none of them needs no evaluation first.
_ASSESSED = ("conformityState", "ConformityResult", "againstRequirement", "aims:Finding", AIMS)


# Graphs that are made from the record when somebody asks for them.
_MADE = (FINDINGS.value, INFERRED.value)
_ANY_GRAPH = re.compile(r"\bGRAPH\s*[?$]", re.IGNORECASE)
_SHOWN = 100
Timeout = Annotated[float, typer.Option("--timeout", min=0.1, help="Seconds SPARQL may take.")]


def register(app: typer.Typer) -> None:
    app.command()(query)
    app.command()(update)


def query(
    name: Annotated[
        str | None,
        typer.Argument(help="Name of a query, a file, or SPARQL text; default: list them."),
    ] = None,
    param: Annotated[
        list[str] | None, typer.Option("--param", "-p", metavar="K=V", help="Parameter.")
    ] = None,
    fmt: Annotated[
        str, typer.Option("--format", help=f"table, {', '.join(RESULT_FORMATS)}")
    ] = "table",
    data: Data = None,
    mapping: Mapping = None,
    as_of: AsOf = None,
    engine: Engine = "columns",
    output: Output = None,
    timeout: Timeout = 60.0,
) -> None:
    """Answer a question: one of the catalogue, a file, or SPARQL text."""
    choose(fmt, ["table", *RESULT_FORMATS], "--format")
    refuse_table_file(fmt, RESULT_FORMATS, output)
    catalogue = read_queries()
    if name is None:
        rows = [(q.name, q.title, ", ".join(q.clauses), _signature(q.parameters)) for q in catalogue.values()]  # fmt: skip
        print_table(("Query", "Answers", "Clauses", "Parameters"), rows)
        return
    own = read_own_text(name)
    if own is not None:
        _ask_own(own, param, data, mapping, as_of, engine, fmt, output, timeout)
        return
    graph = load_data(data, mapping)
    text = _bind(find_query(catalogue, name), _parameters(param), graph)
    result = Index(_triples(text, graph, parse_date(as_of), engine)).query(text, dict(PREFIXES))
    if fmt == "table":
        answer = read_answer(result)
        print_table(answer.columns, answer.texts(PREFIXES))
    else:
        write_or_print(write_result(result, fmt), output)


def read_queries() -> dict[str, Query]:
    """Our catalogue and the workspace's own ``queries/*.rq``. Raises InputError when a name is taken."""
    catalogue = read_catalogue(folder("queries"))
    own = current.own_queries()
    if own is None:
        return catalogue
    added = read_catalogue(own)
    for name in sorted(added.keys() & catalogue.keys()):
        raise InputError(
            f"the catalogue has a query {name!r} already",
            file=own / f"{name}.rq",
            hint="Give the file another name",
        )
    return catalogue | added


def update(
    text: Annotated[str, typer.Argument(help="A file, or SPARQL 1.1 Update text.")],
    reason: Annotated[str, typer.Option(help="Why, for the journal.")] = "SPARQL update",
    actor: Annotated[
        str | None, typer.Option(help="Who, for the journal. Default: the user.")
    ] = None,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run", help="Show the change and whether it would be refused; write nothing."
        ),
    ] = False,
    everything: Annotated[
        bool, typer.Option("--everything", help="Let CLEAR and DROP name ALL or NAMED.")
    ] = False,
    timeout: Timeout = 60.0,
) -> None:
    """Change the workspace by SPARQL 1.1 Update; the change is one entry of the journal."""
    from aims_graph.sparql.update import evaluate_text
    from aims_graph.workspace.index import SparqlIndex

    workspace = current.workspace()
    own = read_own_text(text)
    if own is None:
        raise InputError(f"{text!r} is no file and no update", hint="Name a .ru or .rq file")
    sequence = workspace.sequence
    with progress("Evaluating the update"):
        folder = SparqlIndex(workspace).refresh()
        change = evaluate_text(own, folder, everything=everything, limits=Limits(seconds=timeout))
    for sign, quads in (("-", change.removed), ("+", change.added)):
        for quad in quads[:_SHOWN] if dry_run else ():
            print(f"{sign} {quad} .")
    entry = None
    if dry_run:
        workspace.check(change.added, change.removed)
    else:
        entry = workspace.commit(
            change.added,
            change.removed,
            reason=reason,
            source="SPARQL update",
            actor=actor,
            expected=sequence,
        )
    counts = f"{len(change.added)} added, {len(change.removed)} removed"
    if entry is not None:
        messages.print(f"Entry {entry.sequence}: {counts}")
    else:
        messages.print(f"Nothing was written: {counts}")


def read_own_text(name: str) -> str | None:
    """SPARQL of the user's own: a file's, or the argument itself; None for a name of the catalogue."""
    if "{" in name or "\n" in name or " " in name.strip():
        return name
    if Path(name).suffix in {".rq", ".ru", ".sparql"} or Path(name).is_file():
        try:
            return Path(name).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            raise InputError("the file is not UTF-8 text", file=name) from None
    return None


def _ask_own(
    text: str,
    param: list[str] | None,
    data: list[Path] | None,
    mapping: Path | None,
    as_of: str | None,
    engine: str,
    fmt: str,
    output: Path | None,
    timeout: float,
) -> None:
    from aims_graph.cli.asking import ask_index, ask_triples

    if param:
        raise InputError(
            "--param is for queries of the catalogue", hint="Write the value into the query"
        )
    check_text(text, PREFIXES)  # before anything takes time
    # An index shows the present, as our engine judges it today.
    if data or as_of is not None or engine != "columns" or current.at is not None:
        graph = load_data(data, mapping)
        triples = _triples(text, graph, parse_date(as_of), engine)
        ask_triples(text, triples, fmt, output, timeout)
    else:
        ask_index(text, _index_for(text), fmt, output, timeout)


def _index_for(text: str) -> Path:
    """The folder of the index that has what the query may ask for, brought up to date."""
    from aims_graph.workspace.assessed import AssessedIndex
    from aims_graph.workspace.index import SparqlIndex

    made = any(word in text for word in (*_ASSESSED, "asOf", *_MADE)) or _ANY_GRAPH.search(text)
    if not made:
        return SparqlIndex(current.workspace()).refresh()
    with progress("Evaluating rules"):
        return AssessedIndex(current.workspace()).refresh()


def _signature(parameters: tuple[Parameter, ...]) -> str:
    return ", ".join(p.name if p.required else f"[{p.name}]" for p in parameters)


def _bind(query: Query, values: dict[str, str], graph: Columns) -> str:
    """IRIs may be given as people write them: a prefixed name, the end of an IRI, a label."""
    reader = Reader(graph)
    types = {parameter.name: parameter.type for parameter in query.parameters}
    for name, value in values.items():
        if types.get(name) == "iri" and "://" not in value and not value.startswith("urn:"):
            values[name] = find_thing(reader, value).value
    return query.bind(values)


def _parameters(param: list[str] | None) -> dict[str, str]:
    values = {}
    for item in param or ():
        name, equals, value = item.partition("=")
        if not equals:
            raise InputError(f"--param takes name=value, not {item!r}")
        values[name] = value
    return values


def _triples(text: str, data: Columns, as_of: date, engine: str) -> list[Triple]:
    """The graph asked: the data, the ontology and, where the query needs them, the findings."""
    catalogue = ontology()
    with progress("Evaluating rules", "constraints") as tell:
        graph = with_ontology(data, catalogue, as_of)
        triples = list(graph.triples())
        if "RequirementMapping" in text:
            triples.extend(load_crosswalks().triples())
        if any(word in text for word in _ASSESSED):
            assessment = evaluate(
                data, as_of=as_of, ontology=catalogue, shapes=rules(), engine=engine, tell=tell
            )
            triples.extend(to_triples(assessment))
    return triples
