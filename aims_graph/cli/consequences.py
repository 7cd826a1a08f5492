"""path, impact: how two things are connected, and what would follow if something happened to one."""

from typing import Annotated, Any

import typer

from aims_graph.assessment import Assessment, Finding, suppose
from aims_graph.cli.graph import find_thing, graph_with_ontology, ontology, rules
from aims_graph.cli.options import AsOf, Data, Engine, Format, Mapping, choose, parse_date
from aims_graph.cli.output import console, print_json, print_table, state_text
from aims_graph.cli.progress import progress
from aims_graph.cli.tracing import node_states
from aims_graph.columns.reader import Reader
from aims_graph.trace import EVENTS, find_path, touched

_FORMATS = ("table", "json")


def register(app: typer.Typer) -> None:
    for command in (path, impact):
        app.command()(command)


def path(
    thing: Annotated[str, typer.Argument(help="Number, IRI, id or label.")],
    other: Annotated[str, typer.Argument(help="Number, IRI, id or label.")],
    fmt: Format = "table",
    data: Data = None,
    mapping: Mapping = None,
    as_of: AsOf = None,
) -> None:
    """The shortest chain of relations that explains how two things are connected."""
    choose(fmt, _FORMATS, "--format")
    graph = graph_with_ontology(data, parse_date(as_of), mapping)
    reader = Reader(graph)
    start, end = find_thing(reader, thing), find_thing(reader, other)
    steps = find_path(graph, start, end)
    if fmt == "json":
        print_json([
            {
                "source": s.source.value,
                "sourceName": reader.label(s.source),
                "relation": s.label,
                "forwards": s.forwards,
                "target": s.target.value,
                "targetName": reader.label(s.target),
            }
            for s in steps
        ])  # fmt: skip
    elif not steps:
        console.print("Nothing connects the two.")
    else:
        rows = [
            (reader.label(s.source), f"— {s.label} →" if s.forwards else f"← {s.label} —", reader.label(s.target))
            for s in steps
        ]  # fmt: skip
        print_table(("From", "Relation", "To"), rows)


def impact(
    thing: Annotated[str, typer.Argument(help="Dataset, person, control, document, …")],
    event: Annotated[
        str, typer.Option("--if", metavar="EVENT", help=", ".join(EVENTS))
    ] = "withdrawn",
    fmt: Format = "table",
    data: Data = None,
    mapping: Mapping = None,
    as_of: AsOf = None,
    engine: Engine = "columns",
) -> None:
    """What would be touched, and which requirements would no longer be met, if something happened to a thing."""
    choose(fmt, _FORMATS, "--format")
    choose(event, tuple(EVENTS), "--if")
    day = parse_date(as_of)
    graph = graph_with_ontology(data, day, mapping)
    reader = Reader(graph)
    node = find_thing(reader, thing)
    added, removed = EVENTS[event](reader, node, day)
    with progress("Evaluating rules"):
        before, after = suppose(
            graph, ontology(), added, removed, as_of=day, shapes=rules(), engine=engine
        )
    reached = touched(graph, node, node_states(before))
    known = {finding.fingerprint for finding in before.findings}
    new = [finding for finding in after.findings if finding.fingerprint not in known]
    worse = _worse(before, after)
    names = [n for n in reached.nodes if n.term != node]
    if fmt == "json":
        print_json({
            "thing": node.value,
            "event": event,
            "touched": [
                {"iri": n.iri, "name": n.label, "kind": n.kind, "distance": -n.distance} for n in names
            ],
            "requirements": [{"requirement": r, "before": b, "after": a} for r, b, a in worse],
            "systems": [{"system": s, "before": b, "after": a} for s, b, a in _systems(before, after)],
            "findings": [_finding(after, finding) for finding in new],
        })  # fmt: skip
        return
    console.print(f"{before.data.label(node)}, if {event}, as of {day.isoformat()}", markup=False)
    rows = [(r, state_text(b), state_text(a)) for r, b, a in worse]
    print_table(("Requirement", "Now", "Then"), rows, title="Requirements that would change")
    details = [_finding(after, finding) for finding in new]
    print_table(
        ("Requirement", "Thing", "Finding"),
        [(", ".join(d["requirements"]), d["name"], d["message"]) for d in details],
        title="Findings that would appear",
    )
    print_table(
        ("Kind", "Thing", "Steps away"),
        sorted((n.kind, n.label, -n.distance) for n in names),
        title="Touched",
    )


def _worse(before: Assessment, after: Assessment) -> list[tuple[str, str, str]]:
    """Requirements whose state changes: number, state now, state then."""
    then = {r.iri: str(c.state) for r, c in after.by_requirement.items()}
    return [
        (r.number, str(c.state), then[r.iri])
        for r, c in before.by_requirement.items()
        if str(c.state) != then[r.iri]
    ]


def _systems(before: Assessment, after: Assessment) -> list[tuple[str, str, str]]:
    then = {system: str(c.state) for system, c in after.by_system.items()}
    return [
        (before.data.label(s), str(c.state), then.get(s, "gone"))
        for s, c in before.by_system.items()
        if str(c.state) != then.get(s)
    ]


def _finding(assessment: Assessment, finding: Finding) -> dict[str, Any]:
    return {
        "requirements": assessment.numbers(finding),
        "focusNode": finding.focus.value,
        "name": assessment.data.label(finding.focus),
        "severity": finding.severity,
        "state": str(finding.state),
        "message": finding.message,
    }
