"""init, export, log, demo: making a workspace, taking its content out, seeing it all once."""

from pathlib import Path
from typing import Annotated

import typer

from aims_graph.cli.options import Output, choose
from aims_graph.cli.output import console, messages, print_json, print_table, write_or_print
from aims_graph.cli.state import current
from aims_graph.vocabulary import PREFIXES
from aims_graph.workspace import Workspace

EXPORT_FORMATS = {"turtle": "TURTLE", "trig": "TRIG", "nquads": "N_QUADS", "ntriples": "N_TRIPLES", "jsonld": "JSON_LD", "rdfxml": "RDF_XML"}  # fmt: skip


def register(app: typer.Typer) -> None:
    app.command()(init)
    app.command()(export)
    app.command()(log)


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


def log(
    fmt: Annotated[str, typer.Option("--format", help="table or json")] = "table",
) -> None:
    """The journal: who changed what, when, why."""
    choose(fmt, ["table", "json"], "--format")
    journal = current.workspace().journal
    entries = list(journal.entries())
    if journal.dropped_tail:
        messages.print("The last entry was torn by a crash and never acknowledged; it is left out.")
    rows = [
        {
            "sequence": entry.sequence,
            "time": entry.time,
            "actor": entry.actor,
            "reason": entry.reason,
            "source": entry.source,
            "added": len(entry.added),
            "removed": len(entry.removed),
            "hash": entry.hash,
        }
        for entry in entries
    ]
    if fmt == "json":
        print_json(rows)
        return
    columns = ("#", "Time", "Actor", "Reason", "Source", "Added", "Removed", "Hash")
    shown = [(*list(row.values())[:-1], str(row["hash"])[:12]) for row in rows]
    print_table(columns, shown)
