"""check, status, gate: where the organization stands."""

from pathlib import Path
from typing import Annotated

import typer

from aims_graph.assessment import (
    SEVERITIES,
    Assessment,
    Finding,
    Requirement,
    State,
    decide,
    find_stage,
)
from aims_graph.assessment.findings import literal
from aims_graph.cli.graph import find_thing, load_assessment, load_data, ontology, rules
from aims_graph.cli.groups import MANY, print_finding, print_groups
from aims_graph.cli.options import (
    AsOf,
    Data,
    Engine,
    FailOn,
    Mapping,
    Output,
    Shapes,
    choose,
    parse_date,
    refuse_table_file,
)
from aims_graph.cli.output import (
    console,
    print_json,
    print_table,
    state_text,
    write_or_print,
)
from aims_graph.columns.reader import Reader
from aims_graph.report import FORMATS, write_findings
from aims_graph.report.findings import finding_json

_SHOWN = 50


def register(app: typer.Typer) -> None:
    for command in (check, status, gate):
        app.command()(command)


def check(
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="[FILE]...", help="Default: the workspace.")
    ] = None,
    shapes: Shapes = None,
    mapping: Mapping = None,
    as_of: AsOf = None,
    fail_on: Annotated[
        FailOn, typer.Option(help="Lowest severity that makes the exit code 1.")
    ] = FailOn.VIOLATION,
    fmt: Annotated[str, typer.Option("--format", help=f"table, {', '.join(FORMATS)}")] = "table",
    engine: Engine = "columns",
    infer: Annotated[
        bool, typer.Option("--infer", help="Rules also see what follows by OWL 2 RL.")
    ] = False,
    output: Output = None,
) -> None:
    """Check data against the rules, ours or your own shapes."""
    choose(fmt, ["table", *FORMATS], "--format")
    refuse_table_file(fmt, FORMATS, output)
    assessment = load_assessment(
        files, parse_date(as_of), shapes=shapes, engine=engine, mapping=mapping, infer=infer
    )
    if fmt == "table":
        print_findings(assessment, assessment.findings, plain=bool(shapes))
        if infer:
            count = len(assessment.by_inference)
            console.print(f"{count} of the findings are there only because of what was inferred.")
    else:
        write_or_print(write_findings(assessment, fmt), output)
    raise typer.Exit(_exit_code(assessment.findings, fail_on))


def _exit_code(findings: list[Finding], fail_on: FailOn) -> int:
    if fail_on is FailOn.NEVER:
        return 0
    counted = SEVERITIES[: SEVERITIES.index(fail_on.value) + 1]
    # Severities of somebody's own shapes rank as violations: what they mean is not ours to guess.
    return int(any(f.severity in counted or f.severity not in SEVERITIES for f in findings))


def print_findings(assessment: Assessment, findings: list[Finding], *, plain: bool) -> None:
    """One by one, or by rule when there are many; then how many there are."""
    if len(findings) > MANY:
        print_groups(assessment, findings)
    elif findings:
        _print_each(assessment, findings)
    counts = ", ".join(
        f"{sum(f.severity == severity for f in findings)} {severity}" for severity in SEVERITIES
    )
    noun = "finding" if len(findings) == 1 else "findings"
    console.print(f"{len(findings)} {noun} ({counts}) as of {assessment.as_of}.")
    if not plain:
        console.print("State of the AI management system:", state_text(assessment.overall))


def _print_each(assessment: Assessment, findings: list[Finding]) -> None:
    """A paragraph a finding for people: sentences in narrow columns are hard to read. Lines in a pipe."""
    if console.is_terminal:
        for finding in findings:
            print_finding(assessment, finding)
        return
    rows = [
        (
            ", ".join(assessment.numbers(finding)),
            finding.severity,
            state_text(finding.state, finding.progress),
            assessment.data.label(finding.focus),
            finding.advice,
            "" if finding.owner is None else assessment.data.label(finding.owner),
            finding.rule.name,
        )
        for finding in findings
    ]
    columns = ("Requirement", "Severity", "State", "Where", "What to do", "Owner", "Rule")
    print_table(columns, rows)


def status(
    system: Annotated[str | None, typer.Argument(help="AI system: IRI, id or label.")] = None,
    data: Data = None,
    mapping: Mapping = None,
    as_of: AsOf = None,
    fmt: Annotated[str, typer.Option("--format", help="table or json")] = "table",
    engine: Engine = "columns",
) -> None:
    """State of the whole AIMS, or of one AI system."""
    choose(fmt, ["table", "json"], "--format")
    assessment = load_assessment(data, parse_date(as_of), engine=engine, mapping=mapping)
    if system is not None:
        _system_status(assessment, system, fmt)
        return
    if fmt == "json":
        print_json(_status_json(assessment))
    else:
        print_status(assessment)


def _by_state(assessment: Assessment) -> dict[State, list[Requirement]]:
    return {
        state: [r for r, c in assessment.by_requirement.items() if c.state is state]
        for state in State
    }


def _status_json(assessment: Assessment) -> dict[str, object]:
    return {
        "state": str(assessment.overall),
        "as_of": assessment.as_of,
        "requirements": {
            str(state): [requirement.number for requirement in requirements]
            for state, requirements in _by_state(assessment).items()
        },
        "systems": [
            {
                "system": literal(node),
                "label": assessment.data.label(node),
                "state": str(result.state),
                "met": result.met,
                "not_met": result.not_met,
                "in_progress": result.in_progress,
                "unknown": result.unknown,
            }
            for node, result in assessment.by_system.items()
        ],
    }


def print_status(assessment: Assessment) -> None:
    """State as a whole, requirements by part of the standard, AI systems."""
    console.print(f"As of {assessment.as_of}: ", state_text(assessment.overall))
    print_table(
        ("Part", *(str(state) for state in State)),
        _by_part(_by_state(assessment)),
        title="Requirements by part of the standard",
    )
    systems = list(assessment.by_system.items())
    print_table(
        ("AI system", "State", "Met", "Not met", "Unknown"),
        [
            (assessment.data.label(node), state_text(c.state), c.met, c.not_met, c.unknown)
            for node, c in systems[:_SHOWN]
        ],
        title="AI systems (judgements: one rule on one thing)",
    )
    if len(systems) > _SHOWN:
        console.print(f"… and {len(systems) - _SHOWN} more: `aims gaps --by system` lists all.")


def _by_part(by_state: dict[State, list[Requirement]]) -> list[tuple[object, ...]]:
    parts = dict.fromkeys(r.part for rs in by_state.values() for r in rs)
    order = sorted(parts, key=lambda part: (part.startswith("A"), int(part.split(".")[-1])))
    return [
        (part, *(len([r for r in by_state[state] if r.part == part]) for state in State))
        for part in order
    ]


def _system_status(assessment: Assessment, name: str, fmt: str) -> None:
    node = find_thing(assessment.data, name, assessment.systems)
    result = assessment.by_system[node]
    if fmt == "json":
        print_json(
            {
                "system": str(getattr(node, "value", node)),
                "label": assessment.data.label(node),
                "state": str(result.state),
                "met": result.met,
                "not_met": result.not_met,
                "in_progress": result.in_progress,
                "unknown": result.unknown,
                "findings": [finding_json(assessment, f) for f in result.findings],
            }
        )
        return
    console.print(f"{assessment.data.label(node)}: ", state_text(result.state))
    console.print(
        f"{result.met} judgements met, {result.not_met} not met "
        f"({result.in_progress} in progress), {result.unknown} unknown."
    )
    print_findings(assessment, result.findings, plain=True)


def gate(
    system: Annotated[str, typer.Argument(help="AI system: IRI, id or label.")],
    stage: Annotated[str, typer.Option(help="Life cycle stage to enter.")] = "deployment",
    data: Data = None,
    mapping: Mapping = None,
    as_of: AsOf = None,
    fmt: Annotated[str, typer.Option("--format", help="table or json")] = "table",
    engine: Engine = "columns",
) -> None:
    """May this system enter the stage? Exit code 1 when it may not."""
    choose(fmt, ["table", "json"], "--format")
    graph = load_data(data, mapping)
    reader = Reader(graph)
    catalogue = ontology()
    entered = find_stage(Reader(catalogue), stage)
    node = find_thing(reader, system)
    decision = decide(
        graph, catalogue, rules(), node, entered, as_of=parse_date(as_of), engine=engine
    )
    if fmt == "json":
        print_json(
            {
                "system": str(getattr(node, "value", node)),
                "stage": entered.value,
                "allowed": decision.allowed,
                "blocking": [finding_json(decision.assessment, f) for f in decision.blocking],
            }
        )
    else:
        verdict = "may enter" if decision.allowed else "may not enter"
        console.print(f"{reader.label(node)} {verdict} the stage {stage}.")
        if decision.blocking:
            print_findings(decision.assessment, list(decision.blocking), plain=True)
    raise typer.Exit(0 if decision.allowed else 1)
