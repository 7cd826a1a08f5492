"""trace, lineage: from a thing to what stands behind it."""

import json
from collections.abc import Callable
from dataclasses import replace
from functools import partial
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
from aims_graph.cli.output import console, print_table, state_text, write_or_print
from aims_graph.cli.state import current
from aims_graph.columns.reader import Term
from aims_graph.errors import InputError
from aims_graph.trace import BOTH, DOWN, UP, Difference, TraceGraph, compare
from aims_graph.trace import lineage as lineage_of
from aims_graph.trace import trace as trace_of
from aims_graph.workspace import Workspace

FORMATS = ("table", "svg", "html", "interactive", "json", "dot", "graphml", "mermaid")
_FORMAT_HELP = ", ".join(FORMATS)


Since = Annotated[
    str | None,
    typer.Option(metavar="DATE|N", help="Only what changed in the workspace since then."),
]


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
    since: Since = None,
    output: Output = None,
    engine: Engine = "columns",
) -> None:
    """From a thing along clauses, controls, risks, systems, data, evidence and people, both ways."""
    _follow(trace_of, thing, fmt, data, mapping, as_of, since, output, engine)


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
    since: Since = None,
    output: Output = None,
    engine: Engine = "columns",
) -> None:
    """Where data comes from and where it goes."""
    direction = BOTH if upstream == downstream else (DOWN if upstream else UP)
    follow = partial(lineage_of, direction=direction)
    _follow(follow, thing, fmt, data, mapping, as_of, since, output, engine)


def _follow(
    follow: Callable[..., TraceGraph],
    thing: str,
    fmt: str,
    data: list[Path] | None,
    mapping: Path | None,
    as_of: str | None,
    since: str | None,
    output: Path | None,
    engine: str,
) -> None:
    choose(fmt, FORMATS, "--format")
    refuse_table_file(fmt, FORMATS, output)
    if since is not None:
        choose(fmt, ("table", "json"), "--format")
        if data:
            raise InputError("--since compares two moments of a workspace", hint="Leave --data out")
    now = load_assessment(data, parse_date(as_of), engine=engine, mapping=mapping)
    if since is None:
        start = find_thing(now.data, thing)
        show_graph(_draw(follow, now, start), fmt, now.as_of, output)
        return
    then = _past(since, engine)
    try:
        start = find_thing(now.data, thing)
    except InputError:
        # It may be gone since.
        start = find_thing(then.data, thing)
    before, after = (_draw(follow, each, start) for each in (then, now))
    text = show_difference(compare(before, after), fmt, since)
    if text is not None:
        write_or_print(text, output)


def _draw(follow: Callable[..., TraceGraph], assessment: Assessment, start: Term) -> TraceGraph:
    """Empty where nothing of that name was there."""
    graph = follow(assessment.data.columns, start, states=node_states(assessment))
    known = assessment.data.types(start)
    return graph if known else replace(graph, nodes=(), edges=())


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


def _past(moment: str, engine: str) -> Assessment:
    """What the workspace held then, judged as of that day."""
    past = Workspace.find(current.path, at=moment)
    return evaluate(
        past.columns(), as_of=past.day, ontology=ontology(), shapes=rules(), engine=engine
    )


def show_difference(difference: Difference, fmt: str, since: str) -> str | None:
    """What came, went and changed: prints a table, or returns JSON."""
    things = [
        *(("added", node, "", node.state) for node in difference.added),
        *(("removed", node, node.state, "") for node in difference.removed),
        *(("changed", b, a.state, b.state) for a, b in difference.changed),
    ]
    relations = [
        *(("added", edge) for edge in difference.added_edges),
        *(("removed", edge) for edge in difference.removed_edges),
    ]
    names = difference.labels
    if fmt == "json":
        return json.dumps(
            {
                "things": [
                    {
                        "change": change, "iri": node.iri, "kind": node.kind, "name": node.label,
                        "before": before, "after": after,
                    }
                    for change, node, before, after in things
                ],
                "relations": [
                    {
                        "change": change, "source": names[edge.source], "label": edge.label,
                        "target": names[edge.target],
                    }
                    for change, edge in relations
                ],
            },
            indent=2,
            ensure_ascii=False,
        )  # fmt: skip
    rows = [
        (change, node.kind, node.label, state_text(before), state_text(after))
        for change, node, before, after in things
    ]
    print_table(("Change", "Kind", "Thing", "Then", "Now"), rows, title=f"Changes since {since}")
    print_table(
        ("Change", "From", "Relation", "To"),
        [(change, names[e.source], e.label, names[e.target]) for change, e in relations],
        title="Relations",
    )
    return None


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
