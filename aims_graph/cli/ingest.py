"""ingest: files into the workspace."""

from pathlib import Path
from typing import Annotated

import typer

from aims_graph.cli.graph import expand
from aims_graph.cli.options import Mapping
from aims_graph.cli.output import console, print_json
from aims_graph.cli.progress import BYTES, progress
from aims_graph.cli.state import current
from aims_graph.errors import InputError
from aims_graph.ingest import ingest as read_files


def register(app: typer.Typer) -> None:
    app.command()(ingest)


def ingest(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...")],
    mapping: Mapping = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Read and report, write nothing.")
    ] = False,
    reason: Annotated[str, typer.Option(help="Why, for the journal.")] = "",
    actor: Annotated[str | None, typer.Option(help="Who, for the journal.")] = None,
    source: Annotated[
        str | None,
        typer.Option(
            help="Name of the source; what it held before is replaced. Default: file name."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Take in RDF, AIMS files in YAML, and tables (CSV, XLSX, YAML, JSON) by a mapping.

    A source is a named graph: taking in the same file again records only what changed.
    """
    workspace = None if dry_run else current.workspace()
    files = expand(files)
    with progress("Reading files", BYTES) as tell:
        ingested = read_files(files, mapping=mapping, tell=tell)
    if as_json:
        print_json(ingested.report.to_json())
    else:
        for table in ingested.report.tables():
            console.print(table)
    if workspace is None:
        return
    if source is None:
        source = files[0].name if len(files) == 1 else _common_name(files)
    entry = workspace.replace_source(
        ingested.quads,
        reason=reason or f"Took in {', '.join(path.name for path in files)}",
        source=source,
        actor=actor,
    )
    if as_json:
        return
    if entry is None:
        console.print(f"Nothing changed: {source} is in the workspace as it stands.", markup=False)
    else:
        console.print(
            f"Recorded as entry {entry.sequence}: {entry.added_count} triples added, "
            f"{entry.removed_count} removed (source {source}).",
            markup=False,
        )


def _common_name(files: list[Path]) -> str:
    """The folder that all files of a call stand in names their source."""
    folders = {path.resolve().parent for path in files}
    if len(folders) > 1:
        raise InputError("the files stand in several folders", hint="Name the source with --source")
    return folders.pop().name
