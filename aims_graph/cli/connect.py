"""connect: look at another SPARQL store, ask it the catalogue's questions, fetch or record its graphs."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer

from aims_graph.cli.output import messages, print_json, print_recorded, print_table
from aims_graph.cli.progress import progress
from aims_graph.cli.questions import read_queries
from aims_graph.cli.state import current
from aims_graph.errors import InputError
from aims_graph.sparql import Limits, find_query
from aims_graph.vocabulary import PREFIXES

if TYPE_CHECKING:
    from aims_graph.sparql.remote import RemoteStore


def register(app: typer.Typer) -> None:
    app.command()(connect)


def connect(
    url: Annotated[str, typer.Argument(help="The query endpoint, such as http://host/query.")],
    query: Annotated[
        str | None, typer.Option("--query", "-q", metavar="NAME", help="A query of the catalogue.")
    ] = None,
    param: Annotated[
        list[str] | None, typer.Option("--param", "-p", metavar="K=V", help="Its parameters.")
    ] = None,
    pull: Annotated[
        Path | None, typer.Option(metavar="FILE.nq", help="Write its graphs to this file.")
    ] = None,
    into: Annotated[
        bool, typer.Option("--into", help="Record its graphs in the workspace, as a source.")
    ] = False,
    source: Annotated[
        str | None,
        typer.Option(help="Name of the source, with --into. Default: the host of the address."),
    ] = None,
    reason: Annotated[str, typer.Option(help="Why, for the journal.")] = "",
    actor: Annotated[str | None, typer.Option(help="Who, for the journal.")] = None,
    graph: Annotated[
        list[str] | None, typer.Option(metavar="IRI", help="Only this graph. May be repeated.")
    ] = None,
    graph_store: Annotated[
        str | None, typer.Option(metavar="URL", help="Its Graph Store Protocol address.")
    ] = None,
    authorization: Annotated[
        str | None,
        typer.Option(
            "--authorization-env",
            metavar="VAR",
            help="Variable that holds the Authorization header, such as 'Bearer …'.",
        ),
    ] = None,
    timeout: Annotated[float, typer.Option(min=0.1, help="Seconds a request may take.")] = 60.0,
    fmt: Annotated[str, typer.Option("--format", help="table or json")] = "table",
) -> None:
    """Show what another SPARQL 1.1 store has; it is only read, and only when you call this."""
    from aims_graph.cli.options import choose
    from aims_graph.sparql.remote import RemoteStore

    choose(fmt, ["table", "json"], "--format")
    if sum((query is not None, pull is not None, into)) > 1:
        raise InputError("--query, --pull and --into are three different things to do")
    store = RemoteStore(
        url,
        graph_store=graph_store,
        headers=_headers(authorization),
        limits=Limits(seconds=timeout),
    )
    if query is not None:
        entry = find_query(read_queries(), query)
        values = dict(item.partition("=")[::2] for item in param or ())
        with progress("Asking"):
            found = store.query(entry.bind(values))
        rows = [[_text(row.get(name)) for name in found.variables] for row in found.rows]
        if fmt == "json":
            print_json([dict(zip(found.variables, row, strict=True)) for row in rows])
        else:
            print_table(found.variables, rows)
        return
    if pull is not None:
        with progress("Fetching"):
            quads = list(store.pull(graph))
        pull.write_text("".join(f"{quad} .\n" for quad in quads), encoding="utf-8")
        messages.print(f"Wrote {len(quads)} quads to {pull}", markup=False)
        return
    if into:
        _record(store, graph, source or urlsplit(url).netloc.replace(":", "-"), reason, actor)
        return
    able = store.capabilities()
    sizes = [(name, store.size(name)) for name in graph or store.graphs()]
    if fmt == "json":
        print_json(
            {
                "server": able.server,
                "unionDefaultGraph": able.union_default_graph,
                "timeout": able.timeout,
                "graphStoreProtocol": able.graph_store,
                "graphs": [{"graph": name, "triples": size} for name, size in sizes],
            }
        )
        return
    union = {True: "the union of all graphs", False: "a graph of its own", None: "not known"}
    print_table(
        ("What", "Value"),
        [
            ("Server", able.server),
            ("Default graph", union[able.union_default_graph]),
            ("Takes a time limit", able.timeout),
            ("Graph Store Protocol", able.graph_store),
        ],
    )
    print_table(("Graph", "Triples"), sizes)


def _record(
    store: "RemoteStore", graphs: list[str] | None, source: str, reason: str, actor: str | None
) -> None:
    """Pulled again, only what has changed over there is recorded."""
    workspace = current.workspace()
    with progress("Fetching"):
        quads = list(store.pull(graphs))
    if not quads:
        raise InputError(
            f"{store.endpoint} has no triples in named graphs",
            hint="What was pulled before stays as it is",
        )
    said = reason or f"Pulled from {store.endpoint}"
    entry = workspace.replace_source(quads, reason=said, source=source, actor=actor)
    print_recorded(entry, source)


def _headers(variable: str | None) -> dict[str, str]:
    if variable is None:
        return {}
    if variable not in os.environ:
        raise InputError(f"the variable {variable} is not set")
    return {"Authorization": os.environ[variable]}


def _text(term: object) -> str:
    value = str(getattr(term, "value", "") or "")
    for prefix, base in PREFIXES.items():
        if value.startswith(base):
            return f"{prefix}:{value.removeprefix(base)}"
    return value
