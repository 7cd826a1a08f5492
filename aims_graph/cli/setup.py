"""init, export: making a workspace, taking its content out."""

from pathlib import Path
from typing import Annotated

import typer

from aims_graph.cli.options import Output, choose
from aims_graph.cli.output import console, write_or_print
from aims_graph.cli.state import current
from aims_graph.vocabulary import PREFIXES
from aims_graph.workspace import Workspace

EXPORT_FORMATS = {"turtle": "TURTLE", "trig": "TRIG", "nquads": "N_QUADS", "ntriples": "N_TRIPLES", "jsonld": "JSON_LD", "rdfxml": "RDF_XML"}  # fmt: skip


def register(app: typer.Typer) -> None:
    app.command()(init)
    app.command()(export)


def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder to make it in.")] = Path(),
) -> None:
    """Make a workspace."""
    Workspace.create(folder)
    console.print(f"Made a workspace in {folder.absolute()}.", markup=False)
    console.print(f"Next: aims --workspace {folder} ingest FILE…", markup=False)


def export(
    fmt: Annotated[str, typer.Option("--format", help=", ".join(EXPORT_FORMATS))] = "trig",
    output: Output = None,
) -> None:
    """Write the workspace's graph as RDF."""
    import pyoxigraph as ox

    choose(fmt, list(EXPORT_FORMATS), "--format")
    target = getattr(ox.RdfFormat, EXPORT_FORMATS[fmt])
    quads = sorted(current.workspace().quads(), key=str)
    # Formats without graphs take the union.
    items = quads if target.supports_datasets else dict.fromkeys(q.triple for q in quads)
    data = ox.serialize(items, format=target, prefixes=dict(PREFIXES))
    assert data is not None
    write_or_print(data, output)
