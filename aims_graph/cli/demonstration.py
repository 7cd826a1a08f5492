"""demo: the shop example from files to gap table, status, statement of applicability and picture."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from pyoxigraph import NamedNode

from aims_graph.assessment import Assessment, State, evaluate
from aims_graph.cli.assess import print_findings, print_status
from aims_graph.cli.graph import expand
from aims_graph.cli.output import console, print_table, state_text
from aims_graph.cli.progress import BYTES, progress
from aims_graph.cli.tracing import node_states
from aims_graph.ingest import ingest
from aims_graph.report import gap_rows, write_findings, write_statement
from aims_graph.resources import folder
from aims_graph.trace import trace
from aims_graph.vocabulary import ISO42001

# The records of the example are those of this month; later, reviews fall due as they would.
AS_OF = date(2026, 11, 24)
_TRACED = "A.7.4"


def register(app: typer.Typer) -> None:
    app.command()(demo)


def demo(
    output: Annotated[Path, typer.Argument(metavar="DIR", help="Where to put the results.")] = Path(
        "aims-demo"
    ),
    conforming: Annotated[
        bool, typer.Option("--conforming", help="The version without planted gaps.")
    ] = False,
) -> None:
    """Run the shop example: check, gaps, status, statement of applicability, traceability picture."""
    version = "conforming" if conforming else "with-gaps"
    shop = folder("examples") / "shop"
    with progress("Reading the shop example", BYTES) as tell:
        ingested = ingest(expand([shop / "common", shop / version]), tell=tell)
    report = ingested.report
    nodes = sum(report.entities.values())
    console.print(
        f"Read {len(report.sources)} files of an online shop: {nodes} things, {report.triples} triples."
    )
    with progress("Evaluating rules", "constraints") as tell:
        assessment = evaluate(ingested.columns(), as_of=AS_OF, tell=tell)
    console.print(f"Evaluated {len(assessment.by_rule)} rules as of {AS_OF}.")
    print_findings(assessment, assessment.findings, plain=True)
    _print_gaps(assessment)
    print_status(assessment)
    output.mkdir(parents=True, exist_ok=True)
    for path in _write_results(assessment, output):
        console.print(f"Wrote {path}", markup=False)


def _print_gaps(assessment: Assessment) -> None:
    rows = [
        (
            row["requirement"],
            row["title"],
            state_text(str(row["state"])),
            row["not_met"],
            row["owners"],
        )
        for by in ("clause", "control")
        for row in gap_rows(assessment, by)
        if row["state"] != State.MET
    ]
    if rows:
        columns = ("Requirement", "Title", "State", "Not met", "Owners")
        print_table(columns, rows, title="Gaps: clauses and controls that are not met")


def _write_results(assessment: Assessment, output: Path) -> list[Path]:
    from aims_graph.views import write_interactive, write_page, write_svg

    start = NamedNode(ISO42001 + _TRACED)
    graph = trace(assessment.data.columns, start, states=node_states(assessment))
    written: dict[str, str | bytes] = {
        "findings.json": write_findings(assessment, "json"),
        "findings.md": write_findings(assessment, "markdown"),
        "validation-report.ttl": write_findings(assessment, "turtle"),
        "statement-of-applicability.html": write_statement(assessment, "html"),
        "statement-of-applicability.xlsx": write_statement(assessment, "xlsx"),
        f"trace-{_TRACED}.html": write_page(graph, as_of=assessment.as_of),
        f"trace-{_TRACED}.svg": write_svg(graph),
        f"trace-{_TRACED}-interactive.html": write_interactive(graph),
    }
    paths = []
    for name, content in written.items():
        path = output / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        paths.append(path)
    return paths
