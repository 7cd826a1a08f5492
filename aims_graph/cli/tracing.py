"""trace, lineage: from a thing to what stands behind it."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from aims_graph.assessment import Assessment, evaluate
from aims_graph.cli.graph import find_thing, load_assessment, ontology, rules
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
from aims_graph.cli.output import console, print_json, print_table, state_text, write_or_print
from aims_graph.cli.state import current
from aims_graph.columns.reader import Term
from aims_graph.trace import BOTH, DOWN, UP, Difference, TraceGraph, compare
from aims_graph.trace import lineage as lineage_of
from aims_graph.trace import trace as trace_of
from aims_graph.workspace import Workspace

FORMATS = ("table", "svg", "html", "interactive", "json", "dot", "graphml", "mermaid")
_FORMAT_HELP = ", ".join(FORMATS)


def register(app: typer.Typer) -> None:
    app.command()(trace)
    app.command()(lineage)


def trace(
    thing: Annotated[
        str,
        typer.Argument(help="Clause, control, risk, system, dataset, …: number, IRI, id, label."),
    ],
    fmt: Annotated[str, typer.Option("--format", help=_FORMAT_HELP)] = "table",
    data: Data = None,
    mapping: Mapping = None,
    as_of: AsOf = None,
    since: Annotated[
        str | None,
        typer.Option(metavar="DATE|N", help="Only what changed in the workspace since then."),
    ] = None,
    output: Output = None,
    engine: Engine = "columns",
) -> None:
    """From a thing along clauses, controls, risks, systems, data, evidence and people, both ways."""
    choose(fmt, FORMATS, "--format")
    refuse_table_file(fmt, FORMATS, output)
    assessment = load_assessment(data, parse_date(as_of), engine=engine, mapping=mapping)
    start = find_thing(assessment.data, thing)
    graph = trace_of(assessment.data.columns, start, states=node_states(assessment))
    if since is not None:
        choose(fmt, ("table", "json"), "--format")
        show_difference(compare(_trace_at(since, start, engine), graph), fmt, since)
        return
    show_graph(graph, fmt, assessment.as_of, output)


def lineage(
    thing: Annotated[str, typer.Argument(help="Dataset, model, system, …: IRI, id or label.")],
    upstream: Annotated[
        bool, typer.Option("--up", help="Only where it comes from (data, preparation, sources).")
    ] = False,
    downstream: Annotated[
        bool, typer.Option("--down", help="Only what is made from it (models, systems, decisions).")
    ] = False,
    fmt: Annotated[str, typer.Option("--format", help=_FORMAT_HELP)] = "table",
    data: Data = None,
    mapping: Mapping = None,
    as_of: AsOf = None,
    output: Output = None,
    engine: Engine = "columns",
) -> None:
    """Where data comes from and where it goes."""
    choose(fmt, FORMATS, "--format")
    refuse_table_file(fmt, FORMATS, output)
    assessment = load_assessment(data, parse_date(as_of), engine=engine, mapping=mapping)
    start = find_thing(assessment.data, thing)
    direction = BOTH if upstream == downstream else (DOWN if upstream else UP)
    graph = lineage_of(
        assessment.data.columns, start, states=node_states(assessment), direction=direction
    )
    show_graph(graph, fmt, assessment.as_of, output)


def node_states(assessment: Assessment) -> dict[Term, str]:
    """State of requirements and systems; of any other thing "not met" or "unknown" if a finding says so."""
    states: dict[Term, str] = {}
    for finding in assessment.findings:
        if finding.counts and states.get(finding.focus) != "not met":
            states[finding.focus] = str(finding.state)
    states.update({r.iri: str(c.state) for r, c in assessment.by_requirement.items()})
    states.update({system: str(c.state) for system, c in assessment.by_system.items()})
    return states


def show_graph(graph: TraceGraph, fmt: str, as_of: str, output: Path | None) -> None:
    """Prints a table, or writes one of the other formats."""
    if fmt != "table":
        write_or_print(_write(graph, fmt, as_of), output)
        return
    leads: dict[Term, list[str]] = {}
    labels = {node.term: node.label for node in graph.nodes}
    for edge in graph.edges:
        leads.setdefault(edge.source, []).append(f"{edge.label} {labels[edge.target]}")
    rows = [
        (
            graph.columns[node.column],
            node.label,
            node.kind,
            state_text(node.state),
            "\n".join(leads.get(node.term, ())),
        )
        for node in graph.nodes
    ]
    print_table(("Column", "Thing", "Kind", "State", "Leads to"), rows, title=graph.title)
    console.print(f"{len(graph.nodes)} things, {len(graph.edges)} relations, as of {as_of}.")


def _trace_at(moment: str, start: Term, engine: str) -> TraceGraph:
    """The trace as it was in the workspace, judged as of that day."""
    past = Workspace.find(current.path, at=moment)
    assessment = evaluate(
        past.columns(), as_of=past.day, ontology=ontology(), shapes=rules(), engine=engine
    )
    return trace_of(assessment.data.columns, start, states=node_states(assessment))


def show_difference(difference: Difference, fmt: str, since: str) -> None:
    """What came, went and changed, as a table or JSON."""
    things = [
        *(("added", node.kind, node.label, "", node.state) for node in difference.added),
        *(("removed", node.kind, node.label, node.state, "") for node in difference.removed),
        *(("changed", a.kind, b.label, a.state, b.state) for a, b in difference.changed),
    ]
    if fmt == "json":
        names = ("change", "kind", "name", "before", "after")
        print_json(
            {
                "things": [dict(zip(names, thing, strict=True)) for thing in things],
                "addedRelations": len(difference.added_edges),
                "removedRelations": len(difference.removed_edges),
            }
        )
        return
    rows = [(*thing[:3], state_text(thing[3]), state_text(thing[4])) for thing in things]
    print_table(("Change", "Kind", "Thing", "Then", "Now"), rows, title=f"Changes since {since}")
    console.print(
        f"{len(difference.added_edges)} relations added, {len(difference.removed_edges)} removed."
    )


def _write(graph: TraceGraph, fmt: str, as_of: str) -> str:
    from aims_graph import views

    writers: dict[str, Callable[[], str]] = {
        "svg": lambda: views.write_svg(graph),
        "html": lambda: views.write_page(graph, as_of=as_of),
        "interactive": lambda: views.write_interactive(graph),
        "json": lambda: views.write_json(graph),
        "dot": lambda: views.write_dot(graph),
        "graphml": lambda: views.write_graphml(graph),
        "mermaid": lambda: views.write_mermaid(graph),
    }
    return writers[fmt]()
