"""ingest: files into the workspace."""

from pathlib import Path
from typing import Annotated, Any

import typer

from aims_graph.cli.graph import expand
from aims_graph.cli.options import Mapping
from aims_graph.cli.output import print_json, print_recorded, print_table
from aims_graph.cli.progress import BYTES, progress
from aims_graph.cli.state import current
from aims_graph.columns import TermDictionary
from aims_graph.errors import InputError
from aims_graph.ingest import IngestReport
from aims_graph.ingest import ingest as read_files
from aims_graph.journal import Entry
from aims_graph.workspace import Workspace
from aims_graph.workspace.imports import RdfFiles, are_large


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
    if source is None:
        source = files[0].name if len(files) == 1 or dry_run else _common_name(files)
    said = {"reason": reason or f"Took in {', '.join(path.name for path in files)}", "actor": actor}
    report, entry = (
        _take_in_large(files, workspace, source, said)
        if mapping is None and are_large(files)
        else _take_in(files, mapping, workspace, source, said)
    )
    if as_json:
        print_json(report.to_json())
    else:
        for table in report.tables():
            print_table(table.columns, table.rows, title=table.title)
    if workspace is None or as_json:
        return
    print_recorded(entry, source)


def _take_in(
    files: list[Path],
    mapping: Path | None,
    workspace: Workspace | None,
    source: str,
    said: dict[str, Any],
) -> tuple[IngestReport, Entry | None]:
    with progress("Reading files", BYTES) as tell:
        read = read_files(files, mapping=mapping, tell=tell)
    if workspace is None:
        return read.report, None
    return read.report, workspace.replace_source(read.quads, source=source, **said)


def _take_in_large(
    files: list[Path], workspace: Workspace | None, source: str, said: dict[str, Any]
) -> tuple[IngestReport, Entry | None]:
    """RDF that stays columns all the way to the journal."""
    with progress("Reading files", BYTES) as tell:
        if workspace is None:
            return RdfFiles(files, TermDictionary(), tell).report(), None
        reports: list[IngestReport] = []
        entry = workspace.import_rdf(
            files,
            source=source,
            tell=tell,
            see=lambda read: reports.append(read.report()),
            **said,
        )
        if entry is not None:
            workspace.write_views()  # the next call would take longer to replay the entry
    return reports[0], entry


def _common_name(files: list[Path]) -> str:
    """The folder that all files of a call stand in names their source."""
    folders = {path.resolve().parent for path in files}
    if len(folders) > 1:
        raise InputError("the files stand in several folders", hint="Name the source with --source")
    return folders.pop().name
