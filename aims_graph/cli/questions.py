"""query: a question of the catalogue, or a SPARQL file of your own."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from aims_graph.assessment import evaluate, load_crosswalks, to_triples, with_ontology
from aims_graph.cli.graph import find_thing, load_data, ontology, rules
from aims_graph.cli.options import AsOf, Data, Engine, Mapping, Output, choose, parse_date
from aims_graph.cli.output import print_table, progress, write_or_print
from aims_graph.columns import Columns
from aims_graph.columns.reader import Reader
from aims_graph.errors import InputError
from aims_graph.report.results import RESULT_FORMATS, Result, read_answer, write_result
from aims_graph.resources import folder
from aims_graph.sparql import Index, Parameter, Query, find_query, read_catalogue
from aims_graph.vocabulary import AIMS, PREFIXES

# Words of the findings graph: a query that has none of them needs no evaluation first.
_ASSESSED = ("conformityState", "ConformityResult", "againstRequirement", "aims:Finding", AIMS)


def register(app: typer.Typer) -> None:
    app.command()(query)


def query(
    name: Annotated[
        str | None, typer.Argument(help="Name of a query, or a file; default: list them.")
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
) -> None:
    """Answer a question from the catalogue or a file."""
    choose(fmt, ["table", *RESULT_FORMATS], "--format")
    catalogue = read_catalogue(folder("queries"))
    if name is None:
        rows = [(q.name, q.title, ", ".join(q.clauses), _signature(q.parameters)) for q in catalogue.values()]  # fmt: skip
        print_table(("Query", "Answers", "Clauses", "Parameters"), rows)
        return
    graph = load_data(data, mapping)
    if Path(name).suffix in {".rq", ".sparql"} or Path(name).is_file():
        text = _read_text(Path(name), param)
    else:
        text = _bind(find_query(catalogue, name), _parameters(param), graph)
    result = _ask(text, graph, parse_date(as_of), engine)
    if fmt == "table":
        answer = read_answer(result)
        print_table(answer.columns, answer.texts(PREFIXES))
    else:
        write_or_print(write_result(result, fmt), output)


def _signature(parameters: tuple[Parameter, ...]) -> str:
    return ", ".join(p.name if p.required else f"[{p.name}]" for p in parameters)


def _read_text(path: Path, param: list[str] | None) -> str:
    if param:
        raise InputError(
            "--param is for queries of the catalogue", hint="Write the value in the file"
        )
    return path.read_text(encoding="utf-8")


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


def _ask(text: str, data: Columns, as_of: date, engine: str) -> Result:
    """The default graph is the data, the ontology and, where the query needs them, the findings."""
    catalogue = ontology()
    with progress("Evaluating rules"):
        graph = with_ontology(data, catalogue, as_of)
        triples = list(graph.triples())
        if "RequirementMapping" in text:
            triples.extend(load_crosswalks().triples())
        if any(word in text for word in _ASSESSED):
            assessment = evaluate(
                data, as_of=as_of, ontology=catalogue, shapes=rules(), engine=engine
            )
            triples.extend(to_triples(assessment))
    return Index(triples).query(text, prefixes=dict(PREFIXES))
